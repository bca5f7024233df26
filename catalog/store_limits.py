"""What the managed data stores accept.

Each rule answers what is wrong with a value, beginning with the value itself, or ``None``. The configuration asks
before anything runs, a component asks once more: the rule stands here alone.
"""

from __future__ import annotations

import re

from catalog.quantities import Storage

MYSQL_SERIES = "8.4"
"""The release with long-term support; 8.0 left standard support on 2026-07-31."""

SMALLEST_GP3 = Storage(20)

MOST_REPLICAS_PER_PRIMARY = 15
"""RDS for MySQL user guide: read replicas of one instance."""

MOST_CACHE_NODES = 90
"""ElastiCache's limit of nodes in a cluster, unless raised."""

ATLAS_RECOVERY_WINDOW_DAYS = 7
"""How far back production can be restored to any second."""

SINGLE_ZONE_IN_PRODUCTION = "single-zone is for dev and staging; production takes multi-zone (M§2)"


# MySQL on RDS


def rds_mysql_version(version: str) -> str | None:
    """An exact release: a minor one comes by configuration, dev first."""
    if re.fullmatch(rf"{re.escape(MYSQL_SERIES)}\.\d+", version) is None:
        return f"{version} must be an exact {MYSQL_SERIES} release such as 8.4.7"
    return None


def rds_storage(storage: Storage) -> str | None:
    """The smallest gp3 volume (RDS user guide)."""
    return f"{storage} is too small; gp3 starts at {SMALLEST_GP3}" if storage < SMALLEST_GP3 else None


def rds_storage_limit(limit: Storage, storage: Storage) -> str | None:
    """Where storage autoscaling stops; RDS takes none nearer than a tenth above the allocation."""
    if limit.gibibytes * 10 < storage.gibibytes * 11:
        return f"{limit} must be at least a tenth above storage {storage}"
    return None


def rds_backup_days(days: int) -> str | None:
    """Point-in-time recovery; without it RDS writes no binary log."""
    return None if 1 <= days <= 35 else f"{days} must be 1 to 35; without backups there is no binary log"


# MySQL on ApsaraDB


def apsara_mysql_version(version: str) -> str | None:
    """The series; ApsaraDB chooses the release."""
    return None if version == MYSQL_SERIES else f"{version} must be 8.4, the release with long-term support"


def apsara_mysql_class(instance_class: str) -> str | None:
    """The two-node, high-availability edition."""
    if instance_class.endswith(".2c"):
        return None
    return f"{instance_class} is not of the two-node edition; those end in .2c"


def apsara_mysql_storage(storage: Storage) -> str | None:
    """The smallest cloud disk."""
    return None if storage.gibibytes >= 20 else f"{storage} is too small; cloud disks start at 20Gi"


def apsara_mysql_storage_limit(limit: Storage, storage: Storage) -> str | None:
    """Where storage stops to grow by itself."""
    return None if storage <= limit else f"{limit} is below storage {storage}; write as much or more"


def apsara_backup_days(days: int) -> str | None:
    """Point-in-time recovery."""
    return None if 7 <= days <= 730 else f"{days} must be 7 to 730"


# Redis


def elasticache_shards(shards: int) -> str | None:
    """A cluster has one shard at least."""
    return None if shards >= 1 else f"{shards} must be 1 or more"


def elasticache_replicas(replicas: int, shards: int) -> str | None:
    """Replicas of each shard, and the nodes they make of a cluster."""
    if not 0 <= replicas <= 5:
        return f"{replicas} must be 0 to 5"
    if shards * (1 + replicas) > MOST_CACHE_NODES:
        return f"{replicas} with {shards} shards exceed {MOST_CACHE_NODES} nodes"
    return None


def production_replicas(replicas: int) -> str | None:
    """A shard without a replica dies with its zone."""
    return (
        None
        if replicas >= 1
        else f"{replicas} must be 1 or more in production: a shard alone dies with its zone"
    )


def tair_class(shard_class: str) -> str | None:
    """A cloud-native shard: a primary and its replica."""
    if shard_class.startswith("redis.shard.") and shard_class.endswith(".ce"):
        return None
    return f"{shard_class} is not cloud-native; those read redis.shard.<size>.ce"


def tair_shards(shards: int) -> str | None:
    """The bounds of a cluster."""
    return None if 2 <= shards <= 128 else f"{shards} must be 2 to 128"


# MongoDB


def atlas_organization(organization: str) -> str | None:
    """An id of Atlas."""
    if re.fullmatch(r"[0-9a-f]{24}", organization):
        return None
    return f"{organization!r} is not an Atlas id; write its 24 hexadecimal digits"


def atlas_version(version: str) -> str | None:
    """A major release; the minor ones in between are Atlas' own."""
    if re.fullmatch(r"\d+\.0", version) and float(version) >= 8:
        return None
    return f"{version!r} must be a major release from 8.0 on"


def atlas_tier(tier: str, *, is_production: bool) -> str | None:
    """A dedicated tier, and in production the seed's or larger (M§2)."""
    if re.fullmatch(r"M[1-9]\d+", tier) is None:
        return f"{tier} must be M10 or larger; smaller ones have neither PrivateLink nor backups"
    if is_production and int(tier[1:]) < 30:
        return f"{tier} is too small for production, which takes M30 or larger (M§2)"
    return None


def atlas_backup_days(days: int) -> str | None:
    """Daily backups reach at least as far as the recovery to a second does."""
    if days >= ATLAS_RECOVERY_WINDOW_DAYS:
        return None
    return f"{days} must be {ATLAS_RECOVERY_WINDOW_DAYS} or more"


def apsara_mongodb_version(version: str) -> str | None:
    """The releases with disk encryption."""
    return None if version in {"7.0", "8.0"} else f"{version} must be 8.0 or 7.0"


def apsara_mongodb_class(instance_class: str) -> str | None:
    """A dedicated class."""
    if instance_class.endswith(".d"):
        return None
    return f"{instance_class} cannot encrypt its disk; dedicated classes end in .d"


def apsara_mongodb_storage(storage: Storage) -> str | None:
    """The disk of each node."""
    if storage.gibibytes >= 20 and storage.gibibytes % 10 == 0:
        return None
    return f"{storage} must be at least 20Gi, in steps of 10"


# Buckets


def oss_log_days(days: int) -> str | None:
    """Logs move to colder storage after 30 days, which bills 30 more."""
    return None if days >= 60 else f"{days} must be 60 or more: colder storage bills 30 days"
