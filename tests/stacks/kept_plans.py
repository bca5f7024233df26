"""Plans on disk, so that several test processes and runs make each only once."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path

from rehearsal import Message, PlanResult, Severity

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".pytest_cache" / "plans"

_PACKAGES = ("catalog", "components", "stacks", "insight", "policies", "rehearsal", "edge/src")
_FILES = ("Pulumi*.yaml", "requirements/run.txt", "edge/*.json")


@cache
def sources() -> str:
    """A digest of everything that a plan is made from."""
    digest = hashlib.sha256()
    found = [path for package in _PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    found += [path for pattern in _FILES for path in ROOT.glob(pattern)]
    for path in sorted(found):
        if "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def kept_plan(key: str, make: Callable[[], PlanResult]) -> PlanResult:
    """The plan kept under a key; made and kept by whoever comes first, while the others wait for it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{key}.json"
    with (FOLDER / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if file.exists():
            return _read(file)
        result = make()
        # Of the same stack with other sources nobody asks again.
        for old in FOLDER.glob(f"{key.rpartition('-')[0]}-*.json"):
            old.unlink(missing_ok=True)
        temporary = file.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(asdict(result)), encoding="utf-8")
        temporary.replace(file)
        # As the next reader has it, so that no test depends on who came first.
        return _read(file)


def _read(file: Path) -> PlanResult:
    content = json.loads(file.read_text(encoding="utf-8"))
    return PlanResult(
        deployment=content["deployment"],
        outputs=content["outputs"],
        messages=tuple(
            Message(severity=Severity(item["severity"]), text=item["text"], urn=item["urn"])
            for item in content["messages"]
        ),
    )
