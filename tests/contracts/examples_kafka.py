"""Kafka: the operator, its cluster, and what runs on it."""

from __future__ import annotations

from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.forms import ImageRegistry
from catalog.kafka_limits import Rebalancing
from catalog.quantities import Storage
from catalog.services import Service
from catalog.stack_facts import Stack
from components.alicloud.private_name import PrivateName as AlibabaPrivateName
from components.aws.private_name import PrivateName
from components.core.private_name import NameKind, PrivateNameArgs
from components.kubernetes.event_flags import EventFlags, EventFlagsArgs
from components.kubernetes.kafka.change_data_capture import ChangeDataCapture, ChangeDataCaptureArgs
from components.kubernetes.kafka.cluster import (
    KafkaCluster,
    KafkaClusterArgs,
    MirrorListener,
    name_for_mirrors,
)
from components.kubernetes.kafka.connect import KafkaConnect, KafkaConnectArgs
from components.kubernetes.kafka.mirror import Mirrors, MirrorsArgs
from components.kubernetes.kafka.monitoring import KafkaMonitoring, KafkaMonitoringArgs
from components.kubernetes.kafka.operator import KafkaOperator, KafkaOperatorArgs
from components.kubernetes.kafka.schema_registry import SchemaRegistry, SchemaRegistryArgs
from components.kubernetes.kafka.topics import KafkaTopics, KafkaTopicsArgs
from components.kubernetes.kafka.users import KafkaUsers, KafkaUsersArgs
from components.kubernetes.monitoring_definitions import MonitoringDefinitions, MonitoringDefinitionsArgs
from tests.contracts.harness import Example, World, known

ALL = tuple(Stack)
PRODUCT = tuple(stack for stack in Stack if stack is not Stack.PROD_GLOBAL)
REGIONS = (Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA)

BROKERS = {Stack.DEV: 1, Stack.STAGING: 3, Stack.PROD_GLOBAL: 1}

IMAGES = ImageRegistry("registry.example/mirror")


def brokers(world: World) -> int:
    return BROKERS.get(world.scope.stack, 5)


def _operator(world: World) -> KafkaOperator:
    return KafkaOperator(
        "kafka-operator",
        KafkaOperatorArgs(
            scope=world.scope,
            namespace=known("kafka"),
            image_registry=IMAGES,
            chart_registry=ImageRegistry("registry.example/charts"),
        ),
        provider=world.kubernetes,
    )


def _cluster(world: World) -> KafkaCluster:
    on_global = world.scope.cluster is Cluster.GLOBAL
    ranges = {
        region: (Cidr.parse(f"192.0.2.{place}/32"),)
        for place, region in enumerate(Cluster)
        if region.holds_personal_data
    }
    return KafkaCluster(
        "kafka",
        KafkaClusterArgs(
            scope=world.scope,
            namespace=known("kafka"),
            brokers=brokers(world),
            storage=Storage(50),
            storage_class=known("durable"),
            client_namespaces=frozenset({world.scope.services_namespace}),
            rebalancing=Rebalancing.CRUISE_CONTROL if brokers(world) > 3 else Rebalancing.MANUAL,
            mirror_listener=MirrorListener(clients=ranges) if on_global else None,
        ),
        provider=world.kubernetes,
    )


def _topics(world: World) -> KafkaTopics:
    return KafkaTopics(
        "kafka-topics",
        KafkaTopicsArgs(scope=world.scope, namespace=known("kafka"), brokers=brokers(world)),
        provider=world.kubernetes,
    )


def _users(world: World) -> KafkaUsers:
    return KafkaUsers(
        "kafka-users",
        KafkaUsersArgs(scope=world.scope, namespace=known("kafka")),
        provider=world.kubernetes,
    )


def _connect(world: World) -> KafkaConnect:
    return KafkaConnect(
        "kafka-connect",
        KafkaConnectArgs(
            scope=world.scope,
            namespace=known("kafka"),
            workers=2,
            brokers=brokers(world),
            image_registry=IMAGES,
            vault_secrets=("mysql.properties",),
        ),
        provider=world.kubernetes,
    )


def _change_data_capture(world: World) -> ChangeDataCapture:
    return ChangeDataCapture(
        "change-data-capture",
        ChangeDataCaptureArgs(
            scope=world.scope,
            namespace=known("kafka"),
            host=known("mysql.example"),
            port=3306,
            server_id=18401,
        ),
        provider=world.kubernetes,
    )


def _mirrors(world: World) -> Mirrors:
    return Mirrors(
        "mirrors",
        MirrorsArgs(scope=world.scope, namespace=known("kafka"), brokers=brokers(world)),
        provider=world.kubernetes,
    )


def _registry(world: World) -> SchemaRegistry:
    return SchemaRegistry(
        "schema-registry",
        SchemaRegistryArgs(
            scope=world.scope,
            namespace=known("kafka"),
            replicas=2,
            brokers=brokers(world),
            image_registry=IMAGES,
            client_namespaces=frozenset({world.scope.services_namespace}),
        ),
        provider=world.kubernetes,
    )


def _monitoring(world: World) -> KafkaMonitoring:
    return KafkaMonitoring(
        "kafka-monitoring",
        KafkaMonitoringArgs(scope=world.scope, namespace=known("kafka"), definitions=known("1"), brokers=1),
        provider=world.kubernetes,
    )


def _definitions(world: World) -> MonitoringDefinitions:
    return MonitoringDefinitions(
        "monitoring-definitions",
        MonitoringDefinitionsArgs(scope=world.scope, chart_registry=ImageRegistry("registry.example/charts")),
        provider=world.kubernetes,
    )


def _flags(world: World) -> EventFlags:
    return EventFlags(
        "event-flags",
        EventFlagsArgs(scope=world.scope, namespace=known("smp-dev"), on=(Service.DISPATCH,)),
        provider=world.kubernetes,
    )


def _name(world: World) -> PrivateName:
    return PrivateName(
        "kafka-of-global",
        PrivateNameArgs(
            scope=world.scope,
            zone_id=known("Z0123456789"),
            name=name_for_mirrors(),
            kind=NameKind.ALIAS,
            target="kafka.example",
        ),
        provider=world.aws,
    )


def _name_in_china(world: World) -> AlibabaPrivateName:
    return AlibabaPrivateName(
        "kafka-of-global",
        PrivateNameArgs(
            scope=world.scope,
            zone_id=known("zone"),
            name=name_for_mirrors(),
            kind=NameKind.ADDRESS,
            target="192.0.2.1",
        ),
        provider=world.alicloud,
    )


EXAMPLES = [
    Example(id="monitoring-definitions", build=_definitions, stacks=ALL),
    Example(id="event-flags", build=_flags, stacks=PRODUCT),
    Example(id="private-name", build=_name, stacks=(Stack.PROD_ASIA, Stack.PROD_US)),
    Example(id="private-name-china", build=_name_in_china, stacks=(Stack.PROD_CHINA,)),
    Example(id="kafka-operator", build=_operator),
    Example(id="kafka", build=_cluster, stacks=ALL),
    Example(id="kafka-topics", build=_topics, stacks=ALL),
    Example(id="kafka-users", build=_users, stacks=ALL),
    Example(id="kafka-connect", build=_connect, stacks=PRODUCT),
    Example(id="change-data-capture", build=_change_data_capture, stacks=PRODUCT),
    Example(id="mirrors", build=_mirrors, stacks=REGIONS),
    Example(id="schema-registry", build=_registry, stacks=PRODUCT),
    Example(id="kafka-monitoring", build=_monitoring, stacks=ALL),
]
