"""Data is encrypted where it lies and where it travels (M§14.3, P 5)."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deletion import is_read_replica
from policies.rules import Family, Level, Rule, Violation, on, require_true, unproven
from policies.values import Opaque, as_flag, as_list, dig
from policies.views import StackView, is_set

_AT_REST = {
    "aws:docdb/cluster:Cluster": "storageEncrypted",
    "aws:ebs/volume:Volume": "encrypted",
    "aws:efs/fileSystem:FileSystem": "encrypted",
    "aws:elasticache/replicationGroup:ReplicationGroup": "atRestEncryptionEnabled",
    "aws:rds/cluster:Cluster": "storageEncrypted",
    "aws:rds/instance:Instance": "storageEncrypted",
    "alicloud:cs/nodePool:NodePool": "systemDiskEncrypted",
    "alicloud:mongodb/instance:Instance": "encrypted",
}
"""Flags whose absence means no encryption."""


def _at_rest(stack: StackView) -> Iterator[Violation]:
    for token, name in _AT_REST.items():
        for resource in stack.of_type(token):
            if not is_read_replica(resource):  # a replica in the same region inherits it
                yield from require_true(resource, resource.get(name), name, f"{name} is not on")
    for template in stack.of_type("aws:ec2/launchTemplate:LaunchTemplate"):
        devices = template.get("blockDeviceMappings")
        if isinstance(devices, Opaque):
            yield unproven(template, "blockDeviceMappings", devices)
        for place, device in enumerate(as_list(devices)):
            flag = as_flag(dig(device, "ebs", "encrypted"))
            where = f"blockDeviceMappings[{place}].ebs.encrypted"
            yield from require_true(template, flag, where, f"{where} is not on")
    for database in stack.of_type("alicloud:rds/instance:Instance"):
        if not is_set(database.get("encryptionKey")) and database.get("tdeStatus") != "Enabled":
            yield on(database, "has neither encryptionKey nor tdeStatus Enabled")
    for bucket in stack.of_type("alicloud:oss/bucket:Bucket"):
        if not is_set(bucket.get("serverSideEncryptionRule")):
            yield on(bucket, "has no serverSideEncryptionRule")
    for cluster in stack.of_type("aws:eks/cluster:Cluster"):
        if not is_set(cluster.get("encryptionConfig")):
            yield on(cluster, "has no encryptionConfig: Kubernetes secrets lie without an envelope key")


def _in_transit(stack: StackView) -> Iterator[Violation]:
    for cache in stack.of_type("aws:elasticache/replicationGroup:ReplicationGroup"):
        flag = cache.get("transitEncryptionEnabled")
        yield from require_true(cache, flag, "transitEncryptionEnabled", "transitEncryptionEnabled is not on")
    for group in stack.of_type("aws:rds/parameterGroup:ParameterGroup"):
        family = group.get("family")
        if not (isinstance(family, str) and family.startswith("mysql")):
            continue
        values = {str(dig(item, "name")): dig(item, "value") for item in as_list(group.get("parameters"))}
        if str(values.get("require_secure_transport", "")).upper() not in {"1", "ON"}:
            yield on(group, "require_secure_transport is not 1: connections without TLS are taken")
    for cache in stack.of_type("alicloud:kvstore/instance:Instance"):
        if cache.get("sslEnable") not in ("Enable", "Update"):
            yield on(cache, "sslEnable is not Enable")
    for database in stack.of_type("alicloud:rds/instance:Instance"):
        if database.get("sslAction") not in ("Open", "Update"):
            yield on(database, "sslAction is not Open: connections without TLS are taken")


def _rotation(stack: StackView) -> Iterator[Violation]:
    for key in stack.of_type("aws:kms/key:Key"):
        asymmetric = key.get("customerMasterKeySpec") not in (None, "SYMMETRIC_DEFAULT")
        if not asymmetric:
            value = key.get("enableKeyRotation")
            yield from require_true(key, value, "enableKeyRotation", "enableKeyRotation is not on")
        if as_flag(key.get("multiRegion")) is True:
            yield on(key, "is a multi-region key: its copies could read the data anywhere")
    for key in stack.of_type("alicloud:kms/key:Key"):
        if key.get("automaticRotation") != "Enabled":
            yield on(key, "automaticRotation is not Enabled")


RULES = (
    Rule(
        id="encryption-at-rest",
        family=Family.ENCRYPTION,
        sentence="Disks, databases, caches and Kubernetes secrets are encrypted.",
        source="M§14.3, P 5",
        level=Level.MANDATORY,
        remedy="turn it on and name the stack's key for the purpose; most stores take it at creation only",
        judge=_at_rest,
    ),
    Rule(
        id="encryption-in-transit",
        family=Family.ENCRYPTION,
        sentence="Databases and caches refuse connections without TLS.",
        source="M§14.3",
        level=Level.MANDATORY,
        remedy="turn TLS on and require it",
        judge=_in_transit,
    ),
    Rule(
        id="encryption-keys",
        family=Family.ENCRYPTION,
        sentence="Keys rotate and stay in their region.",
        source="M§14.3: encrypted with key rotation",
        level=Level.MANDATORY,
        remedy="turn rotation on, and make no multi-region key",
        judge=_rotation,
    ),
)
