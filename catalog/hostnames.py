"""Names other people and programs rely on: hosts, domains, buckets. No stack reads another's outputs."""

from __future__ import annotations

from enum import StrEnum

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


def audit_batches(cluster_id: str) -> str:
    """Give the prefix of a cluster's daily batches in the archive, ``<cluster>/daily/``; a batch never changes."""
    return f"{cluster_id}/daily/"


class WebApp(StrEnum):
    """The two web applications on Cloudflare Pages (M§3)."""

    MOBILE = "mobile"
    ADMIN = "admin"


APP_HOST = f"app.{ZONE}"
"""Shortcut to the production mobile web app (M§11)."""
ADMIN_HOST = f"admin.{ZONE}"
PARTNER_HOST = f"partner.{ZONE}"
"""Since v3.3 a redirect to the admin portal (M§11)."""
DOCS_HOST = f"docs.{ZONE}"
STATUS_HOST = f"status.{ZONE}"

HOSTS_OF_OTHERS = frozenset({STATUS_HOST})
"""Served by somebody else's platform, with its own certificate, so they cannot be proxied. All others are."""


def api_host(environment: Environment) -> str:
    """Name the public API, ``api.smp.vn`` or ``<env>-api.smp.vn`` (M§3)."""
    return f"{environment.hostname_prefix}api.{ZONE}"


def websocket_host(environment: Environment) -> str:
    """Name the public WebSocket endpoint, ``ws.smp.vn`` or ``<env>-ws.smp.vn`` (M§3)."""
    return f"{environment.hostname_prefix}ws.{ZONE}"


def product_hosts(environment: Environment) -> tuple[str, str]:
    """Both hosts the edge router answers for."""
    return api_host(environment), websocket_host(environment)


def regional_api_origin(cluster: Cluster, environment: Environment) -> str:
    """Name where the router sends API calls, ``asia-api.smp.vn``, ``us-api``, ``cn-api``, ``dev-asia-api``."""
    return f"{environment.hostname_prefix}{_ORIGIN_PREFIXES[cluster]}-api.{ZONE}"


def regional_websocket_origin(cluster: Cluster, environment: Environment) -> str:
    """Name where the router sends WebSocket upgrades, ``asia-ws.smp.vn`` and so on."""
    return f"{environment.hostname_prefix}{_ORIGIN_PREFIXES[cluster]}-ws.{ZONE}"


def regional_origins(cluster: Cluster, environment: Environment) -> tuple[str, str]:
    """Both origins of a cluster; its origin certificate covers exactly these."""
    return regional_api_origin(cluster, environment), regional_websocket_origin(cluster, environment)


def pages_project(app: WebApp, environment: Environment) -> str:
    """Name a Pages project, ``smp-mobile`` or ``smp-mobile-<env>``; it is served at ``<name>.pages.dev`` (M§3)."""
    suffix = "" if environment is Environment.PROD else f"-{environment}"
    return f"smp-{app}{suffix}"


_ORIGIN_PREFIXES = {Cluster.ASIA: "asia", Cluster.CHINA: "cn", Cluster.US: "us"}
