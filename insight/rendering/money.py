"""Cost reports on a terminal."""

from __future__ import annotations

from decimal import Decimal

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from catalog.quantities import Usd
from insight.cost import BudgetStatus, Estimate, merge
from insight.rendering.resources import count

_STYLES = {BudgetStatus.WITHIN: "green", BudgetStatus.OVER: "yellow", BudgetStatus.ALARM: "bold red"}
_BAR = 20
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
    filled = min(_BAR, int(share.value * _BAR / 100))
    text = Text("Cost: ", style="bold")
    text.append(f"{estimate.total} a month", style=_STYLES[estimate.status])
    text.append(f" of {estimate.budget.month}, {share} ", style="not bold default")
    text.append("[" + "#" * filled + "." * (_BAR - filled) + "]", style=_STYLES[estimate.status])
    if estimate.status is not BudgetStatus.WITHIN:
        text.append(
            " over budget" if estimate.status is BudgetStatus.OVER else " over 110 % of the budget",
            style="bold red",
        )
    return text


def print_short_cost(console: Console, estimate: Estimate, *, prefix: str) -> None:
    """Print the total, the dearest components and what is not known."""
    console.print(headline(estimate))
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


def print_cost(console: Console, estimate: Estimate, *, prefix: str) -> None:
    """Print everything: lines by component, confidence, what is free and what is unpriced."""
    console.print(headline(estimate))
    console.print(
        Text(
            f"  budget from: {estimate.budget.source}; month of 730 hours; pools at their minimum",
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
    free = sum(kind.count for kind in estimate.free)
    console.print(
        Text(
            f"Free: {count(free, 'resource')} of {count(len(estimate.free), 'type')} (reasons in --format json)",
            style="dim",
        )
    )
    if estimate.unpriced:
        console.print(
            Text(
                f"Not in the total, because no price is known: {len(estimate.unpriced)}", style="bold yellow"
            )
        )
        for item in estimate.unpriced:
            console.print(Padding(Text(f"{item.name}  {item.type}: {item.reason}"), (0, 0, 0, 2)))


def _each(price: Usd) -> str:
    places = Decimal("0.01") if price.amount >= 1 else Decimal("0.0001")
    return f"{price.amount.quantize(places):,}"


def _component(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lstrip("-") or name or "(stack)"
