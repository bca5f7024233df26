"""Cost reports as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from catalog.quantities import Usd
from insight.cost import BudgetStatus, Estimate, merge

_VERDICTS = {
    BudgetStatus.WITHIN: "within",
    BudgetStatus.OVER: "**over budget**",
    BudgetStatus.ALARM: "**over 110 %**",
}


def cost_markdown(estimates: Sequence[Estimate]) -> str:
    """Write one table over all stacks, and one by component for each."""
    return "\n".join(_lines(estimates)) + "\n"


def _lines(estimates: Sequence[Estimate]) -> Iterator[str]:
    yield "## Cost a month"
    yield ""
    yield "| stack | cluster | USD | budget | share | verdict | without a price |"
    yield "|---|---|---:|---:|---:|---|---:|"
    for estimate in estimates:
        facts = estimate.stack
        yield (
            f"| {facts.name} | {facts.cluster.id} | {_amount(estimate.total)} | {_amount(estimate.budget.month)}"
            f" | {estimate.share} | {_VERDICTS[estimate.status]} | {len(estimate.unpriced)} |"
        )
    for estimate in estimates:
        yield ""
        yield f"### {estimate.stack.name}"
        yield ""
        yield "| component | item | quantity | USD a month | price | assumption |"
        yield "|---|---|---:|---:|---|---|"
        for merged in merge(estimate.lines):
            line = merged.line
            quantity = (
                f"{merged.quantity.expected.quantize(Decimal('0.01')).normalize():f} {line.unit}".strip()
            )
            cells = (
                line.component or "(stack)",
                merged.title,
                quantity,
                _amount(merged.month),
                f"{line.as_of}, {line.confidence}",
                line.note,
            )
            yield "| " + " | ".join(_escaped(cell) for cell in cells) + " |"
        for item in estimate.unpriced:
            yield f"| {_escaped(item.name)} | {_escaped(item.reason)} | | not in the total | | |"


def _amount(value: Usd) -> str:
    return f"{value.amount.quantize(Decimal('0.01')):,}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
