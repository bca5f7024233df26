"""Nodes: enough of them, in three zones, and none that the cloud may take back."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.clusters import Cluster
from catalog.environments import Environment
from policies.availability.zones import ZONES_IN_PRODUCTION, places
from policies.demands import Absent, Demand, Where, broken, none_of
from policies.kubernetes_objects import kubernetes_objects
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, dig
from policies.views import ResourceView, StackView

_GROUP = "aws:eks/nodeGroup:NodeGroup"
_POOL = "alicloud:cs/nodePool:NodePool"
_NODES = {Environment.DEV: 1, Environment.STAGING: 2, Environment.PROD: 3}
"""Nodes of a cluster at least (M§2)."""
_CONTROL_PLANE_NODES = 2
"""Of the control plane (M§14.2)."""
_SPOT = ("SpotWithPriceLimit", "SpotAsPriceGo")
_NO_SPOT = tuple(
    Demand(
        types=(token,),
        path=path,
        wanted=none_of(*words),
        absent=Absent.HOLDS,
        where=Where.PRODUCTION,
        because="the cloud takes it back within minutes",
    )
    for token, path, words in (
        (_GROUP, "capacityType", ("SPOT",)),
        ("aws:ec2/launchTemplate:LaunchTemplate", "instanceMarketOptions?.marketType", ("spot",)),
        ("aws:ec2/instance:Instance", "instanceMarketOptions?.marketType", ("spot",)),
        ("aws:ecs/service:Service", "capacityProviderStrategies?.capacityProvider", ("FARGATE_SPOT",)),
        (
            "aws:batch/computeEnvironment:ComputeEnvironment",
            "computeResources?.type",
            ("SPOT", "FARGATE_SPOT"),
        ),
        (_POOL, "spotStrategy", _SPOT),
        ("alicloud:ecs/instance:Instance", "spotStrategy", _SPOT),
        ("alicloud:ess/scalingConfiguration:ScalingConfiguration", "spotStrategy", _SPOT),
        ("alicloud:eci/containerGroup:ContainerGroup", "spotStrategy", _SPOT),
    )
)


def _spot(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _NO_SPOT)
    if not stack.is_production:
        return
    for request in stack.of_type(
        "aws:ec2/spotInstanceRequest:SpotInstanceRequest", "aws:ec2/spotFleetRequest:SpotFleetRequest"
    ):
        yield on(request, "asks for machines that the cloud takes back within minutes")
    for config in stack.of_type("aws:ec2/launchConfiguration:LaunchConfiguration"):
        if config.get("spotPrice") is not None:
            yield on(config, "spotPrice asks for machines that the cloud takes back within minutes")
    for group in stack.of_type("aws:autoscaling/group:Group"):
        for policy in as_list(group.get("mixedInstancesPolicy")):
            share = as_int(dig(policy, "instancesDistribution", "onDemandPercentageAboveBaseCapacity"))
            if share is not None and share < 100:
                yield on(group, f"only {share} % of its machines are on demand, the others are spot")
    for pool in kubernetes_objects(stack, "NodePool", "Provisioner"):
        requirements = [*as_list(dig(pool.spec, "template", "spec", "requirements"))]
        requirements += as_list(pool.spec.get("requirements"))
        for requirement in requirements:
            values = list(texts_of(dig(requirement, "values")))
            if str(dig(requirement, "key")).endswith("/capacity-type") and "spot" in values:
                yield on(pool.view, "may take spot machines, which the cloud takes back within minutes")


def _counts(stack: StackView) -> Iterator[Violation]:
    environment = stack.facts.environment
    least = _NODES[environment]
    if stack.facts.cluster is Cluster.GLOBAL:
        least = _CONTROL_PLANE_NODES
    groups = tuple(stack.of_type(_GROUP))
    total = 0
    for group in groups:
        size = dig(as_list(group.get("scalingConfig")), 0, "minSize")
        if isinstance(size, Opaque):
            yield unproven(group, "scalingConfig.minSize", size)
            return
        total += as_int(size) or 0
    if 0 < total < least:  # none at all is a pool for bursts, whose base is elsewhere
        for group in groups:
            yield on(group, f"the node groups have {total} node(s) at least, not {least}")
    pools = tuple(stack.of_type(_POOL))
    total = sum(_pool_size(pool) for pool in pools)
    if 0 < total < least:
        for pool in pools:
            yield on(pool, f"the node pools have {total} node(s) at least, not {least}")
    if stack.is_production:
        yield from _zones(stack, groups, "subnetIds")
        yield from _zones(stack, pools, "vswitchIds")


def _pool_size(pool: ResourceView) -> int:
    scaling = dig(as_list(pool.get("scalingConfig")), 0)
    if scaling is not None:
        return as_int(dig(scaling, "minSize")) or 0
    size = pool.get("desiredSize") if pool.get("desiredSize") is not None else pool.get("nodeCount")
    return as_int(size) or 0


def _zones(stack: StackView, groups: tuple[ResourceView, ...], path: str) -> Iterator[Violation]:
    """Count the zones of all groups together: one a zone is how volumes stay where they are (decision 0014)."""
    least = _CONTROL_PLANE_NODES if stack.facts.cluster is Cluster.GLOBAL else ZONES_IN_PRODUCTION
    found = [places(stack, group, path) for group in groups]
    known = [item for item in found if item is not None]
    zones = set[str]().union(*known)
    if known and len(known) == len(groups) and len(zones) < least:
        for group in groups:
            yield on(group, f"the nodes are in {len(zones)} zone(s), not {least}")


RULES = (
    Rule(
        id="availability-spot",
        family=Family.AVAILABILITY,
        sentence="No machine of production is one the cloud may take back.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="use on-demand or subscribed machines in production",
        judge=_spot,
        alone=True,
    ),
    Rule(
        id="availability-nodes",
        family=Family.AVAILABILITY,
        sentence="A cluster has as many nodes as the matrix says, in production in three zones.",
        source="M§2, M§14.2, M§14.6",
        level=Level.MANDATORY,
        remedy="raise minSize, or name a subnet of each zone",
        judge=_counts,
    ),
)
