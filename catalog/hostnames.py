"""Names other people and programs rely on: hosts, domains, buckets. No stack reads another's outputs."""

from __future__ import annotations

from catalog.clusters import Cluster
from catalog.environments import Environment

ZONE = "smp.vn"
"""The public zone (M§11)."""

INTERNAL_SUFFIX = "smp.local"


def private_domain(environment: Environment) -> str:
    """Give the private zone of an environment, ``<env>.smp.local`` (M§3)."""
    return f"{environment}.{INTERNAL_SUFFIX}"


def internal_service(service: str, environment: Environment) -> str:
    """Give a service's name inside its cluster, ``<svc>.<env>.smp.local`` (M§3)."""
    return f"{service}.{private_domain(environment)}"


def cross_cluster(thing: str, cluster: Cluster, environment: Environment) -> str:
    """Give the name by which one cluster reaches another, ``<thing>.<cluster>.<env>.smp.local``."""
    return f"{thing}.{cluster.id}.{private_domain(environment)}"


def audit_log_bucket(cluster: Cluster) -> str:
    """Name the bucket of a cluster's immutable audit log, ``<cluster>-audit-log``."""
    return f"{cluster.id}-audit-log"


AUDIT_ARCHIVE_BUCKET = "smp-global-audit-archive"
"""Receives each cluster's daily encrypted batch (M§14.3)."""
