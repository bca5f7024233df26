"""MySQL, Redis, MongoDB: two or three zones, encrypted, private, backed up."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from catalog.addresses import Cidr
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.alicloud.billing import Billing
from components.alicloud.mongodb import MongodbArgs
from components.alicloud.mysql import MysqlArgs
from components.alicloud.redis import RedisArgs
from components.core.component import Component, InvalidArgumentsError
from tests.contracts.examples_alicloud import mongodb, mysql, redis
from tests.contracts.harness import ACCOUNT, Recording, record_build

MYSQL = "alicloud:rds/instance:Instance"
REDIS = "alicloud:kvstore/instance:Instance"
MONGODB = "alicloud:mongodb/instance:Instance"


def _args(build: Any) -> Any:
    found: list[Any] = []

    def keep(world: Any) -> Component[Any]:
        component = build(world)
        found.append(component._args)
        return component

    record_build(keep, Stack.PROD_CHINA)
    return found[0]


@pytest.fixture(scope="module")
def recorded() -> dict[str, Recording]:
    return {
        MYSQL: record_build(mysql, Stack.PROD_CHINA),
        REDIS: record_build(redis, Stack.PROD_CHINA),
        MONGODB: record_build(mongodb, Stack.PROD_CHINA),
    }


def test_mysql_is_two_nodes_in_two_zones(recorded: dict[str, Recording]) -> None:
    instance = recorded[MYSQL].one(MYSQL).inputs
    assert (instance["engineVersion"], instance["category"]) == ("8.4", "HighAvailability")
    assert (instance["zoneId"], instance["zoneIdSlaveA"]) == ("cn-beijing-h", "cn-beijing-k")
    assert instance["vswitchId"] == "vsw-cn-beijing-h,vsw-cn-beijing-k"


def test_mysql_feeds_change_data_capture_for_a_week(recorded: dict[str, Recording]) -> None:
    parameters = {p["name"]: p["value"] for p in recorded[MYSQL].one(MYSQL).inputs["parameters"]}
    assert parameters["binlog_row_image"] == "full"
    policy = recorded[MYSQL].one("alicloud:rds/backupPolicy:BackupPolicy").inputs
    assert policy["localLogRetentionHours"] == 168
    assert policy["backupRetentionPeriod"] == 30
    assert policy["logBackupRetentionPeriod"] <= policy["backupRetentionPeriod"]


def test_mysql_is_encrypted_and_forces_tls(recorded: dict[str, Recording]) -> None:
    instance = recorded[MYSQL].one(MYSQL).inputs
    assert instance["encryptionKey"]
    assert instance["roleArn"] == f"acs:ram::{ACCOUNT}:role/aliyunrdsinstanceencryptiondefaultrole"
    assert (instance["sslAction"], instance["forceEncryption"]) == ("Open", 1)


@pytest.mark.parametrize(
    ("build", "token", "flag"),
    [
        (mysql, MYSQL, "deletionProtection"),
        (redis, REDIS, "instanceReleaseProtection"),
        (mongodb, MONGODB, "dbInstanceReleaseProtection"),
    ],
)
def test_a_subscription_renews_itself_and_the_hour_is_protected(build: Any, token: str, flag: str) -> None:
    yearly = record_build(build, Stack.PROD_CHINA).one(token).inputs
    assert yearly["autoRenew"] is True
    assert flag not in yearly
    hourly = record_build(lambda w: build(w, Billing.PAY_AS_YOU_GO), Stack.PROD_CHINA).one(token).inputs
    assert hourly[flag] is True
    assert "autoRenew" not in hourly
    unprotected = record_build(lambda w: build(w, Billing.PAY_AS_YOU_GO), Stack.DEV).one(token).inputs
    assert unprotected[flag] is False


def test_redis_is_six_nodes_in_two_zones(recorded: dict[str, Recording]) -> None:
    instance = recorded[REDIS].one(REDIS).inputs
    assert (instance["shardCount"], instance["nodeType"]) == (3, "MASTER_SLAVE")
    assert instance["secondaryZoneId"] != instance["zoneId"]
    assert (instance["vpcAuthMode"], instance["sslEnable"]) == ("Open", "Enable")


def test_mongodb_is_three_nodes_in_three_zones(recorded: dict[str, Recording]) -> None:
    instance = recorded[MONGODB].one(MONGODB).inputs
    assert len({instance[k] for k in ("zoneId", "secondaryZoneId", "hiddenZoneId")}) == 3
    assert instance["replicationFactor"] == 3
    assert instance["encrypted"] is True
    assert instance["forceEncryption"] == "1"


def test_whitelists_hold_the_network_only_and_backups_are_daily(recorded: dict[str, Recording]) -> None:
    for token, key, days in (
        (MYSQL, "securityIps", None),
        (REDIS, "securityIps", "backupPeriods"),
        (MONGODB, "securityIpLists", "backupPeriods"),
    ):
        instance = recorded[token].one(token).inputs
        assert instance[key] == ["10.30.0.0/16"]
        if days:
            assert len(instance[days]) == 7


def test_passwords_are_secret_and_outputs_say_where_they_are(recorded: dict[str, Recording]) -> None:
    assert "accountPassword" in recorded[MYSQL].one("alicloud:rds/rdsAccount:RdsAccount").secret_inputs
    assert "password" in recorded[REDIS].one(REDIS).secret_inputs
    assert "accountPassword" in recorded[MONGODB].one(MONGODB).secret_inputs
    for recording, place in zip(
        recorded.values(), ("mysqlPassword", "redisPassword", "mongodbPassword"), strict=True
    ):
        outputs = recording.registered_outputs[recording.root.urn]
        assert outputs["credentials"] == place
        assert "password-of-the-example" not in str(recording.registered_outputs)


class TestRefusals:
    def test_mysql(self) -> None:
        args = _args(mysql)
        assert isinstance(args, MysqlArgs)
        with pytest.raises(InvalidArgumentsError) as error:
            dataclasses.replace(
                args,
                engine_version="8.0",
                instance_class="mysql.n2.medium.1",
                storage=Storage(600),
                backup_days=3,
                secondary_zone=args.primary_zone,
                allowed_ranges=(Cidr.parse("0.0.0.0/0"),),
            )
        assert len(error.value.problems) == 6

    def test_redis(self) -> None:
        args = _args(redis)
        assert isinstance(args, RedisArgs)
        with pytest.raises(InvalidArgumentsError) as error:
            dataclasses.replace(
                args, engine_version="5.0", shard_class="redis.master.small.default", shards=1
            )
        assert len(error.value.problems) == 3

    def test_mongodb(self) -> None:
        args = _args(mongodb)
        assert isinstance(args, MongodbArgs)
        with pytest.raises(InvalidArgumentsError) as error:
            dataclasses.replace(
                args, instance_class="mdb.shard.4x.large.c", storage=Storage(45), hidden_zone="x"
            )
        assert len(error.value.problems) == 3
