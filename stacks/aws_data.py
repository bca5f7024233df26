"""Data stores, buckets and images of a product cluster on AWS."""

from __future__ import annotations

from components.atlas.mongodb import AtlasMongodb, AtlasMongodbArgs
from components.aws.mysql import Availability, Mysql, MysqlArgs
from components.aws.objects import Objects, ObjectsArgs
from components.aws.redis import Redis, RedisArgs
from components.cloudflare.buckets import R2Bucket, R2Buckets, R2BucketsArgs

from catalog.data_classes import DataClass
from catalog.deploy_secrets import DeploySecret
from components.aws.keys import KeyPurpose
from components.aws.registry import Registry, RegistryArgs
from components.core.outputs import DataStoreOutputs, ObjectsOutputs, RegistryOutputs
from stacks.aws_foundation import Foundation
from stacks.config_stores import Placement
from stacks.providers import atlas_provider, cloudflare_provider


def managed_stores(base: Foundation) -> dict[str, DataStoreOutputs]:
    """The stores a cloud runs for us; those of dev are pods and come with the platform."""
    stores = {"mysql": mysql(base)}
    if base.config.required_redis.placement is Placement.MANAGED:
        stores["redis"] = redis(base)
    if base.config.required_mongodb.placement is Placement.MANAGED:
        stores["mongodb"] = mongodb(base)
    return stores


def mysql(base: Foundation) -> DataStoreOutputs:
    """RDS for MySQL with its read replicas."""
    store = base.config.required_mysql
    return Mysql(
        "mysql",
        MysqlArgs(
            scope=base.scope,
            version=store.version,
            instance_type=store.instance_type,
            availability=Availability(store.availability),
            read_replicas=store.read_replicas,
            storage=store.storage_gib,
            storage_limit=store.storage_limit_gib,
            backup_days=store.backup_days,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            client_security_group_id=base.kubernetes.node_security_group_id,
            key_arn=base.keys.arns[KeyPurpose.DATABASE],
            logs_key_arn=base.keys.arns[KeyPurpose.LOGS],
        ),
        provider=base.aws,
    ).outputs


def redis(base: Foundation) -> DataStoreOutputs:
    """ElastiCache in cluster mode."""
    store = base.config.required_redis
    secret = DeploySecret.REDIS_PASSWORD.value.key
    return Redis(
        "redis",
        RedisArgs(
            scope=base.scope,
            node_type=store.managed_node_type,
            shards=store.shards,
            replicas_per_shard=store.replicas_per_shard,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            client_security_group_id=base.kubernetes.node_security_group_id,
            key_arn=base.keys.arns[KeyPurpose.CACHE],
            logs_key_arn=base.keys.arns[KeyPurpose.LOGS],
            password=base.settings.secrets[secret],
            credentials=secret,
        ),
        provider=base.aws,
    ).outputs


def mongodb(base: Foundation) -> DataStoreOutputs:
    """Atlas in the cluster's region, over PrivateLink."""
    store = base.config.required_mongodb
    return AtlasMongodb(
        "mongodb",
        AtlasMongodbArgs(
            scope=base.scope,
            organization=store.atlas_organization,
            version=store.version,
            tier=store.managed_tier,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            network_cidr=base.config.network.cidr,
            password=base.settings.secrets[DeploySecret.MONGODB_PASSWORD.value.key],
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
            key_arn=base.keys.arns[KeyPurpose.OBJECTS],
            audit_key_arn=base.keys.arns[KeyPurpose.AUDIT],
            audit_retention_days=config.audit_retention_days,
            log_retention_days=config.log_retention_days,
        ),
        provider=base.aws,
    ).outputs


def public_buckets(base: Foundation) -> ObjectsOutputs:
    """Buckets of what is about nobody, in R2."""
    return R2Buckets(
        "public-objects",
        R2BucketsArgs(
            scope=base.scope,
            account=base.config.required_cloudflare.account,
            buckets={"media": R2Bucket(data_class=DataClass.PUBLIC)},
        ),
        provider=cloudflare_provider(base.scope),
    ).outputs


def registry(base: Foundation) -> RegistryOutputs:
    """Image repositories of the ten services."""
    return Registry("registry", RegistryArgs(scope=base.scope), provider=base.aws).outputs
