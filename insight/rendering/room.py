"""Capacity on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from insight.capacity import CapacityReport, Scenario
from insight.node_pools import Pool
from insight.rendering.resources import count


def print_capacity(console: Console, report: CapacityReport, *, prefix: str) -> None:
    """Print pools, scenarios, and what is assumed."""
    if not report.pools:
        return
    verdict = "everything that is counted fits" if report.fits else "not everything fits"
    console.print(Text.assemble(("Capacity: ", "bold"), (verdict, "green" if report.fits else "bold red")))
    for pool in report.pools:
        console.print(Padding(_pool(pool, prefix), (0, 0, 0, 2)))
    if report.scenarios:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("Scenario", ratio=1)
        table.add_column("Pods", justify="right", no_wrap=True)
        table.add_column("CPU", justify="right", no_wrap=True)
        table.add_column("Memory", justify="right", no_wrap=True)
        table.add_column("Nodes", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        for scenario in report.scenarios:
            table.add_row(*_row(scenario))
        console.print(Padding(table, (0, 0, 0, 1)))
    for note in report.notes:
        console.print(Padding(Text(f"- {note}", style="dim"), (0, 0, 0, 2)))
    for scenario in report.scenarios:
        if not scenario.fits:
            text = f"no room, {scenario.question}: {', '.join(scenario.left_over)}"
            text += f"; {scenario.remedy}" if scenario.remedy else ""
            console.print(Padding(Text(text, style="red"), (0, 0, 0, 2)))


def _pool(pool: Pool, prefix: str) -> Text:
    name = pool.name.removeprefix(prefix).lstrip("-") or pool.name
    size = f"{pool.minimum}" if pool.minimum == pool.maximum else f"{pool.minimum}-{pool.maximum}"
    zones = count(len(pool.zones), "zone")
    only = "only " if pool.tainted else ""
    text = Text(f"{name}: ", style="cyan")
    text.append(
        f"{size} x {pool.instance_type or '[unknown]'} {pool.capacity}, {zones}, {only}for {pool.purpose}",
        style="default",
    )
    return text


def _row(scenario: Scenario) -> tuple[Text, str, str, str, str, Text]:
    question = Text(scenario.question)
    if scenario.remark:
        question.append(f", {scenario.remark}", style="dim")
    verdict = Text("fits", style="green") if scenario.fits else Text("DOES NOT FIT", style="bold red")
    nodes = f"{scenario.nodes_used} of {scenario.nodes}"
    return question, str(scenario.pods), str(scenario.cpu), str(scenario.memory), nodes, verdict
