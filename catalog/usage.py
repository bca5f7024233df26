"""What a month's bill depends on beside the resources themselves: assumed amounts, per stack.

Nothing here is measured yet. Each figure is a planning assumption for the expected traffic (M§14.2: 100 000 daily
users in Asia, launches elsewhere). Every cost report lists them with what the total becomes if one doubles, so that
the ones that matter are replaced first by what a bill says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from catalog.quantities import Percent
from catalog.stack_facts import Stack


class UsageKey(StrEnum):
    """Names of the assumptions, as reports and documents show them; each is a field of ``Usage``."""

    SCALING = "scaling"
    STORAGE_GROWTH = "storage_growth"
    EGRESS = "egress_gb"
    CROSS_ZONE = "cross_zone_gb"
    NAT = "nat_gb"
    ENDPOINT = "endpoint_gb"
    LOGS = "logs_gb"
    OBJECTS = "objects_gb"
    OBJECT_WRITES = "object_writes_thousands"
    OBJECT_READS = "object_reads_thousands"
    R2 = "r2_gb"
    IMAGES = "images_gb"
    DATABASE_BACKUPS = "database_backups_gb"
    MONGODB_BACKUPS = "mongodb_backups_gb"
    MONGODB_OPLOG = "mongodb_oplog_gb"
    CACHE = "cache_gb"
    KEY_REQUESTS = "key_requests_millions"
    LOAD_BALANCER = "load_balancer_units"
    ROUTER_REQUESTS = "router_requests_millions"

    @property
    def unit(self) -> str:
        """What the figure counts."""
        return _UNITS[self]

    @property
    def meaning(self) -> str:
        """One sentence for a report."""
        return _MEANINGS[self]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Amounts a month; GB as the price lists count them. ``UsageKey.meaning`` explains each."""

    scaling: Percent
    storage_growth: Percent
    egress_gb: int
    cross_zone_gb: int
    nat_gb: int
    endpoint_gb: int
    logs_gb: int
    objects_gb: int
    object_writes_thousands: int
    object_reads_thousands: int
    r2_gb: int
    images_gb: int
    database_backups_gb: int
    mongodb_backups_gb: int
    mongodb_oplog_gb: int
    cache_gb: int
    key_requests_millions: int
    load_balancer_units: int
    router_requests_millions: int

    def of(self, key: UsageKey) -> Decimal:
        """Give one figure as a number, whatever its type."""
        value = getattr(self, key.value)
        return value.value if isinstance(value, Percent) else Decimal(value)

    def doubled(self, key: UsageKey) -> Usage:
        """Give the same assumptions with one of them twice as large."""
        value = getattr(self, key.value)
        twice = Percent(value.value * 2) if isinstance(value, Percent) else value * 2
        return replace(self, **{key.value: twice})


_UNITS = {
    UsageKey.SCALING: "%",
    UsageKey.STORAGE_GROWTH: "%",
    UsageKey.OBJECT_WRITES: "thousand requests",
    UsageKey.OBJECT_READS: "thousand requests",
    UsageKey.KEY_REQUESTS: "million requests",
    UsageKey.LOAD_BALANCER: "capacity units",
    UsageKey.ROUTER_REQUESTS: "million requests",
    **{key: "GB" for key in UsageKey if key.value.endswith("_gb")},
}

_MEANINGS = {
    UsageKey.SCALING: (
        "how far node pools stand between their minimum and their maximum, on average over a month: the expected"
        " point; peaks of some hours on working days"
    ),
    UsageKey.STORAGE_GROWTH: (
        "growth of buckets and backups within a year; the minimum has none of it, the expected point half, the"
        " maximum all"
    ),
    UsageKey.EGRESS: "out to the internet, before the provider's free share",
    UsageKey.CROSS_ZONE: "between zones, counted once; both directions are charged",
    UsageKey.NAT: "through all NAT gateways together",
    UsageKey.ENDPOINT: "through all interface endpoints together",
    UsageKey.LOGS: "ingested into the cloud's own log service: flow, control-plane and database logs",
    UsageKey.OBJECTS: "kept in all buckets of the cluster's own cloud together",
    UsageKey.OBJECT_WRITES: "writes and listings of all buckets of the cluster's own cloud together",
    UsageKey.OBJECT_READS: "reads of all buckets of the cluster's own cloud together",
    UsageKey.R2: "kept in all R2 buckets together",
    UsageKey.IMAGES: "kept in all image repositories together",
    UsageKey.DATABASE_BACKUPS: "backups of the MySQL primary beyond what is free with its storage",
    UsageKey.MONGODB_BACKUPS: "snapshots of MongoDB that its backup keeps",
    UsageKey.MONGODB_OPLOG: "oplog that continuous backup of MongoDB keeps, before the free share",
    UsageKey.CACHE: "data in Redis, as one snapshot of all shards has it",
    UsageKey.KEY_REQUESTS: "requests to all encryption keys together, before the free share",
    UsageKey.LOAD_BALANCER: "of each load balancer, on average",
    UsageKey.ROUTER_REQUESTS: "through the edge Worker",
}


USAGE: dict[Stack, Usage] = {
    Stack.DEV: Usage(
        scaling=Percent.of(10),
        storage_growth=Percent.of(0),
        egress_gb=50,
        cross_zone_gb=20,
        nat_gb=0,
        endpoint_gb=0,
        logs_gb=3,
        objects_gb=20,
        object_writes_thousands=100,
        object_reads_thousands=500,
        r2_gb=10,
        images_gb=20,
        database_backups_gb=0,
        mongodb_backups_gb=0,
        mongodb_oplog_gb=0,
        cache_gb=0,
        key_requests_millions=0,
        load_balancer_units=1,
        router_requests_millions=1,
    ),
    Stack.STAGING: Usage(
        scaling=Percent.of(10),
        storage_growth=Percent.of(0),
        egress_gb=100,
        cross_zone_gb=100,
        nat_gb=50,
        endpoint_gb=20,
        logs_gb=10,
        objects_gb=50,
        object_writes_thousands=300,
        object_reads_thousands=1500,
        r2_gb=20,
        images_gb=20,
        database_backups_gb=10,
        mongodb_backups_gb=10,
        mongodb_oplog_gb=0,
        cache_gb=1,
        key_requests_millions=1,
        load_balancer_units=1,
        router_requests_millions=2,
    ),
    Stack.PROD_ASIA: Usage(
        scaling=Percent.of(25),
        storage_growth=Percent.of(50),
        egress_gb=1000,
        cross_zone_gb=1500,
        nat_gb=500,
        endpoint_gb=200,
        logs_gb=80,
        objects_gb=1000,
        object_writes_thousands=5000,
        object_reads_thousands=30000,
        r2_gb=200,
        images_gb=50,
        database_backups_gb=200,
        mongodb_backups_gb=60,
        mongodb_oplog_gb=20,
        cache_gb=6,
        key_requests_millions=3,
        load_balancer_units=2,
        router_requests_millions=0,
    ),
    Stack.PROD_US: Usage(
        scaling=Percent.of(10),
        storage_growth=Percent.of(50),
        egress_gb=500,
        cross_zone_gb=600,
        nat_gb=300,
        endpoint_gb=100,
        logs_gb=50,
        objects_gb=500,
        object_writes_thousands=2000,
        object_reads_thousands=10000,
        r2_gb=100,
        images_gb=50,
        database_backups_gb=50,
        mongodb_backups_gb=40,
        mongodb_oplog_gb=10,
        cache_gb=6,
        key_requests_millions=2,
        load_balancer_units=1,
        router_requests_millions=0,
    ),
    Stack.PROD_CHINA: Usage(
        scaling=Percent.of(25),
        storage_growth=Percent.of(50),
        egress_gb=300,
        cross_zone_gb=0,
        nat_gb=200,
        endpoint_gb=0,
        logs_gb=30,
        objects_gb=500,
        object_writes_thousands=2000,
        object_reads_thousands=10000,
        r2_gb=0,
        images_gb=50,
        database_backups_gb=50,
        mongodb_backups_gb=40,
        mongodb_oplog_gb=0,
        cache_gb=2,
        key_requests_millions=2,
        load_balancer_units=1,
        router_requests_millions=0,
    ),
    Stack.PROD_GLOBAL: Usage(
        scaling=Percent.of(0),
        storage_growth=Percent.of(50),
        egress_gb=100,
        cross_zone_gb=100,
        nat_gb=100,
        endpoint_gb=0,
        logs_gb=20,
        objects_gb=300,
        object_writes_thousands=500,
        object_reads_thousands=1000,
        r2_gb=10,
        images_gb=50,
        database_backups_gb=0,
        mongodb_backups_gb=0,
        mongodb_oplog_gb=0,
        cache_gb=0,
        key_requests_millions=1,
        load_balancer_units=1,
        router_requests_millions=10,
    ),
}
"""One row per stack."""
