"""EKS add-ons, pinned per Kubernetes version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from components.core.scope import Scope


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
