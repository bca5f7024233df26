"""What an Elasticsearch cluster may be; the same rules for the configuration and for the component."""

from __future__ import annotations

from catalog.clusters import Cluster
from catalog.environments import Environment

SMALLEST_ALIBABA_DISK_GIB = 40
"""The least an ESSD of level PL0 has."""


def nodes(count: int, environment: Environment) -> str | None:
    """Say what is wrong with a number of nodes, or ``None``."""
    if environment is Environment.PROD:
        return None if count == 3 else f"{count} nodes; production has 3, one in each zone (P 3 week 5)"
    return None if count in {1, 3} else f"{count} nodes; write 1 or 3: of two, neither goes on alone"


def volume(gibibytes: int, cluster: Cluster) -> str | None:
    """Say what is wrong with a node's disk, or ``None``."""
    if gibibytes < 1:
        return f"{gibibytes} GiB; write 1 or more"
    if cluster is Cluster.CHINA and gibibytes < SMALLEST_ALIBABA_DISK_GIB:
        return f"{gibibytes} GiB; a disk of this level has {SMALLEST_ALIBABA_DISK_GIB} at least"
    return None
