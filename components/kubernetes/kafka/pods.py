"""What the pods of Kafka ask for, and where they are placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.node_pools import POOL_LABEL, PoolPurpose
from catalog.quantities import Cpu, Memory
from catalog.tags import KUBERNETES_CLUSTER_LABEL
from components.core.scope import Scope

ZONE_LABEL = "topology.kubernetes.io/zone"


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """Requests of a pod. Memory is also its limit; processor time has none, so that a quiet node's is used."""

    cpu: Cpu
    memory: Memory

    def resources(self) -> dict[str, Any]:
        """Write the requests and limits."""
        return {
            "requests": {"cpu": str(self.cpu), "memory": str(self.memory)},
            "limits": {"memory": str(self.memory)},
        }

    def heap(self) -> dict[str, str]:
        """Give Java half of the memory; the rest is for threads, buffers and the page cache."""
        size = f"{self.memory.mebibytes // 2}m"
        return {"-Xms": size, "-Xmx": size}


OPERATOR = Footprint(cpu=Cpu(100), memory=Memory(384))
ENTITY_OPERATOR = Footprint(cpu=Cpu(25), memory=Memory(320))
"""Of each of its two containers: one looks after topics, one after users."""
EXPORTER = Footprint(cpu=Cpu(25), memory=Memory(64))
CRUISE_CONTROL = Footprint(cpu=Cpu(250), memory=Memory(768))
REGISTRY = Footprint(cpu=Cpu(50), memory=Memory(256))
CONNECT = Footprint(cpu=Cpu(250), memory=Memory(1024))
MIRROR = Footprint(cpu=Cpu(100), memory=Memory(768))


def broker_footprint(scope: Scope) -> Footprint:
    """Size a broker: 250m as facts of sizing say for the smallest region; Global's is lean (two t3.large)."""
    if scope.cluster is Cluster.GLOBAL:
        return Footprint(cpu=Cpu(200), memory=Memory(1024))
    memory = {Environment.DEV: 1024, Environment.STAGING: 1536, Environment.PROD: 2048}
    return Footprint(cpu=Cpu(250), memory=Memory(memory[scope.environment]))


def placement(scope: Scope, selector: Mapping[str, str]) -> dict[str, Any]:
    """Place pods on nodes for data where there are some, and evenly over the zones.

    In production a pod waits rather than stand in a zone that has its share: a quorum counts on it.
    """
    return {
        "metadata": {"labels": {KUBERNETES_CLUSTER_LABEL: scope.cluster.id}},
        "affinity": {
            "nodeAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "preference": {
                            "matchExpressions": [
                                {"key": POOL_LABEL, "operator": "In", "values": [str(PoolPurpose.DATA)]}
                            ]
                        },
                    }
                ]
            }
        },
        "tolerations": [
            {
                "key": POOL_LABEL,
                "operator": "Equal",
                "value": str(PoolPurpose.DATA),
                "effect": "PreferNoSchedule",
            }
        ],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": ZONE_LABEL,
                "whenUnsatisfiable": "DoNotSchedule" if scope.is_production else "ScheduleAnyway",
                "labelSelector": {"matchLabels": dict(selector)},
            }
        ],
    }
