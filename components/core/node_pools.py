"""Node pools as every managed Kubernetes component takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.instances import NODE_CAPACITY
from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage
from components.core.outputs import NodePoolOutputs
from components.core.scope import Scope


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """One pool of equal nodes that scales between its bounds.

    ``minimum`` and ``maximum`` count nodes over all zones.
    """

    instance_type: str
    minimum: int
    maximum: int
    capacity: Capacity
    purpose: PoolPurpose
    disk: Storage

    def outputs(self) -> NodePoolOutputs:
        """Give what reports need of the pool."""
        return NodePoolOutputs(
            instance_type=self.instance_type,
            minimum=self.minimum,
            maximum=self.maximum,
            capacity=self.capacity,
            purpose=self.purpose,
        )


def node_pool_problems(pools: Mapping[str, NodePool], scope: Scope) -> Iterator[str]:
    """Yield what is wrong with the pools of a cluster."""
    if not any(pool.purpose is PoolPurpose.APP for pool in pools.values()):
        yield "no node pool has the purpose app; the services would have nowhere to run"
    for name, pool in pools.items():
        if not 1 <= pool.minimum <= pool.maximum:
            yield f"node pool {name}: 1 <= minimum ({pool.minimum}) <= maximum ({pool.maximum}) does not hold"
        if pool.instance_type not in NODE_CAPACITY:
            known = ", ".join(sorted(NODE_CAPACITY))
            yield f"node pool {name}: the capacity of {pool.instance_type} is not known; take one of {known}"
        if pool.capacity is Capacity.SPOT and scope.is_production:
            yield f"node pool {name}: spot nodes are for dev and staging; production takes on-demand or subscription"
