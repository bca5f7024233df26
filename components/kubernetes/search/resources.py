"""Names by which the parts of the read model know each other."""

from __future__ import annotations

from components.core.naming import NameLimit
from components.core.scope import Scope

SEARCH_NAMESPACE = "search"
"""Namespace of Elasticsearch, its operator and the jobs on the read model."""

API = "elasticsearch.k8s.elastic.co/v1"

CLUSTER_LABEL = "elasticsearch.k8s.elastic.co/cluster-name"

PORT = 9200

TRANSPORT_PORT = 9300

SINK_USER = "sink"
"""Writes figures; Kafka Connect's."""

READER_USER = "dashboards"
"""Reads figures: the services behind the dashboards, and the reconciliation."""

USERNAME_KEY = "username"
PASSWORD_KEY = "password"

TRUST_SECRET = "elasticsearch-trust"
"""In Kafka's namespace: what Connect trusts, as Java reads it; the settings job writes it when all else is in place."""

TRUST_STORE_KEY = "ca.p12"
TRUST_PASSWORD_KEY = "ca.password"


def cluster_name(scope: Scope) -> str:
    """Name the Elasticsearch cluster, ``smp-asia-prod-search``."""
    return scope.name("search", NameLimit.KUBERNETES)


def service_host(scope: Scope) -> str:
    """Give the host name inside the cluster; the operator's certificate bears it."""
    return f"{cluster_name(scope)}-es-http.{SEARCH_NAMESPACE}.svc"


def service_url(scope: Scope) -> str:
    """Give the address clients inside the cluster use."""
    return f"https://{service_host(scope)}:{PORT}"


def authority_secret(scope: Scope) -> str:
    """Name the secret with the authority of the HTTP certificate (``ca.crt``); the operator writes it."""
    return f"{cluster_name(scope)}-es-http-certs-public"


def administrator_secret(scope: Scope) -> str:
    """Name the secret whose key ``elastic`` is the administrator's password; the operator writes it."""
    return f"{cluster_name(scope)}-es-elastic-user"


def credentials_secret(user: str) -> str:
    """Name the secret with a user's name and password."""
    return f"elasticsearch-{user}"
