"""Brokers: what survives what, who may come in, and what a component refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.kafka_limits import Rebalancing
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from components.kubernetes.kafka.cluster import KafkaCluster, KafkaClusterArgs, MirrorListener
from tests.contracts.examples_kafka import EXAMPLES
from tests.contracts.harness import Recording, World, known, record, record_build

KAFKA = "kubernetes:kafka.strimzi.io/v1:Kafka"
POOL = "kubernetes:kafka.strimzi.io/v1:KafkaNodePool"


def _recording(stack: Stack) -> Recording:
    return record(next(example for example in EXAMPLES if example.id == "kafka"), stack)


def _arguments(stack: Stack, **changes: Any) -> KafkaClusterArgs:
    scope = World(stack).scope
    return KafkaClusterArgs(
        **{
            "scope": scope,
            "namespace": known("kafka"),
            "brokers": 1 if stack is Stack.PROD_GLOBAL else 5,
            "storage": Storage(50),
            "storage_class": known("durable"),
            "client_namespaces": frozenset({"smp-prod"}),
            **changes,
        }
    )


def test_five_brokers_are_three_that_vote_one_to_a_zone_and_two_that_do_not() -> None:
    pools = {
        pool.inputs["metadata"]["name"]: pool.inputs["spec"]
        for pool in _recording(Stack.PROD_US).of_type(POOL)
    }
    assert {name: (spec["replicas"], spec["roles"]) for name, spec in pools.items()} == {
        "controllers": (3, ["controller", "broker"]),
        "brokers": (2, ["broker"]),
    }
    for name, spec in pools.items():
        (spread,) = spec["template"]["pod"]["topologySpreadConstraints"]
        assert spread["whenUnsatisfiable"] == "DoNotSchedule"
        assert spread["maxSkew"] == 1
        assert spread["labelSelector"]["matchLabels"]["strimzi.io/pool-name"] == name


@pytest.mark.parametrize(
    ("stack", "copies", "in_step"),
    [(Stack.DEV, 1, 1), (Stack.STAGING, 3, 2), (Stack.PROD_ASIA, 3, 2), (Stack.PROD_GLOBAL, 1, 1)],
)
def test_a_record_has_as_many_copies_as_brokers_allow(stack: Stack, copies: int, in_step: int) -> None:
    config = _recording(stack).one(KAFKA).inputs["spec"]["kafka"]["config"]
    assert config["default.replication.factor"] == copies
    assert config["min.insync.replicas"] == in_step
    assert config["transaction.state.log.replication.factor"] == copies
    assert config["unclean.leader.election.enable"] is False
    assert config["auto.create.topics.enable"] is False
    assert config["allow.everyone.if.no.acl.found"] is False


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_every_listener_is_encrypted_and_asks_who_comes(stack: Stack) -> None:
    spec = _recording(stack).one(KAFKA).inputs["spec"]["kafka"]
    assert spec["authorization"] == {"type": "simple"}
    for listener in spec["listeners"]:
        assert listener["tls"] is True
        assert listener["authentication"]["type"] in {"scram-sha-512", "tls"}
    outside = [listener for listener in spec["listeners"] if listener["type"] != "internal"]
    assert len(outside) == (1 if stack is Stack.PROD_GLOBAL else 0)


def test_the_way_into_global_is_one_balancer_with_a_list_and_a_conventional_name() -> None:
    listeners = _recording(Stack.PROD_GLOBAL).one(KAFKA).inputs["spec"]["kafka"]["listeners"]
    mirror = next(listener for listener in listeners if listener["name"] == "mirror")
    assert mirror["authentication"] == {"type": "tls"}
    assert mirror["port"] == 9093
    configuration = mirror["configuration"]
    assert configuration["createBootstrapService"] is False
    assert len(configuration["loadBalancerSourceRanges"]) == 3
    (broker,) = configuration["brokers"]
    assert broker["advertisedHost"] == "kafka-bootstrap.smp-global.prod.smp.local"


def test_disks_are_encrypted_by_their_class_and_outlive_the_cluster() -> None:
    for pool in _recording(Stack.PROD_CHINA).of_type(POOL):
        (volume,) = pool.inputs["spec"]["storage"]["volumes"]
        assert volume["class"] == "durable"
        assert volume["deleteClaim"] is False
        assert pool.protect


@pytest.mark.parametrize(
    ("stack", "changes", "words"),
    [
        (Stack.PROD_ASIA, {"brokers": 4}, "1, 3 or 5"),
        (Stack.PROD_ASIA, {"brokers": 1}, "fewer than three"),
        (Stack.PROD_CHINA, {"storage": Storage(20)}, "40 at least"),
        (Stack.DEV, {"brokers": 1, "rebalancing": Rebalancing.CRUISE_CONTROL}, "nothing to balance"),
        (Stack.PROD_GLOBAL, {}, "mirror_listener belongs to the control plane"),
    ],
)
def test_what_cannot_work_is_refused(stack: Stack, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=words):
        _arguments(stack, **changes)


def test_a_region_has_no_way_in_from_outside_and_global_s_is_narrow() -> None:
    one = (Cidr.parse("192.0.2.1/32"),)
    listener = MirrorListener(clients={region: one for region in Cluster if region.holds_personal_data})
    with pytest.raises(InvalidArgumentsError, match="no region"):
        _arguments(Stack.PROD_US, mirror_listener=listener)
    wide = replace(listener, clients={**listener.clients, Cluster.US: (Cidr.parse("52.0.0.0/8"),)})
    with pytest.raises(InvalidArgumentsError, match="wider than /24"):
        _arguments(Stack.PROD_GLOBAL, mirror_listener=wide)
    without = replace(listener, clients={Cluster.US: one, Cluster.ASIA: one})
    with pytest.raises(InvalidArgumentsError, match="smp-china has no address"):
        _arguments(Stack.PROD_GLOBAL, mirror_listener=without)


def test_cruise_control_runs_where_it_is_asked_for() -> None:
    def spec(rebalancing: Rebalancing) -> Any:
        recording = record_build(
            lambda world: KafkaCluster(
                "kafka", _arguments(Stack.PROD_US, rebalancing=rebalancing), provider=world.kubernetes
            ),
            Stack.PROD_US,
        )
        return recording.one(KAFKA).inputs["spec"]

    assert "cruiseControl" in spec(Rebalancing.CRUISE_CONTROL)
    assert "cruiseControl" not in spec(Rebalancing.MANUAL)
