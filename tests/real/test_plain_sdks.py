"""The SDKs loaded lean (decision 0080) and as they come: not a byte of any stack's plan differs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.stack_facts import Stack
from stacks import lean_sdks

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_plans_are_equal(tmp_path: Path, stack: Stack) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    exports: dict[str, bytes] = {}
    for way in (lean_sdks.PLAIN, "lean"):
        file = tmp_path / f"{way}.json"
        done = subprocess.run(
            [sys.executable, "-m", "insight", "plan", stack.facts.name, "--out", str(file)],
            env=kept | {lean_sdks.SWITCH: way},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        exports[way] = file.read_bytes()
    assert len(json.loads(exports["lean"])["deployment"]["resources"]) > 100
    assert exports[lean_sdks.PLAIN] == exports["lean"]
