"""Where the seeds' own numbers cannot be met, and what bends: said in every cost report.

The arithmetic behind the nodes is a bin-packing of the services' requests (M§4) into what nodes offer, checked
2026-11-21; ``./smp plan`` repeats it on the stack as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.stack_facts import Stack


@dataclass(frozen=True, kw_only=True)
class Bend:
    """One number of the seeds that is not built as written."""

    seed: str
    built: str
    why: str
    record: str
    """Number of the decision."""


_DATA_POOL = (
    "the seed's pool is full with services and platform; Kafka and Elasticsearch would be {short} short"
)
_REDIS = Bend(
    seed="Redis r6g.large, cluster of 6 (M§14.4)",
    built="3 shards with a replica each on cache.t4g.medium",
    why="r6g.large alone is more than twice as dear and breaks the budget",
    record="0003",
)

BENDS: dict[Stack, tuple[Bend, ...]] = {
    Stack.DEV: (
        Bend(
            seed="one small node, Redis and MongoDB as services (M§13)",
            built="one node of 8 vCPU on spot; Redis and MongoDB are pods",
            why="the ten services ask for 3500m and managed stores would take the budget",
            record="0001",
        ),
    ),
    Stack.STAGING: (
        Bend(
            seed="2 nodes (M§13)",
            built="2 nodes of 8 vCPU on spot",
            why="services and platform ask for 10285m, which two smaller nodes cannot hold",
            record="0001",
        ),
    ),
    Stack.PROD_ASIA: (
        Bend(
            seed="6 x m5.large (M§14.2)",
            built="6 to 10 x m5.large, and 3 x m5.xlarge for data services",
            why=_DATA_POOL.format(short="5935m"),
            record="0001",
        ),
        _REDIS,
    ),
    Stack.PROD_US: (
        Bend(
            seed="3 x m5.large (M§14.2)",
            built="3 to 8 x m5.large, and 3 x m5.xlarge for data services",
            why="the services alone are 2975m short on the seed's nodes, with the platform 10960m",
            record="0001",
        ),
        _REDIS,
    ),
    Stack.PROD_CHINA: (
        Bend(
            seed="3 x ecs.c6.large (M§14.2)",
            built="3 to 4 x ecs.g6.2xlarge, the first three on subscription",
            why="the services alone are 2975m and 827Mi short on the seed's nodes; pay-as-you-go breaks the budget",
            record="0001",
        ),
    ),
    Stack.PROD_GLOBAL: (
        Bend(
            seed="Kafka for master data on 2 x t3.large (M§14.2)",
            built="one lean broker on a durable volume",
            why="three brokers ask for 4120m of 3350m; a third node breaks the budget",
            record="0001",
        ),
    ),
}
"""For each stack, in the order of their weight."""
