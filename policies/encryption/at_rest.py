"""What lies on a disk is encrypted: databases, volumes, streams, search, file systems."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deletion import is_read_replica
from policies.demands import OFF, ON, SET, Absent, Demand, Wanted, broken, is_on, none_of, one_of
from policies.kubernetes_objects import kubernetes_objects
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, as_map, dig
from policies.views import ResourceView, StackView, is_set

_FLAGS = (
    ("aws:docdb/cluster:Cluster", "storageEncrypted"),
    ("aws:neptune/cluster:Cluster", "storageEncrypted"),
    ("aws:rds/cluster:Cluster", "storageEncrypted"),
    ("aws:rds/instance:Instance", "storageEncrypted"),
    ("aws:ebs/volume:Volume", "encrypted"),
    ("aws:ebs/snapshotCopy:SnapshotCopy", "encrypted"),
    ("aws:ec2/amiCopy:AmiCopy", "encrypted"),
    ("aws:ebs/encryptionByDefault:EncryptionByDefault", "enabled"),
    ("aws:efs/fileSystem:FileSystem", "encrypted"),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "atRestEncryptionEnabled"),
    ("aws:dax/cluster:Cluster", "serverSideEncryption.enabled"),
    ("aws:opensearch/domain:Domain", "encryptAtRest.enabled"),
    ("aws:elasticsearch/domain:Domain", "encryptAtRest.enabled"),
    ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "serverSideEncryption.enabled"),
    ("aws:workspaces/workspace:Workspace", "userVolumeEncryptionEnabled"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "blockDeviceMappings?.ebs?.encrypted"),
    ("aws:ec2/launchConfiguration:LaunchConfiguration", "rootBlockDevice.encrypted"),
    ("aws:ec2/launchConfiguration:LaunchConfiguration", "ebsBlockDevices?.encrypted"),
    ("aws:ec2/instance:Instance", "rootBlockDevice.encrypted"),
    ("aws:ec2/instance:Instance", "ebsBlockDevices?.encrypted"),
    ("alicloud:cs/nodePool:NodePool", "systemDiskEncrypted"),
    ("alicloud:cs/nodePool:NodePool", "dataDisks?.encrypted"),
    ("alicloud:ecs/disk:Disk", "encrypted"),
    ("alicloud:ecs/ecsDisk:EcsDisk", "encrypted"),
    ("alicloud:ecs/instance:Instance", "systemDiskEncrypted"),
    ("alicloud:ecs/instance:Instance", "dataDisks?.encrypted"),
    ("alicloud:ecs/ecsLaunchTemplate:EcsLaunchTemplate", "systemDisk?.encrypted"),
    ("alicloud:ecs/ecsLaunchTemplate:EcsLaunchTemplate", "dataDisks?.encrypted"),
    ("alicloud:ess/scalingConfiguration:ScalingConfiguration", "systemDiskEncrypted"),
    ("alicloud:ess/scalingConfiguration:ScalingConfiguration", "dataDisks?.encrypted"),
    ("alicloud:elasticsearch/instance:Instance", "dataNodeDiskEncrypted"),
)
"""Flags whose absence means no encryption."""

_HAS_KEY = Wanted(said="encrypted", holds=is_set, by_reference=True)


def _inherits(resource: ResourceView) -> bool:
    """Whether a volume takes its encryption from the snapshot or, as a replica, from its source."""
    return is_read_replica(resource) or is_set(resource.get("globalClusterIdentifier"))


def _no_local_disk(resource: ResourceView) -> bool:
    return is_set(resource.get("launchTemplate")) or is_set(resource.get("rootSnapshotId"))


_DEMANDS = (
    *(
        Demand(
            types=(token,),
            path=path,
            wanted=ON,
            because="its data would lie there in plain form",
            unless=_no_local_disk if path.startswith("rootBlock") else _inherits,
        )
        for token, path in _FLAGS
    ),
    Demand(types=("aws:redshift/cluster:Cluster",), path="encrypted", wanted=ON, absent=Absent.HOLDS),
    Demand(
        types=("aws:kinesis/stream:Stream",),
        path="encryptionType",
        wanted=one_of("KMS"),
        because="records would lie there in plain form",
    ),
    Demand(
        types=("aws:sns/topic:Topic",),
        path="kmsMasterKeyId",
        wanted=SET,
        because="messages are not encrypted",
    ),
    Demand(
        types=("aws:sqs/queue:Queue",),
        path="sqsManagedSseEnabled",
        wanted=ON,
        absent=Absent.HOLDS,
        because="messages are not encrypted",
        unless=lambda queue: is_set(queue.get("kmsMasterKeyId")),
    ),
    Demand(
        types=("aws:eks/cluster:Cluster",),
        path="encryptionConfig",
        wanted=SET,
        because="Kubernetes secrets lie without an envelope key",
    ),
    Demand(
        types=("aws:athena/workgroup:Workgroup",),
        path="configuration?.resultConfiguration?.encryptionConfiguration.encryptionOption",
        wanted=SET,
    ),
    Demand(
        types=("aws:codebuild/project:Project",),
        path="artifacts?.encryptionDisabled",
        wanted=OFF,
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("aws:imagebuilder/imageRecipe:ImageRecipe", "aws:ec2/ami:Ami"),
        path="ebsBlockDevices?.encrypted",
        wanted=ON,
    ),
    Demand(
        types=("alicloud:nas/fileSystem:FileSystem",),
        path="encryptType",
        wanted=Wanted(said="1 or 2", holds=lambda value: as_int(value) in {1, 2}),
    ),
    Demand(
        types=("alicloud:polardb/cluster:Cluster",),
        path="tdeStatus",
        wanted=one_of("Enabled"),
        unless=lambda cluster: is_set(cluster.get("encryptionKey")),
    ),
    Demand(types=("alicloud:log/store:Store",), path="encryptConf.enable", wanted=ON),
    Demand(
        types=("alicloud:cs/managedKubernetes:ManagedKubernetes", "alicloud:cs/kubernetes:Kubernetes"),
        path="encryptionProviderKey",
        wanted=SET,
        because="Kubernetes secrets lie without an envelope key",
    ),
    *(
        Demand(types=(token,), path="encryptionKey", wanted=_HAS_KEY)
        for token in ("alicloud:clickhouse/dbCluster:DbCluster", "alicloud:gpdb/instance:Instance")
    ),
    Demand(types=("alicloud:adb/dbCluster:DbCluster",), path="diskEncryption", wanted=ON),
    Demand(
        types=("mongodbatlas:index/cluster:Cluster",),
        path="providerEncryptEbsVolume",
        wanted=ON,
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("aws:cloudtrail/trail:Trail",),
        path="kmsKeyId",
        wanted=SET,
        because="who did what is kept without a key of ours that rotates",
    ),
    Demand(
        types=("aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",),
        path="dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
        wanted=none_of("DISABLED"),
    ),
)


def _at_rest(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for cluster in stack.of_type("aws:eks/cluster:Cluster"):
        for block in as_list(cluster.get("encryptionConfig")):
            resources = dig(block, "resources")
            if (
                resources is not None
                and not isinstance(resources, Opaque)
                and "secrets" not in as_list(resources)
            ):
                yield on(cluster, "encryptionConfig does not cover secrets")
    for store in stack.of_type("alicloud:rds/instance:Instance", "alicloud:mongodb/instance:Instance"):
        key = store.get("encryptionKey") or store.get("cloudDiskEncryptionKey")
        whole = str(store.get("tdeStatus") or "").lower() == "enabled" or is_on(store.get("encrypted"))
        if isinstance(store.get("encrypted"), Opaque):
            yield unproven(store, "encrypted", Opaque.UNKNOWN)
        elif not is_set(key) and not whole:
            yield on(store, "has neither an encryption key for its disk nor tdeStatus enabled")


_ENCRYPTING = ("ebs.csi.aws.com", "kubernetes.io/aws-ebs", "diskplugin.csi.alibabacloud.com", "alicloud/disk")


def _classes(stack: StackView) -> Iterator[Violation]:
    for item in kubernetes_objects(stack, "StorageClass"):
        parameters = as_map(item.body.get("parameters"))
        if item.body.get("provisioner") not in _ENCRYPTING:
            continue
        value = parameters.get("encrypted")
        if isinstance(value, Opaque):
            yield unproven(item.view, "parameters.encrypted", value)
        elif not is_on(value):
            yield on(item.view, "parameters.encrypted is not true: volumes of this class are not encrypted")


RULES = (
    Rule(
        id="encryption-at-rest",
        family=Family.ENCRYPTION,
        sentence="Disks, databases, caches, streams and Kubernetes secrets are encrypted.",
        source="M§14.3, P 5",
        level=Level.MANDATORY,
        remedy="turn it on and name the stack's key for the purpose; most stores take it at creation only",
        judge=_at_rest,
        alone=True,
    ),
    Rule(
        id="encryption-volumes",
        family=Family.ENCRYPTION,
        sentence="Storage classes make encrypted volumes.",
        source="M§14.3, P 5",
        level=Level.MANDATORY,
        remedy='set the parameter encrypted to "true" and name the key for volumes',
        judge=_classes,
        alone=True,
    ),
)
