"""What holds data in production is not deleted by accident."""

from __future__ import annotations

from collections.abc import Iterator

from policies.demands import OFF, ON, Absent, Demand, Wanted, Where, broken, is_on, none_of
from policies.kubernetes_objects import chart_values, kubernetes_objects
from policies.rules import Family, Level, Rule, Violation, on, require_true, unproven
from policies.tokens import canonical
from policies.values import Opaque, as_flag, as_int, as_map, dig, walk
from policies.views import ResourceView, StackView, is_set

STATEFUL_TYPES = frozenset(
    {
        "alicloud:adb/dbCluster:DbCluster",
        "alicloud:alikafka/instance:Instance",
        "alicloud:cs/managedKubernetes:ManagedKubernetes",
        "alicloud:cs/kubernetesPersistentVolume:KubernetesPersistentVolume",
        "alicloud:elasticsearch/instance:Instance",
        "alicloud:kms/key:Key",
        "alicloud:kvstore/instance:Instance",
        "alicloud:mongodb/instance:Instance",
        "alicloud:mongodb/shardingInstance:ShardingInstance",
        "alicloud:nas/fileSystem:FileSystem",
        "alicloud:oss/bucket:Bucket",
        "alicloud:ots/instance:Instance",
        "alicloud:polardb/cluster:Cluster",
        "alicloud:rds/instance:Instance",
        "alicloud:redis/tairInstance:TairInstance",
        "aws:docdb/cluster:Cluster",
        "aws:dynamodb/table:Table",
        "aws:ebs/volume:Volume",
        "aws:efs/fileSystem:FileSystem",
        "aws:eks/cluster:Cluster",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticsearch/domain:Domain",
        "aws:kms/key:Key",
        "aws:memorydb/cluster:Cluster",
        "aws:msk/cluster:Cluster",
        "aws:neptune/cluster:Cluster",
        "aws:opensearch/domain:Domain",
        "aws:rds/cluster:Cluster",
        "aws:rds/instance:Instance",
        "aws:redshift/cluster:Cluster",
        "aws:s3/bucket:Bucket",
        "cloudflare:index/r2Bucket:R2Bucket",
        "cloudflare:index/zone:Zone",
        "mongodbatlas:index/advancedCluster:AdvancedCluster",
        "mongodbatlas:index/cluster:Cluster",
        "mongodbatlas:index/flexCluster:FlexCluster",
        "vault:index/mount:Mount",
    }
)
"""Deleting one of these deletes data, what runs on it, or the key without which it cannot be read."""

_DELETION_FLAGS = {
    "alicloud:kvstore/instance:Instance": "instanceReleaseProtection",
    "alicloud:mongodb/instance:Instance": "dbInstanceReleaseProtection",
    "alicloud:rds/instance:Instance": "deletionProtection",
    "aws:docdb/cluster:Cluster": "deletionProtection",
    "aws:dynamodb/table:Table": "deletionProtectionEnabled",
    "aws:neptune/cluster:Cluster": "deletionProtection",
    "aws:rds/cluster:Cluster": "deletionProtection",
    "aws:rds/instance:Instance": "deletionProtection",
    "mongodbatlas:index/advancedCluster:AdvancedCluster": "terminationProtectionEnabled",
    "mongodbatlas:index/cluster:Cluster": "terminationProtectionEnabled",
    "mongodbatlas:index/flexCluster:FlexCluster": "terminationProtectionEnabled",
}
"""The service's own flag, which refuses the deletion whoever asks for it."""

_ALIBABA_STORES = frozenset(token for token in _DELETION_FLAGS if token.startswith("alicloud:"))
SHORTEST_WINDOW_DAYS = 14
"""How long a key or a secret can be had back; AWS proposes 30 days."""


def is_read_replica(resource: ResourceView) -> bool:
    """Whether it is a copy that can be made again from its source."""
    return any(
        is_set(resource.get(name))
        for name in ("replicateSourceDb", "replicationSourceIdentifier", "masterDbInstanceId")
    )


def _flag(token: str, path: str, wanted: Wanted, because: str = "its data would go with it") -> Demand:
    return Demand(
        types=(token,),
        path=path,
        wanted=wanted,
        absent=Absent.HOLDS,
        where=Where.PRODUCTION,
        because=because,
        unless=is_read_replica,
    )


_LONG_WINDOW = Wanted(
    said=f"at least {SHORTEST_WINDOW_DAYS} days",
    holds=lambda value: (as_int(value) or 0) >= SHORTEST_WINDOW_DAYS,
)
_RESCUED = Wanted(said="kept", holds=lambda value: str(value).lower() not in {"none", "0"})
_DEMANDS = (
    _flag("aws:s3/bucket:Bucket", "forceDestroy", OFF),
    _flag("alicloud:oss/bucket:Bucket", "forceDestroy", OFF),
    _flag("aws:ecr/repository:Repository", "forceDelete", OFF, "images to go back to would go with it"),
    _flag("aws:backup/vault:Vault", "forceDestroy", OFF),
    _flag("aws:rds/instance:Instance", "skipFinalSnapshot", OFF),
    _flag("aws:rds/cluster:Cluster", "skipFinalSnapshot", OFF),
    _flag("aws:docdb/cluster:Cluster", "skipFinalSnapshot", OFF),
    _flag("aws:neptune/cluster:Cluster", "skipFinalSnapshot", OFF),
    _flag("aws:redshift/cluster:Cluster", "skipFinalSnapshot", OFF),
    _flag("aws:fsx/windowsFileSystem:WindowsFileSystem", "skipFinalBackup", OFF),
    _flag("aws:rds/instance:Instance", "deleteAutomatedBackups", OFF, "its backups would go with it"),
    _flag("aws:rds/cluster:Cluster", "deleteAutomatedBackups", OFF, "its backups would go with it"),
    _flag("aws:eks/cluster:Cluster", "deletionProtection", ON, "the cluster could be deleted in one call"),
    _flag("alicloud:cs/managedKubernetes:ManagedKubernetes", "deletionProtection", ON),
    _flag(
        "aws:lb/loadBalancer:LoadBalancer",
        "enableDeletionProtection",
        ON,
        "one call would cut off its callers",
    ),
    _flag("aws:cognito/userPool:UserPool", "deletionProtection", none_of("INACTIVE")),
    _flag("alicloud:hbase/instance:Instance", "deletionProtection", ON),
    _flag("alicloud:gpdb/instance:Instance", "deletionProtection", ON),
    _flag("alicloud:polardb/cluster:Cluster", "deletionLock", ON),
    _flag("alicloud:kms/key:Key", "deletionProtection", none_of("Disabled")),
    _flag("alicloud:rds/instance:Instance", "releasedKeepPolicy", _RESCUED, "its backups would go with it"),
    _flag("alicloud:rds/backupPolicy:BackupPolicy", "releasedKeepPolicy", _RESCUED),
    _flag("alicloud:mongodb/instance:Instance", "backupRetentionPolicyOnClusterDeletion", _RESCUED),
    _flag(
        "mongodbatlas:index/advancedCluster:AdvancedCluster",
        "retainBackupsEnabled",
        ON,
        "its backups go with it",
    ),
    _flag("mongodbatlas:index/cluster:Cluster", "retainBackupsEnabled", ON, "its backups would go with it"),
    _flag("aws:kms/key:Key", "deletionWindowInDays", _LONG_WINDOW, "what it encrypts would be lost for good"),
    _flag(
        "alicloud:kms/key:Key", "pendingWindowInDays", _LONG_WINDOW, "what it encrypts would be lost for good"
    ),
    _flag(
        "aws:secretsmanager/secret:Secret",
        "recoveryWindowInDays",
        Wanted(said="7 days or more", holds=lambda value: (as_int(value) or 0) >= 7),
        "it could not be had back",
    ),
    _flag("alicloud:kms/secret:Secret", "forceDeleteWithoutRecovery", OFF, "it could not be had back"),
    _flag("aws:ec2/instance:Instance", "ebsBlockDevices?.deleteOnTermination", OFF),
    _flag("alicloud:ecs/disk:Disk", "deleteWithInstance", OFF),
    _flag("alicloud:ecs/ecsDisk:EcsDisk", "deleteWithInstance", OFF),
)


def _protected(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for resource in stack.made():
        stateful = canonical(resource.type) in STATEFUL_TYPES
        if stateful and not resource.protect and not is_read_replica(resource):
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
    yield from broken(stack, _DEMANDS)


_SCRATCH = ("scratch", "ephemeral", "cache", "tmp", "temp")


def _volumes(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for item in kubernetes_objects(stack, "StorageClass"):
        policy = item.body.get("reclaimPolicy")
        if isinstance(policy, Opaque):
            yield unproven(item.view, "reclaimPolicy", policy)
        elif policy != "Retain" and not any(word in item.name for word in _SCRATCH):
            yield on(
                item.view, f"reclaimPolicy is {policy or 'Delete by silence'}: volumes go with their claims"
            )
    for item in kubernetes_objects(stack, "PersistentVolume"):
        if item.spec.get("persistentVolumeReclaimPolicy") in {"Delete", "Recycle"}:
            yield on(item.view, "persistentVolumeReclaimPolicy would delete its data with the claim")
    for item in kubernetes_objects(stack, "VolumeSnapshotClass"):
        if item.body.get("deletionPolicy") == "Delete":
            yield on(item.view, "deletionPolicy is Delete: snapshots go with their objects")
    yield from _claims(stack)


def _claims(stack: StackView) -> Iterator[Violation]:
    for item in kubernetes_objects(stack, "StatefulSet"):
        policy = as_map(item.spec.get("persistentVolumeClaimRetentionPolicy"))
        for name in ("whenDeleted", "whenScaled"):
            if policy.get(name) == "Delete":
                yield on(item.view, f"{name} is Delete: volumes go with the pods")
    for item in kubernetes_objects(stack, "Elasticsearch"):
        if "elastic" in item.group and item.spec.get("volumeClaimDeletePolicy") != "DeleteOnScaledownOnly":
            yield on(
                item.view, "volumeClaimDeletePolicy is not DeleteOnScaledownOnly: data goes with the cluster"
            )


def _operators(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for item in kubernetes_objects(stack, "Kafka", "KafkaNodePool"):
        for path, value in walk(item.spec):
            if path.endswith("deleteClaim") and as_flag(value) is True:
                yield on(item.view, f"{path} is true: volumes go with the brokers")
            if path.endswith("storage.type") and value == "ephemeral":
                yield on(item.view, f"{path} is ephemeral: messages go with a pod")
    for chart in chart_values(stack):
        for name in ("persistence", "dataStorage"):
            for owner in ("", "server", "master", "primary", "replica"):
                block = dig(chart.values, owner, name) if owner else dig(chart.values, name)
                if as_flag(dig(block, "enabled")) is False:
                    yield on(chart.view, f"{f'{owner}.' if owner else ''}{name} of {chart.chart} is off")
                if str(dig(block, "reclaimPolicy")) == "Delete" or is_on(dig(block, "deleteOnRelease")):
                    yield on(chart.view, f"{name} of {chart.chart} is deleted with the release")


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
        sentence="No bucket, database, key or secret of production is gone for good the moment it is deleted.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="leave forceDestroy off, keep the final snapshot and the backups, and a window to change one's mind",
        judge=_keeps_data,
        alone=True,
    ),
    Rule(
        id="stateful-volumes",
        family=Family.DELETION,
        sentence="Volumes of production outlive their claims, pods and clusters.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="set the reclaim or retention policy to Retain",
        judge=_volumes,
        alone=True,
    ),
    Rule(
        id="stateful-operators",
        family=Family.DELETION,
        sentence="Kafka and other stores of the cluster keep their volumes when they are removed.",
        source="M§14.6, P 3",
        level=Level.MANDATORY,
        remedy="use persistent storage with deleteClaim false",
        judge=_operators,
        alone=True,
    ),
)
