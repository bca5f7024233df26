"""The data stores outside Alibaba Cloud, with the sizes of production and of what stands in for it."""

from dataclasses import replace
from typing import Any

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.atlas.mongodb import AtlasMongodb, AtlasMongodbArgs
from components.aws.audit_archive import AuditArchive, AuditArchiveArgs
from components.aws.mysql import Availability, Mysql, MysqlArgs, ReadReplica
from components.aws.mysql_password import GeneratedPassword, GivenPassword
from components.aws.objects import Objects, ObjectsArgs
from components.aws.redis import Redis, RedisArgs
from components.cloudflare.buckets import R2Bucket, R2Buckets, R2BucketsArgs
from components.kubernetes.mongodb import InClusterMongodb, InClusterMongodbArgs
from components.kubernetes.redis import InClusterRedis, InClusterRedisArgs
from tests.contracts.harness import Example, World, known, secret

PASSWORD = "PasswordOfTheExample"
ON_AWS = (Stack.DEV, Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US)
WITHOUT_PRODUCTION = (Stack.DEV, Stack.STAGING)
ORGANIZATION = "0123456789abcdef01234567"
ACCOUNT_OF_CLOUDFLARE = "0123456789abcdef0123456789abcdef"


def key(world: World, name: str) -> Any:
    return known(f"arn:aws:kms:{world.scope.region}:{world.scope.account}:key/{name}")


def subnets(world: World) -> dict[str, Any]:
    return {f"{world.scope.region}{letter}": known(f"subnet-{letter}") for letter in "abc"}


CLIENTS = {"nodes": "sg-nodes"}


def clients() -> dict[str, Any]:
    return {name: known(group) for name, group in CLIENTS.items()}


def mysql_args(world: World, **changes: Any) -> MysqlArgs:
    region = world.scope.region
    given = GivenPassword(value=secret(PASSWORD), kept_at="configuration key smp:mysqlPassword")
    common: dict[str, Any] = {
        "scope": world.scope,
        "engine_version": "8.4.7",
        "storage": Storage(200),
        "storage_limit": Storage(1000),
        "network_id": known("vpc-1"),
        "data_subnets": subnets(world),
        "clients": clients(),
        "database_key_arn": key(world, "database"),
        "logs_key_arn": key(world, "logs"),
    }
    sizes: dict[str, Any] = {
        "instance_type": "db.r6g.large",
        "availability": Availability.MULTI_ZONE,
        "read_replicas": {
            "replica-1": ReadReplica(zone=f"{region}b", instance_type="db.r6g.large"),
            "replica-2": ReadReplica(zone=f"{region}c", instance_type="db.r6g.large"),
        },
        "administrator_password": given,
        "backup_days": 35,
    }
    if world.scope.stack is Stack.STAGING:
        sizes = {
            "instance_type": "db.t4g.small",
            "availability": Availability.SINGLE_ZONE,
            "primary_zone": f"{region}a",
            "read_replicas": {"replica-1": ReadReplica(zone=f"{region}b", instance_type="db.t4g.small")},
            "administrator_password": given,
            "backup_days": 7,
        }
    if world.scope.stack is Stack.DEV:
        sizes = {
            "instance_type": "db.t4g.micro",
            "availability": Availability.SINGLE_ZONE,
            "primary_zone": f"{region}a",
            "administrator_password": GeneratedPassword(),
            "backup_days": 1,
        }
    return MysqlArgs(**{**common, **sizes, **changes})


def mysql(world: World) -> Mysql:
    return Mysql("mysql", mysql_args(world), provider=world.aws)


def redis_args(world: World, **changes: Any) -> RedisArgs:
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "node_type": "cache.t4g.medium",
        "shards": 3,
        "replicas_per_shard": 1 if world.scope.is_production else 0,
        "network_id": known("vpc-1"),
        "data_subnets": subnets(world),
        "clients": clients(),
        "password": secret(PASSWORD),
        "credentials": "configuration key smp:redisPassword",
        "cache_key_arn": key(world, "cache"),
        "logs_key_arn": key(world, "logs"),
    }
    return RedisArgs(**{**defaults, **changes})


def redis(world: World) -> Redis:
    return Redis("redis", redis_args(world), provider=world.aws)


def objects_args(world: World) -> ObjectsArgs:
    return ObjectsArgs(
        scope=world.scope,
        objects_key_arn=key(world, "objects"),
        audit_key_arn=key(world, "audit"),
        audit_retention_days=2555 if world.scope.is_production else 1,
        log_retention_days=365 if world.scope.is_production else 14,
    )


def objects(world: World) -> Objects:
    return Objects("objects", objects_args(world), provider=world.aws)


def archive_args(world: World) -> AuditArchiveArgs:
    return AuditArchiveArgs(
        scope=world.scope,
        writers={Cluster.ASIA: "333333333333", Cluster.US: "444444444444"},
        retention_days=2555,
    )


def archive(world: World) -> AuditArchive:
    return AuditArchive("archive", archive_args(world), provider=world.aws)


def atlas_args(world: World, **changes: Any) -> AtlasMongodbArgs:
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "organization": ORGANIZATION,
        "tier": "M30" if world.scope.is_production else "M10",
        "backup_days": 30 if world.scope.is_production else 7,
        "network_id": known("vpc-1"),
        "data_subnets": subnets(world),
        "clients": clients(),
        "password": secret(PASSWORD),
        "credentials": "configuration key smp:mongodbPassword",
    }
    return AtlasMongodbArgs(**{**defaults, **changes})


def atlas(world: World) -> AtlasMongodb:
    return AtlasMongodb("mongodb", atlas_args(world), provider=world.mongodbatlas, aws_provider=world.aws)


def store_arguments(world: World) -> dict[str, Any]:
    return {
        "scope": world.scope,
        "namespace": known("data"),
        "client_namespaces": frozenset({world.scope.services_namespace}),
        "storage": Storage(8),
        "storage_class": known("durable"),
        "password": secret(PASSWORD),
    }


def in_cluster_redis(world: World) -> InClusterRedis:
    return InClusterRedis("redis", InClusterRedisArgs(**store_arguments(world)), provider=world.kubernetes)


def in_cluster_mongodb(world: World) -> InClusterMongodb:
    return InClusterMongodb(
        "mongodb", InClusterMongodbArgs(**store_arguments(world)), provider=world.kubernetes
    )


def buckets_args(world: World, *, bucket: R2Bucket | None = None) -> R2BucketsArgs:
    media = R2Bucket(data_class=DataClass.PUBLIC, origins=("https://smp-admin.pages.dev",))
    return R2BucketsArgs(
        scope=world.scope,
        account_id=ACCOUNT_OF_CLOUDFLARE,
        buckets={"media": bucket or media, "artefacts": replace(media, origins=(), expiry_days=90)},
    )


def buckets(world: World) -> R2Buckets:
    return R2Buckets("buckets", buckets_args(world), provider=world.cloudflare)


EXAMPLES = [
    Example(id="aws-mysql", build=mysql, stacks=ON_AWS),
    Example(id="aws-redis", build=redis, stacks=(Stack.STAGING, Stack.PROD_ASIA)),
    Example(id="aws-objects", build=objects, stacks=(Stack.DEV, Stack.PROD_ASIA)),
    Example(id="aws-audit-archive", build=archive, stacks=(Stack.PROD_GLOBAL,)),
    Example(id="atlas-mongodb", build=atlas, stacks=(Stack.STAGING, Stack.PROD_US)),
    Example(id="kubernetes-redis", build=in_cluster_redis, stacks=WITHOUT_PRODUCTION),
    Example(id="kubernetes-mongodb", build=in_cluster_mongodb, stacks=WITHOUT_PRODUCTION),
    Example(id="cloudflare-buckets", build=buckets, stacks=(Stack.DEV, Stack.PROD_ASIA, Stack.PROD_US)),
]
