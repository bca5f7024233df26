"""Pods that operators make, the operators' own, and what a lost zone takes of them."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.node_pools import PoolPurpose
from catalog.quantities import Cpu, Memory
from catalog.stack_facts import Stack
from insight.capacity import CapacityReport, assess_capacity
from insight.operator_workloads import operator_workloads
from insight.packing import Node, Pod, pack
from insight.search_workloads import search_workloads
from insight.workload import Zoning, zoning_of
from tests.insight.snapshots import resource, snapshot

_NAME = "prod-global"
_SEARCH = "kubernetes:elasticsearch.k8s.elastic.co/v1:Elasticsearch"
_KAFKA = "kubernetes:kafka.strimzi.io/v1:KafkaNodePool"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_BY_ZONE = {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}


def _resources(cpu: str, memory: str) -> dict[str, Any]:
    return {"requests": {"cpu": cpu, "memory": memory}}


def _search(count: int, cpu: str = "250m", **pod: Any) -> dict[str, Any]:
    container = {"name": "elasticsearch", "resources": _resources(cpu, "2Gi")}
    spec = {"containers": [container], "topologySpreadConstraints": [_BY_ZONE], **pod}
    nodes = {"name": "all", "count": count, "podTemplate": {"spec": spec}}
    return resource(_NAME, _SEARCH, "search", {"spec": {"nodeSets": [nodes]}})


def _brokers(replicas: int, cpu: str, storage: str = "persistent-claim") -> dict[str, Any]:
    spec = {
        "replicas": replicas,
        "resources": _resources(cpu, "1Gi"),
        "storage": {"type": "jbod", "volumes": [{"id": 0, "type": storage, "size": "50Gi"}]},
        "template": {"pod": {"topologySpreadConstraints": [_BY_ZONE]}},
    }
    return resource(_NAME, _KAFKA, "pool", {"metadata": {"name": "controllers"}, "spec": spec})


def _nodes(*zones: str) -> list[dict[str, Any]]:
    """One m5.large, which has 1675m left for pods, in each zone."""
    made: list[dict[str, Any]] = []
    for zone in zones:
        subnet = resource(_NAME, "aws:ec2/subnet:Subnet", f"subnet-{zone}", {"availabilityZone": zone})
        inputs = {"instanceTypes": ["m5.large"], "scalingConfig": {"minSize": 1, "maxSize": 1}}
        group = resource(
            _NAME,
            "aws:eks/nodeGroup:NodeGroup",
            f"app-{zone}",
            inputs,
            propertyDependencies={"subnetIds": [subnet["urn"]]},
        )
        made += [subnet, group]
    return made


def _assess(*resources: dict[str, Any]) -> CapacityReport:
    return assess_capacity(snapshot(_NAME, *resources), Stack.PROD_GLOBAL.facts)


def test_every_node_of_elasticsearch_is_counted() -> None:
    wish = {"matchExpressions": [{"key": "smp.vn/pool", "operator": "In", "values": ["data"]}]}
    affinity = {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": wish}]
        }
    }
    (found,) = search_workloads(snapshot(_NAME, _search(3, affinity=affinity)))
    assert (found.name, found.replicas.minimum, found.cpu, found.memory) == (
        "elasticsearch-all",
        3,
        Cpu(250),
        Memory(2048),
    )
    assert (found.purpose, found.zoning) == (PoolPurpose.DATA, Zoning.BOUND)
    report = _assess(*_nodes("a", "b", "c"), _search(3))
    assert report.scenarios[0].pods == 3
    assert not any("Elasticsearch" in note for note in report.notes)


def test_what_a_node_set_does_not_say_is_the_operators_own() -> None:
    bare = resource(_NAME, _SEARCH, "search", {"spec": {"nodeSets": [{"name": "all", "count": 1}]}})
    (found,) = search_workloads(snapshot(_NAME, bare))
    assert (found.cpu, found.memory, found.zoning) == (Cpu(0), Memory(2048), Zoning.FREE)


def test_operators_are_counted_from_the_values_of_their_releases() -> None:
    found = snapshot(
        _NAME,
        resource(
            _NAME,
            _RELEASE,
            "search-operator",
            {"chart": "oci://r.example/eck-operator", "values": {"resources": _resources("100m", "256Mi")}},
        ),
        resource(
            _NAME,
            _RELEASE,
            "kafka-operator",
            {
                "chart": "oci://r.example/strimzi-kafka-operator",
                "values": {"replicas": 2, "resources": _resources("100m", "384Mi")},
            },
        ),
    )
    counted = {
        item.name: (item.replicas.minimum, item.cpu, item.memory) for item in operator_workloads(found)
    }
    assert counted == {
        "eck-operator": (1, Cpu(100), Memory(256)),
        "strimzi-kafka-operator": (2, Cpu(100), Memory(384)),
    }


def test_a_release_that_does_not_say_what_it_asks_for_is_named() -> None:
    silent = resource(_NAME, _RELEASE, "search-operator", {"chart": "oci://r.example/eck-operator"})
    other = resource(
        _NAME, _RELEASE, "vault", {"chart": "vault", "values": {"resources": _resources("1", "1Gi")}}
    )
    notes = _assess(*_nodes("a"), silent, other).notes
    assert "pods inside Helm releases are not counted: search-operator, vault" in notes


def test_a_job_takes_its_room_when_it_runs() -> None:
    container = {"name": "x", "resources": _resources("50m", "128Mi")}
    pod = {"template": {"spec": {"containers": [container]}}}
    spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": pod}}
    job = resource(_NAME, "kubernetes:batch/v1:CronJob", "job", {"metadata": {"name": "job"}, "spec": spec})
    (found,) = _assess(*_nodes("a"), job).workloads
    assert (found.name, found.replicas.minimum, found.cpu) == ("job", 1, Cpu(50))


def test_spread_pods_need_room_in_every_zone() -> None:
    # 1600m each: two zones have room for one each, and a third node in one of them is no help.
    assert _assess(*_nodes("a", "b", "c"), _search(3, "1600m")).scenarios[0].fits
    two = _assess(*_nodes("a", "b"), _search(3, "1600m")).scenarios[0]
    assert two.left_over == ("1 x elasticsearch-all",)


def test_a_second_node_in_a_zone_is_no_room_for_the_other_zones_share() -> None:
    def node(zone: str) -> Node:
        return Node(zone=zone, purpose=PoolPurpose.APP, tainted=False, cpu=1000, memory=1000, pods=9)

    pod = Pod(workload="x", purpose=PoolPurpose.APP, cpu=Cpu(1000), memory=Memory(1), zoning=Zoning.EVEN)
    assert not pack([pod, pod], [node("a"), node("b")])
    assert not pack([pod, pod, pod], [node("a"), node("a"), node("b")])
    assert pack([pod] * 4, [node("a"), node("a"), node("a"), node("b")]) == [pod]


def test_pods_tied_to_zones_are_placed_before_larger_ones_that_are_free() -> None:
    nodes = [
        Node(zone=zone, purpose=PoolPurpose.APP, tainted=False, cpu=1000, memory=1000, pods=9)
        for zone in "ab"
    ]
    free = Pod(workload="free", purpose=PoolPurpose.APP, cpu=Cpu(500), memory=Memory(1))
    tied = Pod(workload="tied", purpose=PoolPurpose.APP, cpu=Cpu(400), memory=Memory(1), zoning=Zoning.BOUND)
    assert not pack([free, free, tied, tied], nodes)


def test_a_lost_zone_takes_the_pods_that_have_their_disks_there() -> None:
    nodes = _nodes("a", "b", "c")
    question = _assess(*nodes, _search(3), _brokers(2, "250m")).scenarios[2]
    # Two of three nodes of Elasticsearch stay; of two brokers the lost zone may have held none.
    assert (question.pods, question.cpu) == (4, Cpu(1000))
    assert _assess(*nodes, _search(3, "1600m")).scenarios[2].fits


def test_without_a_disk_a_lost_pod_is_made_anew_elsewhere() -> None:
    nodes = _nodes("a", "b", "c")
    ephemeral = _brokers(3, "1600m", "ephemeral")
    assert _assess(*nodes, ephemeral).scenarios[2].left_over == ("1 x kafka-controllers",)
    assert _assess(*nodes, _brokers(3, "1600m")).scenarios[2].fits


@pytest.mark.parametrize(
    ("constraints", "disks", "expected"),
    [
        ([_BY_ZONE], 1, Zoning.BOUND),
        ([_BY_ZONE], 0, Zoning.EVEN),
        ([{**_BY_ZONE, "whenUnsatisfiable": "ScheduleAnyway"}], 1, Zoning.FREE),
        ([{**_BY_ZONE, "topologyKey": "kubernetes.io/hostname"}], 1, Zoning.FREE),
        (None, 1, Zoning.FREE),
    ],
)
def test_what_ties_pods_to_zones(constraints: Any, disks: int, expected: Zoning) -> None:
    assert zoning_of(constraints, disks=disks) is expected
