"""``smp diff``: what would change between two files, or two folders of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.text import Text

from insight.commands.inputs import Selection, snapshots
from insight.comparison import Change, ResourceChange, StackComparison, compare
from insight.errors import InsightError
from insight.findings_markdown import cell, code
from insight.rendering.changes import show_value
from insight.snapshot import Snapshot
from insight.terminal import out, short_type, show_json

_SIGNS = {Change.CREATED: "+", Change.UPDATED: "~", Change.REPLACED: "+-", Change.DELETED: "-"}
_STYLES = {
    Change.CREATED: "green",
    Change.UPDATED: "yellow",
    Change.REPLACED: "magenta",
    Change.DELETED: "red",
}
_MOST_ROWS = 60
"""Of one stack in a comment, which holds 65,536 characters; the command shows them all."""
_MOST_PROPERTIES = 4


class DiffFormat(StrEnum):
    """How changes are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def run(root: Path, base: Path, head: Path, *, style: DiffFormat) -> int:
    """Compare stack by stack; 0 whatever changes, 1 when a file cannot be read."""
    before, after = _by_stack(root, base), _by_stack(root, head)
    stacks = [*after, *(name for name in before if name not in after)]
    compared = [compare(before.get(name), after.get(name)) for name in stacks]
    match style:
        case DiffFormat.TEXT:
            _print(compared)
        case DiffFormat.JSON:
            show_json({"stacks": [_document(item) for item in compared]})
        case DiffFormat.MARKDOWN:
            sys.stdout.write("\n".join(_markdown(compared)) + "\n")
    return 0


def _by_stack(root: Path, path: Path) -> dict[str, Snapshot]:
    found: dict[str, Snapshot] = {}
    for item in snapshots(Selection(root=root, stack=None, all_stacks=False, file=path)):
        if isinstance(item, InsightError):
            raise item
        if item.stack in found:
            msg = f"{item.origin} and {found[item.stack].origin} are both of the stack {item.stack}; keep one"
            raise InsightError(msg)
        found[item.stack] = item
    return found


def _counts(compared: StackComparison) -> str:
    parts = [f"{compared.count(change)} {change}" for change in Change if compared.count(change)]
    return ", ".join(parts) or "no changes"


def _print(compared: Sequence[StackComparison]) -> None:
    console = out()
    for stack in compared:
        console.print(Text.assemble((stack.stack, "bold"), f"  {_counts(stack)}"))
        for item in stack.changes:
            line = Text(f"  {_SIGNS[item.change]} ", style=_STYLES[item.change])
            line.append(f"{item.name}  {short_type(item.type)}", style="default")
            if item.was_protected:
                line.append("  protected", style="bold red")
            console.print(line, soft_wrap=True)
            for changed in item.properties:
                text = f"      {changed.path}: {show_value(changed.old)} -> {show_value(changed.new)}"
                console.print(Text(text + _note(changed.forces_replacement)), soft_wrap=True)


def _note(forces: bool) -> str:  # noqa: FBT001 - a property's own flag
    return "  forces replacement" if forces else ""


def _document(stack: StackComparison) -> dict[str, Any]:
    return {
        "stack": stack.stack,
        "counts": {str(change): stack.count(change) for change in Change},
        "changes": [
            {
                "urn": item.urn,
                "type": item.type,
                "name": item.name,
                "change": str(item.change),
                "wasProtected": item.was_protected,
                "properties": [
                    {
                        "path": changed.path,
                        "old": changed.old,
                        "new": changed.new,
                        "forcesReplacement": changed.forces_replacement,
                    }
                    for changed in item.properties
                ],
            }
            for item in stack.changes
        ],
    }


def _markdown(compared: Sequence[StackComparison]) -> Iterator[str]:
    yield "## What would change"
    yield ""
    yield "| stack | created | updated | replaced | deleted |"
    yield "|---|---:|---:|---:|---:|"
    for stack in compared:
        counts = " | ".join(str(stack.count(change)) for change in Change)
        yield f"| {stack.stack} | {counts} |"
    yield ""
    for stack in compared:
        if stack.changes:
            yield f"<details><summary>{stack.stack}: {_counts(stack)}</summary>"
            yield ""
            yield "| | resource | properties |"
            yield "|---|---|---|"
            for item in stack.changes[:_MOST_ROWS]:
                yield _row(item)
            if len(stack.changes) > _MOST_ROWS:
                yield f"| | and {len(stack.changes) - _MOST_ROWS} more | `./smp diff` shows them all |"
            yield ""
            yield "</details>"
            yield ""


def _row(item: ResourceChange) -> str:
    protected = " **protected**" if item.was_protected else ""
    shown = [
        f"`{code(changed.path)}`: {cell(show_value(changed.old))} → {cell(show_value(changed.new))}"
        + (" (forces replacement)" if changed.forces_replacement else "")
        for changed in item.properties[:_MOST_PROPERTIES]
    ]
    if len(item.properties) > _MOST_PROPERTIES:
        shown.append(f"and {len(item.properties) - _MOST_PROPERTIES} more")
    what = f"`{code(item.name)}` {short_type(item.type)}{protected}"
    return f"| {item.change} | {what} | {'<br>'.join(shown)} |"
