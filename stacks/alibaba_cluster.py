"""The product cluster on Alibaba Cloud: prod-china, deployed by hand by the CN operations team (M§14.7)."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from catalog import audit_batches
from catalog.deploy_secrets import DeploySecret
from catalog.forms import ImageRegistry
from catalog.hostnames import audit_log_bucket
from catalog.services import Service
from components.alicloud import bill_watch
from components.alicloud.audit_batches import keeping_statements
from components.alicloud.billing import Billing
from components.alicloud.keys import KeyPurpose, Keys, KeysArgs
from components.alicloud.kubernetes import KubernetesCluster, KubernetesClusterArgs
from components.alicloud.mongodb import Mongodb, MongodbArgs
from components.alicloud.mysql import Mysql, MysqlArgs
from components.alicloud.network import NatGateways, Network, NetworkArgs
from components.alicloud.objects import BucketPurpose, Objects, ObjectsArgs
from components.alicloud.private_name import PrivateName
from components.alicloud.ram import (
    ServiceAccountRole,
    ServiceAccountRoleArgs,
    ServiceRoles,
    ServiceRolesArgs,
    Statement,
    key_use,
)
from components.alicloud.redis import Redis, RedisArgs
from components.alicloud.registry import Registry, RegistryArgs
from components.core.naming import NameLimit
from components.core.outputs import (
    DataStoreOutputs,
    KeysOutputs,
    KubernetesOutputs,
    NetworkOutputs,
    ObjectsOutputs,
    RegistryOutputs,
)
from components.core.scope import Scope
from components.kubernetes.alibaba_roles import ROLE_ANNOTATION
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.monitoring_definitions import MonitoringDefinitionsOutputs
from components.kubernetes.namespaces import MONITORING_NAMESPACE
from components.kubernetes.search.resources import SEARCH_NAMESPACE
from components.kubernetes.storage import EssdLevel, alibaba_essd
from stacks import exports, in_cluster, kafka, read_model
from stacks.config import Layer
from stacks.config_source import Settings
from stacks.node_pools import node_pools
from stacks.providers import alicloud_provider, kubernetes_provider


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What the data stores and the workloads stand on."""

    settings: Settings
    scope: Scope
    provider: alicloud.Provider
    service_roles: ServiceRoles
    keys: KeysOutputs
    network: NetworkOutputs
    kubernetes: KubernetesOutputs


def build(settings: Settings) -> None:
    """Build the stack: the cloud, its data, and as far as its layers say what runs in it."""
    exports.export_identity(settings)
    base = foundation(settings)
    registry = image_registry(base)
    buckets = objects(base)
    stores = {"mysql": mysql(base), "redis": redis(base), "mongodb": mongodb(base)}
    if settings.config.builds(Layer.PLATFORM):
        platform = in_cluster.platform(
            base.scope,
            kubernetes_provider(base.scope, base.kubernetes.kubeconfig),
            alibaba_essd(base.scope, performance=EssdLevel.PL0, key_id=base.keys.ids[KeyPurpose.VOLUMES]),
            {**kafka.NAMESPACES, **read_model.NAMESPACES, **in_cluster.MONITORING},
        )
        definitions = events(base, platform, registry, stores["mysql"])
        spending_alarm(base, platform, registry, definitions)
        if settings.config.builds(Layer.SERVICES):
            services(base, platform)
    exports.export_parts({"registry": registry, "objects": buckets})
    exports.export_data_stores(stores)


def foundation(settings: Settings) -> Foundation:
    """Service roles, keys, network and cluster."""
    config = settings.config
    scope = Scope(stack=settings.stack, account=config.account)
    provider = alicloud_provider(scope)
    roles = ServiceRoles("service-roles", ServiceRolesArgs(scope=scope), provider=provider)
    keys = Keys("keys", KeysArgs(scope=scope), provider=provider).outputs
    network = Network(
        "network",
        NetworkArgs(
            scope=scope,
            cidr=config.network.cidr,
            zones=config.network.zones,
            nat_gateways=NatGateways(config.network.nat_gateways),
            key_id=keys.ids[KeyPurpose.LOGS],
        ),
        provider=provider,
    ).outputs
    cluster = KubernetesCluster(
        "kubernetes",
        KubernetesClusterArgs(
            scope=scope,
            version=config.kubernetes.version,
            network_id=network.network_id,
            network_cidr=config.network.cidr,
            node_subnets=network.node_subnets,
            secrets_key_id=keys.ids[KeyPurpose.KUBERNETES],
            disk_key_id=keys.ids[KeyPurpose.VOLUMES],
            node_pools=node_pools(config.kubernetes),
        ),
        provider=provider,
        depends_on=[roles],
    ).outputs
    exports.export_parts({"keys": keys, "network": network, "kubernetes": cluster})
    return Foundation(
        settings=settings,
        scope=scope,
        provider=provider,
        service_roles=roles,
        keys=keys,
        network=network,
        kubernetes=cluster,
    )


def image_registry(base: Foundation) -> RegistryOutputs:
    """Images of the ten services, and the mirror of everybody else's."""
    zone = base.settings.config.network.zones[0]
    return Registry(
        "registry",
        RegistryArgs(
            scope=base.scope,
            network_id=base.network.network_id,
            endpoint_subnet=base.network.private_subnets[zone],
        ),
        provider=base.provider,
    ).outputs


def objects(base: Foundation) -> ObjectsOutputs:
    """Buckets of personal objects, logs and audit."""
    config = base.settings.config.required_objects
    return Objects(
        "objects",
        ObjectsArgs(
            scope=base.scope,
            key_id=base.keys.ids[KeyPurpose.OBJECTS],
            audit_key_id=base.keys.ids[KeyPurpose.AUDIT],
            audit_retention_days=config.audit_retention_days,
            log_retention_days=config.log_retention_days,
        ),
        provider=base.provider,
    ).outputs


def mysql(base: Foundation) -> DataStoreOutputs:
    """ApsaraDB for MySQL: primary and standby in two zones."""
    config = base.settings.config
    primary, secondary, *_ = config.network.zones
    store = config.required_mysql
    return Mysql(
        "mysql",
        MysqlArgs(
            scope=base.scope,
            engine_version=store.version,
            instance_class=store.instance_type,
            storage=store.storage_gib,
            storage_limit=store.storage_limit_gib,
            backup_days=store.backup_days,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            primary_zone=primary,
            secondary_zone=secondary,
            allowed_ranges=(config.network.cidr,),
            key_id=base.keys.ids[KeyPurpose.DATABASE],
            administrator_password=base.settings.secrets[DeploySecret.MYSQL_PASSWORD.value.key],
            credentials=DeploySecret.MYSQL_PASSWORD.value.kept_at,
            billing=_billing(base),
        ),
        provider=base.provider,
        depends_on=[base.service_roles],
    ).outputs


def redis(base: Foundation) -> DataStoreOutputs:
    """Tair: shards with a replica each."""
    config = base.settings.config
    primary, secondary, *_ = config.network.zones
    store = config.required_redis
    return Redis(
        "redis",
        RedisArgs(
            scope=base.scope,
            engine_version="7.0",
            shard_class=store.managed_node_type,
            shards=store.managed_shards,
            data_subnets=base.network.data_subnets,
            primary_zone=primary,
            secondary_zone=secondary,
            allowed_ranges=(config.network.cidr,),
            password=base.settings.secrets[DeploySecret.REDIS_PASSWORD.value.key],
            credentials=DeploySecret.REDIS_PASSWORD.value.kept_at,
            billing=_billing(base),
        ),
        provider=base.provider,
    ).outputs


def mongodb(base: Foundation) -> DataStoreOutputs:
    """ApsaraDB for MongoDB: a replica set over three zones."""
    config = base.settings.config
    primary, secondary, hidden = config.network.zones[:3]
    store = config.required_mongodb
    return Mongodb(
        "mongodb",
        MongodbArgs(
            scope=base.scope,
            engine_version=store.version,
            instance_class=store.managed_tier,
            storage=store.disk,
            network_id=base.network.network_id,
            data_subnets=base.network.data_subnets,
            primary_zone=primary,
            secondary_zone=secondary,
            hidden_zone=hidden,
            allowed_ranges=(config.network.cidr,),
            key_id=base.keys.ids[KeyPurpose.DATABASE],
            administrator_password=base.settings.secrets[DeploySecret.MONGODB_PASSWORD.value.key],
            credentials=DeploySecret.MONGODB_PASSWORD.value.kept_at,
            billing=_billing(base),
        ),
        provider=base.provider,
        depends_on=[base.service_roles],
    ).outputs


def events(
    base: Foundation, platform: in_cluster.Platform, registry: RegistryOutputs, mysql: DataStoreOutputs
) -> MonitoringDefinitionsOutputs:
    """Kafka, the name by which its mirrors find Global's, the read model that it fills, and the audit log's batches."""
    config = base.settings.config.kafka
    PrivateName(
        "kafka-of-global",
        kafka.address_of_global(base.scope, config, base.network.private_zone_id),
        provider=base.provider,
    )
    standing = in_cluster.kafka_base(platform, config, registry)
    made = kafka.region(standing, mysql)
    read_model.build(
        read_model.ReadModelBase(
            settings=base.settings,
            config=base.settings.config.required_search,
            namespace=platform.namespaces[SEARCH_NAMESPACE],
            kafka=standing,
            events=made,
            # Elasticsearch has no way into OSS without a lasting key; figures can be published again (0058).
            snapshots=None,
        ),
        mysql,
    )
    _archive_audit_log(base, standing, made)
    return made.definitions


def _archive_audit_log(base: Foundation, standing: kafka.KafkaBase, events: kafka.KafkaOfRegion) -> None:
    """Keep every day of the audit log as a batch, in Beijing alone (docs/decisions/0019)."""
    role = ServiceAccountRole(
        "audit-batches-role",
        ServiceAccountRoleArgs(
            scope=base.scope,
            thing=audit_batches.NAME,
            namespace=KAFKA_NAMESPACE,
            service_account=audit_batches.NAME,
            oidc_issuer=base.kubernetes.oidc_issuer,
            statements=keeping_statements(base.scope, base.keys.ids[KeyPurpose.AUDIT]),
        ),
        provider=base.provider,
    ).outputs
    kafka.archive_audit_log(
        standing,
        events,
        kafka.AuditLog(
            bucket=audit_log_bucket(base.scope.cluster),
            kept_days=base.settings.config.required_objects.audit_retention_days,
            chain=base.settings.config.required_objects.audit_chain,
            role_name=role.name,
            seal_key=None,
        ),
    )


def spending_alarm(
    base: Foundation,
    platform: in_cluster.Platform,
    registry: RegistryOutputs,
    definitions: MonitoringDefinitionsOutputs,
) -> None:
    """The bill of the month so far against the budget, every day; AWS has budgets for this."""
    role = ServiceAccountRole(
        "bill-watch-role",
        ServiceAccountRoleArgs(
            scope=base.scope,
            thing=bill_watch.NAME,
            namespace=MONITORING_NAMESPACE,
            service_account=bill_watch.NAME,
            oidc_issuer=base.kubernetes.oidc_issuer,
            system_policies=(bill_watch.READ_ONLY_POLICY,),
        ),
        provider=base.provider,
    ).outputs
    watch = bill_watch.BillWatch(
        "bill-watch",
        bill_watch.BillWatchArgs(
            scope=base.scope,
            namespace=platform.namespaces[MONITORING_NAMESPACE],
            definitions=definitions.version,
            image_registry=ImageRegistry.parse(registry.mirror),
            role_name=role.name,
            monthly=base.settings.config.budget.monthly_usd,
        ),
        provider=platform.provider,
    ).outputs
    exports.export_parts({"billWatch": watch})


def services(base: Foundation, platform: in_cluster.Platform) -> None:
    """Each service's identity: a service account, and a role that reaches the service's own objects."""
    namespace = base.scope.services_namespace
    bucket = base.scope.name(BucketPurpose.PERSONAL, NameLimit.OSS_BUCKET)
    roles = {
        service.id: ServiceAccountRole(
            f"role-{service.id}",
            ServiceAccountRoleArgs(
                scope=base.scope,
                thing=service.id,
                namespace=namespace,
                service_account=service.id,
                oidc_issuer=base.kubernetes.oidc_issuer,
                statements=(
                    Statement(
                        actions=("oss:GetObject", "oss:PutObject", "oss:DeleteObject"),
                        resources=(f"acs:oss:*:{base.scope.account}:{bucket}/{service.id}/*",),
                    ),
                    key_use(base.scope, base.keys.ids[KeyPurpose.OBJECTS]),
                ),
            ),
            provider=base.provider,
        ).outputs
        for service in Service
    }
    in_cluster.service_accounts(
        platform,
        {service: {ROLE_ANNOTATION: pulumi.Output.from_input(role.name)} for service, role in roles.items()},
    )
    in_cluster.event_flags(platform, base.settings.config.kafka)


def _billing(base: Foundation) -> Billing:
    return Billing(base.settings.config.required_billing)
