"""What a stack is estimated to cost, against its budget."""

from __future__ import annotations

import pytest

from catalog.quantities import Usd
from catalog.stack_facts import Stack
from policies.pack import evaluate
from policies.rules import Level
from policies.views import MonthlyCost, StackView
from tests.policies.builders import findings, view
from tests.policies.examples_budgets import budget


@pytest.mark.parametrize(
    ("estimate", "levels"),
    [
        ("4000.00", []),
        ("4000.01", [Level.ADVISORY]),
        ("4400.00", [Level.ADVISORY]),
        ("4400.01", [Level.MANDATORY]),
    ],
)
def test_over_the_budget_is_told_and_over_110_percent_stops(estimate: str, levels: list[Level]) -> None:
    cost = MonthlyCost(estimate=Usd.of(estimate), budget=Usd.of(4000))
    stack = StackView(facts=Stack.PROD_ASIA.facts, resources=(), monthly_cost=cost)
    found = [item for item in evaluate(stack) if item.rule.id == "budget-estimate"]
    assert [item.level for item in found] == levels
    assert [item.urn for item in found] == [""] * len(levels)


@pytest.mark.parametrize(("limit", "found"), [("4000", False), ("3000", False), ("4001", True)])
def test_an_alarm_above_the_budget_in_force_is_none(limit: str, found: bool) -> None:
    cost = MonthlyCost(estimate=Usd.of(1), budget=Usd.of(4000))
    resources = (view(Stack.PROD_ASIA, budget(limitAmount=limit)),)
    stack = StackView(facts=Stack.PROD_ASIA.facts, resources=resources, monthly_cost=cost)
    assert ("budget-alarm" in {item.rule.id for item in evaluate(stack)}) is found


def test_an_alarm_says_what_is_wrong_with_it() -> None:
    said = {
        item.detail
        for item in findings(Stack.PROD_ASIA, budget(timeUnit="ANNUALLY", notifications=[]))
        if item.rule.id == "budget-alarm"
    }
    assert said == {"timeUnit is not MONTHLY", "no notification of actual costs above 110 %"}
