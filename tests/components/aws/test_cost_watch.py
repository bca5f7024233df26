from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.quantities import Usd
from catalog.stack_facts import Stack
from components.aws.cost_watch import CostWatch, CostWatchArgs
from components.core.component import InvalidArgumentsError
from tests.contracts.harness import Recording, World, record_build


def _watch(stack: Stack, **changes: Any) -> Recording:
    def build(world: World) -> CostWatch:
        values: dict[str, Any] = {"monthly": Usd.of(4000), "email_addresses": ("finance@smp.vn",), **changes}
        return CostWatch("watch", CostWatchArgs(scope=world.scope, **values), provider=world.aws)

    return record_build(build, stack)


def test_every_tag_that_splits_a_bill_is_activated() -> None:
    made = _watch(Stack.PROD_ASIA).of_type("aws:costexplorer/costAllocationTag:CostAllocationTag")
    assert {item.inputs["tagKey"] for item in made} == {
        "Environment",
        "Cluster",
        "region",
        "CountryGroup",
        "CostCenter",
        "Compliance",
        "DataClass",
    }
    assert {item.inputs["status"] for item in made} == {"Active"}


def test_the_monitor_learns_the_cluster_and_waits_for_its_tag() -> None:
    recorded = _watch(Stack.PROD_US)
    monitor = recorded.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor")
    assert json.loads(monitor.inputs["monitorSpecification"]) == {
        "Tags": {"Key": "Cluster", "Values": ["smp-us"]}
    }
    assert any("cost-tag-cluster" in urn for urn in monitor.dependencies)


def test_a_day_three_percent_of_the_budget_above_the_usual_is_reported() -> None:
    subscription = _watch(Stack.PROD_ASIA).one("aws:costexplorer/anomalySubscription:AnomalySubscription")
    assert subscription.inputs["thresholdExpression"]["dimension"]["values"] == ["120.00"]
    assert subscription.inputs["subscribers"] == [{"type": "EMAIL", "address": "finance@smp.vn"}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"monthly": Usd.of(0)}, "more than nothing"),
        ({"email_addresses": ()}, "at least one"),
        ({"email_addresses": ("x",)}, "email_addresses"),
    ],
)
def test_a_watch_that_tells_nobody_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=said):
        _watch(Stack.DEV, **changes)
