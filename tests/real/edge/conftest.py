"""Where the edge's own tests get Node and its packages: from ``npm ci`` in ``edge/``, once."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EDGE = ROOT / "edge"
OLDEST_NODE = 20

NodeRun = Callable[..., "subprocess.CompletedProcess[str]"]


def _installed() -> bool:
    """Whether ``node_modules`` is what the lock file says: npm keeps its own copy of the lock in there."""
    kept = EDGE / "node_modules/.package-lock.json"
    if not kept.is_file():
        return False
    wanted = json.loads((EDGE / "package-lock.json").read_text())["packages"]
    present = json.loads(kept.read_text())["packages"]
    return all(wanted.get(name, {}).get("version") == package["version"] for name, package in present.items())


@pytest.fixture(scope="session")
def node() -> NodeRun:
    """Run Node in the repository's root with the edge's packages installed; skip where there is no Node."""
    executable, npm = shutil.which("node"), shutil.which("npm")
    if executable is None or npm is None:
        pytest.skip("the edge is tested on workerd, which is started by Node: install Node.js 20 or newer")
    version = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"Node.js {OLDEST_NODE} or newer is needed, this is {version.strip()}")
    if not _installed():
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=EDGE, check=True)

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [executable, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run
