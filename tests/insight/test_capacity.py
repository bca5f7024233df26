"""The bin-packing, against figures computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.quantities import Cpu, Memory
from catalog.stack_facts import Stack
from insight.capacity import CapacityReport, assess_capacity
from insight.kubernetes_quantities import cpu, gibibytes, memory, quantity
from insight.snapshot import Snapshot
from insight.workload import Origin
from tests.insight.snapshots import resource, snapshot


def _pool(
    stack: str, name: str, kind: str, least: int, most: int, *, zones: str = "abc", data: bool = False
) -> list[dict[str, Any]]:
    subnets = [
        resource(
            stack, "aws:ec2/subnet:Subnet", f"{name}-{zone}", {"availabilityZone": f"ap-southeast-1{zone}"}
        )
        for zone in zones
    ]
    inputs: dict[str, Any] = {
        "nodeGroupName": name,
        "instanceTypes": [kind],
        "scalingConfig": {"minSize": least, "desiredSize": least, "maxSize": most},
    }
    if data:
        inputs["labels"] = {"smp.vn/pool": "data"}
        inputs["taints"] = [{"key": "smp.vn/pool", "value": "data", "effect": "NO_SCHEDULE"}]
    urns = [item["urn"] for item in subnets]
    group = resource(
        stack, "aws:eks/nodeGroup:NodeGroup", name, inputs, propertyDependencies={"subnetIds": urns}
    )
    return [*subnets, group]


def _deployment(stack: str, name: str, request: str, replicas: int, **selector: str) -> dict[str, Any]:
    container = {"name": "x", "resources": {"requests": {"cpu": request, "memory": "128Mi"}}}
    template = {"spec": {"containers": [container], "nodeSelector": selector}}
    spec = {"replicas": replicas, "template": template}
    return resource(stack, "kubernetes:apps/v1:Deployment", name, {"metadata": {"name": name}, "spec": spec})


def _assess(stack: Stack, *resources: dict[str, Any]) -> CapacityReport:
    found: Snapshot = snapshot(stack.facts.name, *resources)
    return assess_capacity(found, stack.facts)


def test_the_seeds_pods_are_counted_from_the_catalogue() -> None:
    report = _assess(Stack.PROD_ASIA, *_pool("prod-asia", "app", "m5.large", 6, 12))
    least, most, _ = report.scenarios
    # facts: 23 pods 8000m at minimum, 48 pods 17750m at maximum; each with an agent of 25m and 32Mi.
    assert (least.pods, least.cpu, least.memory) == (23, Cpu(8000 + 23 * 25), Memory(8192 + 23 * 32))
    assert (most.pods, most.cpu, most.memory) == (48, Cpu(17750 + 48 * 25), Memory(18176 + 48 * 32))
    assert all(workload.origin is Origin.CATALOGUE for workload in report.workloads)
    assert any("not in this snapshot yet" in note for note in report.notes)


def test_three_large_nodes_do_not_hold_the_minimum_and_six_do() -> None:
    three = _assess(Stack.PROD_US, *_pool("prod-us", "app", "m5.large", 3, 3)).scenarios[0]
    assert not three.fits
    assert three.left_over
    assert three.remedy == "6 nodes in app would hold them"
    assert _assess(Stack.PROD_US, *_pool("prod-us", "app", "m5.large", 6, 6)).scenarios[0].fits


def test_a_tainted_data_pool_is_no_room_for_services() -> None:
    services = _pool("prod-us", "app", "m5.large", 3, 3)
    tainted = _assess(Stack.PROD_US, *services, *_pool("prod-us", "data", "m5.xlarge", 3, 3, data=True))
    assert not tainted.scenarios[0].fits
    open_pool = _assess(Stack.PROD_US, *services, *_pool("prod-us", "data", "m5.xlarge", 3, 3))
    assert open_pool.scenarios[0].fits


def test_losing_a_zone_takes_only_that_zones_nodes() -> None:
    resources = [
        item for zone in "abc" for item in _pool("prod-asia", f"app-{zone}", "m5.2xlarge", 1, 1, zones=zone)
    ]
    scenario = _assess(Stack.PROD_ASIA, *resources).scenarios[2]
    assert scenario.nodes == 2
    assert scenario.fits
    assert scenario.remark == "on the nodes that remain"


def test_losing_a_zone_may_need_the_autoscaler_up_to_its_bound() -> None:
    grown = _assess(Stack.PROD_ASIA, *_pool("prod-asia", "app", "m5.large", 6, 10)).scenarios[2]
    assert grown.fits
    assert grown.remark == "after the autoscaler has added 2 elsewhere"
    stuck = _assess(Stack.PROD_ASIA, *_pool("prod-asia", "app", "m5.large", 6, 6, zones="a")).scenarios[2]
    assert not stuck.fits


def test_dev_may_lose_its_zone() -> None:
    report = _assess(Stack.DEV, *_pool("dev", "app", "t3.2xlarge", 1, 2, zones="a"))
    assert [scenario.question for scenario in report.scenarios] == [
        "minimum replicas on minimum nodes",
        "maximum replicas on maximum nodes",
    ]


def test_the_largest_pod_decides_not_the_sum() -> None:
    # 1930 - 255 = 1675m a node: two nodes have 3350m together, and still no room for one pod of 1700m.
    pools = _pool("prod-global", "app", "m5.large", 2, 2)
    report = _assess(Stack.PROD_GLOBAL, *pools, _deployment("prod-global", "big", "1700m", 1))
    assert report.scenarios[0].left_over == ("1 x big",)
    fitting = _assess(Stack.PROD_GLOBAL, *pools, _deployment("prod-global", "big", "1675m", 2))
    assert fitting.scenarios[0].fits


def test_large_pods_are_placed_before_small_ones() -> None:
    # Small ones first would leave 475m and 675m, and no room for the second large one.
    pools = _pool("prod-global", "app", "m5.large", 2, 2)
    small = _deployment("prod-global", "small", "600m", 2)
    report = _assess(Stack.PROD_GLOBAL, *pools, small, _deployment("prod-global", "large", "1000m", 2))
    assert report.scenarios[0].fits


def test_a_service_in_the_snapshot_replaces_the_catalogues() -> None:
    report = _assess(
        Stack.DEV,
        *_pool("dev", "app", "t3.2xlarge", 1, 1),
        _deployment("dev", "order-svc", "2", 2),
        resource(
            "dev",
            "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
            "order",
            {"spec": {"scaleTargetRef": {"name": "order-svc"}, "minReplicas": 1, "maxReplicas": 3}},
        ),
    )
    (order,) = [workload for workload in report.workloads if workload.name == "order-svc"]
    assert order.origin is Origin.SNAPSHOT
    assert order.cpu == Cpu(2000)
    assert (order.replicas.minimum, order.replicas.maximum) == (1, 3)
    assert len(report.workloads) == 10


def test_a_vault_agent_is_counted_at_its_default_unless_an_annotation_says_less() -> None:
    plain = _deployment("dev", "x", "100m", 1)
    inject = {"vault.hashicorp.com/agent-inject": "true"}
    plain["inputs"]["spec"]["template"]["metadata"] = {"annotations": inject}
    small = _deployment("dev", "y", "100m", 1)
    annotations = {**inject, "vault.hashicorp.com/agent-requests-cpu": "25m"}
    small["inputs"]["spec"]["template"]["metadata"] = {"annotations": annotations}
    found = {item.name: item for item in _assess(Stack.DEV, plain, small).workloads}
    assert found["x"].cpu == Cpu(350)
    assert found["y"].cpu == Cpu(125)


def test_a_machine_type_the_catalogue_does_not_know_is_said() -> None:
    report = _assess(Stack.DEV, *_pool("dev", "app", "m9.huge", 1, 1))
    assert report.scenarios == ()
    assert any("m9.huge" in note for note in report.notes)


def test_alibaba_pools_fixed_and_scaling() -> None:
    common = {"instanceTypes": ["ecs.g6.2xlarge"], "vswitchIds": ["1", "2", "3"]}
    fixed = {**common, "desiredSize": "3", "instanceChargeType": "PrePaid"}
    burst = {**common, "scalingConfig": {"enable": True, "minSize": 0, "maxSize": 2}}
    token = "alicloud:cs/nodePool:NodePool"
    report = _assess(
        Stack.PROD_CHINA,
        resource("prod-china", token, "fixed", fixed),
        resource("prod-china", token, "burst", burst),
    )
    assert [(pool.minimum, pool.maximum, str(pool.capacity), len(pool.zones)) for pool in report.pools] == [
        (3, 3, "subscription", 3),
        (0, 2, "on-demand", 3),
    ]


@pytest.mark.parametrize(
    ("text", "millicores"), [("250m", 250), ("1", 1000), (2, 2000), ("0.5", 500), (None, 0)]
)
def test_processor_time(text: Any, millicores: int) -> None:
    assert cpu(text) == Cpu(millicores)


@pytest.mark.parametrize(("text", "mebibytes"), [("256Mi", 256), ("1Gi", 1024), ("128M", 123), (1048577, 2)])
def test_memory(text: Any, mebibytes: int) -> None:
    assert memory(text) == Memory(mebibytes)


def test_amounts_that_are_none() -> None:
    assert quantity("ten") is None
    assert quantity("5Xi") is None
    assert quantity(True) is None
    assert gibibytes("20Gi") == 20
