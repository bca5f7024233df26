from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.aws.mysql import Availability, ReadReplica
from components.aws.mysql_parameters import binlog_retention_statement, supports_insights
from components.aws.mysql_password import GeneratedPassword
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_data import mysql, mysql_args
from tests.contracts.harness import ACCOUNT, Recorded, Recording, World, record_build

KEYS = f"arn:aws:kms:ap-southeast-1:{ACCOUNT}:key"
INSTANCE = "aws:rds/instance:Instance"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ALL = pytest.mark.parametrize("stack", [Stack.DEV, Stack.STAGING, Stack.PROD_ASIA])


@cache
def _record(stack: Stack) -> Recording:
    return record_build(mysql, stack)


def _instances(stack: Stack) -> dict[str, Recorded]:
    prefix = f"smp-asia-{stack.facts.environment}-"
    return {
        found.inputs["identifier"].removeprefix(prefix): found for found in _record(stack).of_type(INSTANCE)
    }


def _primary(stack: Stack) -> dict[str, Any]:
    return dict(_instances(stack)["mysql"].inputs)


def _outputs(stack: Stack) -> dict[str, Any]:
    recording = _record(stack)
    return dict(recording.registered_outputs[recording.root.urn])


@pytest.mark.parametrize(
    ("stack", "names", "multi_zone"),
    [
        (Stack.DEV, {"mysql"}, False),
        (Stack.STAGING, {"mysql", "mysql-replica-1"}, False),
        (Stack.PROD_ASIA, {"mysql", "mysql-replica-1", "mysql-replica-2"}, True),
    ],
)
def test_each_stack_has_the_instances_of_the_matrix(stack: Stack, names: set[str], multi_zone: bool) -> None:
    assert set(_instances(stack)) == names
    assert _primary(stack)["multiAz"] is multi_zone
    assert set(_outputs(stack)["readerHosts"]) == {
        name.removeprefix("mysql-") for name in names if name != "mysql"
    }


@ALL
def test_every_instance_is_private_encrypted_and_takes_our_parameters(stack: Stack) -> None:
    for instance in _instances(stack).values():
        assert instance.inputs["publiclyAccessible"] is False
        assert instance.inputs["storageEncrypted"] is True
        assert instance.inputs["storageType"] == "gp3"
        assert instance.inputs["maxAllocatedStorage"] > 20
        assert instance.inputs["parameterGroupName"] == f"smp-asia-{stack.facts.environment}-mysql"
        assert instance.inputs["caCertIdentifier"] == "rds-ca-rsa2048-g1"
        assert instance.inputs["copyTagsToSnapshot"] is True
    primary = _primary(stack)
    assert primary["kmsKeyId"] == f"{KEYS}/database"
    # Without backups RDS writes no binary log, and there would be nothing to capture.
    assert primary["backupRetentionPeriod"] >= 1
    assert primary["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"


@ALL
def test_only_production_keeps_its_data_whatever_happens(stack: Stack) -> None:
    production = stack is Stack.PROD_ASIA
    primary = _primary(stack)
    assert primary["deletionProtection"] is production
    assert primary["skipFinalSnapshot"] is not production
    assert ("finalSnapshotIdentifier" in primary) is production
    assert primary["deleteAutomatedBackups"] is not production
    for instance in _instances(stack).values():
        assert instance.protect is production
        assert instance.inputs["applyImmediately"] is not production


def test_a_replica_inherits_what_rds_refuses_to_be_told() -> None:
    replicas = [r.inputs for name, r in _instances(Stack.PROD_ASIA).items() if name != "mysql"]
    assert {replica["availabilityZone"] for replica in replicas} == {"ap-southeast-1b", "ap-southeast-1c"}
    for replica in replicas:
        assert replica["replicateSourceDb"] == "smp-asia-prod-mysql"
        assert (
            not {"engine", "engineVersion", "username", "kmsKeyId", "dbSubnetGroupName", "allocatedStorage"}
            & replica.keys()
        )


def test_a_generated_password_is_nowhere_and_a_given_one_is_secret() -> None:
    dev, staging = _primary(Stack.DEV), _instances(Stack.STAGING)["mysql"]
    assert dev["manageMasterUserPassword"] is True
    assert dev["masterUserSecretKmsKeyId"] == f"{KEYS}/database"
    assert "password" not in dev
    assert "manageMasterUserPassword" not in staging.inputs
    assert "password" in staging.secret_inputs
    assert "password" not in _instances(Stack.STAGING)["mysql-replica-1"].inputs
    assert _outputs(Stack.STAGING)["credentials"] == "configuration key smp:mysqlPassword"
    assert _outputs(Stack.DEV)["credentials"].startswith("arn:aws:secretsmanager:")


def test_change_data_capture_finds_whole_rows_and_its_place() -> None:
    group = _record(Stack.DEV).one("aws:rds/parameterGroup:ParameterGroup").inputs
    assert group["family"] == "mysql8.4"
    values = {parameter["name"]: parameter["value"] for parameter in group["parameters"]}
    assert values["binlog_format"] == "ROW"
    assert values["binlog_row_image"] == "FULL"
    assert values["gtid-mode"] == "ON"
    assert values["enforce_gtid_consistency"] == "ON"
    assert values["require_secure_transport"] in {"1", "ON"}
    assert values["time_zone"] == "UTC"
    methods = {parameter["name"]: parameter["applyMethod"] for parameter in group["parameters"]}
    assert methods["gtid-mode"] == methods["enforce_gtid_consistency"] == "pending-reboot"


@ALL
def test_the_retention_of_the_binary_log_is_left_to_a_statement(stack: Stack) -> None:
    statement = _outputs(stack)["binlogRetentionStatement"]
    assert statement == "CALL mysql.rds_set_configuration('binlog retention hours', 168);"


@pytest.mark.parametrize("hours", [0, 169])
def test_rds_keeps_binary_logs_for_an_hour_to_a_week(hours: int) -> None:
    with pytest.raises(ValueError, match="1 to 168"):
        binlog_retention_statement(hours)


@ALL
def test_every_exported_log_has_a_group_of_ours_before_the_instance_exists(stack: Stack) -> None:
    groups = {group.inputs["name"]: group for group in _record(stack).of_type(LOG_GROUP)}
    wanted: set[str] = set()
    for instance in _instances(stack).values():
        for log in instance.inputs["enabledCloudwatchLogsExports"]:
            path = f"/aws/rds/instance/{instance.inputs['identifier']}/{log}"
            wanted.add(path)
            assert groups[path].urn in instance.dependencies
    assert set(groups) == wanted
    assert {"error", "slowquery"} <= set(_primary(stack)["enabledCloudwatchLogsExports"])
    for group in groups.values():
        assert group.inputs["kmsKeyId"] == f"{KEYS}/logs"
        assert group.inputs["retentionInDays"] > 0


@ALL
def test_only_the_nodes_connect_and_nothing_leaves(stack: Stack) -> None:
    recording = _record(stack)
    rule = recording.one(RULE).inputs
    assert rule["referencedSecurityGroupId"] == "sg-nodes"
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (3306, 3306, "tcp")
    assert not {"cidrIpv4", "cidrIpv6"} & rule.keys()
    group = recording.one("aws:ec2/securityGroup:SecurityGroup").inputs
    assert not {"ingress", "egress"} & group.keys()
    assert not recording.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")


@pytest.mark.parametrize(
    ("instance_type", "supported"),
    [("db.t4g.micro", False), ("db.t4g.small", False), ("db.t4g.medium", True), ("db.r6g.large", True)],
)
def test_query_statistics_are_asked_for_only_where_rds_has_them(instance_type: str, supported: bool) -> None:
    assert supports_insights(instance_type) is supported


def test_query_statistics_are_encrypted_with_our_key() -> None:
    assert _primary(Stack.DEV)["performanceInsightsEnabled"] is False
    production = _primary(Stack.PROD_ASIA)
    assert production["performanceInsightsEnabled"] is True
    assert production["performanceInsightsKmsKeyId"] == f"{KEYS}/database"


def test_backups_and_maintenance_are_at_night_and_apart() -> None:
    primary = _primary(Stack.PROD_ASIA)
    assert primary["backupWindow"] == "18:00-19:00"
    assert primary["maintenanceWindow"] == "tue:19:00-tue:20:00"


def test_the_data_class_follows_the_environment() -> None:
    for stack, data_class in ((Stack.DEV, "pseudo"), (Stack.PROD_ASIA, "personal")):
        for instance in _instances(stack).values():
            assert instance.inputs["tags"]["DataClass"] == data_class
        assert _outputs(stack)["dataClass"] == data_class


class TestRefusals:
    def test_all_mistakes_are_named_at_once(self) -> None:
        with pytest.raises(InvalidArgumentsError) as caught:
            mysql_args(
                World(Stack.PROD_ASIA),
                engine_version="8.0.40",
                storage=Storage(10),
                storage_limit=Storage(10),
                backup_days=0,
                availability=Availability.SINGLE_ZONE,
                primary_zone=None,
                clients={},
            )
        assert len(caught.value.problems) == 7

    def test_rds_does_not_replicate_an_instance_whose_password_it_manages(self) -> None:
        with pytest.raises(InvalidArgumentsError, match="refused by RDS; give a GivenPassword"):
            mysql_args(World(Stack.STAGING), administrator_password=GeneratedPassword())

    def test_a_replica_beside_its_primary_is_no_help(self) -> None:
        replica = ReadReplica(zone="ap-southeast-1a", instance_type="db.t4g.small")
        with pytest.raises(InvalidArgumentsError, match="is in the primary's zone ap-southeast-1a"):
            mysql_args(World(Stack.STAGING), read_replicas={"replica-1": replica})

    def test_replicas_of_production_do_not_share_a_zone(self) -> None:
        replica = ReadReplica(zone="ap-southeast-1b", instance_type="db.r6g.large")
        with pytest.raises(InvalidArgumentsError, match="share a zone"):
            mysql_args(World(Stack.PROD_ASIA), read_replicas={"replica-1": replica, "replica-2": replica})
