"""Copies of data in several places: what exists only to keep them, and destinations that cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.embedded import Leaf
from policies.flows import is_address, is_for_people, names_itself
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.unknowns import is_explained
from policies.values import Opaque, Value, as_flag, as_list, as_map, dig
from policies.views import ResourceView, StackView

_SPREADS = {
    "aws:rds/globalCluster:": "a global database keeps copies in several regions",
    "aws:docdb/globalCluster:": "a global database keeps copies in several regions",
    "aws:neptune/globalCluster:": "a global database keeps copies in several regions",
    "aws:elasticache/globalReplicationGroup:": "a global datastore keeps copies in several regions",
    "aws:memorydb/multiRegionCluster:": "a multi-region cluster keeps copies in several regions",
    "aws:dynamodb/globalTable:": "a global table keeps copies in several regions",
    "aws:dynamodb/tableReplica:": "a table replica copies a table of another region",
    "aws:dsql/clusterPeering:": "peered clusters keep the same data in several regions",
    "aws:kms/replicaKey:": "a replica of a key reads the same data in another region",
    "aws:kms/replicaExternalKey:": "a replica of a key reads the same data in another region",
    "aws:s3control/multiRegionAccessPoint": "a multi-region access point joins buckets of several regions",
    "aws:redshift/snapshotCopy:": "copies snapshots to another region",
    "aws:drs/replicationConfigurationTemplate:": "disaster recovery copies whole machines elsewhere",
    "aws:cloudwatch/eventEndpoint:": "a global endpoint sends events to a second region",
    "aws:directoryservice/serviceRegion:": "spreads a directory over regions",
    "alicloud:polardb/globalDatabaseNetwork:": "a global database network keeps copies in several regions",
    "alicloud:hbr/replicationVault:": "a replication vault copies backups between regions",
    "alicloud:hbr/crossAccount:": "backs up across accounts",
    "alicloud:rds/rdsInstanceCrossBackupPolicy:": "cross-region backup copies the database elsewhere",
    "alicloud:rds/ddrInstance:": "is restored from the backups of another region",
    "vault:secrets/syncGcpDestination:": "synchronises secrets to another cloud",
    "vault:secrets/syncAzureDestination:": "synchronises secrets to another cloud",
    "vault:secrets/syncVercelDestination:": "synchronises secrets to another company",
    "vault:secrets/syncGhDestination:": "synchronises secrets to another company",
    "vault:keymgmt/replicateKey:": "copies a key to other regions",
    "mongodbatlas:index/globalClusterConfig:": "spreads documents over zones of the world",
}
"""Types made to keep data in more than one place."""


def _spread(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        why = next((text for start, text in _SPREADS.items() if resource.type.startswith(start)), None)
        if why is not None:
            yield on(resource, why)
        yield from _by_property(resource)


def _by_property(resource: ResourceView) -> Iterator[Violation]:
    for name, why in _PROPERTIES.get(resource.type.split(":", maxsplit=1)[-1].rsplit(":", maxsplit=1)[0], ()):
        value = resource.get(name)
        flag = as_flag(value)
        if value is Opaque.UNKNOWN:
            yield unproven(resource, name, Opaque.UNKNOWN)
        elif flag is True or (flag is None and _says_something(value)):
            yield on(resource, f"{name}: {why}")
    if resource.type == "vault:generic/endpoint:Endpoint":
        path = resource.get("path")
        if isinstance(path, str) and re.match(r"/?(?:v1/)?sys/replication/(?:dr|performance)/", path):
            yield on(resource, f"{path} replicates Vault to another cluster")


_PROPERTIES: dict[str, tuple[tuple[str, str], ...]] = {
    "kms/key": (("multiRegion", "its copies could read the data anywhere"),),
    "kms/externalKey": (("multiRegion", "its copies could read the data anywhere"),),
    "rds/cluster": (("globalClusterIdentifier", "joins a global database"),),
    "docdb/cluster": (("globalClusterIdentifier", "joins a global database"),),
    "neptune/cluster": (("globalClusterIdentifier", "joins a global database"),),
    "elasticache/replicationGroup": (("globalReplicationGroupId", "joins a global datastore"),),
    "memorydb/cluster": (("multiRegionClusterName", "joins a multi-region cluster"),),
    "dsql/cluster": (("multiRegionProperties", "joins a multi-region cluster"),),
    "dynamodb/table": (("globalTableWitness", "joins a global table"),),
    "kvstore/instance": (
        ("globalInstance", "joins a global distributed cache"),
        ("globalInstanceId", "joins a global distributed cache"),
    ),
    "redis/tairInstance": (("globalInstanceId", "joins a global distributed cache"),),
    "polardb/cluster": (("gdnId", "joins a global database network"),),
    "bedrock/guardrail": (("crossRegionConfig", "texts are judged in other regions"),),
    "mq/broker": (("dataReplicationPrimaryBrokerArn", "copies the messages of another broker"),),
    "oss/bucketTransferAcceleration": (("enabled", "objects travel over points of presence abroad"),),
}
"""By type without package: properties that, when set, put data in more than one place."""


_DOMESTIC_ONLY = {"cdn/": "scope", "dcdn/": "scope", "esa/site": "coverage", "live/domain": "scope"}


def _served_abroad(stack: StackView) -> Iterator[Violation]:
    """Judge caches of Alibaba Cloud: their scope may be mainland China, abroad, or both."""
    for resource in stack.made():
        for start, name in _DOMESTIC_ONLY.items():
            if resource.type.startswith(f"alicloud:{start}") and resource.get(name) in ("overseas", "global"):
                yield on(resource, f"{name} {resource.get(name)}: it is kept and served outside the mainland")


def _says_something(value: Value) -> bool:
    return value not in (None, "", False) and (
        not isinstance(value, list | tuple | dict) or bool(as_list(value))
    )


_DECIDES = re.compile(
    r"^(?:dest|destination|target|peer|opposite|accepting|accepter|replica|replicate|replication|source|storage|cross"
    r"|remote|secondary|copy|log|audit|export|failover|cen|host|access|bucket|endpointGroup|accelerate|service|trail)"
    r"\w*?(?:Region|RegionId|Regions|RegionIds|RegionName|Arn|Arns|Bucket|BucketArn|BucketName|Endpoint|VpcId|Conf"
    r"|Configuration|Url|Host|Address|InstanceId|Db|Identifier|OwnerId|AccountId|Ip|Destination|LocationArn)$"
    r"|^(?:regionName|regionId|regions|region|replicas|serverName|destination|destinations|destinationConf|storageRegion"
    r"|bucketArn|snapshotIdentifier|replicateSourceDb|replicationSourceIdentifier|sourceRegion|targetCopyRegions"
    r"|sharedAccounts|copyActions|copySettings|externalName|connectionUrl|endpoint)$"
)
_NO_DESTINATION = re.compile(
    r"Group(?:Arn|Arns|Id)?$|Key(?:Arn|Id)?$|Role|Kms|Certificate|Policy|Principal|Listener|SecurityGroup"
)
_MOVERS = re.compile(
    r"repl|copy|copies|snapshot|backup|sync|mirror|stream|firehose|dms/|dts/|datasync|peer|global|cross|logpush|export"
    r"|subscription|eventTarget|eventStreaming|eventbridge|eventRule|delivery|destination|transfer|storagegateway"
    r"|rds/(?:instance|cluster):|dynamodb/table:|secretsmanager/secret:|logpush|flowLog|trail|inventory|bucketLogging"
    r"|appflow|pipe|loadBalancer|endpointGroup|multiRegion|share|permission|opensearch|externalName|healthcheck"
    r"|bucketNotification|raftSnapshot|sippy|federated|archive|kvstore/instance|plan:",
    re.IGNORECASE,
)
"""Types that move or copy data, by words of their tokens in the SDKs."""


def _hidden_destinations(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        if resource.package == "kubernetes" or not _MOVERS.search(resource.type):
            continue
        for leaf in resource.leaves:
            if (
                leaf.value is Opaque.UNKNOWN
                and _decides(leaf)
                and not (leaf.keys == ("region",) and resource.package == "aws")
                and not is_explained(stack, resource, leaf.path)
            ):
                yield unproven(resource, f"{leaf.path}, where data goes or comes from,", Opaque.UNKNOWN)


def _decides(leaf: Leaf) -> bool:
    if is_for_people(leaf):
        return False
    inside = any(key.lower().startswith(("dest", "target", "copy", "replica")) for key in leaf.keys[:-1])
    return (
        _DECIDES.match(leaf.key) is not None
        or (
            inside
            and leaf.key
            in {"bucket", "arn", "url", "endpoint", "region", "host", "account", "address", "location"}
        )
    ) and _NO_DESTINATION.search(leaf.key) is None


_SENDS = re.compile(
    r"target|dest|sink|remote|peer|mirror|export|replica|backup|copy|failover|secondary|standby|upstream|forward"
    r"|(?:^|_)(?:host|url|uri|endpoint|bucket|brokers?|bootstrap|addr|address|dsn)(?:_|$|s)",
    re.IGNORECASE,
)
_WORKLOADS = re.compile(
    r"^kubernetes:(?:apps|batch|core|argoproj\.io)/[\w./]*:(?:Deployment|StatefulSet|DaemonSet|Job|CronJob"
    r"|Pod|ReplicaSet|Rollout|Workflow|CronWorkflow|ReplicationController)(?:Patch)?$"
)


def _hidden_in_workloads(stack: StackView) -> Iterator[Violation]:
    """Judge what a container is told only at deployment: an address that nothing of this stack explains."""
    for resource in stack.made():
        if not _WORKLOADS.match(resource.type):
            continue
        for leaf in resource.leaves:
            if (
                leaf.value is Opaque.UNKNOWN
                and "env" in leaf.keys
                and _SENDS.search(leaf.key)
                and not is_explained(stack, resource, leaf.path)
            ):
                yield unproven(resource, f"{leaf.key}, an address given to a container,", Opaque.UNKNOWN)


def _kubernetes_aliases(stack: StackView) -> Iterator[Violation]:
    for service in stack.made():
        if service.type in {"kubernetes:core/v1:Service", "kubernetes:core/v1:ServicePatch"}:
            name = service.get("spec", "externalName")
            if name is Opaque.UNKNOWN and not is_explained(stack, service, "spec"):
                yield unproven(service, "spec.externalName", Opaque.UNKNOWN)


_ENVIRONMENT = re.compile(
    r"(?<![a-z0-9])smp-(?:asia|china|us)-(?P<name>dev|staging|prod)(?![a-z0-9])"
    r"|(?<!smp-global)\.(?P<domain>dev|staging|prod)\.smp\.local|(?<![a-z0-9-])(?P<host>dev|staging)-(?:asia-)?(?:api|ws)\.smp\.vn"
)
"""The control plane has one environment, which serves all: its names are not here."""
_NOT_BETWEEN = (
    "kubernetes:argoproj.io/",
    "aws:iam/",
    "aws:ecr/",
    "alicloud:ram/",
    "alicloud:cr/",
    "cloudflare:",
    "aws:budgets/",
    "pulumi:",
)


def _between_environments(stack: StackView) -> Iterator[Violation]:
    """Judge addresses of another environment: real data stays in production, invented data out of it."""
    own = stack.facts.environment
    for resource in stack.made():
        if resource.type.startswith(_NOT_BETWEEN):
            continue
        for leaf in resource.leaves:
            if not isinstance(leaf.value, str) or is_for_people(leaf) or not is_address(leaf):
                continue
            match = _ENVIRONMENT.search(leaf.value)
            there = match and (match["name"] or match["domain"] or match["host"])
            if there and there != own and not names_itself(resource, leaf):
                yield on(resource, f"{leaf.path} leads to {there} ({leaf.value[:80]}); this is {own}")
                break


_FOREIGN_ENVIRONMENT = re.compile(
    r"(?<![a-z0-9])smp-(?:asia|china|us|global)-prod(?![a-z0-9])|\.prod\.smp\.local"
)
_FILLS = re.compile(
    r"^(?:snapshotIdentifier|replicateSourceDb|replicationSourceIdentifier|sourceDb\w*|sourceDbi\w*|snapshotName"
    r"|snapshotArns|restoreToPointInTime|s3Import|sourceRegion|sourceEndpoint\w*|backupId|srcDbInstanceId"
    r"|sourceLocationArn|serverName|copySourceSnapshot\w*)$"
)


def _production_data(stack: StackView) -> Iterator[Violation]:
    if stack.is_production:
        return
    for resource in stack.made():
        for leaf in resource.leaves:
            if (
                isinstance(leaf.value, str)
                and any(_FILLS.match(key) for key in leaf.keys)
                and _FOREIGN_ENVIRONMENT.search(leaf.value)
            ):
                yield on(resource, f"{leaf.path} fills it with data of production ({leaf.value})")


def _accelerated(stack: StackView) -> Iterator[Violation]:
    for bucket in stack.of_type(
        "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration",
        "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2",
    ):
        if bucket.get("status") == "Enabled":
            yield on(bucket, "objects enter and leave over points of presence in other countries")
    for bucket in stack.of_type(
        "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "alicloud:oss/bucket:Bucket"
    ):
        if bucket.get("accelerationStatus") == "Enabled" or (
            as_flag(dig(as_map(bucket.get("transferAcceleration")), "enabled")) is True
        ):
            yield on(bucket, "transfer acceleration: objects enter and leave over points of presence abroad")


RULES = (
    Rule(
        id="residency-one-place",
        family=Family.RESIDENCY,
        sentence="Nothing that holds data keeps copies in more than one region: no global table, no multi-region key.",
        source="M§14.3, M§14.6; PIPL art. 40",
        level=Level.MANDATORY,
        remedy="keep it in the home region; high availability comes from its zones",
        judge=lambda stack: (*_spread(stack), *_served_abroad(stack)),
        alone=True,
    ),
    Rule(
        id="residency-destination-known",
        family=Family.RESIDENCY,
        sentence="Where data is copied to, or from, can be seen before the deployment.",
        source="M§14.3; docs/decisions: unknown values fail closed",
        level=Level.MANDATORY,
        remedy="write the destination down, or compute it from a resource of the same stack",
        judge=lambda stack: (*_hidden_destinations(stack), *_hidden_in_workloads(stack)),
    ),
    Rule(
        id="residency-alias-known",
        family=Family.RESIDENCY,
        sentence="Where a Service's external name leads can be seen before the deployment.",
        source="M§14.3, M§14.6",
        level=Level.MANDATORY,
        remedy="write the name down",
        judge=_kubernetes_aliases,
    ),
    Rule(
        id="residency-environments",
        family=Family.RESIDENCY,
        sentence="No environment reads from another or writes to it.",
        source="M§1, M§7, M§9: real data in production only",
        level=Level.MANDATORY,
        remedy="name the hosts and buckets of the stack's own environment",
        judge=_between_environments,
        alone=True,
    ),
    Rule(
        id="residency-no-production-data",
        family=Family.RESIDENCY,
        sentence="dev and staging are never filled from production.",
        source="M§1, M§7, M§9: no personal data in dev",
        level=Level.MANDATORY,
        remedy="seed it with invented data (M§7)",
        judge=_production_data,
        alone=True,
    ),
    Rule(
        id="residency-acceleration",
        family=Family.RESIDENCY,
        sentence="Objects do not travel over points of presence in other countries.",
        source="M§14.3; Amazon S3 and OSS transfer acceleration",
        level=Level.MANDATORY,
        remedy="turn transfer acceleration off",
        judge=_accelerated,
        alone=True,
    ),
)
