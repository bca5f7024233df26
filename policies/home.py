"""Every resource in its cluster's home region (M§14.1, M§14.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from catalog.clusters import Cluster
from catalog.places import Cloud
from catalog.tags import KUBERNETES_CLUSTER_LABEL
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView, region_of

_GLOBAL_REGION = "us-east-1"


@cache
def regionless_types() -> frozenset[str]:
    """List the types of AWS without a region of their own, from the SDK's classes: IAM, budgets, Route 53, CloudFront.

    They answer in Virginia whatever the cluster, and hold nothing about persons.
    """
    return frozenset(files("policies").joinpath("regionless_types.txt").read_text(encoding="utf-8").split())


_ALSO_IN_VIRGINIA = (
    "aws:acm/",
    "aws:ecrpublic/",
    "aws:cur/",
    "aws:budgets/",
    "aws:costexplorer/",
    "aws:route53/",
)
"""Certificates for CloudFront, public images and bills are made in Virginia only."""
_VIRGINIA_METRICS = ("AWS/Billing", "AWS/CloudFront", "AWS/Route53", "AWS/DDoSProtection")
"""Metrics that exist in Virginia only."""


def _may_be_in_virginia(resource: ResourceView) -> bool:
    if resource.type in regionless_types() or resource.type.startswith(_ALSO_IN_VIRGINIA):
        return True
    if resource.type.startswith("aws:wafv2/"):
        return resource.get("scope") == "CLOUDFRONT"
    return (
        resource.type.startswith("aws:cloudwatch/metricAlarm:")
        and resource.get("namespace") in _VIRGINIA_METRICS
    )


_ATLAS_CLUSTERS = (
    "mongodbatlas:index/advancedCluster:AdvancedCluster",
    "mongodbatlas:index/cluster:Cluster",
    "mongodbatlas:index/flexCluster:FlexCluster",
)
_EDGE_STORES = (
    "cloudflare:index/d1Database:D1Database",
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
    "cloudflare:index/queue:Queue",
)
_HINTS = {
    Cluster.ASIA: ("apac",),
    Cluster.US: ("enam", "wnam"),
    Cluster.GLOBAL: ("enam", "wnam"),
    Cluster.CHINA: (),
}
"""Location hints near a cluster's home."""
_R2_BUCKET = "cloudflare:index/r2Bucket:R2Bucket"


def _cloud_regions(stack: StackView) -> Iterator[Violation]:
    home = stack.facts.cluster.home
    for resource in stack.made():
        if resource.package not in {"aws", "alicloud"}:
            continue
        provider = resource.provider.inputs if resource.provider else None
        region = region_of(resource.package, resource.inputs, provider)
        if isinstance(region, Opaque):
            yield unproven(resource, "its region", region)
        elif region is None:
            if resource.provider is not None and resource.provider.known:
                yield on(
                    resource,
                    "neither it nor its provider names a region, so the environment would choose one",
                )
        elif (resource.package == "alicloud") != (stack.facts.cluster.cloud is Cloud.ALIBABA):
            yield on(resource, f"is made at another provider than {stack.facts.cluster.id}, in {region}")
        elif region != home and not (region == _GLOBAL_REGION and _may_be_in_virginia(resource)):
            yield on(resource, f"lives in {region}; the home of {stack.facts.cluster.id} is {home}")


def _atlas_regions(stack: StackView) -> Iterator[Violation]:
    home = stack.facts.cluster.home
    wanted = home.replace("-", "_").upper()
    for cluster in stack.of_type(*_ATLAS_CLUSTERS):
        found = list(_atlas_region_names(cluster))
        if not found:
            yield on(cluster, "names no region")
        for region in found:
            if isinstance(region, Opaque):
                yield unproven(cluster, "its region", region)
            elif region != wanted:
                yield on(
                    cluster, f"lives in {region}; the home of {stack.facts.cluster.id} is {home} ({wanted})"
                )


def _atlas_region_names(cluster: ResourceView) -> Iterator[Value]:
    specs = cluster.get("replicationSpecs")
    if isinstance(specs, Opaque):
        yield specs
    for spec in as_list(specs):
        configs = dig(spec, "regionConfigs") or dig(spec, "regionsConfigs")
        if isinstance(configs, Opaque):
            yield configs
        for config in as_list(configs):
            yield dig(config, "regionName")
    for single in (cluster.get("providerRegionName"), cluster.get("providerSettings", "regionName")):
        if single is not None:
            yield single


_ATLAS_NAMES = {
    Cluster.ASIA: frozenset({"AP_SOUTHEAST_1", "SINGAPORE_SGP", "AP-SOUTHEAST-1"}),
    Cluster.US: frozenset({"US_EAST_1", "VIRGINIA_USA", "US-EAST-1"}),
    Cluster.GLOBAL: frozenset({"US_EAST_1", "VIRGINIA_USA", "US-EAST-1"}),
    Cluster.CHINA: frozenset[str](),
}
"""How Atlas names a home: for clusters, for archives and streams, and for private endpoints."""
_ATLAS_REGION_KEYS = frozenset(
    {"regionName", "region", "providerRegionName", "accepterRegionName", "configRegion"}
)


def _atlas_elsewhere(stack: StackView) -> Iterator[Violation]:
    """Judge whatever else of Atlas has a region: archives, streams, backup copies, endpoints."""
    allowed = _ATLAS_NAMES[stack.facts.cluster]
    for resource in stack.made():
        if resource.package != "mongodbatlas" or resource.type in _ATLAS_CLUSTERS:
            continue
        for leaf in resource.leaves:
            if leaf.key not in _ATLAS_REGION_KEYS or "tags" in leaf.keys or not isinstance(leaf.value, str):
                continue
            if leaf.value.upper() not in allowed:
                yield on(
                    resource,
                    f"{leaf.path} is {leaf.value}; the home of {stack.facts.cluster.id} is elsewhere",
                )


def _object_placement(stack: StackView) -> Iterator[Violation]:
    for bucket in stack.of_type(_R2_BUCKET):
        location, jurisdiction = bucket.get("location"), bucket.get("jurisdiction")
        for what, value in (("location", location), ("jurisdiction", jurisdiction)):
            if isinstance(value, Opaque):
                yield unproven(bucket, what, value)
        hint = location.lower() if isinstance(location, str) else None
        match stack.facts.cluster:
            case Cluster.CHINA:
                yield on(bucket, "R2 has no place in mainland China; nothing of smp-china is kept there")
            case Cluster.ASIA if jurisdiction not in (None, "default"):
                yield on(bucket, f"jurisdiction {jurisdiction} is not Asia; take none and the hint apac")
            case Cluster.ASIA if hint != "apac":
                yield on(bucket, f"the location hint is {location or 'absent'}; smp-asia takes apac")
            case Cluster.US if jurisdiction != "us":
                yield on(bucket, f"the jurisdiction is {jurisdiction or 'absent'}; smp-us takes us")
            case Cluster.GLOBAL if jurisdiction not in ("us", Opaque.UNKNOWN) and hint not in {
                "enam",
                "wnam",
            }:
                yield on(bucket, "neither the jurisdiction us nor the hint enam keeps it near Virginia")
            case _:
                pass


def _edge_stores(stack: StackView) -> Iterator[Violation]:
    """Judge databases, key-value stores and queues of the edge."""
    cluster = stack.facts.cluster
    allowed = " or ".join(_HINTS[cluster])
    for store in stack.of_type(*_EDGE_STORES):
        jurisdiction, hint = store.get("jurisdiction"), store.get("primaryLocationHint")
        for what, value in (("jurisdiction", jurisdiction), ("primaryLocationHint", hint)):
            if isinstance(value, Opaque):
                yield unproven(store, what, value)
        if cluster is Cluster.CHINA:
            yield on(store, "Cloudflare keeps nothing in mainland China; nothing of smp-china is kept there")
        elif (
            isinstance(jurisdiction, str)
            and jurisdiction not in ("default", "")
            and (cluster is Cluster.ASIA or jurisdiction != "us")
        ):
            yield on(store, f"jurisdiction {jurisdiction} is not the home of {cluster.id}")
        elif isinstance(hint, str) and hint.lower() not in _HINTS[cluster]:
            yield on(store, f"the location hint is {hint}; {cluster.id} takes {allowed}")
        if dig(store.get("readReplication"), "mode") == "auto":
            yield on(store, "readReplication keeps copies all over the world")


def _cluster_labels(stack: StackView) -> Iterator[Violation]:
    own = stack.facts.cluster.id
    for resource in stack.made():
        if resource.package != "kubernetes":
            continue
        for path, block in resource.mappings:
            value = block.get(KUBERNETES_CLUSTER_LABEL)
            if isinstance(value, str) and value != own:
                where = f" at {path}" if path != "metadata.labels" else ""
                yield on(resource, f"its label {KUBERNETES_CLUSTER_LABEL}{where} says {value}; this is {own}")
                break


_STORES = re.compile(
    r"^aws:s3/bucket(?:V2)?:|^aws:rds/(?:instance|cluster):|^aws:dynamodb/table:|^aws:sqs/queue:|^aws:kinesis/stream:"
    r"|^aws:elasticache/(?:replicationGroup|cluster):|^aws:docdb/cluster:|^aws:secretsmanager/secret:"
    r"|^alicloud:oss/bucket:|^alicloud:(?:rds|kvstore|mongodb)/instance:|^alicloud:redis/tairInstance:"
    r"|^cloudflare:index/(?:r2Bucket|d1Database):|^mongodbatlas:index/(?:advancedC|c)luster:"
)
_NAMES = (
    "bucket",
    "name",
    "identifier",
    "clusterIdentifier",
    "instanceName",
    "dbInstanceName",
    "tairInstanceName",
)
_NAMES_OF_REPLICAS = ("replicationGroupId", "clusterId")
_PREFIX = re.compile(r"(smp-(?:asia|china|us|global))-")


def _store_names(stack: StackView) -> Iterator[Violation]:
    """Judge names: by convention they begin with the cluster, and whoever finds a store by name trusts it."""
    own = stack.facts.cluster.id
    for store in stack.made():
        if not _STORES.search(store.type):
            continue
        for key in (*_NAMES, *_NAMES_OF_REPLICAS):
            value = store.get(key)
            match = _PREFIX.match(value) if isinstance(value, str) else None
            if match and match[1] != own:
                yield on(store, f"its {key} is {value}, the name of a store of {match[1]}; this is {own}")
                break


RULES = (
    Rule(
        id="home-names",
        family=Family.RESIDENCY,
        sentence="A store bears the name of its own cluster.",
        source="DESIGN 6: <cluster>-<env>-<thing>",
        level=Level.MANDATORY,
        remedy="name it after its own cluster; names are how clusters find each other",
        judge=_store_names,
        alone=True,
    ),
    Rule(
        id="home-region-edge-stores",
        family=Family.RESIDENCY,
        sentence="Stores of the edge are kept near their cluster's home, in one place, and smp-china has none.",
        source="M§14.3; Cloudflare D1, KV and Queues data location",
        level=Level.MANDATORY,
        remedy="take the hint apac for smp-asia and the jurisdiction us for smp-us, without read replication",
        judge=_edge_stores,
        alone=True,
    ),
    Rule(
        id="home-label",
        family=Family.RESIDENCY,
        sentence="An object that says whose cluster it belongs to says its own.",
        source="M§14.8",
        level=Level.MANDATORY,
        remedy="take the label from the component's scope",
        judge=_cluster_labels,
        alone=True,
    ),
    Rule(
        id="home-region",
        family=Family.RESIDENCY,
        sentence="Every cloud resource lives in its cluster's home region.",
        source="M§14.1, M§14.3; PIPL art. 40",
        level=Level.MANDATORY,
        remedy="take the stack's provider, and no region property of the resource's own",
        judge=_cloud_regions,
        alone=True,
    ),
    Rule(
        id="home-region-atlas",
        family=Family.RESIDENCY,
        sentence="Every region of an Atlas cluster, and of its archives, streams and copies, is the home region.",
        source="M§14.3",
        level=Level.MANDATORY,
        remedy="name only the home region in replicationSpecs.regionConfigs",
        judge=lambda stack: (*_atlas_regions(stack), *_atlas_elsewhere(stack)),
        alone=True,
    ),
    Rule(
        id="home-region-r2",
        family=Family.RESIDENCY,
        sentence="R2 buckets carry the hint or the jurisdiction of their cluster, and smp-china has none.",
        source="M§2, M§14.3; Cloudflare R2 data location",
        level=Level.MANDATORY,
        remedy="take the placement from the stack's configuration (smp:cloudflare.r2Placement)",
        judge=_object_placement,
        alone=True,
    ),
)
