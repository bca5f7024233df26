"""What runs in every product cluster before any service does, whichever cloud it is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.core.outputs import RegistryOutputs
from components.core.scope import Scope
from components.kubernetes.event_flags import EventFlags, EventFlagsArgs
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.namespaces import (
    MONITORING_NAMESPACE,
    Namespaces,
    NamespacesArgs,
    NamespaceSpec,
    PodSecurity,
)
from components.kubernetes.service_accounts import ServiceAccounts, ServiceAccountsArgs
from components.kubernetes.storage import DefaultStorage, DefaultStorageArgs, VolumeType
from stacks import exports
from stacks.config_kafka import KafkaConfig
from stacks.kafka import KafkaBase

DATA_NAMESPACE = "data"
"""In-cluster data stores, where an environment has them."""


MONITORING: Mapping[str, NamespaceSpec] = {
    MONITORING_NAMESPACE: NamespaceSpec(pod_security=PodSecurity.RESTRICTED)
}
"""What watches a cluster and its bill."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The platform layer of a cluster."""

    scope: Scope
    provider: kubernetes.Provider
    namespaces: Mapping[str, pulumi.Output[str]]
    storage_class: pulumi.Output[str]


def data_namespace(scope: Scope) -> Mapping[str, NamespaceSpec]:
    """The namespace of in-cluster data stores: closed to all but the services."""
    admits = frozenset({scope.services_namespace})
    return {DATA_NAMESPACE: NamespaceSpec(pod_security=PodSecurity.RESTRICTED, admits=admits)}


def platform(
    scope: Scope,
    provider: kubernetes.Provider,
    volume: VolumeType,
    further_namespaces: Mapping[str, NamespaceSpec] | None = None,
) -> Platform:
    """Namespaces, the services' first of all, and the storage class every volume uses."""
    specs = {scope.services_namespace: NamespaceSpec(pod_security=PodSecurity.RESTRICTED)}
    namespaces = Namespaces(
        "namespaces",
        NamespacesArgs(scope=scope, namespaces={**specs, **(further_namespaces or {})}),
        provider=provider,
    ).outputs
    return Platform(
        scope=scope,
        provider=provider,
        namespaces=namespaces.names,
        storage_class=default_storage(scope, provider, volume),
    )


def kafka_base(base: Platform, config: KafkaConfig, registry: RegistryOutputs) -> KafkaBase:
    """Give what Kafka stands on in a product cluster."""
    return KafkaBase(
        scope=base.scope,
        config=config,
        provider=base.provider,
        namespace=base.namespaces[KAFKA_NAMESPACE],
        storage_class=base.storage_class,
        registry=registry,
    )


def event_flags(base: Platform, config: KafkaConfig) -> None:
    """Each service's switch between events and calls."""
    flags = EventFlags(
        "event-flags",
        EventFlagsArgs(
            scope=base.scope,
            namespace=base.namespaces[base.scope.services_namespace],
            on=config.services_on_events,
        ),
        provider=base.provider,
    ).outputs
    exports.export_parts({"kafkaEvents": flags})


def default_storage(scope: Scope, provider: kubernetes.Provider, volume: VolumeType) -> pulumi.Output[str]:
    """Make encrypted volumes the default of the cluster; give the class's name."""
    return DefaultStorage(
        "default-storage", DefaultStorageArgs(scope=scope, volume=volume), provider=provider
    ).outputs.storage_class


def service_accounts(
    base: Platform, annotations: Mapping[str, Mapping[str, pulumi.Output[str]]] | None = None
) -> None:
    """One account per service; ``annotations`` bind it to a cloud role where the cloud works that way."""
    ServiceAccounts(
        "service-accounts",
        ServiceAccountsArgs(
            scope=base.scope,
            namespace=base.namespaces[base.scope.services_namespace],
            annotations=annotations or {},
        ),
        provider=base.provider,
    )
