"""The estimate a stack exports: the one `./smp cost` makes, in the written form, in every host."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.stack_facts import Stack
from insight.cost import estimate_cost
from insight.cost_summary import summarize, summary_document
from insight.cost_summary_reading import read_summary
from insight.snapshot_reading import parse_snapshot
from rehearsal import plan
from tests.stacks.programs import placeholders, planned, project_with

STACKS = [pytest.param(stack, id=stack.facts.name) for stack in Stack]


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_exports_what_the_cost_report_says_of_its_plan(stack: Stack) -> None:
    result = planned(stack)
    snapshot = parse_snapshot(result.deployment, origin="the plan")
    assert result.outputs["estimate"] == summary_document(summarize(estimate_cost(snapshot, stack.facts)))


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_of_every_stack_is_priced_or_free_for_a_reason(stack: Stack) -> None:
    assert planned(stack).outputs["estimate"]["unpriced"] == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_output_reads_back_as_the_summary_and_is_inside_the_budget(stack: Stack) -> None:
    snapshot = parse_snapshot(planned(stack).deployment, origin="the plan")
    summary = read_summary(planned(stack).outputs["estimate"], origin="an output")
    assert summary == summarize(estimate_cost(snapshot, stack.facts))
    assert summary.budget.month == stack.facts.approved_budget
    assert summary.monthly.minimum <= summary.total <= summary.budget.month


def test_what_has_no_price_is_a_warning_and_in_the_output_beside_the_budget_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insight import cost

    monkeypatch.delitem(cost._PRICERS, "aws:eks/cluster:Cluster")  # pyright: ignore[reportPrivateUsage]
    project = project_with(tmp_path, Stack.DEV, {"smp:budget/monthlyUsd": 100})
    result = plan(project, placeholder_secrets=placeholders(Stack.DEV))
    (unpriced,) = result.outputs["estimate"]["unpriced"]
    assert unpriced["type"] == "aws:eks/cluster:Cluster"
    (warning,) = [
        message.text for message in result.messages if "missing from the stack's estimate" in message.text
    ]
    assert "insight/pricing" in warning
    assert result.outputs["estimate"]["budget"]["monthly"] == "100.00"
    assert result.outputs["estimate"]["budget"]["status"] == "alarm"
