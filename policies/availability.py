"""Production outlives the loss of a zone (M§14.6)."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deletion import is_read_replica
from policies.rules import Family, Level, Rule, Violation, on, require_true, unproven
from policies.values import Opaque, as_int
from policies.views import StackView, is_set

ZONES_IN_PRODUCTION = 3

_SUBNETS = {
    "aws:ec2/subnet:Subnet": ("availabilityZone", "availabilityZoneId"),
    "alicloud:vpc/switch:Switch": ("zoneId", "availabilityZone"),
}
_NETWORKS = ("aws:ec2/vpc:Vpc", "alicloud:vpc/network:Network")


def _three_zones(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    zones: set[str] = set()
    hidden = 0
    for token, names in _SUBNETS.items():
        for subnet in stack.of_type(token):
            value = next((subnet.get(name) for name in names if subnet.get(name) is not None), None)
            if isinstance(value, Opaque):
                hidden += 1
                yield unproven(subnet, "its zone", value)
            elif isinstance(value, str):
                zones.add(value)
    if hidden or len(zones) >= ZONES_IN_PRODUCTION:
        return
    for network in stack.of_type(*_NETWORKS):
        yield on(network, f"has subnets in {len(zones)} zone(s): {', '.join(sorted(zones)) or 'none'}")


def _databases(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for database in stack.of_type("aws:rds/instance:Instance"):
        if not is_read_replica(database):
            yield from require_true(database, database.get("multiAz"), "multiAz", "multiAz is not on")
    for cache in stack.of_type("aws:elasticache/replicationGroup:ReplicationGroup"):
        for name in ("automaticFailoverEnabled", "multiAzEnabled"):
            yield from require_true(cache, cache.get(name), name, f"{name} is not on")
        replicas = cache.get("replicasPerNodeGroup")
        nodes = cache.get("numCacheClusters")
        if not isinstance(replicas, Opaque) and (as_int(replicas) or 0) < 1 and (as_int(nodes) or 0) < 2:
            yield on(cache, "has no replica, so a lost node loses its shard")
    for database in stack.of_type("alicloud:rds/instance:Instance"):
        if not is_set(database.get("zoneIdSlaveA")):
            yield on(database, "has no second zone (zoneIdSlaveA)")


RULES = (
    Rule(
        id="availability-zones",
        family=Family.AVAILABILITY,
        sentence="Networks of production span at least three zones.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="name three zones in smp:network.zones",
        judge=_three_zones,
    ),
    Rule(
        id="availability-databases",
        family=Family.AVAILABILITY,
        sentence="Databases and caches of production have a standby in another zone.",
        source="M§2, M§14.6",
        level=Level.MANDATORY,
        remedy="MySQL availability multi-zone, and at least one replica per Redis shard",
        judge=_databases,
        alone=True,
    ),
)
