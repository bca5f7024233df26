"""Bills computed by hand from the price list's own rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.quantities import Usd
from catalog.stack_facts import Stack
from insight.cost import BudgetStatus, Estimate, estimate_cost, merge
from insight.cost_markdown import cost_markdown
from insight.pricing.free import reason_free
from tests.insight.snapshots import UNKNOWN, provider, resource, snapshot


def _cost(stack: Stack, *resources: dict[str, Any], **outputs: Any) -> Estimate:
    return estimate_cost(snapshot(stack.facts.name, *resources, **outputs), stack.facts)


def _bill(stack: Stack, token: str, inputs: dict[str, Any]) -> dict[str, Decimal]:
    estimate = _cost(stack, resource(stack.facts.name, token, "x", inputs))
    assert estimate.unpriced == ()
    return {line.item: line.month.amount for line in estimate.lines}


def _d(text: str) -> Decimal:
    return Decimal(text)


NODES = "aws:eks/nodeGroup:NodeGroup"
RDS = "aws:rds/instance:Instance"


def test_on_demand_nodes_and_their_disks() -> None:
    inputs = {"instanceTypes": ["m5.large"], "scalingConfig": {"minSize": 6, "maxSize": 10}, "diskSize": 50}
    assert _bill(Stack.PROD_ASIA, NODES, inputs) == {
        "node m5.large on-demand": _d("0.12") * 730 * 6,
        "EBS gp3 storage": _d("0.096") * 50 * 6,
    }


def test_spot_nodes_cost_the_share_that_the_list_guesses() -> None:
    inputs = {"instanceTypes": ["t3.2xlarge"], "scalingConfig": {"minSize": 1}, "capacityType": "SPOT"}
    estimate = _cost(Stack.DEV, resource("dev", NODES, "x", inputs))
    node = estimate.lines[0]
    assert node.month == Usd(_d("0.4224") * 730 * _d("0.35"))
    assert node.confidence == "guess"


def test_nodes_in_public_subnets_pay_for_their_addresses() -> None:
    subnet = resource("dev", "aws:ec2/subnet:Subnet", "s", {"mapPublicIpOnLaunch": True})
    inputs = {"instanceTypes": ["t3.large"], "scalingConfig": {"minSize": 2}}
    group = resource("dev", NODES, "x", inputs, propertyDependencies={"subnetIds": [subnet["urn"]]})
    bill = {line.item: line.month.amount for line in _cost(Stack.DEV, subnet, group).lines}
    assert bill["Public IPv4 in use"] == _d("0.005") * 730 * 2


def test_the_disk_of_a_launch_template() -> None:
    template = resource(
        "dev",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "t",
        {"instanceType": "t3.large", "blockDeviceMappings": [{"ebs": {"volumeSize": 80}}]},
    )
    group = resource(
        "dev",
        NODES,
        "x",
        {"scalingConfig": {"minSize": 2}},
        propertyDependencies={"launchTemplate": [template["urn"]]},
    )
    bill = {line.item: line.quantity for line in _cost(Stack.DEV, template, group).lines}
    assert bill == {"node t3.large on-demand": 2, "EBS gp3 storage": 160}


def test_a_primary_in_two_zones_and_its_replica() -> None:
    primary = resource(
        "prod-us", RDS, "p", {"instanceClass": "db.r6g.large", "multiAz": True, "allocatedStorage": 200}
    )
    replica = resource(
        "prod-us",
        RDS,
        "r",
        {"instanceClass": "db.r6g.large", "replicateSourceDb": UNKNOWN},
        propertyDependencies={"replicateSourceDb": [primary["urn"]]},
    )
    estimate = _cost(Stack.PROD_US, primary, replica)
    assert [line.month.amount for line in estimate.lines] == [
        _d("0.43") * 730,
        _d("0.23") * 200,
        _d("0.215") * 730,
        _d("0.115") * 200,
    ]


def test_two_zones_without_a_row_of_their_own_cost_twice() -> None:
    inputs = {"instanceClass": "db.m6g.large", "multiAz": True, "allocatedStorage": 10}
    estimate = _cost(Stack.PROD_US, resource("prod-us", RDS, "p", inputs))
    assert estimate.lines[0].month == Usd(_d("0.152") * 730 * 2)
    assert estimate.lines[0].assumption == "twice the single-zone price"


@pytest.mark.parametrize(
    ("stack", "token", "inputs", "bill"),
    [
        (Stack.PROD_ASIA, "aws:eks/cluster:Cluster", {}, {"EKS control plane standard support": "73.0"}),
        (Stack.PROD_ASIA, "aws:kms/key:Key", {}, {"KMS customer key": "1"}),
        (Stack.PROD_ASIA, "aws:ec2/eip:Eip", {}, {"Public IPv4 in use": "3.65"}),
        (
            Stack.PROD_ASIA,
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            {"vpcEndpointType": "Interface", "subnetIds": ["a", "b", "c"]},
            {"VPC interface endpoint": "28.47"},
        ),
        (
            Stack.PROD_ASIA,
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"nodeType": "cache.t4g.medium", "numNodeGroups": 3, "replicasPerNodeGroup": 1},
            {"ElastiCache cache.t4g.medium": "416.10"},
        ),
        (
            Stack.PROD_ASIA,
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {
                "nodeType": "cache.t4g.medium",
                "numNodeGroups": 3,
                "replicasPerNodeGroup": 1,
                "engine": "valkey",
            },
            {"ElastiCache cache.t4g.medium": "332.88"},
        ),
        (
            Stack.PROD_US,
            "mongodbatlas:index/advancedCluster:AdvancedCluster",
            {
                "replicationSpecs": [
                    {"regionConfigs": [{"electableSpecs": {"instanceSize": "M30", "nodeCount": 3}}]}
                ]
            },
            {"Atlas M30 3 nodes": "394.2"},
        ),
        (
            Stack.DEV,
            "kubernetes:core/v1:PersistentVolumeClaim",
            {"spec": {"resources": {"requests": {"storage": "10Gi"}}}},
            {"EBS gp3 storage": "0.96"},
        ),
        (
            Stack.DEV,
            "kubernetes:apps/v1:StatefulSet",
            {
                "spec": {
                    "replicas": 3,
                    "volumeClaimTemplates": [{"spec": {"resources": {"requests": {"storage": "8Gi"}}}}],
                }
            },
            {"EBS gp3 storage": "2.304"},
        ),
        (
            Stack.PROD_CHINA,
            "alicloud:kvstore/instance:Instance",
            {"instanceClass": "redis.shard.small.2.ce", "shardCount": 3, "paymentType": "PostPaid"},
            {"Redis redis.shard.small.2.ce pay-as-you-go": "92.53626"},
        ),
        (
            Stack.PROD_CHINA,
            "alicloud:cs/managedKubernetes:ManagedKubernetes",
            {"clusterSpec": "ack.pro.small"},
            {"ACK Pro cluster management": "65.80293", "CLB slb.s1.small (ACK API server)": "10.28205"},
        ),
    ],
)
def test_bills(stack: Stack, token: str, inputs: dict[str, Any], bill: dict[str, str]) -> None:
    assert _bill(stack, token, inputs) == {item: Decimal(amount) for item, amount in bill.items()}


def test_a_subscription_costs_480_hours() -> None:
    inputs = {"instanceType": "mysql.x4.medium.2c", "instanceChargeType": "Prepaid", "instanceStorage": 100}
    (line,) = _cost(
        Stack.PROD_CHINA, resource("prod-china", "alicloud:rds/instance:Instance", "x", inputs)
    ).lines
    assert line.month.amount == pytest.approx(_d("0.253521") * 480)
    assert line.assumption is not None
    assert "480" in line.assumption


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
    ],
)
def test_a_missing_price_is_named_and_never_zero(token: str, inputs: dict[str, Any], reason: str) -> None:
    estimate = _cost(Stack.DEV, resource("dev", token, "x", inputs))
    assert [reason in item.reason for item in estimate.unpriced] == [True]


def test_an_assumed_amount_is_divided_and_adds_up() -> None:
    token = "aws:ecr/repository:Repository"
    estimate = _cost(Stack.DEV, *(resource("dev", token, f"r{place}") for place in range(3)))
    assert round(sum(line.quantity for line in estimate.lines), 9) == 20
    (merged,) = merge(estimate.lines)
    assert merged.resources == 3
    assert merged.month == estimate.total


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
    keys = [resource("dev", "aws:kms/key:Key", f"k{place}") for place in range(11)]
    assert _cost(Stack.DEV, *keys, budget={"monthlyUsd": "10"}).status is BudgetStatus.OVER


def test_the_first_hundred_gigabytes_out_are_free() -> None:
    token = "aws:ec2/internetGateway:InternetGateway"
    assert _cost(Stack.DEV, resource("dev", token, "x")).total == Usd.of(0)
    assert _cost(Stack.PROD_US, resource("prod-us", token, "x")).total == Usd(_d("0.09") * (500 - 100))


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
    text = cost_markdown([estimate])
    assert "| dev | smp-asia | 73.00 | 300.00 | 24.3 % | within | 1 |" in text
    assert "a\\|b" in text
