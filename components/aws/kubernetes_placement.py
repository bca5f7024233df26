"""Which zones a node pool stands in, and how its nodes divide among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.node_pools import Capacity, PoolPurpose
from components.core.component import about
from components.core.node_pools import NodePool
from components.core.scope import Scope

SAME_SIZE_TYPES: Mapping[str, tuple[str, ...]] = {
    "t3.2xlarge": ("t3a.2xlarge", "m5.2xlarge", "m5a.2xlarge"),
    "m5.2xlarge": ("m5a.2xlarge", "t3.2xlarge"),
    "m5.xlarge": ("m5a.xlarge", "m6i.xlarge"),
    "m5.large": ("m5a.large", "m6i.large"),
    "t3.large": ("t3a.large", "m5.large"),
}
"""Types with as many processors and as much memory.

A spot pool may take any of them, so that the market running out of one does not stop it; the cost report counts
the configured one.
"""


@dataclass(frozen=True, kw_only=True)
class NodeGroupPlacement:
    """One node group: the zones it may use and its bounds."""

    suffix: str
    """Zone where the group is of one zone, else empty."""
    zones: tuple[str, ...]
    minimum: int
    maximum: int


def instance_types(pool: NodePool) -> tuple[str, ...]:
    """List the types a pool may take, the configured and priced one first."""
    if pool.capacity is Capacity.SPOT:
        return (pool.instance_type, *SAME_SIZE_TYPES.get(pool.instance_type, ()))
    return (pool.instance_type,)


def carries_volumes(pool: NodePool, pools: Mapping[str, NodePool]) -> bool:
    """Whether pods with volumes run on a pool: it is for data, or the cluster has none that is."""
    return pool.purpose is PoolPurpose.DATA or not has_data_pool(pools)


def has_data_pool(pools: Mapping[str, NodePool]) -> bool:
    """Whether data services have nodes of their own, which are then tainted."""
    return any(pool.purpose is PoolPurpose.DATA for pool in pools.values())


def place(
    pool: NodePool, pools: Mapping[str, NodePool], zones: tuple[str, ...]
) -> tuple[NodeGroupPlacement, ...]:
    """Divide a pool into node groups.

    A disk cannot leave its zone, so a pool that carries volumes has one group per zone and at least one node
    in each: a replaced node comes back where its volumes are. With fewer nodes than zones it uses as many zones
    as it has nodes, the first ones. A pool without volumes is one group over all zones, which Auto Scaling
    balances.
    """
    if not carries_volumes(pool, pools):
        return (NodeGroupPlacement(suffix="", zones=zones, minimum=pool.minimum, maximum=pool.maximum),)
    used = zones[: min(len(zones), pool.minimum)]
    return tuple(
        NodeGroupPlacement(
            suffix=zone,
            zones=(zone,),
            minimum=_share(pool.minimum, len(used), index),
            maximum=_share(pool.maximum, len(used), index),
        )
        for index, zone in enumerate(used)
    )


def _share(count: int, parts: int, index: int) -> int:
    """Give part ``index`` of ``count`` divided as evenly as whole numbers allow, the first parts larger."""
    return count // parts + (index < count % parts)


def data_nodes(minimum: int, zones: int) -> str | None:
    """Say what is wrong with the nodes of a production's data pool, or ``None``."""
    if minimum >= zones:
        return None
    return (
        f"{minimum} node(s) for data in {zones} zones; a volume needs a node in its zone and a quorum must outlive"
        f" a zone, so take at least {zones}"
    )


def placement_problems(pools: Mapping[str, NodePool], zones: tuple[str, ...], scope: Scope) -> Iterator[str]:
    """Yield what is wrong with where the pools would stand."""
    for name, pool in pools.items():
        if pool.capacity is Capacity.SUBSCRIPTION:
            yield f"node pool {name}: subscription is sold by Alibaba Cloud; on AWS take on-demand or spot"
        if pool.purpose is PoolPurpose.DATA and scope.is_production:
            yield from about(f"node pool {name}:", data_nodes(pool.minimum, len(zones)))
