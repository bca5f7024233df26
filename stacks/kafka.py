"""Kafka and what runs on it: in a region, and in the control plane."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.forms import ImageRegistry
from catalog.mirrors import mirrors_of
from catalog.stack_facts import Stack
from components.core.outputs import DataStoreOutputs, RegistryOutputs
from components.core.private_name import NameKind, PrivateNameArgs
from components.core.scope import Scope
from components.kubernetes.audit_batches import AuditBatches, AuditBatchesArgs
from components.kubernetes.kafka.change_data_capture import (
    MYSQL_FILE,
    ChangeDataCapture,
    ChangeDataCaptureArgs,
)
from components.kubernetes.kafka.cluster import (
    KafkaCluster,
    KafkaClusterArgs,
    KafkaClusterOutputs,
    MirrorListener,
    name_for_mirrors,
)
from components.kubernetes.kafka.connect import KafkaConnect, KafkaConnectArgs, KafkaConnectOutputs
from components.kubernetes.kafka.mirror import Mirrors, MirrorsArgs
from components.kubernetes.kafka.monitoring import KafkaMonitoring, KafkaMonitoringArgs
from components.kubernetes.kafka.operator import KafkaOperator, KafkaOperatorArgs
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.kafka.schema_registry import SchemaRegistry, SchemaRegistryArgs
from components.kubernetes.kafka.topics import KafkaTopics, KafkaTopicsArgs
from components.kubernetes.kafka.users import KafkaUsers, KafkaUsersArgs, KafkaUsersOutputs
from components.kubernetes.monitoring_definitions import (
    MonitoringDefinitions,
    MonitoringDefinitionsArgs,
    MonitoringDefinitionsOutputs,
)
from components.kubernetes.namespaces import Ingress, NamespaceSpec, PodSecurity
from components.kubernetes.search.sink import SECRET_MOUNTS
from stacks import exports
from stacks.config_kafka import KafkaConfig

NAMESPACES = {KAFKA_NAMESPACE: NamespaceSpec(pod_security=PodSecurity.RESTRICTED, ingress=Ingress.NAMED)}
"""Closed to all: whom brokers and registry answer, their own policies say, port by port."""

FIRST_SERVER_ID = 18400
"""Ids by which MySQL knows the connectors; each stack's follows, and no replica of RDS is numbered so."""


@dataclass(frozen=True, kw_only=True)
class KafkaBase:
    """What Kafka stands on."""

    scope: Scope
    config: KafkaConfig
    provider: kubernetes.Provider
    namespace: pulumi.Output[str]
    storage_class: pulumi.Output[str]
    registry: RegistryOutputs

    @property
    def images(self) -> ImageRegistry:
        """Where copies of images are."""
        return ImageRegistry.parse(self.registry.mirror)

    @property
    def charts(self) -> ImageRegistry:
        """Where copies of charts are."""
        return ImageRegistry.parse(self.registry.charts)


@dataclass(frozen=True, kw_only=True)
class KafkaOfRegion:
    """What is built on a region's Kafka; ``definitions`` is what alarms wait for, ``users`` whoever is one of them."""

    connect: KafkaConnectOutputs
    users: KafkaUsersOutputs
    definitions: MonitoringDefinitionsOutputs


def region(base: KafkaBase, mysql: DataStoreOutputs) -> KafkaOfRegion:
    """Kafka of a product cluster: brokers, capture of orders, schemas, and the mirrors of a production region."""
    definitions = _definitions(base)
    cluster, users = _cluster(base, definitions, frozenset({base.scope.services_namespace}))
    connect = KafkaConnect(
        "kafka-connect",
        KafkaConnectArgs(
            scope=base.scope,
            namespace=cluster.namespace,
            workers=base.config.workers,
            brokers=cluster.brokers,
            image_registry=base.images,
            vault_secrets=(MYSQL_FILE,),
            secret_mounts=SECRET_MOUNTS,
        ),
        provider=base.provider,
    ).outputs
    capture = ChangeDataCapture(
        "change-data-capture",
        ChangeDataCaptureArgs(
            scope=base.scope,
            namespace=connect.namespace,
            host=mysql.host,
            port=mysql.port,
            server_id=FIRST_SERVER_ID + list(Stack).index(base.scope.stack),
        ),
        provider=base.provider,
    ).outputs
    schemas = SchemaRegistry(
        "schema-registry",
        SchemaRegistryArgs(
            scope=base.scope,
            namespace=cluster.namespace,
            replicas=2 if base.scope.is_production else 1,
            brokers=cluster.brokers,
            image_registry=base.images,
            client_namespaces=frozenset({base.scope.services_namespace}),
        ),
        provider=base.provider,
    ).outputs
    exports.export_parts({"kafkaConnect": connect, "changeDataCapture": capture, "schemaRegistry": schemas})
    if mirrors_of(base.scope.cluster, base.scope.environment):
        mirrors = Mirrors(
            "mirrors",
            MirrorsArgs(scope=base.scope, namespace=connect.namespace, brokers=cluster.brokers),
            provider=base.provider,
        ).outputs
        exports.export_parts({"mirrors": mirrors})
    return KafkaOfRegion(connect=connect, users=users, definitions=definitions)


@dataclass(frozen=True, kw_only=True)
class AuditLog:
    """Where the audit log's batches are kept, by which role, and what seals those that leave."""

    bucket: str
    kept_days: int
    chain: str | None
    role_name: str | None
    seal_key: str | None


def archive_audit_log(base: KafkaBase, events: KafkaOfRegion, log: AuditLog) -> None:
    """Run the job that keeps every closed day of the audit topic."""
    batches = AuditBatches(
        "audit-batches",
        AuditBatchesArgs(
            scope=base.scope,
            namespace=events.users.namespace,
            definitions=events.definitions.version,
            image_registry=base.images,
            bucket=log.bucket,
            kept_days=log.kept_days,
            chain=log.chain,
            role_name=log.role_name,
            seal_key=log.seal_key,
        ),
        provider=base.provider,
    ).outputs
    exports.export_parts({"auditBatches": batches})


def control_plane(base: KafkaBase) -> None:
    """Kafka of the control plane: one broker for master data and key figures, open to the regions' mirrors."""
    _cluster(base, _definitions(base), frozenset(), MirrorListener(clients=base.config.clients))


def address_of_global(scope: Scope, config: KafkaConfig, zone_id: pulumi.Output[str]) -> PrivateNameArgs:
    """Say where the conventional name of Global's Kafka leads, inside a region's network."""
    target = config.address_of_global
    return PrivateNameArgs(
        scope=scope,
        zone_id=zone_id,
        name=name_for_mirrors(),
        kind=NameKind.ADDRESS if target.address is not None else NameKind.ALIAS,
        target=str(target),
    )


def _definitions(base: KafkaBase) -> MonitoringDefinitionsOutputs:
    return MonitoringDefinitions(
        "monitoring-definitions",
        MonitoringDefinitionsArgs(scope=base.scope, chart_registry=base.charts),
        provider=base.provider,
    ).outputs


def _cluster(
    base: KafkaBase,
    definitions: MonitoringDefinitionsOutputs,
    clients: frozenset[str],
    listener: MirrorListener | None = None,
) -> tuple[KafkaClusterOutputs, KafkaUsersOutputs]:
    """Make the operator, brokers, topics, users and alarms, each after what it stands on."""
    operator = KafkaOperator(
        "kafka-operator",
        KafkaOperatorArgs(
            scope=base.scope,
            namespace=base.namespace,
            image_registry=base.images,
            chart_registry=base.charts,
        ),
        provider=base.provider,
    ).outputs
    cluster = KafkaCluster(
        "kafka",
        KafkaClusterArgs(
            scope=base.scope,
            namespace=operator.namespace,
            brokers=base.config.brokers,
            storage=base.config.storage_gib,
            storage_class=base.storage_class,
            client_namespaces=clients,
            rebalancing=base.config.rebalancing,
            mirror_listener=listener,
        ),
        provider=base.provider,
    ).outputs
    topics = KafkaTopics(
        "kafka-topics",
        KafkaTopicsArgs(scope=base.scope, namespace=cluster.namespace, brokers=cluster.brokers),
        provider=base.provider,
    ).outputs
    users = KafkaUsers(
        "kafka-users", KafkaUsersArgs(scope=base.scope, namespace=topics.namespace), provider=base.provider
    ).outputs
    KafkaMonitoring(
        "kafka-monitoring",
        KafkaMonitoringArgs(
            scope=base.scope,
            namespace=base.namespace,
            definitions=definitions.version,
            brokers=cluster.brokers,
        ),
        provider=base.provider,
    )
    exports.export_parts({"kafka": cluster, "kafkaTopics": topics, "kafkaUsers": users})
    return cluster, users
