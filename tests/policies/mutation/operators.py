"""Breaks one thing at a time in a planned stack; what each operator does follows from the resources themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.data_classes import DataClass
from catalog.tags import TagKey
from catalog.topics import TOPICS
from policies.tags import taggable_types
from policies.values import Opaque
from policies.views import ProviderView, ResourceView, StackView
from tests.policies.mutation import pod_operators
from tests.policies.mutation.changes import Changes, Operator, dropped, key_of, put, walked

_FOREIGN_REGION = {"aws": "eu-west-1", "alicloud": "cn-shanghai"}
_SAFE_FLAGS = frozenset(
    {
        *("storageEncrypted", "encrypted", "atRestEncryptionEnabled", "transitEncryptionEnabled", "multiAz"),
        *("multiAzEnabled", "automaticFailoverEnabled", "deletionProtection", "enableKeyRotation"),
        *("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
        *("systemDiskEncrypted", "dbInstanceReleaseProtection", "instanceReleaseProtection"),
        *("deletionProtectionEnabled", "terminationProtectionEnabled", "pointInTimeEnabled", "backupEnabled"),
        *("bucketKeyEnabled", "endpointPrivateAccess", "isMultiRegionTrail", "enableLogFileValidation"),
        *("proxied", "copyTagsToSnapshot", "scanOnPush", "terminationProtection", "pitEnabled"),
    }
)
_UNSAFE_FLAGS = frozenset(
    {
        *("publiclyAccessible", "endpointPublicAccess", "forceDestroy", "skipFinalSnapshot", "privileged"),
        *("deleteAutomatedBackups", "associatePublicIpAddress", "mapPublicIpOnLaunch", "multiRegion"),
        *("slbInternetEnabled", "forceDelete"),
    }
)
_NEEDED = frozenset(
    {
        *("kmsKeyId", "kmsKeyArn", "encryptionKey", "serverSideEncryptionRule", "encryptionConfig"),
        *("serverSideEncryptionConfiguration", "encryptionConfiguration", "finalSnapshotIdentifier"),
        *("metadataOptions", "allowedAccountIds", "securityIps", "logRetention", "parameterGroupName"),
    }
)
_RANGES = frozenset({"cidrIpv4", "cidrIp", "cidrBlocks", "cidrIpv6", "cidr", "securityIps", "cidrBlock"})
_COUNTS = frozenset(
    {
        *("replicasPerNodeGroup", "desiredSize", "minSize", "nodeCount", "shardCount", "minAvailable"),
        *(
            "numNodeGroups",
            "numCacheClusters",
            "replicationFactor",
            "readOnlyCount",
            "minReplicas",
            "replicas",
        ),
    }
)
_RETENTIONS = frozenset(
    {
        *("backupRetentionPeriod", "retentionInDays", "snapshotRetentionLimit", "logBackupRetentionPeriod"),
        *("deletionWindowInDays", "noncurrentDays", "pendingWindowInDays", "restoreWindowDays", "years"),
        *("days", "ttl", "retentionValue"),
    }
)
_PER_ZONE = frozenset({"subnetIds", "vswitchIds", "zoneIds", "availabilityZones", "workerVswitchIds"})
_PERSONAL_TOPIC = next(
    re.escape(topic.name) for topic in TOPICS.values() if topic.data_class is DataClass.PERSONAL
)
_SECRET = "Sup3rS3cretValue42"


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A stack with one resource changed, or without it."""

    environment: str
    """``dev``, ``staging`` or ``prod``: rules ask more of production."""
    operator: str
    what: str
    resource: ResourceView
    """As it was."""
    changed: ResourceView | None

    @property
    def key(self) -> str:
        """What mutants of one kind have in common."""
        return f"{self.operator} | {self.resource.type} | {self.what}"

    @property
    def label(self) -> str:
        """How a survivor is named in the file that explains it."""
        return f"{self.environment} | {self.key} | {self.resource.name}"


def mutants(stack: StackView) -> Iterator[Mutant]:
    """Give every mutant of a stack, resource by resource."""
    for resource in stack.made():
        for operator, give in OPERATORS.items():
            for what, changed in give(stack, resource):
                if changed != resource:
                    yield Mutant(
                        environment=str(stack.facts.environment),
                        operator=operator,
                        what=what,
                        resource=resource,
                        changed=changed,
                    )


def distinct(stack: StackView) -> tuple[Mutant, ...]:
    """Give the first and the last mutant of each key: the tenth deployment without a limit says what they do."""
    first: dict[str, Mutant] = {}
    last: dict[str, Mutant] = {}
    for mutant in mutants(stack):
        if first.setdefault(mutant.key, mutant) is not mutant:
            last[mutant.key] = mutant
    return (*first.values(), *last.values())


def _tags(_: StackView, resource: ResourceView) -> Changes:
    tags = resource.get("tags")
    if resource.type in taggable_types() and isinstance(tags, Mapping):
        for key in TagKey:
            if key in tags:
                yield f"without {key}", dropped(resource, ("tags", key))
                yield f"wrong {key}", put(resource, ("tags", key), "another")


def _own_region(_: StackView, resource: ResourceView) -> Changes:
    if resource.package == "aws":
        yield "own region", put(resource, ("region",), _FOREIGN_REGION["aws"])


def _provider_region(_: StackView, resource: ResourceView) -> Changes:
    if resource.package in _FOREIGN_REGION and resource.provider is not None:
        inputs = {**resource.provider.inputs, "region": _FOREIGN_REGION[resource.package]}
        provider = ProviderView(package=resource.package, name="elsewhere", inputs=inputs)
        yield "provider's region", replace(resource, provider=provider)


def _default_provider(_: StackView, resource: ResourceView) -> Changes:
    if resource.provider is not None:
        yield "default provider", replace(resource, provider=replace(resource.provider, name="default"))


def _unprotected(_: StackView, resource: ResourceView) -> Changes:
    if resource.protect:
        yield "protect off", replace(resource, protect=False)


def _flags(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        name = key_of(path)
        if name in _SAFE_FLAGS and value in (True, "true"):
            yield f"{name} off", put(resource, path, False if value is True else "false")
        if name in _UNSAFE_FLAGS and value in (False, "false"):
            yield f"{name} on", put(resource, path, True if value is False else "true")


def _taken_away(_: StackView, resource: ResourceView) -> Changes:
    for path, _value in walked(resource.inputs, inner=True):
        if path[-1] in _NEEDED:
            yield f"without {path[-1]}", dropped(resource, path)


def _removed(_: StackView, resource: ResourceView) -> Changes:
    kind = resource.type.rsplit(":", maxsplit=1)[-1]
    if any(kind.startswith(word) or kind.endswith(word) for word in _GUARDS):
        yield "gone", None


_GUARDS = (
    *(
        "BucketPublicAccessBlock",
        "BucketPolicy",
        "BucketVersioning",
        "EncryptionConfiguration",
        "NetworkPolicy",
    ),
    *(
        "PodDisruptionBudget",
        "Budget",
        "FlowLog",
        "BucketLifecycleConfiguration",
        "BucketObjectLockConfiguration",
    ),
    *(
        "ServiceSubscription",
        "BucketAcl",
        "BucketServerSideEncryption",
        "ResourceQuota",
        "LimitRange",
        "Trail",
    ),
    *("Vpc", "Address", "BucketLogging", "BucketPublicAccess", "TargetGroup", "Namespace", "HttpsRedirect"),
)


def _widened(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        if key_of(path) in _RANGES and isinstance(value, str) and _can_be_opened(resource, path):
            everybody = "::/0" if ":" in value else "0.0.0.0/0"
            if value != everybody:
                yield f"{key_of(path)} open to everybody", put(resource, path, everybody)


def _can_be_opened(resource: ResourceView, path: tuple[Any, ...]) -> bool:
    """A network's own range is no permission; what may leave (egress) is judged elsewhere by its host."""
    way = {str(step).lower() for step in path}
    return key_of(path) != "cidrBlock" and "egress" not in way and "Egress" not in resource.type


def _fewer(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        if path[-1] in _COUNTS and isinstance(value, int) and value > 1:
            yield f"{path[-1]} fewer", put(resource, path, 1)
        if path[-1] == "replicasPerNodeGroup" and value == 1:
            yield f"{path[-1]} none", put(resource, path, 0)


def _one_zone(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs, inner=True):
        if path[-1] in _PER_ZONE and isinstance(value, list) and len(value) > 1:
            yield f"{path[-1]} of one", put(resource, path, value[:1])


def _retention(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        if path[-1] in _RETENTIONS and isinstance(value, int) and not isinstance(value, bool) and value > 1:
            yield f"{path[-1]} of one", put(resource, path, 1)
        if path[-1] in {"backupRetentionPeriod", "snapshotRetentionLimit"} and value:
            yield f"{path[-1]} of none", put(resource, path, 0)


def _plain_secret(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        if value is Opaque.SECRET:
            yield f"plain {key_of(path)}", put(resource, path, _SECRET)


def _environment(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs, inner=True):
        if path[-1] == "env" and isinstance(value, list):
            for name, text in (
                ("DB_PASSWORD", _SECRET),
                ("DB_HOST", "db.eu-west-1.rds.amazonaws.com"),
                ("KAFKA_BROKERS", "kafka.elsewhere.eu-central-1.amazonaws.com:9096"),
                ("EXPORT_BUCKET_URL", "https://exports.s3.eu-west-1.amazonaws.com/persons"),
            ):
                yield f"env {name}", put(resource, path, [*value, {"name": name, "value": text}])
    data = resource.get("data")
    if resource.type == "kubernetes:core/v1:ConfigMap" and isinstance(data, Mapping):
        yield "data password", put(resource, ("data", "db.password"), _SECRET)
        yield "data host", put(resource, ("data", "DB_HOST"), "db.eu-west-1.rds.amazonaws.com")


def _foreign_home(stack: StackView, resource: ResourceView) -> Changes:
    """Every text that names the home names another place instead."""
    home = str(stack.facts.cluster.home)
    other = "cn-shanghai" if home.startswith("cn-") else "eu-west-1"
    for path, value in walked(resource.inputs):
        if isinstance(value, str) and home in value and "tags" not in path and len(value) < 4000:
            yield f"{key_of(path)} elsewhere", put(resource, path, value.replace(home, other))


def _mirror(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        if not resource.type.startswith("kubernetes:kafka.strimzi.io/") or not isinstance(value, str):
            continue
        if path[-1] in {"topicsPattern", "topics", "groupsPattern", "table.include.list"}:
            yield f"{path[-1]} of everything", put(resource, path, ".*")
        if path[-1] in {"topicsPattern", "topics"}:
            yield f"{path[-1]} and persons", put(resource, path, f"{value}|{_PERSONAL_TOPIC}")
        if path[-1] in {"topicsExcludePattern"}:
            yield f"without {path[-1]}", dropped(resource, path)


def _tls(_: StackView, resource: ResourceView) -> Changes:
    for path, value in walked(resource.inputs):
        if path[-1] == "tls" and value is True:
            yield "tls off", put(resource, path, False)
        if path[-1] in {"settingId", "minTlsVersion"}:
            continue
        if isinstance(value, str) and value.startswith("https://") and path[-1] != "image":
            yield f"{key_of(path)} over http", put(resource, path, value.replace("https://", "http://", 1))


def _grants(_: StackView, resource: ResourceView) -> Changes:
    for name in ("policy", "policyDocument", "assumeRolePolicy"):
        value = resource.get(name)
        if isinstance(value, str) and '"Statement"' in value:
            statement = '{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}'
            yield (
                f"{name} of everything",
                put(
                    resource,
                    (name,),
                    value.replace('"Statement":[', f'"Statement":[{statement},').replace(
                        '"Statement": [', f'"Statement": [{statement},'
                    ),
                ),
            )
    rules = resource.get("rules")
    if resource.type.startswith("kubernetes:rbac") and isinstance(rules, list) and rules:
        everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
        yield "rules of everything", put(resource, ("rules",), [*rules, everything])


OPERATORS: Mapping[str, Operator] = {
    "tags": _tags,
    "own region": _own_region,
    "provider's region": _provider_region,
    "default provider": _default_provider,
    "protection": _unprotected,
    "flags": _flags,
    "taken away": _taken_away,
    "resource gone": _removed,
    "widened": _widened,
    "fewer": _fewer,
    "one zone": _one_zone,
    "retention": _retention,
    "plain secret": _plain_secret,
    "environment": _environment,
    "foreign home": _foreign_home,
    "mirror patterns": _mirror,
    "TLS": _tls,
    "grants": _grants,
    "pods": pod_operators.pods,
}
