"""What a command reports on: stacks that are planned, or a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.stack_facts import Stack
from insight.errors import InsightError, StackMismatchError
from insight.running import placeholder_secrets, run_plan, stack_names
from insight.snapshot import Snapshot
from insight.snapshot_reading import read_snapshot


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which stacks a user asked for."""

    root: Path
    stack: str | None
    all_stacks: bool
    file: Path | None


def snapshots(selection: Selection) -> Iterator[Snapshot | InsightError]:
    """Give the snapshot of each selected stack, or the error in its place: the others still get their report."""
    if selection.file is not None:
        for file in _files(selection.file):
            yield _from_file(file, selection.stack)
        return
    names = stack_names(selection.root) if selection.all_stacks else (selection.stack or "",)
    if not names:
        msg = f"{selection.root} has no Pulumi.<stack>.yaml; start smp from the project, or name it with --project"
        raise InsightError(msg)
    for name in names:
        yield _planned(selection.root, name)


def _files(path: Path) -> tuple[Path, ...]:
    """Give a file as it is; of a folder, what is named after a stack, in the order of a release, then the rest."""
    if not path.is_dir():
        return (path,)
    found = {file.stem: file for file in sorted(path.glob("*.json"))}
    if not found:
        msg = f"{path} holds no .json file; write one into it with: smp plan STACK --out {path}/STACK.json"
        raise InsightError(msg)
    known = [stack.facts.name for stack in Stack if stack.facts.name in found]
    return tuple(found[name] for name in [*known, *sorted(found.keys() - set(known))])


def _from_file(file: Path, stack: str | None) -> Snapshot:
    snapshot = read_snapshot(file)
    if stack is not None and stack != snapshot.stack:
        msg = f"{file} is of the stack {snapshot.stack}, not {stack}; name that stack, or leave the name away"
        raise StackMismatchError(msg)
    return snapshot


def _planned(root: Path, name: str) -> Snapshot | InsightError:
    from rehearsal import RehearsalError  # noqa: PLC0415 - brings Pulumi

    try:
        return run_plan(root, name, secrets=placeholder_secrets(name)).snapshot
    except RehearsalError as error:
        return InsightError(str(error))
