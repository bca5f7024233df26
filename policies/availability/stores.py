"""Databases and caches of production have a standby; those of staging are what the matrix says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.environments import Environment
from policies.deletion import is_read_replica
from policies.demands import OFF, ON, SET, Absent, Demand, Wanted, Where, at_least, broken, none_of
from policies.relations import refers
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, dig
from policies.views import ResourceView, StackView

_RDS = "aws:rds/instance:Instance"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_ATLAS = ("mongodbatlas:index/advancedCluster:AdvancedCluster", "mongodbatlas:index/cluster:Cluster")
_SEARCH = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
_SHARDS = 3
"""Redis, in staging and production (M§2; docs/decisions/0003)."""
_REPLICAS = {Environment.DEV: 0, Environment.STAGING: 1, Environment.PROD: 2}
"""Read replicas of MySQL (M§2)."""
_ATLAS_TIER = {Environment.DEV: 0, Environment.STAGING: 10, Environment.PROD: 30}


def _prod(token: str | tuple[str, ...], path: str, wanted: Wanted, absent: Absent = Absent.BREAKS) -> Demand:
    return Demand(
        types=(token,) if isinstance(token, str) else token,
        path=path,
        wanted=wanted,
        absent=absent,
        where=Where.PRODUCTION,
        because="a lost zone or node takes it along",
        unless=is_read_replica,
    )


_DEMANDS = (
    _prod(_RDS, "multiAz", ON),
    _prod(_CACHE, "automaticFailoverEnabled", ON),
    _prod(_CACHE, "multiAzEnabled", ON),
    _prod("aws:memorydb/cluster:Cluster", "numReplicasPerShard", at_least(1), Absent.HOLDS),
    _prod("aws:redshift/cluster:Cluster", "multiAz", ON, Absent.HOLDS),
    _prod("aws:mq/broker:Broker", "deploymentMode", none_of("SINGLE_INSTANCE")),
    _prod(_SEARCH, "clusterConfig.zoneAwarenessEnabled", ON),
    _prod(_SEARCH, "clusterConfig.instanceCount", at_least(3)),
    _prod("aws:msk/cluster:Cluster", "numberOfBrokerNodes", at_least(3)),
    _prod("aws:dms/replicationInstance:ReplicationInstance", "multiAz", ON),
    _prod("alicloud:rds/instance:Instance", "zoneIdSlaveA", SET),
    _prod("alicloud:rds/instance:Instance", "category", none_of("Basic"), Absent.HOLDS),
    _prod(
        ("alicloud:kvstore/instance:Instance", "alicloud:redis/tairInstance:TairInstance"),
        "secondaryZoneId",
        SET,
    ),
    _prod(
        ("alicloud:kvstore/instance:Instance", "alicloud:redis/tairInstance:TairInstance"),
        "shardCount",
        at_least(_SHARDS),
        Absent.HOLDS,
    ),
    _prod("alicloud:kvstore/instance:Instance", "nodeType", none_of("STAND_ALONE", "single"), Absent.HOLDS),
    _prod("alicloud:mongodb/instance:Instance", "secondaryZoneId", SET),
    _prod("alicloud:mongodb/instance:Instance", "replicationFactor", at_least(3), Absent.HOLDS),
    _prod("alicloud:polardb/cluster:Cluster", "hotStandbyCluster", none_of("OFF"), Absent.HOLDS),
    _prod("alicloud:elasticsearch/instance:Instance", "zoneCount", at_least(2)),
    _prod("alicloud:elasticsearch/instance:Instance", "dataNodeAmount", at_least(3), Absent.HOLDS),
    _prod(_ATLAS, "replicationSpecs?.regionConfigs?.electableSpecs.nodeCount", at_least(3), Absent.HOLDS),
    _prod(_ATLAS, "paused", OFF, Absent.HOLDS),
)


def _databases(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    if not stack.is_production:
        return
    for cache in stack.of_type(_CACHE):
        replicas, nodes = cache.get("replicasPerNodeGroup"), cache.get("numCacheClusters")
        if not isinstance(replicas, Opaque) and (as_int(replicas) or 0) < 1 and (as_int(nodes) or 0) < 2:
            yield on(cache, "has no replica, so a lost node loses its shard")
    for cache in stack.of_type("aws:elasticache/cluster:Cluster"):
        if cache.get("engine") in {"redis", "valkey"} and cache.get("replicationGroupId") is None:
            yield on(cache, "is a single node without a standby")
    for bucket in stack.of_type("alicloud:oss/bucket:Bucket"):
        lone = bucket.get("redundancyType") in {None, "LRS"}
        if lone and not any("access" in str(name) for name in (bucket.name, bucket.get("bucket"))):
            yield on(bucket, "redundancyType is LRS: its objects lie in one zone")
    for database in stack.of_type("alicloud:rds/instance:Instance", "alicloud:kvstore/instance:Instance"):
        second = database.get("zoneIdSlaveA") or database.get("secondaryZoneId")
        if isinstance(second, str) and second == database.get("zoneId"):
            yield on(database, f"its standby is in the same zone, {second}")
    for broker in stack.of_type("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain"):
        count = as_int(dig(broker.get("clusterConfig"), "zoneAwarenessConfig", "availabilityZoneCount"))
        if count is not None and count < 3:
            yield on(broker, f"availabilityZoneCount is {count}, not 3")


def _matrix(stack: StackView) -> Iterator[Violation]:
    environment = stack.facts.environment
    if environment is Environment.DEV:
        return
    for cache in stack.of_type(_CACHE):
        shards = cache.get("numNodeGroups")
        if isinstance(shards, Opaque):
            yield unproven(cache, "numNodeGroups", shards)
        elif str(cache.get("engine") or "redis") in {"redis", "valkey"} and (as_int(shards) or 1) < _SHARDS:
            yield on(cache, f"has {as_int(shards) or 1} shard(s), not {_SHARDS}")
    for cluster in stack.of_type(*_ATLAS):
        for size in _sizes(cluster):
            tier = int(found[1]) if (found := re.match(r"[MR](\d+)", size)) else 0
            if tier < _ATLAS_TIER[environment]:
                yield on(cluster, f"is a {size}; {environment} has M{_ATLAS_TIER[environment]}")
    for small in stack.of_type("mongodbatlas:index/flexCluster:FlexCluster"):
        yield on(small, f"is a shared tier; {environment} has M{_ATLAS_TIER[environment]}")
    yield from _read_replicas(stack)


def _sizes(cluster: ResourceView) -> Iterator[str]:
    for spec in as_list(cluster.get("replicationSpecs")):
        for region in as_list(dig(spec, "regionConfigs")):
            size = dig(region, "electableSpecs", "instanceSize")
            if isinstance(size, str):
                yield size
    single = cluster.get("providerInstanceSizeName")
    if isinstance(single, str):
        yield single


def _read_replicas(stack: StackView) -> Iterator[Violation]:
    """Count replicas where the stack is whole: a part of one says nothing about the rest."""
    least = _REPLICAS[stack.facts.environment]
    replicas = [item for item in stack.of_type(_RDS) if is_read_replica(item)]
    if not any(stack.of_type("aws:ec2/vpc:Vpc")):
        return
    for database in stack.of_type(_RDS):
        engine = str(database.get("engine") or "")
        if is_read_replica(database) or engine != "mysql":
            continue
        own = [item for item in replicas if refers(item, "replicateSourceDb", database)]
        if len(own) < least:
            yield on(database, f"has {len(own)} read replica(s), not {least}")


RULES = (
    Rule(
        id="availability-databases",
        family=Family.AVAILABILITY,
        sentence="Databases, caches and search of production have a standby in another zone.",
        source="M§2, M§14.6",
        level=Level.MANDATORY,
        remedy="MySQL availability multi-zone, and at least one replica per Redis shard",
        judge=_databases,
        alone=True,
    ),
    Rule(
        id="availability-matrix",
        family=Family.AVAILABILITY,
        sentence="Databases and caches of staging and production are as many and as large as the matrix says.",
        source="M§2; docs/decisions/0002, 0003, 0004",
        level=Level.MANDATORY,
        remedy="take the shape from the environment matrix",
        judge=_matrix,
    ),
)
