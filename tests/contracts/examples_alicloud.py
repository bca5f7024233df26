"""The Alibaba Cloud components, with the sizes of prod-china."""

from __future__ import annotations

import pulumi

from catalog.addresses import Cidr
from catalog.forms import ImageRegistry
from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage, Usd
from catalog.stack_facts import Stack
from components.alicloud.bill_watch import BillWatch, BillWatchArgs
from components.alicloud.billing import Billing
from components.alicloud.keys import Keys, KeysArgs
from components.alicloud.kubernetes import KubernetesCluster, KubernetesClusterArgs
from components.alicloud.mongodb import Mongodb, MongodbArgs
from components.alicloud.mysql import Mysql, MysqlArgs
from components.alicloud.network import NatGateways, Network, NetworkArgs
from components.alicloud.objects import Objects, ObjectsArgs
from components.alicloud.ram import (
    ServiceAccountRole,
    ServiceAccountRoleArgs,
    ServiceRoles,
    ServiceRolesArgs,
    Statement,
)
from components.alicloud.redis import Redis, RedisArgs
from components.alicloud.registry import Registry, RegistryArgs
from components.core.node_pools import NodePool
from tests.contracts.harness import Example, World, known, secret

STACKS = (Stack.PROD_CHINA, Stack.DEV)
"""dev is never built on Alibaba Cloud; it is here to show what production alone protects."""

KEY_ID = "key-of-the-example"
NETWORK = Cidr.parse("10.30.0.0/16")
ISSUER = "https://oidc-ack-cn-beijing.oss-cn-beijing.aliyuncs.com/c0123456789"


def zones(world: World) -> tuple[str, str, str]:
    return (f"{world.scope.region}-h", f"{world.scope.region}-k", f"{world.scope.region}-l")


def subnets(world: World) -> dict[str, pulumi.Output[str]]:
    return {zone: known(f"vsw-{zone}") for zone in zones(world)}


def network(world: World, nat_gateways: NatGateways = NatGateways.SINGLE) -> Network:
    return Network(
        "network",
        NetworkArgs(
            scope=world.scope,
            cidr=NETWORK,
            zones=zones(world),
            nat_gateways=nat_gateways,
            key_id=known(KEY_ID),
        ),
        provider=world.alicloud,
    )


def keys(world: World, kms_instance_id: str | None = None) -> Keys:
    return Keys("keys", KeysArgs(scope=world.scope, kms_instance_id=kms_instance_id), provider=world.alicloud)


POOL = NodePool(
    instance_type="ecs.g6.2xlarge",
    minimum=3,
    maximum=4,
    capacity=Capacity.SUBSCRIPTION,
    purpose=PoolPurpose.APP,
    disk=Storage(60),
)


def kubernetes(world: World, pool: NodePool = POOL, **others: NodePool) -> KubernetesCluster:
    return KubernetesCluster(
        "kubernetes",
        KubernetesClusterArgs(
            scope=world.scope,
            version="1.35",
            network_id=known("vpc-1"),
            network_cidr=NETWORK,
            node_subnets=subnets(world),
            secrets_key_id=known(KEY_ID),
            disk_key_id=known(KEY_ID),
            node_pools={"app": pool, **others},
        ),
        provider=world.alicloud,
    )


def mysql(world: World, billing: Billing = Billing.SUBSCRIPTION) -> Mysql:
    first, second, _ = zones(world)
    return Mysql(
        "mysql",
        MysqlArgs(
            scope=world.scope,
            engine_version="8.4",
            instance_class="mysql.x4.medium.2c",
            storage=Storage(100),
            storage_limit=Storage(500),
            backup_days=30,
            network_id=known("vpc-1"),
            data_subnets=subnets(world),
            primary_zone=first,
            secondary_zone=second,
            allowed_ranges=(NETWORK,),
            key_id=known(KEY_ID),
            administrator_password=secret("password-of-the-example"),
            credentials="mysqlPassword",
            billing=billing,
        ),
        provider=world.alicloud,
    )


def redis(world: World, billing: Billing = Billing.SUBSCRIPTION) -> Redis:
    first, second, _ = zones(world)
    return Redis(
        "redis",
        RedisArgs(
            scope=world.scope,
            engine_version="7.0",
            shard_class="redis.shard.small.2.ce",
            shards=3,
            data_subnets=subnets(world),
            primary_zone=first,
            secondary_zone=second,
            allowed_ranges=(NETWORK,),
            password=secret("password-of-the-example"),
            credentials="redisPassword",
            billing=billing,
        ),
        provider=world.alicloud,
    )


def mongodb(world: World, billing: Billing = Billing.SUBSCRIPTION) -> Mongodb:
    first, second, third = zones(world)
    return Mongodb(
        "mongodb",
        MongodbArgs(
            scope=world.scope,
            engine_version="8.0",
            instance_class="mdb.shard.4x.large.d",
            storage=Storage(40),
            network_id=known("vpc-1"),
            data_subnets=subnets(world),
            primary_zone=first,
            secondary_zone=second,
            hidden_zone=third,
            allowed_ranges=(NETWORK,),
            key_id=known(KEY_ID),
            administrator_password=secret("password-of-the-example"),
            credentials="mongodbPassword",
            billing=billing,
        ),
        provider=world.alicloud,
    )


def objects(world: World) -> Objects:
    return Objects(
        "objects",
        ObjectsArgs(
            scope=world.scope,
            key_id=known(KEY_ID),
            audit_key_id=known("key-of-the-audit-log"),
            audit_retention_days=2555,
            log_retention_days=365,
        ),
        provider=world.alicloud,
    )


def registry(world: World) -> Registry:
    return Registry(
        "registry",
        RegistryArgs(scope=world.scope, network_id=known("vpc-1"), endpoint_subnet=known("vsw-1")),
        provider=world.alicloud,
    )


def service_roles(world: World) -> ServiceRoles:
    return ServiceRoles("service-roles", ServiceRolesArgs(scope=world.scope), provider=world.alicloud)


def service_account_role(world: World) -> ServiceAccountRole:
    return ServiceAccountRole(
        "audit-writer",
        ServiceAccountRoleArgs(
            scope=world.scope,
            thing="audit-writer",
            namespace="smp-prod",
            service_account="audit-writer",
            oidc_issuer=known(ISSUER),
            statements=(
                Statement(actions=("oss:PutObject",), resources=("acs:oss:*:*:smp-china-audit-log/*",)),
            ),
        ),
        provider=world.alicloud,
    )


def bill_watch(world: World) -> BillWatch:
    return BillWatch(
        "bill-watch",
        BillWatchArgs(
            scope=world.scope,
            namespace=known("monitoring"),
            definitions=known("1.0.0"),
            image_registry=ImageRegistry.parse("registry.example/mirror"),
            role_name="smp-china-prod-bill-watch",
            monthly=Usd.of(1500),
        ),
        provider=world.kubernetes,
    )


EXAMPLES = [
    Example(id=f"alicloud-{build.__name__.replace('_', '-')}", build=build, stacks=STACKS)
    for build in (
        network,
        keys,
        kubernetes,
        mysql,
        redis,
        mongodb,
        objects,
        registry,
        service_roles,
        service_account_role,
        bill_watch,
    )
]
