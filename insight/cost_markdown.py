"""Cost reports as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.quantities import Usd
from insight.cost_change import Difference, StackChange
from insight.cost_summary import CostSummary, by_cluster
from insight.estimate import BudgetStatus
from insight.rendering.money import dollars, number

_VERDICTS = {
    BudgetStatus.WITHIN: "within",
    BudgetStatus.OVER: "**over budget**",
    BudgetStatus.ALARM: "**over 110 %**",
}


def cost_markdown(summaries: Sequence[CostSummary], changes: Sequence[StackChange] | None = None) -> str:
    """Write one table over all stacks, what changed against a base where one is given, and each stack's dearest."""
    return "\n".join(_document(summaries, changes)) + "\n"


def _document(summaries: Sequence[CostSummary], changes: Sequence[StackChange] | None) -> Iterator[str]:
    totals = {change.stack: change.total for change in changes or ()}
    yield "## Cost a month"
    yield ""
    extra = " change |" if changes is not None else ""
    yield f"| stack | cluster | USD |{extra} minimum to maximum | budget | share | verdict |"
    yield f"|---|---|---:|{'---:|' if extra else ''}---:|---:|---:|---|"
    for summary in summaries:
        spread = summary.monthly
        change = f" {_total_change(totals[summary.stack])} |" if extra else ""
        yield (
            f"| {summary.stack} | {summary.cluster} | {dollars(summary.total)} |{change}"
            f" {dollars(spread.minimum)} to {dollars(spread.maximum)} | {dollars(summary.budget.month)}"
            f" | {summary.share} | {_VERDICTS[summary.status]} |"
        )
    for cost in by_cluster(summaries):
        if len(cost.stacks) > 1:
            spread = cost.monthly
            yield (
                f"| all of it | {cost.cluster} | {dollars(spread.expected)} |{'  |' if extra else ''}"
                f" {dollars(spread.minimum)} to {dollars(spread.maximum)} | {dollars(cost.budget)}"
                f" | {cost.share} | {_VERDICTS[cost.status]} |"
            )
    if changes is not None:
        yield from _changes(changes)
    for summary in summaries:
        yield from _stack(summary)


def _changes(changes: Sequence[StackChange]) -> Iterator[str]:
    yield ""
    rows = [
        f"| {change.stack} | {_escaped(part.name or '(stack)')} | {_or_none(part.before)} | {_or_none(part.after)}"
        f" | {_signed(part.change)} |"
        for change in changes
        for part in change.components
    ]
    if not rows:
        yield "No component's cost changes against the base."
        return
    yield "### What changes"
    yield ""
    yield "| stack | component | before | after | change |"
    yield "|---|---|---:|---:|---:|"
    yield from rows


def _stack(summary: CostSummary) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{summary.stack}: the dearest lines</summary>"
    yield ""
    yield "| component | item | quantity | USD a month | price |"
    yield "|---|---|---:|---:|---|"
    for line in summary.top_lines:
        cells = (
            line.component or "(stack)",
            line.title,
            f"{number(line.quantity.expected)} {line.unit}".strip(),
            dollars(line.amount.expected),
            f"{line.as_of}, {line.confidence}",
        )
        yield "| " + " | ".join(_escaped(cell) for cell in cells) + " |"
    yield ""
    yield "</details>"
    for missing in summary.unpriced:
        yield ""
        yield f"**No price**: {_escaped(missing.name)} ({missing.type}): {_escaped(missing.reason)}"


def _total_change(total: Difference) -> str:
    return "new" if total.before is None else _signed(total.change)


def _signed(amount: Usd) -> str:
    if not amount.amount:
        return "0"
    return f"+{dollars(amount)}" if amount.amount > 0 else dollars(amount)


def _or_none(amount: Usd | None) -> str:
    return "" if amount is None else dollars(amount)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
