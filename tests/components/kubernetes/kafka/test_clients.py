"""Rights, mirrors, capture and alarms, as objects of the operator."""

from __future__ import annotations

import re
from typing import Any

import pytest

from catalog.kafka_rights import Kind, Proof, users_of
from catalog.services import Service
from catalog.stack_facts import Stack
from catalog.topics import TOPICS
from components.aws.mysql_parameters import PARAMETERS
from components.kubernetes.kafka.alerts import alerts_of
from components.kubernetes.kafka.change_data_capture import REQUIRED_SERVER_SETTINGS
from components.kubernetes.kafka.mirror import topics_pattern
from tests.contracts.examples_kafka import EXAMPLES
from tests.contracts.harness import Recorded, World, record

API = "kubernetes:kafka.strimzi.io/v1"


def _objects(example: str, stack: Stack, kind: str) -> dict[str, Recorded]:
    recording = record(next(item for item in EXAMPLES if item.id == example), stack)
    return {item.inputs["metadata"]["name"]: item for item in recording.of_type(f"{API}:{kind}")}


def _allowed(user: Recorded, operation: str) -> set[str]:
    return {
        acl["resource"]["name"]
        for acl in user.inputs["spec"]["authorization"]["acls"]
        if acl["resource"]["type"] == "topic" and operation in acl["operations"]
    }


@pytest.mark.parametrize("service", list(Service), ids=lambda service: service.id)
def test_a_service_reads_and_writes_exactly_its_own(service: Service) -> None:
    user = _objects("kafka-users", Stack.PROD_ASIA, "KafkaUser")[service.id]
    writes = {t.name for t in TOPICS.values() if service in t.producers}
    reads = {t.name for t in TOPICS.values() if service in t.consumers}
    assert _allowed(user, "Write") == writes
    assert _allowed(user, "Read") == reads
    groups = [
        acl["resource"]
        for acl in user.inputs["spec"]["authorization"]["acls"]
        if acl["resource"]["type"] == "group"
    ]
    assert groups == [{"type": "group", "name": f"{service.id}.", "patternType": "prefix"}]


def test_no_right_is_for_all_topics_or_for_the_cluster() -> None:
    for stack in Stack:
        for user in users_of(stack.facts.cluster, stack.facts.environment):
            for right in user.rights:
                assert right.name not in {"", "*"}
                assert right.kind in set(Kind)
                assert not {"All", "Create", "Delete", "Alter", "AlterConfigs"} & set(right.operations)


def test_whoever_comes_from_another_cluster_has_a_certificate() -> None:
    users = _objects("kafka-users", Stack.PROD_GLOBAL, "KafkaUser")
    remote = {name for name, user in users.items() if user.inputs["spec"]["authentication"]["type"] == "tls"}
    assert remote == {"mirror-smp-asia", "mirror-smp-china", "mirror-smp-us"}
    assert all(
        user.proof is Proof.PASSWORD
        for user in users_of(Stack.PROD_US.facts.cluster, Stack.PROD_US.facts.environment)
    )


@pytest.mark.parametrize("stack", [Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA])
def test_a_mirror_s_pattern_takes_what_may_travel_and_nothing_else(stack: Stack) -> None:
    mirrors = _objects("mirrors", stack, "KafkaMirrorMaker2")
    taken: dict[str, set[str]] = {}
    for name, mirror in mirrors.items():
        (one,) = mirror.inputs["spec"]["mirrors"]
        pattern = re.compile(one["topicsPattern"])
        taken[name] = {topic for topic in TOPICS if pattern.fullmatch(topic)}
        assert not pattern.fullmatch("smp_globalXcountries")
        assert one["sourceConnector"]["config"]["replication.policy.class"].endswith(
            "IdentityReplicationPolicy"
        )
    assert taken == {
        "mirror-in": {name for name in TOPICS if name.startswith("smp_global.")},
        "mirror-out": {name for name in TOPICS if name.startswith("analytics.")},
    }


def test_a_mirror_may_do_on_either_side_what_it_is_set_up_to_do() -> None:
    """Its working topics and group are those its user has rights on, at home and on Global."""
    at_home = _objects("kafka-users", Stack.PROD_US, "KafkaUser")["mirror"]
    on_global = _objects("kafka-users", Stack.PROD_GLOBAL, "KafkaUser")["mirror-smp-us"]
    mirrors = _objects("mirrors", Stack.PROD_US, "KafkaMirrorMaker2")
    for name, user in (("mirror-in", at_home), ("mirror-out", on_global)):
        target: dict[str, Any] = mirrors[name].inputs["spec"]["target"]
        own = {target[f"{part}StorageTopic"] for part in ("config", "offset", "status")}
        assert own <= _allowed(user, "Write")
        groups = [
            acl["resource"]["name"]
            for acl in user.inputs["spec"]["authorization"]["acls"]
            if acl["resource"]["type"] == "group"
        ]
        assert target["groupId"].startswith(tuple(groups))
    declared = {
        item.inputs["spec"]["topicName"]
        for item in _objects("kafka-topics", Stack.PROD_GLOBAL, "KafkaTopic").values()
    }
    assert _allowed(on_global, "Write") | _allowed(on_global, "Read") <= declared


def test_no_topics_make_no_pattern_since_mirrormaker_would_take_all() -> None:
    with pytest.raises(ValueError, match="all of them"):
        topics_pattern([])


def test_the_binary_log_is_as_the_connector_needs_it() -> None:
    given = {name.replace("-", "_"): parameter.value for name, parameter in PARAMETERS.items()}
    assert {name: given[name] for name in REQUIRED_SERVER_SETTINGS} == REQUIRED_SERVER_SETTINGS


def test_the_outbox_goes_to_one_topic_and_no_secret_is_in_the_object() -> None:
    config = _objects("change-data-capture", Stack.PROD_ASIA, "KafkaConnector")["orders-outbox"].inputs[
        "spec"
    ]["config"]
    assert config["transforms.outbox.route.topic.replacement"] == "orders.events"
    assert config["database.password"] == "${file:/vault/secrets/mysql.properties:password}"
    for key, value in config.items():
        if "jaas" in key:
            assert value.startswith("${directory:"), key


def test_every_topic_and_right_a_connector_uses_is_its_workers_own() -> None:
    user = _objects("kafka-users", Stack.PROD_ASIA, "KafkaUser")["connect"]
    config = _objects("change-data-capture", Stack.PROD_ASIA, "KafkaConnector")["orders-outbox"].inputs[
        "spec"
    ]["config"]
    heartbeat = f"{config['topic.heartbeat.prefix']}.{config['topic.prefix']}"
    used = {"orders.events", config["schema.history.internal.kafka.topic"], heartbeat}
    assert used <= _allowed(user, "Write")


def test_alarms_keep_the_bounds_of_the_matrix() -> None:
    def alert(stack: Stack, name: str) -> Any:
        groups = alerts_of(World(stack).scope, 5)
        return next(item for alerts in groups.values() for item in alerts if item.name == name)

    assert "300000" in alert(Stack.PROD_US, "KafkaMirrorInLate").expression
    assert "900000" in alert(Stack.PROD_US, "KafkaMirrorOutLate").expression
    # A worker tells the lag of its own topics too, which is none.
    assert 'topic=~"smp_global' in alert(Stack.PROD_US, "KafkaMirrorInLate").expression
    assert 'topic=~"analytics' in alert(Stack.PROD_US, "KafkaMirrorOutLate").expression
    assert "[15m]" in alert(Stack.PROD_GLOBAL, "KafkaRegionSilent").expression
    assert alerts_of(World(Stack.DEV).scope, 1) == {}
