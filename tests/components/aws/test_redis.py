from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_data import redis, redis_args
from tests.contracts.harness import ACCOUNT, Recording, World, record_build

KEYS = f"arn:aws:kms:ap-southeast-1:{ACCOUNT}:key"
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
BOTH = pytest.mark.parametrize("stack", [Stack.STAGING, Stack.PROD_ASIA])


@cache
def _record(stack: Stack) -> Recording:
    return record_build(redis, stack)


def _cluster(stack: Stack) -> dict[str, Any]:
    return dict(_record(stack).one(GROUP).inputs)


@pytest.mark.parametrize(("stack", "replicas", "nodes"), [(Stack.STAGING, 0, 3), (Stack.PROD_ASIA, 1, 6)])
def test_three_shards_and_as_many_nodes_as_the_matrix_says(stack: Stack, replicas: int, nodes: int) -> None:
    cluster = _cluster(stack)
    assert cluster["numNodeGroups"] == 3
    assert cluster["replicasPerNodeGroup"] == replicas
    assert cluster["numNodeGroups"] * (1 + cluster["replicasPerNodeGroup"]) == nodes
    # Cluster mode demands the first even where there is nobody to take over; the second is refused there.
    assert cluster["automaticFailoverEnabled"] is True
    assert cluster["multiAzEnabled"] is (replicas > 0)


@BOTH
def test_it_is_a_cluster_with_a_parameter_group_of_its_own(stack: Stack) -> None:
    group = _record(stack).one("aws:elasticache/parameterGroup:ParameterGroup").inputs
    values = {parameter["name"]: parameter["value"] for parameter in group["parameters"]}
    assert group["family"] == "redis7"
    assert values["cluster-enabled"] == "yes"
    assert values["maxmemory-policy"] == "volatile-lru"
    cluster = _cluster(stack)
    assert cluster["parameterGroupName"] == group["name"]
    assert (cluster["engine"], cluster["engineVersion"]) == ("redis", "7.1")
    assert len(cluster["replicationGroupId"]) <= 40


@BOTH
def test_it_is_encrypted_on_the_way_and_at_rest_and_asks_for_a_password(stack: Stack) -> None:
    recording = _record(stack)
    cluster = _cluster(stack)
    assert cluster["transitEncryptionEnabled"] is True
    assert cluster["transitEncryptionMode"] == "required"
    assert cluster["atRestEncryptionEnabled"] is True
    assert cluster["kmsKeyId"] == f"{KEYS}/cache"
    assert "authToken" in recording.one(GROUP).secret_inputs
    assert cluster["authTokenUpdateStrategy"] == "ROTATE"
    outputs = recording.registered_outputs[recording.root.urn]
    assert outputs["credentials"] == "configuration key smp:redisPassword"
    assert cluster["authToken"] not in str(outputs)


@pytest.mark.parametrize(("stack", "days"), [(Stack.STAGING, 1), (Stack.PROD_ASIA, 7)])
def test_snapshots_and_changes_follow_the_environment(stack: Stack, days: int) -> None:
    production = stack is Stack.PROD_ASIA
    cluster = _cluster(stack)
    assert cluster["snapshotRetentionLimit"] == days
    assert cluster["applyImmediately"] is not production
    assert ("finalSnapshotIdentifier" in cluster) is production
    assert cluster["tags"]["DataClass"] == ("personal" if production else "pseudo")


@BOTH
def test_both_logs_go_to_encrypted_groups_that_expire(stack: Stack) -> None:
    groups = {
        group.inputs["name"]: group.inputs
        for group in _record(stack).of_type("aws:cloudwatch/logGroup:LogGroup")
    }
    deliveries = {entry["logType"]: entry for entry in _cluster(stack)["logDeliveryConfigurations"]}
    assert set(deliveries) == {"slow-log", "engine-log"}
    assert {entry["destination"] for entry in deliveries.values()} == set(groups)
    for name, group in groups.items():
        # The logs key serves only groups whose name says whose they are.
        assert f"smp-asia-{stack.facts.environment}" in name
        assert group["kmsKeyId"] == f"{KEYS}/logs"
        assert group["retentionInDays"] > 0


@BOTH
def test_only_the_nodes_connect(stack: Stack) -> None:
    rule = _record(stack).one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert rule["referencedSecurityGroupId"] == "sg-nodes"
    assert (rule["fromPort"], rule["toPort"]) == (6379, 6379)
    assert not {"cidrIpv4", "cidrIpv6"} & rule.keys()
    assert not {"ingress", "egress"} & _record(stack).one("aws:ec2/securityGroup:SecurityGroup").inputs.keys()


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        redis_args(World(Stack.PROD_ASIA), engine_version="6.2", shards=0, replicas_per_shard=0, clients={})
    assert len(caught.value.problems) == 4
    with pytest.raises(InvalidArgumentsError, match="exceed 90 nodes"):
        redis_args(World(Stack.STAGING), shards=40, replicas_per_shard=2)
    with pytest.raises(InvalidArgumentsError, match="0 to 5"):
        redis_args(World(Stack.STAGING), replicas_per_shard=6)
