"""What ACK takes: versions with their add-ons, and disks."""

from __future__ import annotations

import json
from collections.abc import Mapping

from catalog.quantities import Storage

ACK_VERSIONS: Mapping[str, str] = {"1.35": "1.35.7-aliyun.1", "1.36": "1.36.1-aliyun.1"}
"""Newest ACK release by Kubernetes version (ACK release notes, read 2026-11); older than 1.35 is refused."""

CNI = "terway-eniip"

ADD_ONS: Mapping[str, str] = {
    CNI: "v1.17.7",
    "csi-plugin": "v1.35.1",
    "csi-provisioner": "v1.35.1",
    "coredns": "v1.12.1.2",
    "ack-pod-identity-webhook": "0.4.2",
}
"""Add-ons and their pinned versions; the two of the CSI driver go together (ACK component release notes)."""

ADD_ON_SETTINGS: Mapping[str, str] = {CNI: json.dumps({"NetworkPolicy": "true"})}
"""Settings of add-ons as JSON. Without this one a NetworkPolicy is an ornament (ACK, Terway's configuration)."""

SMALLEST_DISK = Storage(40)
"""Of a node's system, by ACK."""


def ack_version(version: str) -> str | None:
    """Say what is wrong with a Kubernetes version, or ``None``."""
    return None if version in ACK_VERSIONS else f"{version} is not one of {', '.join(ACK_VERSIONS)}"


def ack_disk(disk: Storage) -> str | None:
    """Say what is wrong with the system disk of a node, or ``None``."""
    return (
        None if disk >= SMALLEST_DISK else f"{disk} is too small; ACK's system disk starts at {SMALLEST_DISK}"
    )
