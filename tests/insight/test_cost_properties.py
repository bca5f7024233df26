"""What holds for any stack: sums agree to the cent, more resources never cost less, tags cost nothing.

Stacks are put together at random from real types; each seed is one stack, so that a failure can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from catalog.quantities import Spread, Usd
from catalog.stack_facts import Stack
from insight.cost import estimate_cost
from insight.cost_summary import summarize, summary_document
from insight.cost_summary_reading import read_summary
from insight.estimate import Buying, Estimate, merge
from tests.insight.snapshots import resource, snapshot

SEEDS = range(60)
CLASSES = ("personal", "pseudo", "logs", "audit", "public")


def _nodes(dice: random.Random) -> dict[str, Any]:
    least = dice.randint(0, 5)
    kind = dice.choice(["m5.large", "m5.xlarge", "t3.2xlarge"])
    scaling = {"minSize": least, "maxSize": least + dice.randint(0, 5)}
    capacity = dice.choice(["SPOT", "ON_DEMAND"])
    return {"instanceTypes": [kind], "scalingConfig": scaling, "capacityType": capacity}


def _volumes(dice: random.Random) -> dict[str, Any]:
    claim = {"spec": {"resources": {"requests": {"storage": f"{dice.randint(1, 90)}Gi"}}}}
    return {"spec": {"replicas": dice.randint(0, 5), "volumeClaimTemplates": [claim]}}


MAKERS: dict[str, Any] = {
    "aws:eks/nodeGroup:NodeGroup": _nodes,
    "aws:rds/instance:Instance": lambda dice: {
        "instanceClass": "db.r6g.large",
        "multiAz": dice.choice([True, False]),
        "allocatedStorage": dice.randint(20, 200),
        "backupRetentionPeriod": dice.randint(0, 35),
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": lambda dice: {
        "nodeType": "cache.t4g.medium",
        "numNodeGroups": dice.randint(1, 4),
        "snapshotRetentionLimit": dice.randint(0, 9),
    },
    "aws:cloudwatch/logGroup:LogGroup": lambda dice: {"retentionInDays": dice.choice([1, 7, 30, 365, 0])},
    "aws:s3/bucket:Bucket": lambda _: {},
    "aws:kms/key:Key": lambda _: {},
    "aws:ecr/repository:Repository": lambda _: {},
    "aws:ec2/natGateway:NatGateway": lambda _: {},
    "aws:ec2/vpc:Vpc": lambda _: {},
    "aws:ec2/internetGateway:InternetGateway": lambda _: {},
    "aws:ec2/vpcEndpoint:VpcEndpoint": lambda dice: {
        "vpcEndpointType": dice.choice(["Interface", "Gateway"]),
        "subnetIds": ["a"] * dice.randint(1, 3),
    },
    "aws:iam/role:Role": lambda _: {},
    "cloudflare:index/r2Bucket:R2Bucket": lambda _: {},
    "kubernetes:apps/v1:StatefulSet": _volumes,
}


def _stack(seed: int) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    parts = [
        {**resource("prod-asia", "smp:test:Part", f"part-{number}"), "custom": False} for number in range(3)
    ]
    return [*parts, *_resources(dice, parts, dice.randint(1, 40))]


def _resources(
    dice: random.Random, parts: list[dict[str, Any]], count: int, prefix: str = "r"
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        token = dice.choice(list(MAKERS))
        inputs = MAKERS[token](dice)
        if dice.random() < 0.5:
            inputs = {**inputs, "tags": {"DataClass": dice.choice(CLASSES)}}
        yield resource("prod-asia", token, f"{prefix}{number}", inputs, parent=dice.choice(parts)["urn"])


def _estimate(resources: list[dict[str, Any]]) -> Estimate:
    return estimate_cost(snapshot("prod-asia", *resources), Stack.PROD_ASIA.facts)


@cache
def _estimate_of(seed: int) -> Estimate:
    """The estimate of a seed's stack, which most of the tests start from."""
    return _estimate(_stack(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_agree_at_every_level_to_the_cent(seed: int) -> None:
    estimate = _estimate_of(seed)
    whole = estimate.monthly
    assert Spread.total(amount for _, amount in estimate.by_component()) == whole
    assert Spread.total(amount for _, amount in estimate.by_data_class()) == whole
    assert Spread.total(amount for _, amount in estimate.by_confidence()) == whole
    assert Spread.total(merged.amount for merged in merge(estimate.lines)) == whole
    amounts = [whole.minimum, whole.expected, whole.maximum, *estimate.buying.values()]
    assert [amount for amount in amounts if amount != amount.to_cents()] == []
    assert sum((Usd.of(line.month.text) for line in estimate.lines), Usd.of(0)) == estimate.total
    assert whole.minimum <= whole.expected <= whole.maximum
    assert estimate.buying[Buying.AS_CONFIGURED] <= estimate.buying[Buying.ON_DEMAND]


@pytest.mark.parametrize("seed", SEEDS)
def test_adding_a_resource_never_lowers_the_total(seed: int) -> None:
    before = _stack(seed)
    dice = random.Random(-seed - 1)
    more = [*before, *_resources(dice, before[:3], 1, prefix="a")]
    less, whole = _estimate_of(seed).monthly, _estimate(more).monthly
    assert less.minimum <= whole.minimum
    assert less.expected <= whole.expected
    assert less.maximum <= whole.maximum


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tag_never_changes_a_total(seed: int) -> None:
    resources = _stack(seed)
    plain = [
        {**item, "inputs": {k: v for k, v in item["inputs"].items() if k != "tags"}} for item in resources
    ]
    tagged, untagged = _estimate_of(seed), _estimate(plain)
    assert tagged.monthly == untagged.monthly
    assert tagged.buying == untagged.buying


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_registration_changes_nothing(seed: int) -> None:
    resources = _stack(seed)
    shuffled = resources.copy()
    random.Random(seed).shuffle(shuffled)
    assert summarize(_estimate(shuffled)) == summarize(_estimate_of(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_written_form_reads_back_the_same(seed: int) -> None:
    summary = summarize(_estimate_of(seed))
    assert read_summary(summary_document(summary), origin="a test") == summary


@pytest.mark.parametrize("seed", SEEDS)
def test_doubling_an_assumption_costs_what_the_report_says(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.usage import USAGE
    from insight import cost

    found = _estimate_of(seed).assumptions
    whole = snapshot("prod-asia", *_stack(seed))
    # The other estimates are asked for their totals only, not for what doubling would cost once more.
    monkeypatch.setattr(cost, "_assumptions", lambda *_: ())
    for item in found:
        usage = USAGE[Stack.PROD_ASIA].doubled(item.key)
        doubled = estimate_cost(whole, Stack.PROD_ASIA.facts, usage=usage)
        assert doubled.total == item.total_if_doubled, item.key
