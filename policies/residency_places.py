"""A foreign place in any property of any resource, unless it belongs to a flow that M§14.3 allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.clusters import Cluster
from catalog.flows import Flow
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET
from policies.archive_sources import fed_by_others
from policies.embedded import texts
from policies.flows import ForeignPlace, said, undue
from policies.places import Kind, places
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView

_CONTROL_PLANE = re.compile(
    r"(?:^|[/.@])(?:argo-?cd|argo|ci|git|gitea|gitlab|harbor|registry|charts?|chartmuseum|oci|sso|dex|keycloak-admin)"
    r"[\w-]*\.smp-global\.",
    re.IGNORECASE,
)
"""What the control plane offers to all clusters: deployment and images (M§14.1, M§14.7)."""
_NAMES_ONLY = re.compile(
    r"^kubernetes:.*:(?:Service|ServiceEntry|NetworkPolicy|CiliumNetworkPolicy|Sidecar)(?:Patch)?$"
)
_MIRRORED_HOST = re.compile(r"(?:^|[/.@])(?:kafka|mimir)[\w-]*\.smp-global\.")
"""Names inside a cluster for what its mirrors and Prometheus may reach; who uses them is judged there."""
_GITOPS = re.compile(r":(?:Application|ApplicationSet|AppProject)$")
_BATCH_TYPES = (
    *("kubernetes:batch/", "kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:ServiceAccount"),
    *("aws:scheduler/", "aws:datasync/", "aws:s3/bucketReplicationConfig", "aws:iam/", "aws:kms/"),
    *(
        "alicloud:oss/bucketReplication",
        "alicloud:fc/",
        "kubernetes:argoproj.io/",
        "kubernetes:core/v1:Secret",
    ),
    *(
        "aws:lambda/function:",
        "aws:batch/",
        "aws:ecs/taskDefinition:",
        "aws:cloudwatch/eventRule:",
        "aws:glue/job:",
    ),
)
_ALWAYS_RUNNING = re.compile(
    r"firehose|logSubscription|LogDelivery|lambda/eventSource|pipes/|eventTarget", re.IGNORECASE
)


def _foreign(stack: StackView) -> Iterator[Violation]:
    for resource in stack.resources:
        if not resource.custom or (resource.is_provider and resource.package in {"aws", "alicloud"}):
            continue  # a provider of the cloud may be of Virginia; what it makes is judged
        found = undue(stack, resource, Family.RESIDENCY)
        if found:
            left = [place for place in found if not _is_due(stack, resource, place)]
            yield from said(
                resource, left, f"data of {stack.facts.cluster.id} would come from there or go there"
            )


def _is_due(stack: StackView, resource: ResourceView, place: ForeignPlace) -> bool:
    token, home = place.mention.token, stack.facts.cluster
    if home is Cluster.GLOBAL:
        return _is_deployed(resource, place) or _is_asked_whether_it_lives(place)
    if Cluster.GLOBAL not in place.mention.homes and place.mention.kind is not Kind.ACCOUNT:
        return False
    if _CONTROL_PLANE.search(token) or (_NAMES_ONLY.search(resource.type) and _MIRRORED_HOST.search(token)):
        return True
    return (
        Flow.AUDIT.joins(home, Cluster.GLOBAL)
        and _archives(resource)
        and (
            AUDIT_ARCHIVE_BUCKET in token
            or place.mention.kind in {Kind.REGION, Kind.CLUSTER, Kind.ACCOUNT}
            or ":kms:" in token
        )
    )


def _is_deployed(resource: ResourceView, place: ForeignPlace) -> bool:
    """Argo CD of the control plane deploys to the regions, but not to China, which deploys itself (M§14.7)."""
    is_target = _GITOPS.search(resource.type) or (
        resource.type == "kubernetes:core/v1:Secret"
        and dig(resource.inputs, "metadata", "labels", "argocd.argoproj.io/secret-type") == "cluster"
    )
    return bool(is_target) and Cluster.CHINA not in place.mention.homes and bool(place.mention.homes)


def _projects(stack: StackView) -> Iterator[Violation]:
    """Judge Argo CD projects: one that may deploy anywhere may deploy to another home."""
    for resource in stack.made():
        if stack.facts.cluster is Cluster.GLOBAL and _GITOPS.search(resource.type):
            yield from _deploys_to_china(resource)
        if not resource.type.endswith(":AppProject"):
            continue
        for place, destination in enumerate(as_list(resource.get("spec", "destinations"))):
            server, name = dig(destination, "server"), dig(destination, "name")
            if server == "*" or (name == "*" and server in (None, "*")):
                yield on(resource, f"spec.destinations[{place}] lets it deploy to any cluster")


def _deploys_to_china(resource: ResourceView) -> Iterator[Violation]:
    for _, block in resource.mappings:
        for name in ("destination", "destinations", "elements", "clusters"):
            for text in texts(block.get(name)):
                if any(item.homes == frozenset({Cluster.CHINA}) for item in places(text)):
                    yield on(resource, f"deploys to {text}; smp-china is deployed by its own team, by hand")
                    return


def _is_asked_whether_it_lives(place: ForeignPlace) -> bool:
    return place.mention.kind is Kind.HOST and place.mention.token.rstrip("/").endswith("/healthz")


def archives_daily(resource: ResourceView) -> bool | None:
    """Whether a resource moves audit batches to the archive at most once a day; ``None`` if it moves none."""
    if not _archives(resource):
        return None
    if _ALWAYS_RUNNING.search(resource.type):
        return False
    schedules = [dig(spec, "schedule") for _, spec in resource.mappings if "schedule" in spec]
    return all(_is_daily(item) for item in schedules)


def _archives(resource: ResourceView) -> bool:
    return resource.type.startswith(_BATCH_TYPES) and any(
        isinstance(leaf.value, str) and AUDIT_ARCHIVE_BUCKET in leaf.value for leaf in resource.leaves
    )


def _is_daily(schedule: Value) -> bool:
    """Whether a cron expression has one minute and one hour; what is no such expression is not judged."""
    if not isinstance(schedule, str):
        return True
    if schedule.startswith("@"):
        return schedule not in {"@hourly", "@every 1h"}
    rate = re.match(r"rate\((\d+) (minute|hour)s?\)", schedule)
    if rate:
        return int(rate[1]) >= (24 if rate[2] == "hour" else 1440)
    fields = schedule.removeprefix("cron(").split()
    return len(fields) < 5 or all(field.isdigit() for field in fields[:2])


def _archive(stack: StackView) -> Iterator[Violation]:
    if stack.facts.cluster is Cluster.GLOBAL:
        return
    for resource in stack.made():
        if archives_daily(resource) is False:
            yield on(resource, "writes to the audit archive more often than once a day")
        yield from fed_by_others(stack, resource)
        if resource.type.startswith("aws:s3/bucketReplicationConfig:"):
            yield from _replicated_audit(resource)
        if resource.type.startswith("alicloud:oss/bucketReplication:"):
            yield from _replicated_from_oss(resource)


def _replicated_audit(resource: ResourceView) -> Iterator[Violation]:
    for place, rule in enumerate(as_list(resource.tree.get("rules"))):
        if AUDIT_ARCHIVE_BUCKET not in str(dig(rule, "destination", "bucket")):
            continue
        if str(dig(rule, "status") or "Enabled") == "Disabled":
            continue
        prefix = dig(rule, "filter", "prefix") or dig(rule, "filter", "and", "prefix") or dig(rule, "prefix")
        if isinstance(prefix, Opaque) or "daily" not in str(prefix or ""):
            said_prefix = f"the prefix {prefix}" if prefix else "everything"
            yield on(
                resource,
                f"rules[{place}] replicates {said_prefix} to the archive; only the daily batches go there",
            )


def _replicated_from_oss(resource: ResourceView) -> Iterator[Violation]:
    if AUDIT_ARCHIVE_BUCKET in str(dig(resource.tree.get("destination"), "bucket")):
        prefixes = [str(item) for item in as_list(dig(resource.tree.get("prefixSet"), "prefixes"))]
        if not prefixes or not all("daily" in item for item in prefixes):
            yield on(resource, "replicates more than the daily batches to the archive")


RULES = (
    Rule(
        id="residency-gitops-destinations",
        family=Family.RESIDENCY,
        sentence="A project of Argo CD names its clusters, and the control plane deploys nothing to China.",
        source="M§14.6, M§14.7",
        level=Level.MANDATORY,
        remedy="name the cluster's server in spec.destinations",
        judge=_projects,
        alone=True,
    ),
    Rule(
        id="residency-foreign-place",
        family=Family.RESIDENCY,
        sentence="No property names a region, host, bucket or account of another home, but where a flow may cross.",
        source="M§14.3; PIPL art. 38-40; PDPA Singapore s. 26; PDPA Thailand s. 28; Vietnam Law 91/2025 art. 20",
        level=Level.MANDATORY,
        remedy="name the cluster's own region, hosts and buckets; what may cross is in catalog/flows.py",
        judge=_foreign,
        alone=True,
    ),
    Rule(
        id="residency-audit-batches",
        family=Family.RESIDENCY,
        sentence="The audit log reaches the archive in daily batches, and nothing but those batches does.",
        source="M§14.3: async batch, daily",
        level=Level.MANDATORY,
        remedy="write one batch a day under the daily prefix, and replicate that prefix only",
        judge=_archive,
        alone=True,
    ),
)
