"""Networks, and what is spread over them, use three zones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.clusters import Cluster
from policies.demands import Absent, Demand, Where, broken, none_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView

ZONES_IN_PRODUCTION = 3

_SUBNETS = {
    "aws:ec2/subnet:Subnet": ("availabilityZone", "availabilityZoneId"),
    "alicloud:vpc/switch:Switch": ("zoneId", "availabilityZone"),
}
_NETWORKS = ("aws:ec2/vpc:Vpc", "alicloud:vpc/network:Network")
_NAT = "aws:ec2/natGateway:NatGateway"

_SPREAD = {
    "aws:rds/subnetGroup:SubnetGroup": ("subnetIds", 3),
    "aws:docdb/subnetGroup:SubnetGroup": ("subnetIds", 3),
    "aws:elasticache/subnetGroup:SubnetGroup": ("subnetIds", 3),
    "aws:memorydb/subnetGroup:SubnetGroup": ("subnetIds", 3),
    "aws:eks/cluster:Cluster": ("vpcConfig.subnetIds", 3),
    "aws:lb/loadBalancer:LoadBalancer": ("subnets", 3),
    "aws:autoscaling/group:Group": ("vpcZoneIdentifiers", 3),
    "aws:msk/cluster:Cluster": ("brokerNodeGroupInfo.clientSubnets", 3),
    "aws:opensearch/domain:Domain": ("vpcOptions.subnetIds", 3),
    "aws:elasticsearch/domain:Domain": ("vpcOptions.subnetIds", 3),
    "aws:ecs/service:Service": ("networkConfiguration.subnets", 3),
    "alicloud:cs/managedKubernetes:ManagedKubernetes": ("vswitchIds", 3),
    "alicloud:alb/loadBalancer:LoadBalancer": ("zoneMappings", 2),
    "alicloud:nlb/loadBalancer:LoadBalancer": ("zoneMappings", 2),
}
"""What lists its subnets, one a zone, and how many there must be; load balancers of Alibaba Cloud take two."""

_ONE_ZONE = (
    Demand(
        types=("alicloud:vpc/natGateway:NatGateway",),
        path="availabilityMode",
        wanted=none_of("SingleAZ"),
        absent=Absent.HOLDS,
        where=Where.PRODUCTION,
    ),
    Demand(
        types=("alicloud:cs/nodePool:NodePool",),
        path="multiAzPolicy",
        wanted=none_of("PRIORITY"),
        absent=Absent.HOLDS,
        where=Where.PRODUCTION,
        because="it fills one zone before the next",
    ),
)


def _three_zones(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    zones: set[str] = set()
    hidden = 0
    subnets = 0
    for token, names in _SUBNETS.items():
        for subnet in stack.of_type(token):
            subnets += 1
            value = next((subnet.get(name) for name in names if subnet.get(name) is not None), None)
            if isinstance(value, Opaque):
                hidden += 1
                yield unproven(subnet, "its zone", value)
            elif isinstance(value, str):
                zones.add(value)
    if hidden or not subnets or len(zones) >= ZONES_IN_PRODUCTION:
        return
    for network in stack.of_type(*_NETWORKS):
        yield on(network, f"has subnets in {len(zones)} zone(s): {', '.join(sorted(zones)) or 'none'}")


def places(stack: StackView, resource: ResourceView, path: str) -> set[str] | None:
    """Give the places a list of subnets names: zones where they are known, else the subnets themselves.

    ``None`` where nothing is said, or the list itself is not known.
    """
    value = resource.get(*path.split("."))
    if value is None and "." in path:
        head, tail = path.split(".", maxsplit=1)
        value = dig(as_list(resource.get(head)), 0, tail)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    known = {_zone(stack, str(item)) for item in value if not isinstance(item, Opaque)}
    urns = resource.property_dependencies.get(path.split(".", maxsplit=1)[0], ())
    hidden = sum(isinstance(item, Opaque) for item in value)
    sources = [stack.by_urn.get(urn) for urn in urns]
    found = {
        _zone_of(source) or source.urn for source in sources if source is not None and _is_subnet(source)
    }
    if hidden and found:
        # A list of one names one place, however many subnets the property depends on.
        return {*known, *sorted(found)[:hidden]}
    return {*known, *(f"?{place}" for place in range(hidden))}


def _is_subnet(resource: ResourceView) -> bool:
    return resource.type in _SUBNETS


def _zone_of(subnet: ResourceView) -> str | None:
    for name in ("availabilityZone", "availabilityZoneId", "zoneId"):
        value = subnet.get(name)
        if isinstance(value, str):
            return value
    return None


def _zone(stack: StackView, identity: str) -> str:
    for token in _SUBNETS:
        for subnet in stack.of_type(token):
            if subnet.id == identity or subnet.outputs.get("id") == identity:
                return _zone_of(subnet) or identity
    return identity


def _spread(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _ONE_ZONE)
    if not stack.is_production:
        return
    for token, (path, least) in _SPREAD.items():
        for resource in stack.of_type(token):
            found = places(stack, resource, path)
            if found is not None and 0 < len(found) < least:
                yield on(resource, f"{path} names {len(found)} zone(s), not {least}")
    for group in stack.of_type("aws:autoscaling/group:Group"):
        zones: Value = group.get("availabilityZones")
        if 0 < len(as_list(zones)) < ZONES_IN_PRODUCTION:
            yield on(
                group, f"availabilityZones names {len(as_list(zones))} zone(s), not {ZONES_IN_PRODUCTION}"
            )
    for system in stack.of_type("aws:efs/fileSystem:FileSystem"):
        if system.get("availabilityZoneName") is not None:
            yield on(system, "availabilityZoneName keeps it in one zone")
    yield from _gateways(stack)


def _gateways(stack: StackView) -> Iterator[Violation]:
    gateways = tuple(stack.of_type(_NAT))
    zones = {zone for subnet in stack.of_type("aws:ec2/subnet:Subnet") if (zone := _zone_of(subnet))}
    # What the control plane asks of the internet can wait for a zone (docs/decisions/0069).
    least = 1 if stack.facts.cluster is Cluster.GLOBAL else ZONES_IN_PRODUCTION
    if gateways and len(gateways) < min(len(zones), least):
        for gateway in gateways:
            yield on(
                gateway, f"{len(gateways)} NAT gateway(s) for {len(zones)} zones: a lost zone cuts off others"
            )


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
        id="availability-spread",
        family=Family.AVAILABILITY,
        sentence="What production spreads over subnets is spread over three zones, a region's NAT gateways too.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="name a subnet of each zone",
        judge=_spread,
    ),
)
