"""Estimates: what is free, unpriced, over budget; bills are in `test_bills_*`."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.quantities import Usd
from catalog.stack_facts import Stack
from insight.cost import BudgetStatus, Estimate, estimate_cost, merge
from insight.cost_markdown import cost_markdown
from insight.cost_summary import summarize
from insight.pricing.free import reason_free
from tests.insight.snapshots import UNKNOWN, provider, resource, snapshot


def _cost(stack: Stack, *resources: dict[str, Any], **outputs: Any) -> Estimate:
    return estimate_cost(snapshot(stack.facts.name, *resources, **outputs), stack.facts)


NODES = "aws:eks/nodeGroup:NodeGroup"
RDS = "aws:rds/instance:Instance"


def test_gateway_endpoints_are_free() -> None:
    estimate = _cost(
        Stack.DEV, resource("dev", "aws:ec2/vpcEndpoint:VpcEndpoint", "x", {"vpcEndpointType": "Gateway"})
    )
    assert estimate.total == Usd.of(0)
    assert estimate.unpriced == ()
    assert [kind.reason for kind in estimate.free] == ["costs nothing in this form"]


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        ("aws:msk/cluster:Cluster", {}, "no price is known for this type"),
        (RDS, {"instanceClass": UNKNOWN, "allocatedStorage": 5}, "class is not known"),
        (RDS, {"instanceClass": "db.t4g.micro"}, "storage is not known"),
        (RDS, {"instanceClass": "db.x9.huge", "allocatedStorage": 5}, "db.x9.huge"),
        (RDS, {"instanceClass": "db.t4g.micro", "engine": "oracle-ee", "allocatedStorage": 5}, "oracle-ee"),
        (NODES, {"scalingConfig": {"minSize": 1}}, "instance type is not known"),
        ("aws:ebs/volume:Volume", {"size": 30, "type": "io2"}, "a volume of the type io2"),
        ("aws:ebs/volume:Volume", {"size": 30}, "of the type gp2, which is what AWS takes"),
        (
            RDS,
            {"instanceClass": "db.t4g.micro", "engineVersion": "8.0.45"},
            "RDS MySQL 8.0.45, whose extended",
        ),
        ("mongodbatlas:index/encryptionAtRest:EncryptionAtRest", {}, "no price is known for this type"),
    ],
)
def test_a_missing_price_is_named_and_never_zero(token: str, inputs: dict[str, Any], reason: str) -> None:
    estimate = _cost(Stack.DEV, resource("dev", token, "x", inputs))
    assert [reason in item.reason for item in estimate.unpriced] == [True]


def test_only_the_disks_that_have_prices_are_priced() -> None:
    database = {"instanceClass": "db.t4g.micro", "allocatedStorage": 20, "storageType": "io1"}
    template = resource(
        "dev",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "t",
        {"blockDeviceMappings": [{"ebs": {"volumeSize": 50, "volumeType": "io1"}}]},
    )
    nodes = {"instanceTypes": ["t3.large"], "scalingConfig": {"minSize": 1}}
    group = resource("dev", NODES, "n", nodes, propertyDependencies={"launchTemplate": [template["urn"]]})
    estimate = _cost(Stack.DEV, resource("dev", RDS, "d", database), template, group)
    assert [item.name for item in estimate.unpriced] == ["d", "n"]
    assert "RDS storage of the type io1" in estimate.unpriced[0].reason
    assert "of the type io1" in estimate.unpriced[1].reason


def test_an_assumed_amount_is_divided_and_adds_up() -> None:
    token = "aws:ecr/repository:Repository"
    estimate = _cost(Stack.DEV, *(resource("dev", token, f"r{place}") for place in range(3)))
    assert [line.month for line in estimate.lines] == [Usd.of("0.67"), Usd.of("0.66"), Usd.of("0.67")]
    assert estimate.total == Usd.of("2.00")
    (merged,) = merge(estimate.lines)
    assert merged.resources == 3
    assert (merged.month, round(merged.quantity.expected, 9)) == (estimate.total, 20)


def test_the_budget_is_the_stacks_own_or_the_approved_one() -> None:
    assert _cost(Stack.DEV, budget={"monthlyUsd": "150.50"}).budget.month == Usd.of("150.50")
    assert _cost(Stack.DEV).budget.month == Usd.of(300)
    assert _cost(Stack.DEV, budget={"monthlyUsd": UNKNOWN}).budget.month == Usd.of(300)
    assert _cost(Stack.DEV, budget={"monthlyUsd": "-1"}).budget.month == Usd.of(300)


@pytest.mark.parametrize(
    ("budget", "status"),
    [
        ("73", BudgetStatus.WITHIN),
        ("72", BudgetStatus.OVER),
        ("66.37", BudgetStatus.OVER),
        ("66", BudgetStatus.ALARM),
    ],
)
def test_over_the_budget_and_over_110_percent(budget: str, status: BudgetStatus) -> None:
    cluster = resource("dev", "aws:eks/cluster:Cluster", "x")
    assert _cost(Stack.DEV, cluster, budget={"monthlyUsd": budget}).status is status


def test_exactly_110_percent_is_no_alarm_yet() -> None:
    zones = [resource("dev", "aws:route53/zone:Zone", f"z{place}") for place in range(22)]
    assert _cost(Stack.DEV, *zones, budget={"monthlyUsd": "10"}).status is BudgetStatus.OVER


def test_providers_components_and_what_is_only_read_are_not_billed() -> None:
    part = {**resource("dev", "smp:test:Part", "p"), "custom": False}
    read = resource("dev", "aws:kms/key:Key", "k", external=True)
    estimate = _cost(Stack.DEV, provider("dev"), part, read)
    assert (estimate.lines, estimate.unpriced, estimate.free) == ((), (), ())


def test_a_priced_type_is_never_declared_free_by_a_prefix_too_wide() -> None:
    assert reason_free("aws:rds/instance:Instance") is None
    assert reason_free("aws:rds/cluster:Cluster") is None
    assert reason_free("aws:ec2/instance:Instance") is None
    assert reason_free("aws:ec2/natGateway:NatGateway") is None
    assert reason_free("aws:cloudwatch/logGroup:LogGroup") is None


def test_markdown_has_the_total_and_escapes_bars() -> None:
    estimate = _cost(
        Stack.DEV,
        resource("dev", "aws:eks/cluster:Cluster", "x"),
        resource("dev", "aws:msk/cluster:Cluster", "a|b"),
    )
    text = cost_markdown([summarize(estimate)])
    assert "| dev | smp-asia | 73.00 | 73.00 to 73.00 | 300.00 | 24.3 % | within |" in text
    assert "**No price**" in text
    assert "a\\|b" in text
