"""What changed between two cost reports: the base branch of a pull request and its head."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from catalog.quantities import Usd
from insight.cost import estimate_cost
from insight.cost_summary import CostSummary, summarize
from insight.cost_summary_reading import read_summary
from insight.errors import InsightError
from insight.estimate import NOTHING
from insight.findings import facts_of
from insight.snapshot_reading import read_snapshot


class BaseFileError(InsightError):
    """The file to compare with is none."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One sum before and after; ``None`` where it did not exist."""

    name: str
    before: Usd | None
    after: Usd | None

    @property
    def change(self) -> Usd:
        """What it is dearer by; negative where it is cheaper."""
        return (self.after or NOTHING) - (self.before or NOTHING)


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """A stack's expected month before and after."""

    stack: str
    total: Difference
    components: tuple[Difference, ...]
    """Those whose amount changed, the largest change first."""


def compare(before: Sequence[CostSummary], after: Sequence[CostSummary]) -> tuple[StackChange, ...]:
    """Compare what both reports hold of the stacks in ``after``. Pure."""
    known = {summary.stack: summary for summary in before}
    return tuple(_change(known.get(summary.stack), summary) for summary in after)


def _change(before: CostSummary | None, after: CostSummary) -> StackChange:
    old = {name: amount.expected for name, amount in before.by_component} if before else {}
    new = {name: amount.expected for name, amount in after.by_component}
    parts = [
        Difference(name=name, before=old.get(name), after=new.get(name))
        for name in dict.fromkeys((*new, *old))
    ]
    changed = [part for part in parts if part.before != part.after]
    return StackChange(
        stack=after.stack,
        total=Difference(name=after.stack, before=before.total if before else None, after=after.total),
        components=tuple(sorted(changed, key=lambda part: (-abs(part.change.amount), part.name))),
    )


def changes_document(changes: Sequence[StackChange]) -> list[dict[str, Any]]:
    """Write changes as plain data: amounts as decimal text, ``None`` where a sum did not exist."""
    return [
        {
            **_difference_document(change.total),
            "components": [_difference_document(part) for part in change.components],
        }
        for change in changes
    ]


def _difference_document(difference: Difference) -> dict[str, Any]:
    before, after = difference.before, difference.after
    return {
        "name": difference.name,
        "before": None if before is None else before.text,
        "after": None if after is None else after.text,
        "change": difference.change.text,
    }


def read_base(path: Path) -> tuple[CostSummary, ...]:
    """Read ``./smp cost --format json``, or a plan's or a stack's export, which is then estimated.

    Raises:
        InsightError: the file cannot be read or is neither.

    """
    document = read_object(path)
    if "stacks" in document:
        stacks = document["stacks"]
        if not isinstance(stacks, list) or not stacks:
            msg = f"{path}: `stacks` holds no report; write it with `./smp cost --all --format json`"
            raise BaseFileError(msg)
        return tuple(
            read_summary(entry, origin=f"{path}, stacks[{place}]")
            for place, entry in enumerate(cast("list[object]", stacks))
        )
    snapshot = read_snapshot(path)
    return (summarize(estimate_cost(snapshot, facts_of(snapshot))),)


def read_outputs(path: Path) -> CostSummary:
    """Read the estimate out of ``pulumi stack output --json``.

    Raises:
        InsightError: the file cannot be read, or holds no estimate.

    """
    document = read_object(path)
    if "estimate" not in document:
        msg = (
            f"{path}: there is no output `estimate`; write the file with `pulumi stack output --json -s STACK`"
            " after `pulumi up` of a program that exports it"
        )
        raise BaseFileError(msg)
    return read_summary(document["estimate"], origin=f"{path}, estimate")


def read_object(path: Path) -> Mapping[str, Any]:
    """Read a JSON object.

    Raises:
        BaseFileError: no file, no JSON, or JSON of another kind.

    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise BaseFileError(msg) from error
    except ValueError as error:
        msg = f"{path} is no JSON, or is cut off: {error}; write it again"
        raise BaseFileError(msg) from error
    if not isinstance(document, dict):
        msg = f"{path} holds a JSON {type(document).__name__}, not an object; write it again"
        raise BaseFileError(msg)
    return cast("Mapping[str, Any]", document)
