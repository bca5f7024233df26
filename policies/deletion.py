"""What holds data in production is not deleted by accident."""

from __future__ import annotations

from collections.abc import Iterator

from policies.rules import Family, Level, Rule, Violation, on, require_true, unproven
from policies.values import Opaque, as_flag
from policies.views import ResourceView, StackView, is_set

STATEFUL_TYPES = frozenset(
    {
        "alicloud:cs/kubernetesPersistentVolume:KubernetesPersistentVolume",
        "alicloud:kms/key:Key",
        "alicloud:kvstore/instance:Instance",
        "alicloud:mongodb/instance:Instance",
        "alicloud:mongodb/shardingInstance:ShardingInstance",
        "alicloud:oss/bucket:Bucket",
        "alicloud:rds/instance:Instance",
        "alicloud:redis/tairInstance:TairInstance",
        "aws:docdb/cluster:Cluster",
        "aws:dynamodb/table:Table",
        "aws:ebs/volume:Volume",
        "aws:efs/fileSystem:FileSystem",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:kms/key:Key",
        "aws:opensearch/domain:Domain",
        "aws:rds/cluster:Cluster",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "cloudflare:index/r2Bucket:R2Bucket",
        "mongodbatlas:index/advancedCluster:AdvancedCluster",
        "mongodbatlas:index/cluster:Cluster",
    }
)
"""Deleting one of these deletes data, or the key without which data cannot be read."""

_DELETION_FLAGS = {
    "alicloud:kvstore/instance:Instance": "instanceReleaseProtection",
    "alicloud:mongodb/instance:Instance": "dbInstanceReleaseProtection",
    "alicloud:rds/instance:Instance": "deletionProtection",
    "aws:docdb/cluster:Cluster": "deletionProtection",
    "aws:dynamodb/table:Table": "deletionProtectionEnabled",
    "aws:rds/cluster:Cluster": "deletionProtection",
    "aws:rds/instance:Instance": "deletionProtection",
    "mongodbatlas:index/advancedCluster:AdvancedCluster": "terminationProtectionEnabled",
    "mongodbatlas:index/cluster:Cluster": "terminationProtectionEnabled",
}
"""The service's own flag, which refuses the deletion whoever asks for it."""

_ALIBABA_STORES = frozenset(token for token in _DELETION_FLAGS if token.startswith("alicloud:"))
_SHREDDERS = {
    "aws:s3/bucket:Bucket": "forceDestroy",
    "aws:s3/bucketV2:BucketV2": "forceDestroy",
    "alicloud:oss/bucket:Bucket": "forceDestroy",
    "aws:rds/instance:Instance": "skipFinalSnapshot",
    "aws:rds/cluster:Cluster": "skipFinalSnapshot",
}
"""Flags that throw data away together with the resource."""


def is_read_replica(resource: ResourceView) -> bool:
    """Whether it is a copy that can be made again from its source."""
    return any(
        is_set(resource.get(name))
        for name in ("replicateSourceDb", "replicationSourceIdentifier", "masterDbInstanceId")
    )


def _protected(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for resource in stack.made():
        if resource.type in STATEFUL_TYPES and not resource.protect and not is_read_replica(resource):
            yield on(resource, "is not protected: pulumi destroy, or a changed name, would delete it")


def _refuses_deletion(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for token, name in _DELETION_FLAGS.items():
        for resource in stack.of_type(token):
            if is_read_replica(resource):
                continue
            # Alibaba Cloud refuses to release a subscription before its term, and takes no such flag for it.
            charged = (resource.get("instanceChargeType"), resource.get("paymentType"))
            prepaid = any(isinstance(value, str) and value.lower() == "prepaid" for value in charged)
            if token in _ALIBABA_STORES and prepaid:
                continue
            yield from require_true(resource, resource.get(name), name, f"{name} is not on")


def _keeps_data(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for token, name in _SHREDDERS.items():
        for resource in stack.of_type(token):
            value = as_flag(resource.get(name))
            if isinstance(value, Opaque):
                yield unproven(resource, name, value)
            elif value is True and not is_read_replica(resource):
                yield on(resource, f"{name} is on: its data would go with it")


RULES = (
    Rule(
        id="stateful-protected",
        family=Family.DELETION,
        sentence="Stateful resources of production are protected in Pulumi.",
        source="M§14.6, P 5 rollback",
        level=Level.MANDATORY,
        remedy="create it with Component.stateful_child(), which sets protect in production",
        judge=_protected,
        alone=True,
    ),
    Rule(
        id="stateful-deletion-protection",
        family=Family.DELETION,
        sentence="Databases of production refuse deletion themselves.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="turn on the service's own deletion protection",
        judge=_refuses_deletion,
        alone=True,
    ),
    Rule(
        id="stateful-no-shredding",
        family=Family.DELETION,
        sentence="No bucket or database of production throws its data away when it is deleted.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="leave forceDestroy off, and keep the final snapshot",
        judge=_keeps_data,
        alone=True,
    ),
)
