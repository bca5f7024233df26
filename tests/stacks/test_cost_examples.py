"""The worked example of each stack in docs/costs: as the code computes it, and adding up as a reader would add it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from catalog.stack_facts import Stack
from insight.cost import estimate_cost
from insight.cost_example import cost_example
from insight.snapshot_reading import parse_snapshot
from tests.stacks.programs import ROOT, planned

FOLDER = ROOT / "docs" / "costs"
LINE = re.compile(r"^\| .* \| ([\d.]+)[^|]* x ([\d.]+) = ([\d.]+) \|")
STACKS = [pytest.param(stack, id=stack.facts.name) for stack in Stack]


@pytest.mark.parametrize("stack", STACKS)
def test_the_worked_example_is_current(stack: Stack, request: pytest.FixtureRequest) -> None:
    snapshot = parse_snapshot(planned(stack).deployment, origin="the plan")
    text = cost_example(estimate_cost(snapshot, stack.facts))
    file = FOLDER / f"{stack.facts.name}.md"
    if request.config.getoption("--update-golden"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), (
        "reviewed? then `./smp test tests/stacks --update-golden`"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_a_reader_can_add_the_example_up(stack: Stack) -> None:
    text = (FOLDER / f"{stack.facts.name}.md").read_text(encoding="utf-8")
    found = [LINE.match(line) for line in text.splitlines()]
    rows = [[Decimal(part) for part in match.groups()] for match in found if match]
    total = re.search(r"^\| total \| [\d.]+ \| ([\d.]+) \|", text, re.MULTILINE)
    assert total is not None
    assert len(rows) > 20
    assert sum(amount for *_, amount in rows) == Decimal(total[1])
    for quantity, price, amount in rows:
        # Quantities are shown with three places, and equal lines of several resources were each rounded to a cent.
        assert abs(quantity * price - amount) <= Decimal("0.06") + price * Decimal("0.0005")
