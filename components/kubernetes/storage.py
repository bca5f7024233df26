"""The storage class of every volume, the same name on both clouds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_kubernetes as kubernetes

from components.core.component import Args, Component, Outputs
from components.core.scope import Scope

STORAGE_CLASS = "durable"
"""Name of the class. Claims and charts name it and so read alike on AWS and Alibaba Cloud."""

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True, kw_only=True)
class VolumeType:
    """What a cloud's disk driver makes: its name, and its own parameters."""

    provisioner: str
    parameters: Mapping[str, pulumi.Input[str]]


class EssdLevel(StrEnum):
    """Performance of an Alibaba Cloud ESSD. A smaller claim than the level's least size is refused."""

    PL0 = "PL0"
    """From 40 GiB; cheapest."""
    PL1 = "PL1"
    """From 20 GiB; five times the throughput of PL0 at most."""


def ebs_gp3(key_arn: pulumi.Input[str]) -> VolumeType:
    """Describe an EBS gp3 disk encrypted with a KMS key; the driver itself sets the stack's tags."""
    return VolumeType(
        provisioner="ebs.csi.aws.com",
        parameters={
            "type": "gp3",
            "encrypted": "true",
            "kmsKeyId": key_arn,
            "csi.storage.k8s.io/fstype": "ext4",
        },
    )


def alibaba_essd(scope: Scope, *, performance: EssdLevel, key_id: pulumi.Input[str]) -> VolumeType:
    """Describe an Alibaba Cloud ESSD encrypted with a KMS key and tagged like the stack."""
    tags = {key: value for key, value in scope.tags("volume").items() if key != "Name"}
    return VolumeType(
        provisioner="diskplugin.csi.alibabacloud.com",
        parameters={
            "type": "cloud_essd",
            "performanceLevel": performance,
            "encrypted": "true",
            "kmsKeyId": key_id,
            "csi.storage.k8s.io/fstype": "ext4",
            "diskTags": ",".join(f"{key}:{value}" for key, value in tags.items()),
        },
    )


@dataclass(frozen=True, kw_only=True)
class DefaultStorageArgs(Args):
    """Which disks volumes are."""

    volume: VolumeType

    def problems(self) -> Iterator[str]:
        """Check that data at rest is encrypted."""
        parameters = self.volume.parameters
        if parameters.get("encrypted") != "true" or not parameters.get("kmsKeyId"):
            yield "volume is not encrypted with a key of ours; set encrypted and kmsKeyId"


@dataclass(frozen=True, kw_only=True)
class DefaultStorageOutputs(Outputs):
    """The storage class claims name."""

    storage_class: pulumi.Output[str]


class DefaultStorage(Component[DefaultStorageOutputs]):
    """The one storage class, and the default: encrypted, growing, and made in the zone of the pod.

    In production a volume outlives its claim: deleting a Kafka cluster by mistake leaves its disks, which somebody
    then removes by hand. Elsewhere they go together.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:DefaultStorage"

    def __init__(
        self,
        name: str,
        args: DefaultStorageArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        storage_class = self._create_storage_class(args.volume)
        self.publish(DefaultStorageOutputs(storage_class=storage_class.metadata.name))

    def _create_storage_class(self, volume: VolumeType) -> kubernetes.storage.v1.StorageClass:
        return kubernetes.storage.v1.StorageClass(
            self.scope.name("storage"),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=STORAGE_CLASS,
                labels=self.scope.labels("storage"),
                annotations={_DEFAULT_CLASS: "true"},
            ),
            provisioner=volume.provisioner,
            parameters=dict(volume.parameters),
            # A disk made before its pod is placed may stand in a zone where the pod cannot go.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Retain" if self.scope.is_production else "Delete",
            opts=self.child(),
        )
