"""One run at a time on one state."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from rehearsal.errors import StateLockedError
from rehearsal.state import writing


@contextlib.contextmanager
def locked(directory: Path) -> Generator[None, None, None]:
    """Hold the lock of a state folder. Raises `StateLockedError`, which says who has it and since when.

    The kernel gives the lock up when its holder dies, so a lock file that a killed run left behind means nothing.
    """
    path = directory / "lock"
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateLockedError(_who_has_it(path)) from None
        os.ftruncate(descriptor, 0)
        holder = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _who_has_it(path: Path) -> str:
    who = "another run"
    with contextlib.suppress(OSError, ValueError):
        holder: Any = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(holder, dict):
            found = cast("dict[str, Any]", holder)
            who = f"process {found.get('pid')}, since {found.get('since')}"
    return f"the rehearsal in {path.parent} is in use by {who}. Wait until it ends, or end that process, and run again."
