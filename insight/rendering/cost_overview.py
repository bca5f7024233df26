"""Summaries of cost on a terminal: one stack without its single lines, and all stacks side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from catalog.quantities import Spread, Usd
from insight.cost_change import Difference, StackChange
from insight.cost_summary import ClusterCost, CostSummary, by_cluster
from insight.estimate import NOTHING, Buying
from insight.rendering.budget import STATUS_STYLES, budget_bar
from insight.rendering.money import dollars, number

_SHOWN = 10


def print_summary(console: Console, summary: CostSummary) -> None:
    """Print a stack whose single lines are not known: from its outputs."""
    style = STATUS_STYLES[summary.status]
    head = Text(f"{summary.stack}: {summary.cluster}, {summary.environment}  ", style="bold")
    head.append(str(summary.total), style=style)
    head.append(f" of {summary.budget.month}, {summary.share} ", style="not bold default")
    head.append(budget_bar(summary.share), style=style)
    console.print(head)
    spread = summary.monthly
    bought = ", ".join(f"{way} {dollars(amount)}" for way, amount in summary.buying.items())
    console.print(
        Text(
            f"  {dollars(spread.minimum)} to {dollars(spread.maximum)} as nodes come and go and data grows;"
            f" bought {bought}"
        )
    )
    for title, sums in (
        ("by component", summary.by_component),
        ("by class of data", summary.by_data_class),
        ("by confidence of the price", summary.by_confidence),
    ):
        console.print(Padding(Text(f"{title}: {_sums(sums)}", style="dim"), (0, 0, 0, 2)))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Dearest lines", ratio=1)
    table.add_column("Quantity", justify="right", no_wrap=True)
    table.add_column("USD a month", justify="right", no_wrap=True)
    for line in summary.top_lines:
        quantity = f"{number(line.quantity.expected)} {line.unit}".strip()
        table.add_row(f"{line.component or '(stack)'}: {line.title}", quantity, dollars(line.amount.expected))
    console.print(table)
    for item in summary.unpriced:
        console.print(Text(f"  no price: {item.name} ({item.type}): {item.reason}", style="bold yellow"))


def print_overview(console: Console, summaries: Sequence[CostSummary]) -> None:
    """Print all stacks side by side, cluster by cluster."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True, footer_style="bold")
    monthly = Spread.total(summary.monthly for summary in summaries)
    budget = sum((summary.budget.month for summary in summaries), NOTHING)
    one_year = sum((summary.buying[Buying.ONE_YEAR] for summary in summaries), NOTHING)
    table.add_column("Cluster", "All", style="cyan", no_wrap=True)
    table.add_column("Stack", no_wrap=True)
    for title, total in (
        ("Minimum", dollars(monthly.minimum)),
        ("Expected", dollars(monthly.expected)),
        ("Maximum", dollars(monthly.maximum)),
        ("Budget", dollars(budget)),
        ("Share", str(monthly.expected.share_of(budget))),
    ):
        table.add_column(title, total, justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("1-year", dollars(one_year), justify="right", no_wrap=True)

    def add(stack: str, cost: ClusterCost) -> None:
        style = STATUS_STYLES[cost.status]
        table.add_row(
            cost.cluster,
            stack,
            dollars(cost.monthly.minimum),
            Text(dollars(cost.monthly.expected), style=style),
            dollars(cost.monthly.maximum),
            dollars(cost.budget),
            Text(str(cost.share), style=style),
            Text(budget_bar(cost.share, 12), style=style),
            dollars(cost.buying[Buying.ONE_YEAR]),
        )

    for cluster in by_cluster(summaries):
        for summary in summaries:
            if summary.cluster == cluster.cluster:
                add(summary.stack, *by_cluster([summary]))
        if len(cluster.stacks) > 1:
            add("all of it", cluster)
    console.print(table)


def print_changes(console: Console, changes: Iterable[StackChange]) -> None:
    """Print what changed against a base, component by component."""
    for change in changes:
        total = change.total
        if total.before is None:
            console.print(Text(f"{change.stack}: not in the base"))
            continue
        console.print(
            Text(f"{change.stack}: {signed(total.change)} against the base ({dollars(total.before)})")
        )
        for part in change.components:
            console.print(
                Padding(Text(f"{part.name or '(stack)'}: {_parted(part)}", style="dim"), (0, 0, 0, 2))
            )


def signed(amount: Usd) -> str:
    """Write an amount with its sign."""
    return f"+{dollars(amount)}" if amount.amount > 0 else dollars(amount)


def _parted(part: Difference) -> str:
    if part.before is None:
        return f"new, {dollars(part.change)}"
    return f"gone, {signed(part.change)}" if part.after is None else signed(part.change)


def _sums(sums: Sequence[tuple[str, Spread]]) -> str:
    shown = [f"{name or '(stack)'} {dollars(amount.expected)}" for name, amount in sums[:_SHOWN]]
    rest = len(sums) - _SHOWN
    return ", ".join([*shown, *([f"{rest} more"] if rest > 0 else [])])
