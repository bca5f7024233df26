"""``smp cost``: what a month costs."""

from __future__ import annotations

from enum import StrEnum

from rich.text import Text

from catalog.quantities import Usd
from insight.commands.inputs import Selection, snapshots
from insight.commands.plan import name_prefix
from insight.cost import BudgetStatus, Estimate, estimate_cost
from insight.cost_markdown import cost_markdown
from insight.documents import cost_document
from insight.findings import facts_of
from insight.rendering.money import print_cost
from insight.snapshot import Snapshot
from insight.terminal import out, show_error, show_json


class CostFormat(StrEnum):
    """How a cost report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def run(selection: Selection, *, style: CostFormat) -> int:
    """Estimate each stack; 1 when one is over 110 % of its budget or could not be planned."""
    failed = False
    estimates: list[Estimate] = []
    for found in snapshots(selection):
        if not isinstance(found, Snapshot):
            show_error(str(found))
            failed = True
            continue
        facts = facts_of(found)
        estimate = estimate_cost(found, facts)
        estimates.append(estimate)
        failed = failed or estimate.status is BudgetStatus.ALARM
        if style is CostFormat.TEXT:
            console = out()
            console.print(Text(f"{facts.name}: {facts.cluster.id}, {facts.environment}", style="bold"))
            print_cost(console, estimate, prefix=name_prefix(facts))
            console.print()
    if style is CostFormat.JSON:
        show_json({"stacks": [cost_document(estimate) for estimate in estimates]})
    elif style is CostFormat.MARKDOWN:
        out().print(cost_markdown(estimates), soft_wrap=True, end="")
    elif len(estimates) > 1:
        total = sum((estimate.total for estimate in estimates), Usd.of(0))
        budget = sum((estimate.budget.month for estimate in estimates), Usd.of(0))
        text = f"All {len(estimates)} stacks: {total} a month of {budget}, {total.share_of(budget)}"
        out().print(Text(text, style="bold"))
    return 1 if failed else 0
