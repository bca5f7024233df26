"""MongoDB on Atlas: one region, one private way in, backed up, audited."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from catalog.data_classes import DataClass
from catalog.stack_facts import Stack
from components.atlas.mongodb import private_host
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_data import atlas as atlas_mongodb
from tests.contracts.examples_data import atlas_args
from tests.contracts.harness import Recording, World, known, record_build

CLUSTER = "mongodbatlas:index/advancedCluster:AdvancedCluster"
SCHEDULE = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
AUDITING = "mongodbatlas:index/auditing:Auditing"
PROJECT = "mongodbatlas:index/project:Project"


@pytest.fixture(scope="module")
def staging() -> Recording:
    return record_build(atlas_mongodb, Stack.STAGING)


@pytest.fixture(scope="module")
def prod() -> Recording:
    return record_build(atlas_mongodb, Stack.PROD_ASIA)


def test_three_nodes_stand_in_the_home_region_and_nowhere_else(prod: Recording) -> None:
    (spec,) = prod.one(CLUSTER).inputs["replicationSpecs"]
    (region,) = spec["regionConfigs"]
    assert (region["providerName"], region["regionName"]) == ("AWS", "AP_SOUTHEAST_1")
    assert region["electableSpecs"] == {"instanceSize": "M30", "nodeCount": 3}
    assert "readOnlySpecs" not in region
    us = record_build(atlas_mongodb, Stack.PROD_US).one(CLUSTER).inputs["replicationSpecs"]
    assert us[0]["regionConfigs"][0]["regionName"] == "US_EAST_1"


def test_names_fit_in_23_characters(staging: Recording, prod: Recording) -> None:
    assert staging.one(CLUSTER).inputs["name"] == "smp-asia-staging-mongo"
    assert prod.one(CLUSTER).inputs["name"] == "smp-asia-prod-mongo"


def test_production_is_restorable_to_the_second_and_cannot_be_deleted(
    staging: Recording, prod: Recording
) -> None:
    flags = ("pitEnabled", "terminationProtectionEnabled", "retainBackupsEnabled")
    assert [prod.one(CLUSTER).inputs[flag] for flag in flags] == [True] * 3
    assert [staging.one(CLUSTER).inputs[flag] for flag in flags] == [False] * 3
    assert prod.one(CLUSTER).inputs["backupEnabled"] is staging.one(CLUSTER).inputs["backupEnabled"] is True
    assert prod.one(PROJECT).protect
    assert not staging.one(PROJECT).protect


def test_snapshots_reach_as_far_as_point_in_time_and_stay_at_home(
    staging: Recording, prod: Recording
) -> None:
    schedule = prod.one(SCHEDULE).inputs
    assert schedule["policyItemHourly"]["retentionValue"] >= schedule["restoreWindowDays"] == 7
    assert schedule["policyItemDaily"]["retentionValue"] == 30
    assert "restoreWindowDays" not in staging.one(SCHEDULE).inputs
    for recording in (staging, prod):
        inputs = recording.one(SCHEDULE).inputs
        assert not {"copySettings", "export", "autoExportEnabled"} & inputs.keys()


def test_the_private_endpoint_is_the_only_way_in(prod: Recording) -> None:
    assert not [r for r in prod.resources if "AccessList" in r.type or "networkPeering" in r.type]
    endpoint = prod.one("aws:ec2/vpcEndpoint:VpcEndpoint").inputs
    assert endpoint["vpcEndpointType"] == "Interface"
    assert endpoint["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]
    rule = prod.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-nodes", 1024, 65535)
    assert "cidrIpv4" not in rule
    assert not prod.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    (group,) = prod.of_type("aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & group.inputs.keys()


def test_the_cluster_waits_for_the_endpoint_that_its_host_name_comes_from(prod: Recording) -> None:
    service = prod.one("mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService")
    assert service.urn in prod.one(CLUSTER).dependencies
    outputs = prod.registered_outputs[prod.root.urn]
    assert outputs["host"] == "mongo-pl-0.abcde.mongodb.net"
    assert outputs["credentials"] == "configuration key smp:mongodbPassword"
    assert (outputs["placement"], outputs["dataClass"]) == ("atlas", DataClass.PERSONAL)


def test_the_user_may_read_and_write_the_services_databases_of_this_cluster_only(prod: Recording) -> None:
    user = prod.one("mongodbatlas:index/databaseUser:DatabaseUser")
    assert "password" in user.secret_inputs
    assert {role["roleName"] for role in user.inputs["roles"]} == {"readWrite"}
    databases = [role["databaseName"] for role in user.inputs["roles"]]
    assert "smp_order" in databases
    assert "smp_global" not in databases
    assert len(set(databases)) == 10
    assert user.inputs["scopes"] == [{"name": "smp-asia-prod-mongo", "type": "CLUSTER"}]


def test_production_audits_logins_refusals_and_changes(staging: Recording, prod: Recording) -> None:
    auditing = prod.one(AUDITING).inputs
    events = json.loads(auditing["auditFilter"])["atype"]["$in"]
    assert {"authenticate", "authCheck", "dropDatabase", "createUser"} <= set(events)
    assert auditing["auditAuthorizationSuccess"] is False
    assert not staging.of_type(AUDITING)


def test_connections_are_encrypted_and_logs_quote_nobody(prod: Recording) -> None:
    cluster = prod.one(CLUSTER).inputs
    assert cluster["advancedConfiguration"]["minimumEnabledTlsProtocol"] == "TLS1_2"
    assert cluster["redactClientLogData"] is True
    assert prod.one(PROJECT).inputs["isDataExplorerEnabled"] is False


def test_tags_are_on_the_project_and_the_cluster(prod: Recording) -> None:
    for token in (PROJECT, CLUSTER):
        tags = prod.one(token).inputs["tags"]
        assert (tags["Cluster"], tags["Environment"]) == ("smp-asia", "prod")
        assert tags["DataClass"] == "personal"


@dataclass
class _Strings:
    private_endpoints: Any = None
    standard_srv: str | None = "mongodb+srv://public.abcde.mongodb.net"


@dataclass
class _Endpoint:
    srv_connection_string: str | None


def test_the_private_name_wins_and_the_public_one_stands_in_until_it_is_known() -> None:
    private = _Strings(
        private_endpoints=[_Endpoint(None), _Endpoint("mongodb+srv://pl-0.abcde.mongodb.net/?tls=true")]
    )
    assert private_host(private) == "pl-0.abcde.mongodb.net"
    assert private_host(_Strings(private_endpoints=[])) == "public.abcde.mongodb.net"
    assert private_host(_Strings(standard_srv=None)) == private_host(None) == ""


def test_every_mistake_is_listed_at_once() -> None:
    world = World(Stack.PROD_US)
    with pytest.raises(InvalidArgumentsError) as caught:
        atlas_args(
            world,
            organization="smp",
            version="8",
            tier="M5",
            backup_days=1,
            data_subnets={"us-east-1a": known("subnet-a")},
            clients={},
        )
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 6
    for words in (
        "24 hexadecimal digits",
        "from 8.0 on",
        "M10 or larger",
        "7 or more",
        "3 zones",
        "clients are empty",
    ):
        assert words in problems


def test_production_takes_no_small_tier() -> None:
    with pytest.raises(InvalidArgumentsError, match="M30 or larger"):
        atlas_args(World(Stack.PROD_US), tier="M10")


def test_china_and_the_control_plane_are_refused() -> None:
    with pytest.raises(InvalidArgumentsError, match="take ApsaraDB"):
        atlas_args(World(Stack.PROD_CHINA))
    with pytest.raises(InvalidArgumentsError, match="no personal data"):
        atlas_args(World(Stack.PROD_GLOBAL))
