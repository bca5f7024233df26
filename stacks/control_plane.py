"""The global control plane: cluster, audit archive, public zone; nothing personal or of another stack (M§14.1)."""

from __future__ import annotations

from catalog.clusters import Cluster
from components.aws.audit_archive import AuditArchive, AuditArchiveArgs, AuditArchiveOutputs
from components.aws.keys import KeyPurpose
from components.core.outputs import ObjectsOutputs
from components.kubernetes.storage import ebs_gp3
from stacks import edge, exports, in_cluster
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
    exports.export_parts(edge.control_plane(base, cloudflare_provider(base.scope)))
    if settings.config.builds(Layer.PLATFORM):
        in_cluster.default_storage(
            base.scope,
            kubernetes_provider(base.scope, base.kubernetes.kubeconfig),
            ebs_gp3(base.keys.arns[KeyPurpose.VOLUMES]),
        )
    exports.export_parts(
        {"objects": ObjectsOutputs(buckets={"archive": archive.bucket}), "auditArchive": archive}
    )
    exports.export_data_stores({})


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
