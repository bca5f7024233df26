"""Cost reports on a terminal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from catalog.quantities import Usd
from insight.cost import BudgetStatus, Estimate, merge
from insight.rendering.budget import STATUS_STYLES, budget_bar
from insight.rendering.resources import count

_TOP = 5
_WIDE = 100
_UNSURE = {"derived", "guess"}


def dollars(amount: Usd) -> str:
    """Write an amount with two places, without the currency."""
    return f"{amount.amount.quantize(Decimal('0.01')):,}"


def number(value: Decimal) -> str:
    """Write a quantity without needless zeros."""
    return f"{value.quantize(Decimal('0.01')).normalize():,f}"


def headline(estimate: Estimate) -> Text:
    """Give total, budget and a bar in one line."""
    share = estimate.share
    text = Text("Cost: ", style="bold")
    text.append(f"{estimate.total} a month", style=STATUS_STYLES[estimate.status])
    text.append(f" of {estimate.budget.month}, {share} ", style="not bold default")
    text.append(budget_bar(share), style=STATUS_STYLES[estimate.status])
    if estimate.status is not BudgetStatus.WITHIN:
        text.append(
            " over budget" if estimate.status is BudgetStatus.OVER else " over 110 % of the budget",
            style="bold red",
        )
    return text


def print_short_cost(console: Console, estimate: Estimate, *, prefix: str) -> None:
    """Print the total, what it may become, the dearest components and what is not known."""
    console.print(headline(estimate))
    console.print(spread(estimate))
    parts = [
        f"{_component(name, prefix)} {dollars(amount.expected)}"
        for name, amount in estimate.by_component()[:_TOP]
        if amount.expected.amount
    ]
    if parts:
        console.print(Padding(Text(", ".join(parts), style="dim"), (0, 0, 0, 2)))
    if estimate.unpriced:
        names = ", ".join(dict.fromkeys(item.type.split(":")[-1] for item in estimate.unpriced))
        text = Text(
            f"not in the total: {count(len(estimate.unpriced), 'resource')} without a price ({names})",
            style="yellow",
        )
        console.print(Padding(text, (0, 0, 0, 2)))


def spread(estimate: Estimate) -> Text:
    """Give the three points in one line, and say which of them are over the budget."""
    monthly, text = estimate.monthly, Text("  ")
    points = (("minimum", monthly.minimum), ("expected", monthly.expected), ("maximum", monthly.maximum))
    for place, (name, amount) in enumerate(points):
        status = BudgetStatus.of(amount, estimate.budget.month)
        text.append(f"{', ' if place else ''}{name} ")
        text.append(dollars(amount), style=STATUS_STYLES[status])
        if status is not BudgetStatus.WITHIN:
            text.append(f" (over by {dollars(amount - estimate.budget.month)})", style=STATUS_STYLES[status])
    return text


def print_cost(console: Console, estimate: Estimate, *, prefix: str, today: date) -> None:
    """Print everything: points, lines by component, classes, ways of buying, assumptions, bends, what is unpriced."""
    console.print(headline(estimate))
    console.print(spread(estimate))
    console.print(
        Text(
            f"  budget from: {estimate.budget.source}; month of 730 hours; lines at the expected point",
            style="dim",
        )
    )
    wide = console.width >= _WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True, footer_style="bold")
    table.add_column("Component", "Total", style="cyan", overflow="fold", max_width=18)
    table.add_column("Item", ratio=1)
    table.add_column("Quantity", justify="right", no_wrap=True)
    if wide:
        table.add_column("USD each", justify="right", no_wrap=True)
    table.add_column("USD a month", dollars(estimate.total), justify="right", no_wrap=True)
    if wide:
        table.add_column("Price of", no_wrap=True, style="dim")
    order = {name: place for place, (name, _) in enumerate(estimate.by_component())}
    previous: str | None = None
    for merged in sorted(merge(estimate.lines), key=lambda item: order[item.line.component]):
        line = merged.line
        shown = _component(line.component, prefix) if line.component != previous else ""
        previous = line.component
        item = Text(merged.title)
        if line.note:
            item.append(f" ({line.note})", style="dim")
        quantity = f"{number(merged.quantity.expected)} {line.unit}".strip()
        if wide:
            when = f"{line.as_of} {line.confidence}" if line.confidence in _UNSURE else line.as_of
            table.add_row(shown, item, quantity, _each(line.unit_month), dollars(merged.month), when)
        else:
            table.add_row(shown, item, quantity, dollars(merged.month))
    console.print(table)
    sure = ", ".join(f"{level} {dollars(amount.expected)}" for level, amount in estimate.by_confidence())
    console.print(Text(f"By confidence of the price: {sure}"))
    old = estimate.resting_on_old_prices(today)
    if old.amount:
        console.print(Text(f"Resting on old prices: {dollars(old)} (./smp prices)", style="yellow"))
    classes = ", ".join(f"{name} {dollars(amount.expected)}" for name, amount in estimate.by_data_class())
    console.print(Text(f"By data class: {classes}"))
    ways = ", ".join(f"{way} {dollars(amount)}" for way, amount in estimate.buying.items())
    console.print(Text(f"Ways of buying, all expected: {ways}"))
    free = sum(kind.count for kind in estimate.free)
    console.print(
        Text(
            f"Free: {count(free, 'resource')} of {count(len(estimate.free), 'type')} (reasons in --format json)",
            style="dim",
        )
    )
    if estimate.assumptions:
        console.print()
        console.print(_assumptions(estimate))
    if estimate.bends:
        console.print(Text("What bends, because the seeds' own numbers cannot be met", style="bold"))
        for bend in estimate.bends:
            text = f"{bend.seed} is {bend.built}: {bend.why} (docs/decisions/{bend.record})"
            console.print(Padding(Text(text), (0, 0, 0, 2)))
    if estimate.unpriced:
        console.print(Text(f"Not in the total: {len(estimate.unpriced)}", style="bold red"))
        for item in estimate.unpriced:
            console.print(Padding(Text(f"{item.name}  {item.type}: {item.reason}"), (0, 0, 0, 2)))


def _assumptions(estimate: Estimate) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Assumed a month", ratio=1)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("If it doubles", justify="right", no_wrap=True)
    table.add_column("Total then", justify="right", no_wrap=True)
    for item in estimate.assumptions:
        name = Text(item.key.value.replace("_", " "))
        name.append(f" ({item.key.meaning})", style="dim")
        value = f"{number(item.value)} {item.key.unit}"
        table.add_row(name, value, f"+{dollars(item.change_if_doubled)}", dollars(item.total_if_doubled))
    return table


def _each(price: Usd) -> str:
    places = Decimal("0.01") if price.amount >= 1 else Decimal("0.0001")
    return f"{price.amount.quantize(places):,}"


def _component(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lstrip("-") or name or "(stack)"
