"""Cost reports as Markdown, for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from catalog.quantities import Usd
from insight.cost import BudgetStatus, Estimate

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
        for line in sorted(estimate.lines, key=lambda line: (-line.month.amount, line.urn)):
            quantity = f"{line.quantity.quantize(Decimal('0.01')).normalize():f} {line.unit}"
            cells = (
                line.component or "(stack)",
                line.item,
                quantity,
                _amount(line.month),
                f"{line.as_of}, {line.confidence}",
                line.assumption or "",
            )
            yield "| " + " | ".join(_escaped(cell) for cell in cells) + " |"
        for item in estimate.unpriced:
            yield f"| {_escaped(item.name)} | {_escaped(item.reason)} | | not in the total | | |"


def _amount(value: Usd) -> str:
    return f"{value.amount.quantize(Decimal('0.01')):,}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
