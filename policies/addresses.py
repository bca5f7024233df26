"""Ranges of addresses: which are as good as everybody, and what listens on which port."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_network

from policies.values import Value

PUBLIC_PORTS = frozenset({80, 443})
"""What a public load balancer may listen on."""
WIDEST_PREFIX = {4: 16, 6: 32}
"""Ranges of public addresses wider than this are as good as everybody."""
DATA_PORTS = {
    22: "SSH",
    1433: "SQL Server",
    2181: "ZooKeeper",
    2379: "etcd",
    3306: "MySQL",
    3389: "remote desktop",
    5432: "PostgreSQL",
    5601: "Kibana",
    6379: "Redis",
    8200: "Vault",
    9090: "Prometheus",
    9092: "Kafka",
    9093: "Kafka",
    9094: "Kafka",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    10250: "the kubelet",
    11211: "Memcached",
    27017: "MongoDB",
}
"""Ports nobody outside has business with."""
_INSIDE = re.compile(
    r"(?:^|[^a-z])(kafka|mysql|mariadb|redis|mongo\w*|postgres\w*|vault|elastic\w*|kibana|argocd|argo-cd|grafana"
    r"|prometheus|alertmanager|mimir|loki|tempo|jaeger|zookeeper|etcd|schema-registry|connect|debezium|db"
    r"|database|opensearch|kube-api\w*|phpmyadmin|akhq|kafka-ui)(?:$|[^a-z])",
    re.IGNORECASE,
)


@cache
def _is_wide(text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return text == "%"
    if network.prefixlen == 0:
        return True
    inside = network.is_private or network.is_link_local or network.is_multicast
    return not inside and network.prefixlen < WIDEST_PREFIX[network.version]


def is_everybody(value: Value) -> bool:
    """Whether a range, or one of several in a text, lets in so many that it is everybody.

    The halves of the address space (``0.0.0.0/1``, ``128.0.0.0/1``) do, and Alibaba's ``0.0.0.0`` does too.
    """
    if not isinstance(value, str):
        return False
    return any(
        part.strip() == "0.0.0.0" or _is_wide(part.strip())  # noqa: S104 - compared with, not bound to
        for part in value.split(",")
        if part.strip()
    )


def inside_name(*texts: Value) -> str | None:
    """Give the data store or the operators' tool that one of some names speaks of."""
    for text in texts:
        found = _INSIDE.search(text) if isinstance(text, str) else None
        if found:
            return found[1]
    return None
