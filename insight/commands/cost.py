"""``smp cost``: what a month costs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from rich.text import Text

from insight.commands.inputs import Selection, snapshots
from insight.commands.plan import name_prefix
from insight.cost import estimate_cost
from insight.cost_change import StackChange, changes_document, compare, read_base, read_outputs
from insight.cost_csv import cost_csv
from insight.cost_markdown import cost_markdown
from insight.cost_summary import CostSummary, clusters_document, summarize, summary_document
from insight.documents import cost_document
from insight.errors import InsightError
from insight.estimate import BudgetStatus, Estimate
from insight.files import check_target, write_atomically
from insight.findings import facts_of
from insight.rendering.cost_overview import print_changes, print_overview, print_summary
from insight.rendering.money import print_cost
from insight.rendering.resources import count
from insight.snapshot import Snapshot
from insight.terminal import err, json_text, out, show_error


class CostFormat(StrEnum):
    """How a cost report is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a report is written, where to, and what it is compared with."""

    style: CostFormat
    base: Path | None = None
    """An earlier report or export."""
    file: Path | None = None
    """``None`` for standard output."""

    def check(self) -> None:
        """Refuse what cannot be done before anything is planned.

        Raises:
            InsightError: a comparison that the format has no place for, text into a file, or a file that cannot be.

        """
        if self.base is not None and self.style in (CostFormat.CSV, CostFormat.HTML):
            msg = f"--base: {self.style} has no place for changes; take text, markdown or json, or leave --base away"
            raise InsightError(msg)
        if self.file is None:
            return
        if self.style is CostFormat.TEXT:
            msg = f"--out {self.file}: text is for a terminal; add --format html, markdown, csv or json"
            raise InsightError(msg)
        check_target(self.file)


@dataclass(kw_only=True)
class _Report:
    """What is reported on, and whether something is wrong with it."""

    summaries: list[CostSummary] = field(default_factory=list["CostSummary"])
    estimates: list[Estimate] = field(default_factory=list["Estimate"])
    """Of the stacks whose single lines are known."""
    unplanned: int = 0
    """Stacks that could not be planned: they are in no sum."""


def run(selection: Selection, form: Form) -> int:
    """Estimate each stack; 1 when one is over 110 % of its budget, has no price, or could not be planned."""
    form.check()
    before = None if form.base is None else read_base(form.base)
    report = _Report()
    for found in snapshots(selection):
        if not isinstance(found, Snapshot):
            show_error(str(found))
            report.unplanned += 1
            continue
        facts = facts_of(found)
        estimate = estimate_cost(found, facts)
        report.estimates.append(estimate)
        report.summaries.append(summarize(estimate))
        if form.style is CostFormat.TEXT:
            console = out()
            console.print(Text(f"{facts.name}: {facts.cluster.id}, {facts.environment}", style="bold"))
            print_cost(console, estimate, prefix=name_prefix(facts), today=datetime.now(UTC).date())
            console.print()
    return _finish(report, form, before)


def run_outputs(files: Sequence[Path], form: Form) -> int:
    """Report on what stacks export; every file is read before anything is written."""
    form.check()
    before = None if form.base is None else read_base(form.base)
    report = _Report(summaries=[read_outputs(path) for path in files])
    names = [summary.stack for summary in report.summaries]
    for name in names:
        if names.count(name) > 1:
            msg = f"the outputs of {name} are given twice; give each stack's once"
            raise InsightError(msg)
    if form.style is CostFormat.TEXT:
        for summary in report.summaries:
            print_summary(out(), summary)
    return _finish(report, form, before)


def _finish(report: _Report, form: Form, before: Sequence[CostSummary] | None) -> int:
    changes = None if before is None else compare(before, report.summaries)
    if form.style is CostFormat.TEXT:
        _print_rest(report, changes)
    elif report.unplanned:
        lacking = count(report.unplanned, "stack")
        show_error(
            f"no {form.style} is written: {lacking} could not be planned, and every sum would be too low"
        )
    else:
        _write(_document(report, form.style, changes), form.file)
    failed = report.unplanned > 0
    for summary in report.summaries:
        for item in summary.unpriced:
            show_error(f"{summary.stack}: {item.name} ({item.type}) is not in the total: {item.reason}")
        if summary.status is BudgetStatus.ALARM:
            show_error(
                f"{summary.stack} costs {summary.total} a month, {summary.share} of {summary.budget.month}"
            )
        failed |= bool(summary.unpriced) or summary.status is BudgetStatus.ALARM
    return 1 if failed else 0


def _print_rest(report: _Report, changes: Sequence[StackChange] | None) -> None:
    if len(report.summaries) > 1:
        print_overview(out(), report.summaries)
    if changes is not None:
        print_changes(out(), changes)
    if report.unplanned and report.summaries:
        text = f"In no sum: {count(report.unplanned, 'stack')} that could not be planned"
        out().print(Text(text, style="bold yellow"))


def _document(report: _Report, style: CostFormat, changes: Sequence[StackChange] | None) -> str:
    match style:
        case CostFormat.JSON:
            stacks = [cost_document(estimate) for estimate in report.estimates] or [
                summary_document(summary) for summary in report.summaries
            ]
            compared = {} if changes is None else {"changes": changes_document(changes)}
            return json_text({"stacks": stacks, "clusters": clusters_document(report.summaries), **compared})
        case CostFormat.CSV:
            return cost_csv(report.summaries, report.estimates)
        case CostFormat.MARKDOWN:
            return cost_markdown(report.summaries, changes)
        case CostFormat.HTML:
            from insight.cost_page import cost_page  # noqa: PLC0415 - brings the template engine

            return cost_page(report.summaries)
        case CostFormat.TEXT:
            msg = "text is printed stack by stack"
            raise ValueError(msg)
    assert_never(style)


def _write(text: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    write_atomically(file, text)
    err().print(Text(f"wrote {file}", style="dim"), soft_wrap=True)
