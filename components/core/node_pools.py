"""Node pools as every managed Kubernetes component takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.environments import Environment
from catalog.instances import NODE_CAPACITY
from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage
from components.core.component import about
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


def pool_bounds(minimum: int, maximum: int) -> str | None:
    """Say what is wrong with the bounds of a pool, or ``None``."""
    return (
        None if 1 <= minimum <= maximum else f"1 <= minimum ({minimum}) <= maximum ({maximum}) does not hold"
    )


def pool_instance(instance_type: str) -> str | None:
    """Say what is wrong with a machine type, or ``None``: what it offers to pods must be known."""
    if instance_type in NODE_CAPACITY:
        return None
    known = ", ".join(sorted(NODE_CAPACITY))
    return f"what {instance_type} offers to pods is not known; take one of {known} or add it to catalog/instances.py"


def pool_capacity(capacity: Capacity, environment: Environment) -> str | None:
    """Say what is wrong with how nodes are bought, or ``None``."""
    if capacity is Capacity.SPOT and environment is Environment.PROD:
        return "spot nodes are for dev and staging; production takes on-demand or subscription"
    return None


SERVICES_NEED_A_POOL = "has no pool with the purpose app; the services would have nowhere to run"


def node_pool_problems(pools: Mapping[str, NodePool], scope: Scope) -> Iterator[str]:
    """Yield what is wrong with the pools of a cluster."""
    if not any(pool.purpose is PoolPurpose.APP for pool in pools.values()):
        yield f"node_pools {SERVICES_NEED_A_POOL}"
    for name, pool in pools.items():
        yield from about(
            f"node pool {name}:",
            pool_bounds(pool.minimum, pool.maximum),
            pool_instance(pool.instance_type),
            pool_capacity(pool.capacity, scope.environment),
        )
