"""``smp test``: pytest over the project."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def run(root: Path, arguments: Sequence[str]) -> int:
    """Run pytest in the project with the arguments as they are; answers its exit code."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=root, check=False).returncode  # noqa: S603
