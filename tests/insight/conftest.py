"""A small project, and the command line on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from insight.cli import app

FIXTURES = Path(__file__).parent / "fixtures"

Smp = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the small project, so that a test may change it."""
    root = tmp_path / "project"
    shutil.copytree(FIXTURES / "small", root)
    return root


@pytest.fixture
def smp(project: Path, monkeypatch: pytest.MonkeyPatch) -> Smp:
    """Runs `smp` on the small project."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.chdir(project)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["--project", str(project), *arguments])

    return run
