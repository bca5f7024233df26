"""Pods of Kafka's operator are counted, and the plan says who uses events."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.node_pools import PoolPurpose
from catalog.stack_facts import Stack
from insight.event_rollout import find_event_rollout
from insight.kafka_workloads import kafka_workloads
from insight.snapshot import Snapshot
from tests.insight.snapshots import provider, resource
from tests.insight.snapshots import snapshot as snapshot_of_resources

KAFKA = "kubernetes:kafka.strimzi.io/v1"


def snapshot_of(stack: Stack, kinds: dict[str, dict[str, Any]]) -> Snapshot:
    """One resource of each kind."""
    name = stack.facts.name
    made = [resource(name, kind, f"r{place}", inputs) for place, (kind, inputs) in enumerate(kinds.items())]
    return snapshot_of_resources(name, provider(name, "kubernetes"), *made)


def _resources(cpu: str, memory: str) -> dict[str, Any]:
    return {"requests": {"cpu": cpu, "memory": memory}}


def _for_data() -> dict[str, Any]:
    wish = {"matchExpressions": [{"key": "smp.vn/pool", "operator": "In", "values": ["data"]}]}
    preferred = [{"weight": 100, "preference": wish}]
    return {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}}


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of(
        Stack.PROD_ASIA,
        {
            f"{KAFKA}:KafkaNodePool": {
                "metadata": {"name": "controllers"},
                "spec": {
                    "replicas": 3,
                    "resources": _resources("250m", "2Gi"),
                    "template": {"pod": _for_data()},
                },
            },
            f"{KAFKA}:Kafka": {
                "spec": {
                    "kafkaExporter": {"resources": _resources("25m", "64Mi")},
                    "entityOperator": {
                        "topicOperator": {"resources": _resources("25m", "320Mi")},
                        "userOperator": {"resources": _resources("25m", "320Mi")},
                    },
                }
            },
            f"{KAFKA}:KafkaConnect": {
                "metadata": {"name": "connect"},
                "spec": {
                    "replicas": 2,
                    "resources": _resources("250m", "1Gi"),
                    "template": {
                        "pod": {
                            "metadata": {
                                "annotations": {
                                    "vault.hashicorp.com/agent-inject": "true",
                                    "vault.hashicorp.com/agent-requests-cpu": "25m",
                                    "vault.hashicorp.com/agent-requests-mem": "32Mi",
                                }
                            }
                        }
                    },
                },
            },
        },
    )


def test_every_pod_of_the_operator_is_counted(snapshot: Snapshot) -> None:
    found = {item.name: item for item in kafka_workloads(snapshot)}
    counted = {
        name: (item.replicas.minimum, item.cpu.millicores, item.memory.mebibytes)
        for name, item in found.items()
    }
    assert counted == {
        "kafka-controllers": (3, 250, 2048),
        "kafka-connect": (2, 275, 1056),
        "kafka-entity-operator": (1, 50, 640),
        "kafkaExporter": (1, 25, 64),
    }
    assert found["kafka-controllers"].purpose is PoolPurpose.DATA
    assert found["kafka-connect"].purpose is PoolPurpose.APP


def test_the_switches_are_read_from_the_snapshot() -> None:
    def flags(service: str, value: str) -> dict[str, Any]:
        return {
            "metadata": {"labels": {"app.kubernetes.io/name": service}},
            "data": {"USE_KAFKA_EVENTS": value},
        }

    kind = "kubernetes:core/v1:ConfigMap"
    on = find_event_rollout(snapshot_of(Stack.DEV, {kind: flags("dispatch-engine", "true")}))
    assert on is not None
    assert on.on == ("dispatch-engine",)
    assert "dispatch-engine" in str(on)
    off = find_event_rollout(snapshot_of(Stack.DEV, {kind: flags("order-svc", "false")}))
    assert off is not None
    assert off.on == ()
    assert find_event_rollout(snapshot_of(Stack.DEV, {kind: {"data": {"OTHER": "true"}}})) is None
