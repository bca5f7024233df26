"""Data stores, buckets and images of a product cluster on AWS."""

from __future__ import annotations

import pulumi
from pulumi_cloudflare import Provider

from catalog.data_classes import DataClass
from catalog.deploy_secrets import DeploySecret
from components.atlas.mongodb import AtlasMongodb, AtlasMongodbArgs
from components.aws.keys import KeyPurpose
from components.aws.mysql import Availability, Mysql, MysqlArgs, ReadReplica
from components.aws.mysql_password import AdministratorPassword, GeneratedPassword, GivenPassword
from components.aws.objects import Objects, ObjectsArgs
from components.aws.redis import Redis, RedisArgs
from components.aws.registry import Registry, RegistryArgs
from components.cloudflare.buckets import R2Bucket, R2Buckets, R2BucketsArgs, R2BucketsOutputs
from components.core.outputs import DataStoreOutputs, ObjectsOutputs, RegistryOutputs
from stacks.aws_foundation import Foundation
from stacks.config_stores import MysqlAvailability, Placement
from stacks.providers import atlas_provider


def managed_stores(base: Foundation) -> dict[str, DataStoreOutputs]:
    """The stores a cloud runs for us; those of dev are pods and come with the platform."""
    stores = {"mysql": mysql(base)}
    if base.config.required_redis.placement is Placement.MANAGED:
        stores["redis"] = redis(base)
    if base.config.required_mongodb.placement is Placement.MANAGED:
        stores["mongodb"] = mongodb(base)
    return stores


def mysql(base: Foundation) -> DataStoreOutputs:
    """RDS for MySQL with its read replicas, each in another zone than the one before."""
    store = base.config.required_mysql
    zones = base.config.network.zones
    single = store.availability is MysqlAvailability.SINGLE_ZONE
    return Mysql(
        "mysql",
        MysqlArgs(
            scope=base.scope,
            engine_version=store.version,
            instance_type=store.instance_type,
            storage=store.storage_gib,
            storage_limit=store.storage_limit_gib,
            availability=Availability(store.availability),
            primary_zone=zones[0] if single else None,
            read_replicas={
                f"replica-{number}": ReadReplica(
                    zone=zones[number % len(zones)], instance_type=store.instance_type
                )
                for number in range(1, store.read_replicas + 1)
            },
            administrator_password=_mysql_password(base),
            backup_days=store.backup_days,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            clients=_nodes(base),
            database_key_arn=base.keys.arns[KeyPurpose.DATABASE],
            logs_key_arn=base.keys.arns[KeyPurpose.LOGS],
        ),
        provider=base.aws,
    ).outputs


def _mysql_password(base: Foundation) -> AdministratorPassword:
    secret = DeploySecret.MYSQL_PASSWORD.value
    if secret.key not in base.settings.secrets:
        return GeneratedPassword()
    return GivenPassword(value=base.settings.secrets[secret.key], kept_at=secret.kept_at)


def _nodes(base: Foundation) -> dict[str, pulumi.Output[str]]:
    return {"nodes": base.kubernetes.node_security_group_id}


def redis(base: Foundation) -> DataStoreOutputs:
    """ElastiCache in cluster mode."""
    store = base.config.required_redis
    secret = DeploySecret.REDIS_PASSWORD.value
    return Redis(
        "redis",
        RedisArgs(
            scope=base.scope,
            node_type=store.managed_node_type,
            shards=store.managed_shards,
            replicas_per_shard=store.managed_replicas,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            clients=_nodes(base),
            password=base.settings.secrets[secret.key],
            credentials=secret.kept_at,
            cache_key_arn=base.keys.arns[KeyPurpose.CACHE],
            logs_key_arn=base.keys.arns[KeyPurpose.LOGS],
        ),
        provider=base.aws,
    ).outputs


def mongodb(base: Foundation) -> DataStoreOutputs:
    """Atlas in the cluster's region, over PrivateLink."""
    store = base.config.required_mongodb
    secret = DeploySecret.MONGODB_PASSWORD.value
    return AtlasMongodb(
        "mongodb",
        AtlasMongodbArgs(
            scope=base.scope,
            organization=store.atlas_organization,
            version=store.version,
            tier=store.managed_tier,
            backup_days=store.atlas_backup_days,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            clients=_nodes(base),
            password=base.settings.secrets[secret.key],
            credentials=secret.kept_at,
        ),
        provider=atlas_provider(base.scope),
        aws_provider=base.aws,
    ).outputs


def buckets(base: Foundation) -> ObjectsOutputs:
    """Buckets of personal objects, logs and audit, in S3."""
    config = base.config.required_objects
    return Objects(
        "objects",
        ObjectsArgs(
            scope=base.scope,
            objects_key_arn=base.keys.arns[KeyPurpose.OBJECTS],
            audit_key_arn=base.keys.arns[KeyPurpose.AUDIT],
            audit_retention_days=config.audit_retention_days,
            log_retention_days=config.log_retention_days,
        ),
        provider=base.aws,
    ).outputs


def public_buckets(base: Foundation, cloudflare: Provider) -> R2BucketsOutputs:
    """Buckets of what is about nobody, in R2."""
    return R2Buckets(
        "public-objects",
        R2BucketsArgs(
            scope=base.scope,
            account_id=base.config.required_cloudflare.account,
            buckets={"media": R2Bucket(data_class=DataClass.PUBLIC)},
        ),
        provider=cloudflare,
    ).outputs


def registry(base: Foundation) -> RegistryOutputs:
    """Image repositories of the ten services."""
    return Registry("registry", RegistryArgs(scope=base.scope), provider=base.aws).outputs
