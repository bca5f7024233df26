"""The translation from resources to settings is strict, and the versions under test are the plan's."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from catalog.stack_facts import Stack
from tests.real.kafka.broker_config import ClusterPlan, fitted
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.jars import JarSet, Java
from tests.real.kafka.loopback import Loopback
from tests.real.kafka.manifests import Manifests, manifests
from tests.real.kafka.processes import JavaHost
from tests.real.kafka.topics_and_users import new_topic, user


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_the_jars_are_of_the_planned_versions(stack: Stack) -> None:
    found = manifests(stack)
    kafka = JarSet.SERVER.version("kafka")
    assert ClusterPlan.of(found).version == kafka
    for kind in ("KafkaConnect", "KafkaMirrorMaker2"):
        assert {manifest["spec"]["version"] for manifest in found.all(kind)} <= {kafka}
    for connect in found.all("KafkaConnect"):
        assert JarSet.DEBEZIUM.version("debezium") in connect["spec"]["image"]


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_every_resource_is_understood(stack: Stack) -> None:
    found = manifests(stack)
    for manifest in found.all("KafkaTopic"):
        new_topic(manifest, planned=1, running=1)
    for manifest in found.all("KafkaUser"):
        assert user(manifest).bindings(), f"{manifest['metadata']['name']} may do nothing"


def changed(**settings: Any) -> Manifests:
    """The resources of dev with more in the settings of its brokers."""
    objects = [dict(copy.deepcopy(each)) for each in manifests(Stack.DEV).objects]
    for each in objects:
        if each["kind"] == "Kafka":
            each["spec"]["kafka"] |= settings
    return Manifests(stack=Stack.DEV, objects=tuple(objects))


def test_a_key_that_nobody_translates_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"Kafka\.spec\.kafka: the tests translate no tieredStorage"):
        ClusterPlan.of(changed(tieredStorage={"type": "custom"}))


def test_a_setting_that_the_operator_drops_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"the operator ignores ssl\.client\.auth"):
        ClusterPlan.of(changed(config={"ssl.client.auth": "none"}))


def test_replication_fits_the_brokers_that_run() -> None:
    planned = {
        "default.replication.factor": 3,
        "min.insync.replicas": 2,
        "unclean.leader.election.enable": False,
    }
    assert fitted(planned, planned=5, running=3) == planned
    assert fitted(planned, planned=5, running=1) == {
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "unclean.leader.election.enable": False,
    }


def test_a_few_brokers_are_first_of_all_those_that_vote(tmp_path: Path) -> None:
    """With one voter among three brokers, the death of that one would stop the cluster for good."""
    host = JavaHost.inside(tmp_path / "host", Java(executable="java", cache=tmp_path), Loopback.claim())
    cluster = KafkaCluster.of(manifests(Stack.PROD_ASIA), host, brokers=3)
    assert [node.is_controller for node in cluster.nodes] == [True, True, True]
    assert all(node.is_broker for node in cluster.nodes)
