"""The global control plane: cluster, audit archive, public zone; nothing personal or of another stack (M§14.1)."""

from __future__ import annotations

from catalog.clusters import Cluster
from components.aws.audit_archive import AuditArchive, AuditArchiveArgs, AuditArchiveOutputs
from components.aws.keys import KeyPurpose
from components.aws.registry import Registry, RegistryArgs
from components.core.outputs import ObjectsOutputs, RegistryOutputs
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.namespaces import Namespaces, NamespacesArgs
from components.kubernetes.storage import ebs_gp3
from stacks import edge, exports, in_cluster, kafka
from stacks.aws_foundation import Foundation, foundation
from stacks.config import Layer
from stacks.config_source import Settings
from stacks.providers import cloudflare_provider, kubernetes_provider

PURPOSES = frozenset({KeyPurpose.KUBERNETES, KeyPurpose.VOLUMES, KeyPurpose.LOGS})
"""No key for databases, caches or objects of persons: there are none. The archive makes its own."""


def build(settings: Settings) -> None:
    """Build the stack."""
    exports.export_identity(settings)
    base = foundation(settings, PURPOSES)
    archive = audit_archive(base)
    registry = Registry("registry", RegistryArgs(scope=base.scope, services=()), provider=base.aws).outputs
    exports.export_parts(edge.control_plane(base, cloudflare_provider(base.scope)))
    if settings.config.builds(Layer.PLATFORM):
        events(base, registry)
    exports.export_parts(
        {
            "registry": registry,
            "objects": ObjectsOutputs(buckets={"archive": archive.bucket}),
            "auditArchive": archive,
        }
    )
    exports.export_data_stores({})


def events(base: Foundation, registry: RegistryOutputs) -> None:
    """Master data out to the regions, key figures in from them."""
    provider = kubernetes_provider(base.scope, base.kubernetes.kubeconfig)
    namespaces = Namespaces(
        "namespaces", NamespacesArgs(scope=base.scope, namespaces=kafka.NAMESPACES), provider=provider
    ).outputs
    storage_class = in_cluster.default_storage(
        base.scope, provider, ebs_gp3(base.keys.arns[KeyPurpose.VOLUMES])
    )
    kafka.control_plane(
        kafka.KafkaBase(
            scope=base.scope,
            config=base.config.kafka,
            provider=provider,
            namespace=namespaces.names[KAFKA_NAMESPACE],
            storage_class=storage_class,
            registry=registry,
        )
    )


def audit_archive(base: Foundation) -> AuditArchiveOutputs:
    """The immutable archive each region's daily batch goes to (M§14.3)."""
    config = base.config.required_archive
    return AuditArchive(
        "audit-archive",
        AuditArchiveArgs(
            scope=base.scope,
            retention_days=config.retention_days,
            writers={Cluster.with_id(cluster): account for cluster, account in config.writers.items()},
        ),
        provider=base.aws,
    ).outputs
