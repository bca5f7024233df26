"""Reports of actual cost on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from catalog.quantities import Usd
from insight.actuals.report import ActualsReport, Outcome
from insight.estimate import BudgetStatus
from insight.rendering.budget import STATUS_STYLES, budget_bar
from insight.rendering.money import dollars
from insight.rendering.resources import count

_BAR = 15
_SERVICES = 3
_UNASSIGNED = 10
_WIDE = 100


def print_actuals(console: Console, report: ActualsReport) -> None:
    """Print stacks, clusters with more than one stack, what no tag assigns, and what to know about the figures."""
    head = Text(f"Actual cost of {report.period.name}: {report.total}", style="bold")
    head.append(f"  ({report.basis} cost)", style="dim not bold")
    console.print(head)
    for file, until in report.read_until.items():
        console.print(Text(f"  {file}: usage until {until:%Y-%m-%d %H:%M} UTC", style="dim"))
    for currency, rate in report.rates.items():
        console.print(Text(f"  converted: 1 {currency} = {rate:f} USD", style="dim"))
    console.print(_table(console, report))
    for item in report.stacks:
        dearest = ", ".join(f"{name} {dollars(cost)}" for name, cost in item.services[:_SERVICES])
        console.print(Padding(Text(f"{item.stack.name}: {dearest}", style="dim"), (0, 0, 0, 2)))
    _print_unassigned(console, report)
    for text in report.warnings:
        console.print(Text(f"note: {text}", style="yellow"))
    for item in report.stacks:
        outcome = item.outcome
        ahead = outcome.projected_status is BudgetStatus.ALARM and outcome.status is not BudgetStatus.ALARM
        if ahead:
            name, share = item.stack.name, outcome.projected_share
            text = f"ahead: {name} will end {report.period.name} at {outcome.projected}, {share}"
            console.print(Text(text, style="bold yellow"))
    for text in report.alarms:
        console.print(Text(f"alarm: {text}", style="bold red"))


def _table(console: Console, report: ActualsReport) -> Table:
    wide = console.width >= _WIDE
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Stack", style="cyan", no_wrap=True)
    if wide:
        table.add_column("Cluster", no_wrap=True)
    for name in ("Spent", "Budget", "Share"):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("")
    table.add_column("Month's end", justify="right", no_wrap=True)
    table.add_column("Estimate", justify="right", no_wrap=True)

    def add(name: str, cluster: str, outcome: Outcome) -> None:
        style = STATUS_STYLES[outcome.status]
        row = [
            Text(name),
            *([Text(cluster)] if wide else []),
            Text(dollars(outcome.spent), style=style),
            Text(dollars(outcome.budget)),
            Text(str(outcome.share), style=style),
            *([_bar(outcome)] if wide else []),
            Text(_or_dash(outcome.projected), style=STATUS_STYLES[outcome.projected_status]),
            Text(_or_dash(outcome.estimate)),
        ]
        table.add_row(*row)

    for item in report.stacks:
        add(item.stack.name, item.stack.cluster.id, item.outcome)
    for item in report.clusters:
        if sum(found.stack.cluster is item.cluster for found in report.stacks) > 1:
            add(f"all {item.cluster.id}", "", item.outcome)
    return table


def _bar(outcome: Outcome) -> Text:
    return Text(budget_bar(outcome.share, _BAR), style=STATUS_STYLES[outcome.status])


def _or_dash(amount: Usd | None) -> str:
    return "-" if amount is None else dollars(amount)


def _print_unassigned(console: Console, report: ActualsReport) -> None:
    if not report.unassigned:
        console.print(Text("Every charge has its stack.", style="green"))
        return
    console.print(Text(f"Not assigned to a stack: {report.unassigned_total}", style="bold yellow"))
    for item in report.unassigned[:_UNASSIGNED]:
        text = Text(f"{dollars(item.cost)}  ", style="yellow")
        text.append(f"{item.provider} {item.service}, {item.category}: {item.reason}", style="default")
        if item.example:
            text.append(f" (such as {item.example})", style="dim")
        console.print(Padding(text, (0, 0, 0, 2)))
    hidden = len(report.unassigned) - _UNASSIGNED
    if hidden > 0:
        console.print(
            Padding(Text(f"and {count(hidden, 'smaller line')} (--format json shows all)"), (0, 0, 0, 2))
        )
