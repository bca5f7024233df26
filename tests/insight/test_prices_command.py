"""`smp prices`, and `smp cost` where a price is missing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from catalog.prices import find_price, price_book
from catalog.stack_facts import Stack
from insight.cost import estimate_cost
from insight.price_usage import Standing, price_usage
from tests.insight.conftest import Smp
from tests.insight.snapshots import export, provider, resource, root, snapshot

TODAY = date(2026, 11, 26)
NODES = {"instanceTypes": ["m5.large"], "scalingConfig": {"minSize": 2}}


def _file(path: Path, *resources: dict[str, object]) -> str:
    document = export(root("dev", budget={"monthlyUsd": "300"}), provider("dev"), *resources)
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_a_row_is_used_choosable_or_unused() -> None:
    nodes = resource("prod-us", "aws:eks/nodeGroup:NodeGroup", "x", NODES)
    estimate = estimate_cost(snapshot("prod-us", nodes), Stack.PROD_US.facts)
    uses = {
        (use.price.item, use.price.region): use for use in price_usage([estimate], price_book(), today=TODAY)
    }
    assert len(uses) == len(price_book().prices)
    used = uses["EC2 m5.large Linux on-demand", "us-east-1"]
    assert (used.standing, used.month) == (Standing.USED, estimate.lines[0].month)
    assert [use.stack for use in used.uses] == ["prod-us"]
    assert uses["EC2 one-year no-upfront share of on-demand", "any"].standing is Standing.USED
    assert uses["EC2 m5.xlarge Linux on-demand", "us-east-1"].standing is Standing.CHOOSABLE
    assert uses["EC2 m6g.large Linux on-demand", "us-east-1"].standing is Standing.UNUSED


def test_prices_of_a_file_in_both_formats(smp: Smp, tmp_path: Path) -> None:
    file = _file(tmp_path / "dev.json", resource("dev", "aws:ec2/natGateway:NatGateway", "x"))
    text = smp("prices", "--from", file)
    assert text.exit_code == 0, text.stderr
    assert "NAT gateway" in text.stdout
    document = json.loads(smp("prices", "--from", file, "--format", "json").stdout)
    rows = {(row["item"], row["region"]): row for row in document["prices"]}
    row = rows["NAT gateway", "ap-southeast-1"]
    price = find_price("NAT gateway", "ap-southeast-1")
    assert price is not None
    assert (row["usd"], row["standing"], row["source"]) == (str(price.usd.amount), "used", price.source)


def test_a_resource_without_a_price_fails_the_command_and_says_what_to_do(smp: Smp, tmp_path: Path) -> None:
    unknown = resource("dev", "aws:msk/cluster:Cluster", "stream")
    kind = {"instanceTypes": ["m9.huge"], "scalingConfig": {"minSize": 1}}
    nodes = resource("dev", "aws:eks/nodeGroup:NodeGroup", "nodes", kind)
    result = smp("cost", "--from", _file(tmp_path / "dev.json", unknown, nodes), "--format", "json")
    assert result.exit_code == 1
    said = " ".join(result.stderr.split())
    assert "stream (aws:msk/cluster:Cluster) is not in the total" in said
    assert "say how it is billed in insight/pricing" in said
    assert "m9.huge" in said
    assert "add a row with its source to catalog/prices.json" in said
    (stack,) = json.loads(result.stdout)["stacks"]
    assert {item["name"] for item in stack["unpriced"]} == {"stream", "nodes"}
