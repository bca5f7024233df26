"""Images and charts of others that a cluster pulls from its own registry, and who makes the copies.

A release manager copies them by digest, for China the CN team (docs/runbooks/kafka.md). Repository -> version.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.clusters import Cluster
from catalog.kafka_versions import DEBEZIUM, KAFKA, KARAPACE, PROMETHEUS_DEFINITIONS, STRIMZI
from catalog.search_versions import ECK, ELASTICSEARCH, JOBS, SINK_CONNECTOR

IMAGES_PREFIX = "mirror"
CHARTS_PREFIX = "charts"

KAFKA_CONNECT = "smp/kafka-connect"
"""Strimzi's Kafka image with our connectors and the databases' certificate authorities in it; built by us."""

KAFKA_CONNECT_TAG = f"{KAFKA}-debezium-{DEBEZIUM}-sink-{SINK_CONNECTOR}"

KARAPACE_IMAGE = "aiven-open/karapace"

ECK_IMAGE = "eck/eck-operator"
ELASTICSEARCH_IMAGE = "elasticsearch/elasticsearch"

JOBS_IMAGE = "smp/jobs"
"""Our own jobs on the read model and the audit log, built from ``jobs/Containerfile``."""

BILL = "smp/bill"
"""The job that reads China's bill; built by us from jobs/bill/Dockerfile."""

BILL_TAG = "4.0.0"

_EVERYWHERE = {"strimzi/operator": STRIMZI, "strimzi/kafka": f"{STRIMZI}-kafka-{KAFKA}"}
_IN_REGIONS = {
    KAFKA_CONNECT: KAFKA_CONNECT_TAG,
    KARAPACE_IMAGE: KARAPACE,
    ECK_IMAGE: ECK,
    ELASTICSEARCH_IMAGE: ELASTICSEARCH,
    JOBS_IMAGE: JOBS,
}

_CHARTS_EVERYWHERE = {
    "strimzi-kafka-operator": STRIMZI,
    "prometheus-operator-crds": PROMETHEUS_DEFINITIONS,
}
_CHARTS_IN_REGIONS = {"eck-operator": ECK}

CHARTS: Mapping[str, str] = {**_CHARTS_EVERYWHERE, **_CHARTS_IN_REGIONS}
"""Chart -> version."""


def images_of(cluster: Cluster) -> Mapping[str, str]:
    """Give what a cluster pulls."""
    match cluster:
        case Cluster.GLOBAL:
            return _EVERYWHERE
        case Cluster.CHINA:
            return {**_EVERYWHERE, **_IN_REGIONS, BILL: BILL_TAG}
        case _:
            return {**_EVERYWHERE, **_IN_REGIONS}


def charts_of(cluster: Cluster) -> Mapping[str, str]:
    """Give the charts a cluster installs."""
    return _CHARTS_EVERYWHERE if cluster is Cluster.GLOBAL else CHARTS
