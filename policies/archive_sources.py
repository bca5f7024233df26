"""What feeds the audit archive: the cluster's own audit log, and no other bucket (M§14.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.hostnames import AUDIT_ARCHIVE_BUCKET
from policies.relations import identities, named_by
from policies.rules import Violation, on
from policies.values import dig
from policies.views import ResourceView, StackView

_REPLICATIONS = re.compile(r"^(?:aws:s3/bucketReplicationConfig|alicloud:oss/bucketReplication):")
_BUCKETS = ("aws:s3/bucket:Bucket", "alicloud:oss/bucket:Bucket")
_COPIES = re.compile(
    r"^(?:kubernetes:batch/|kubernetes:core/v1:ConfigMap|aws:(?:scheduler|datasync|glue|batch|lambda/function:)"
    r"|aws:ecs/taskDefinition:|alicloud:fc/)"
)
_SOURCE_KEY = re.compile(r"bucket|source|(?:^|_)src(?:_|$)|(?:^|_)from(?:_|$)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:s3a?://|oss://|arn:aws[\w-]*:s3:::|acs:oss:[\w*-]*:[\w*]*:)([a-z0-9][a-z0-9.-]{2,62})"
)
_BUCKET_NAME = re.compile(r"smp-[a-z]+-[a-z0-9.-]+")


def fed_by_others(stack: StackView, resource: ResourceView) -> Iterator[Violation]:
    """Object to a replication or a copying job that leads another bucket than the audit log to the archive."""
    if _REPLICATIONS.search(resource.type):
        if AUDIT_ARCHIVE_BUCKET in str((resource.tree.get("rules"), resource.tree.get("destination"))):
            wrong = sorted(name for name in _replicated(stack, resource) if not is_audit_log(stack, name))
        else:
            wrong = []
    elif _COPIES.search(resource.type) and _names_archive(resource):
        wrong = sorted(name for name in _copied(resource) if not is_audit_log(stack, name))
    else:
        return
    if wrong:
        yield on(resource, f"leads {', '.join(wrong[:3])} to the archive; only the audit log goes there")


def is_audit_log(stack: StackView, bucket: str) -> bool:
    """Whether a bucket's name is that of the stack's own audit log, or of a part of it."""
    own, environment = stack.facts.cluster.id, stack.facts.environment
    return re.match(rf"{own}-(?:{environment}-)?audit-log(?![a-z0-9])", bucket) is not None


def _replicated(stack: StackView, resource: ResourceView) -> set[str]:
    """Give the names of the buckets a replication begins at; none where they cannot be known."""
    written = resource.get("bucket")
    if isinstance(written, str):
        found = next(named_by(stack, resource, "bucket", *_BUCKETS), None)
        name = found.get("bucket") if found else None
        return {name if isinstance(name, str) else written}
    names = [source.get("bucket") for source in named_by(stack, resource, "bucket", *_BUCKETS)]
    return {name for name in names if isinstance(name, str)}


def _names_archive(resource: ResourceView) -> bool:
    return any(isinstance(leaf.value, str) and AUDIT_ARCHIVE_BUCKET in leaf.value for leaf in resource.leaves)


def _copied(resource: ResourceView) -> set[str]:
    """Give the buckets of SMP a job names, by an address or under a key that is about buckets."""
    found: set[str] = set()
    for leaf in resource.leaves:
        if not isinstance(leaf.value, str):
            continue
        found.update(_ADDRESS.findall(leaf.value))
        key = _key_of(resource, leaf.keys) or leaf.key
        if _SOURCE_KEY.search(key) and _BUCKET_NAME.fullmatch(leaf.value):
            found.add(leaf.value)
    own = identities(resource)
    return {
        name
        for name in found
        if _BUCKET_NAME.fullmatch(name) and name != AUDIT_ARCHIVE_BUCKET and name not in own
    }


def _key_of(resource: ResourceView, keys: tuple[str, ...]) -> str | None:
    """Give the name of an environment variable whose value this is."""
    if not keys or keys[-1] != "value":
        return None
    steps = [int(key) if key.isdigit() else key for key in (*keys[:-1], "name")]
    name = dig(resource.tree, *steps)
    return name if isinstance(name, str) else None
