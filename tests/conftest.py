"""Options of the whole suite."""

import gc
import warnings
from collections.abc import Callable

import pytest

from stacks import lean_sdks

# Before anything imports them: the tests meet the SDKs as the program does.
lean_sdks.install()

MEASURED = "measured"
LONG = (
    "stacks/test_program.py",
    "contracts/test_contract.py",
    "policies/test_corpus.py",
    "rehearsal/test_state.py",
    "insight/test_cost_properties.py",
    "stacks/test_edge.py",
)
"""Files of several seconds each: begun first, so that no worker ends long after the others."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a line of what was measured; it stands at the end of the test run."""
    return lambda text: record_property(MEASURED, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests said they measured, also when they pass and on whichever worker they ran."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    said = (said for report in reports for said in getattr(report, "user_properties", ()))
    lines = list(dict.fromkeys(str(text) for name, text in said if name == MEASURED))
    if lines:
        terminalreporter.section(MEASURED)
        for line in lines:
            terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; those that start real servers stay last."""

    def turn(item: pytest.Item) -> tuple[bool, int]:
        file = item.path.relative_to(item.config.rootpath / "tests").as_posix()
        return file.startswith("real/"), LONG.index(file) if file in LONG else len(LONG)

    items.sort(key=turn)


def pytest_configure() -> None:
    """Collect garbage seldom: provider packages make classes by the hundred thousand that are searched in vain."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Look for garbage once at the end; pytest and then Python would search the same classes five times more.

    What a test began outside a recording or a run is never awaited, and nobody needs to hear of it here.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        gc.collect()
    gc.freeze()
