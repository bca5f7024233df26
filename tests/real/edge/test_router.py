"""The edge on the real Workers runtime: each file of cases runs under Node, and each case is reported here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import EDGE, ROOT, NodeRun

HERE = Path(__file__).parent


def _report(node: NodeRun, subtests: pytest.Subtests, file: str) -> None:
    run = node("--test", f"--test-reporter={HERE / 'reporter.mjs'}", HERE / file)
    cases = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"name"')]
    assert cases, f"no case was reported:\n{run.stdout}\n{run.stderr}"
    skipped = [case["skipped"] for case in cases if case.get("skipped")]
    if len(skipped) == len(cases):
        pytest.skip(skipped[0])
    for case in cases:
        with subtests.test(msg=case["name"]):
            assert case["ok"], case["message"]
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_cases(node: NodeRun, subtests: pytest.Subtests, file: str) -> None:
    """Every case of a file; a failure names the case and shows its assertion."""
    _report(node, subtests, file)


def test_types(node: NodeRun) -> None:
    """The script passes TypeScript's strict check against the runtime's own types."""
    run = node(EDGE / "node_modules/typescript/bin/tsc", "--project", EDGE / "tsconfig.json")
    assert run.returncode == 0, run.stdout


def test_decision_table_is_current(node: NodeRun) -> None:
    """docs/edge-decisions.md is what the cases print."""
    run = node(HERE / "decision_table.mjs")
    assert run.returncode == 0, run.stderr
    assert (ROOT / "docs/edge-decisions.md").read_text() == run.stdout, (
        "run: node tests/real/edge/decision_table.mjs > docs/edge-decisions.md"
    )


def test_script_stands_alone() -> None:
    """One module without imports: the file that is tested is all that has to be deployed."""
    script = (EDGE / "src/router.js").read_text()
    assert not [line for line in script.splitlines() if line.startswith(("import ", "export * ", "export {"))]
    assert "import(" not in script
    assert "require(" not in script


def test_lock_file_names_no_registry() -> None:
    """The lock pins versions and hashes and leaves open where packages come from."""
    lock = json.loads((EDGE / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    package = json.loads((EDGE / "package.json").read_text())
    assert "dependencies" not in package
    assert all(version[0].isdigit() for version in package["devDependencies"].values())


def browser() -> str | None:
    """Find a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for found in map(shutil.which, names) if found), None)


def test_page_in_a_browser(node: NodeRun, subtests: pytest.Subtests) -> None:
    """The maintenance page fits phones and desktops in every language, and right to left."""
    found = browser()
    if found is None:
        pytest.skip("no Chromium is installed")
    run = node(HERE / "page_check.mjs", found)
    assert run.returncode == 0, run.stdout + run.stderr
    cases = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert cases
    for case in cases:
        with subtests.test(msg=case["name"]):
            assert case["problems"] == []
