"""EKS add-ons, pinned per Kubernetes version."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.quantities import Storage
from components.core.scope import Scope

OLDEST_VERSION = (1, 35)
"""Version 1.34 leaves standard support on 2026-12-02; extended support costs six times as much."""


class Addon(StrEnum):
    """The add-ons every cluster has; the value is EKS's name."""

    VPC_CNI = "vpc-cni"
    KUBE_PROXY = "kube-proxy"
    POD_IDENTITY = "eks-pod-identity-agent"
    COREDNS = "coredns"
    EBS_CSI = "aws-ebs-csi-driver"


BEFORE_NODES = (Addon.VPC_CNI, Addon.KUBE_PROXY, Addon.POD_IDENTITY)
"""DaemonSets a node needs to become ready; without nodes they are active at once."""

AFTER_NODES = (Addon.COREDNS, Addon.EBS_CSI)
"""Deployments, which become active only where there is a node to run on."""

ADDON_VERSIONS: Mapping[str, Mapping[Addon, str]] = {
    "1.35": {
        Addon.VPC_CNI: "v1.22.4-eksbuild.3",
        Addon.KUBE_PROXY: "v1.35.3-eksbuild.29",
        Addon.POD_IDENTITY: "v1.3.10-eksbuild.3",
        Addon.COREDNS: "v1.13.2-eksbuild.31",
        Addon.EBS_CSI: "v1.66.0-eksbuild.1",
    },
}
"""Versions by Kubernetes version, as EKS reported its defaults in 2026.

A new Kubernetes version gets its row from ``aws eks describe-addon-versions --kubernetes-version <version>``;
EKS refuses a version that it does not list there. The EBS driver must be 1.58 or newer: from there on it marks
its volumes with the cluster's name, which the driver's cluster-scoped policy asks for.
"""


def eks_version(version: str) -> str | None:
    """Say what is wrong with a Kubernetes version, or ``None``: too old, or without a row above."""
    if version in ADDON_VERSIONS:
        return None
    known = ", ".join(sorted(ADDON_VERSIONS))
    found = re.fullmatch(r"(\d+)\.(\d+)", version)
    if found is None:
        return f"{version!r} is no Kubernetes version; write it in quotes, like '1.35'"
    if (int(found[1]), int(found[2])) < OLDEST_VERSION:
        return f"{version} is leaving standard support; take 1.35 or newer"
    return f"{version} has no pinned add-ons, only {known} has; add it to ADDON_VERSIONS"


SMALLEST_DISK = Storage(20)
"""The snapshot of EKS' Amazon Linux 2023 images; EC2 takes no volume smaller than its snapshot."""


def eks_disk(disk: Storage) -> str | None:
    """Say what is wrong with the root disk of a node, or ``None``."""
    return None if disk >= SMALLEST_DISK else f"{disk} is too small; a node's disk starts at {SMALLEST_DISK}"


@dataclass(frozen=True, kw_only=True)
class AddonIdentity:
    """The service account an add-on calls AWS with, and the managed policy of its role."""

    service_account: str
    managed_policy_arn: str


ADDON_IDENTITIES: Mapping[Addon, AddonIdentity] = {
    Addon.VPC_CNI: AddonIdentity(
        service_account="aws-node",
        managed_policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    ),
    Addon.EBS_CSI: AddonIdentity(
        service_account="ebs-csi-controller-sa",
        managed_policy_arn="arn:aws:iam::aws:policy/AmazonEBSCSIDriverEKSClusterScopedPolicy",
    ),
}
"""The others call nothing. Nodes themselves hold neither permission."""

ADDON_NAMESPACE = "kube-system"


def addon_configuration(addon: Addon, scope: Scope) -> str | None:
    """Give an add-on's settings as JSON, or nothing where its defaults are right."""
    settings: Mapping[Addon, object] = {
        Addon.VPC_CNI: {
            # Without it a NetworkPolicy is an ornament.
            "enableNetworkPolicy": "true",
            # A /28 per interface slot instead of one address, so that interfaces do not limit the pods.
            "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        },
        Addon.EBS_CSI: {
            # Volumes are made by the driver, not by this program, and cost money all the same.
            "controller": {"extraVolumeTags": _volume_tags(scope)},
        },
    }
    return json.dumps(settings[addon], sort_keys=True) if addon in settings else None


def _volume_tags(scope: Scope) -> dict[str, str]:
    tags = scope.tags("unnamed")
    # The driver names each volume after its claim.
    del tags["Name"]
    return tags
