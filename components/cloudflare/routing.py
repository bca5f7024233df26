"""The router's binding ``ROUTING``: which cluster serves whom, and whether it serves (M§14.5, M§14.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from catalog.clusters import Cluster
from catalog.edge import COLOS, DEFAULT_CLUSTER
from catalog.environments import Environment
from catalog.hostnames import regional_api_origin, regional_websocket_origin


class ClusterState(StrEnum):
    """What the router does with a cluster's traffic. There is no third: no other cluster ever takes over."""

    SERVING = "serving"
    MAINTENANCE = "maintenance"
    """The maintenance page, and no request to the origin."""


def routing_table(environment: Environment, clusters: Mapping[Cluster, ClusterState]) -> str:
    """Write ``ROUTING`` as JSON text, for the clusters of one environment.

    Countries of the default cluster are not listed: whatever is not listed is its own.
    """
    served = [cluster for cluster in Cluster if cluster in clusters]
    table = {
        "clusters": {
            cluster.id: {
                "origin": f"https://{regional_api_origin(cluster, environment)}",
                "wsOrigin": f"https://{regional_websocket_origin(cluster, environment)}",
                "state": clusters[cluster],
            }
            for cluster in served
        },
        "countries": {
            country: cluster.id
            for cluster in served
            if cluster is not DEFAULT_CLUSTER
            for country in cluster.value.countries
        },
        "colos": {colo: cluster.id for cluster in served for colo in COLOS[cluster]},
        "default": DEFAULT_CLUSTER.id,
    }
    return json.dumps(table, separators=(",", ":"))
