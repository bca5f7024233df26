"""A stack's cost as a worked example: every line with its arithmetic, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.quantities import Spread, Usd
from insight.cost_summary import plain_number
from insight.estimate import Estimate, MergedLine, merge


def cost_example(estimate: Estimate) -> str:
    """Write the whole estimate; nothing in it depends on the day it is written."""
    return "\n".join(_lines(estimate)) + "\n"


def _lines(estimate: Estimate) -> Iterator[str]:
    facts = estimate.stack
    yield f"# What {facts.name} costs a month"
    yield ""
    yield (
        f"{facts.cluster.id}, {facts.environment}, {facts.cluster.home}. US dollars a month of 730 hours, prices of the"
        f" book of {estimate.price_book}. Written by `./smp test tests/stacks --update-golden`, and held by that test."
    )
    yield ""
    yield "| | minimum | expected | maximum |"
    yield "|---|---:|---:|---:|"
    yield f"| total | {_points(estimate.monthly)} |"
    yield f"| budget {estimate.budget.month.text} | {' | '.join(_left(estimate))} |"
    yield ""
    ways = ", ".join(f"{way} {amount.text}" for way, amount in estimate.buying.items())
    yield f"Ways of buying, all at the expected point: {ways}."
    yield ""
    yield "## Lines"
    merged = merge(estimate.lines)
    for name, amount in estimate.by_component():
        yield ""
        yield f"### {name or '(stack)'}: {amount.expected.text}"
        yield ""
        yield "| item | quantity x price a month = expected | price | how |"
        yield "|---|---|---|---|"
        for item in merged:
            if item.line.component == name:
                yield _row(item)
    yield ""
    yield "## By data class and by confidence"
    yield ""
    yield "| | minimum | expected | maximum |"
    yield "|---|---:|---:|---:|"
    for name, amount in (*estimate.by_data_class(), *estimate.by_confidence()):
        yield f"| {name} | {_points(amount)} |"
    yield ""
    yield "## Assumptions"
    yield ""
    yield "| assumption | value | if it doubles | total then |"
    yield "|---|---:|---:|---:|"
    for item in estimate.assumptions:
        value = f"{plain_number(item.value)} {item.key.unit}"
        change, then = item.change_if_doubled.text, item.total_if_doubled.text
        yield f"| {item.key}: {item.key.meaning} | {value} | +{change} | {then} |"
    yield ""
    yield "## What bends"
    yield ""
    for bend in estimate.bends:
        yield f"- {bend.seed} is {bend.built}: {bend.why} ([{bend.record}](../decisions/README.md))."


def _row(item: MergedLine) -> str:
    line = item.line
    quantity = plain_number(round(item.quantity.expected, 3))
    unit = f" {line.unit}" if line.unit else ""
    sum_up = f"{quantity}{unit} x {plain_number(line.unit_month.amount)} = {item.month.text}"
    cells = (item.title, sum_up, f"{line.as_of}, {line.confidence}", line.note)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _points(amount: Spread) -> str:
    return f"{amount.minimum.text} | {amount.expected.text} | {amount.maximum.text}"


def _left(estimate: Estimate) -> Iterator[str]:
    monthly = estimate.monthly
    for amount in (monthly.minimum, monthly.expected, monthly.maximum):
        left = estimate.budget.month - amount
        yield (
            f"{left.text} left"
            if left >= Usd(Decimal(0))
            else f"over by {(amount - estimate.budget.month).text}"
        )
