"""``smp cost``: what a month costs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from rich.text import Text

from insight.commands.inputs import Selection, snapshots
from insight.commands.plan import name_prefix
from insight.cost import estimate_cost
from insight.cost_change import StackChange, compare, read_base, read_outputs
from insight.cost_csv import cost_csv
from insight.cost_markdown import cost_markdown
from insight.cost_summary import CostSummary, summarize, summary_document
from insight.documents import cost_document
from insight.errors import InsightError
from insight.estimate import BudgetStatus, Estimate
from insight.findings import facts_of
from insight.rendering.cost_overview import print_changes, print_overview, print_summary
from insight.rendering.money import print_cost
from insight.snapshot import Snapshot
from insight.terminal import out, show_error, show_json


class CostFormat(StrEnum):
    """How a cost report is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(kw_only=True)
class _Report:
    """What is reported on, and whether something is wrong with it."""

    summaries: list[CostSummary] = field(default_factory=list["CostSummary"])
    estimates: list[Estimate] = field(default_factory=list["Estimate"])
    """Of the stacks whose single lines are known."""
    failed: bool = False


def run(selection: Selection, *, style: CostFormat, base: Path | None = None) -> int:
    """Estimate each stack; 1 when one is over 110 % of its budget, has no price, or could not be planned."""
    before = None if base is None else read_base(base)
    report = _Report()
    for found in snapshots(selection):
        if not isinstance(found, Snapshot):
            show_error(str(found))
            report.failed = True
            continue
        facts = facts_of(found)
        estimate = estimate_cost(found, facts)
        report.estimates.append(estimate)
        report.summaries.append(summarize(estimate))
        if style is CostFormat.TEXT:
            console = out()
            console.print(Text(f"{facts.name}: {facts.cluster.id}, {facts.environment}", style="bold"))
            print_cost(console, estimate, prefix=name_prefix(facts), today=datetime.now(UTC).date())
            console.print()
    return _finish(report, style, before)


def run_outputs(files: Sequence[Path], *, style: CostFormat, base: Path | None = None) -> int:
    """Report on what stacks export; every file is read before anything is written."""
    before = None if base is None else read_base(base)
    report = _Report(summaries=[read_outputs(path) for path in files])
    names = [summary.stack for summary in report.summaries]
    for name in names:
        if names.count(name) > 1:
            msg = f"the outputs of {name} are given twice; give each stack's once"
            raise InsightError(msg)
    if style is CostFormat.TEXT:
        for summary in report.summaries:
            print_summary(out(), summary)
    return _finish(report, style, before)


def _finish(report: _Report, style: CostFormat, before: Sequence[CostSummary] | None) -> int:
    changes = None if before is None else compare(before, report.summaries)
    if report.summaries:
        _write(report, style, changes)
    for summary in report.summaries:
        for item in summary.unpriced:
            show_error(f"{summary.stack}: {item.name} ({item.type}) is not in the total: {item.reason}")
        if summary.status is BudgetStatus.ALARM:
            show_error(
                f"{summary.stack} costs {summary.total} a month, {summary.share} of {summary.budget.month}"
            )
        report.failed |= bool(summary.unpriced) or summary.status is BudgetStatus.ALARM
    return 1 if report.failed else 0


def _write(report: _Report, style: CostFormat, changes: Sequence[StackChange] | None) -> None:
    match style:
        case CostFormat.TEXT:
            if len(report.summaries) > 1:
                print_overview(out(), report.summaries)
            if changes is not None:
                print_changes(out(), changes)
        case CostFormat.JSON:
            documents = [cost_document(estimate) for estimate in report.estimates] or [
                summary_document(summary) for summary in report.summaries
            ]
            show_json({"stacks": documents})
        case CostFormat.CSV:
            sys.stdout.write(cost_csv(report.summaries, report.estimates))
        case CostFormat.MARKDOWN:
            sys.stdout.write(cost_markdown(report.summaries, changes))
        case CostFormat.HTML:
            from insight.cost_page import cost_page  # noqa: PLC0415 - brings the template engine

            sys.stdout.write(cost_page(report.summaries))
