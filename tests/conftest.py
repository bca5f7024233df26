"""Options of the whole suite."""

import gc

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )


def pytest_configure() -> None:
    """Collect garbage seldom: provider packages make classes by the hundred thousand that are searched in vain."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
