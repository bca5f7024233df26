"""Configured node pools as components take them, the same on both clouds."""

from __future__ import annotations

from components.core.node_pools import NodePool
from stacks.config_network import KubernetesConfig


def node_pools(config: KubernetesConfig) -> dict[str, NodePool]:
    """Turn configured node pools into the ones components take."""
    return {
        name: NodePool(
            instance_type=pool.instance_type,
            minimum=pool.minimum,
            maximum=pool.maximum,
            capacity=pool.capacity,
            purpose=pool.purpose,
            disk=pool.disk_gib,
        )
        for name, pool in config.node_pools.items()
    }
