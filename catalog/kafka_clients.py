"""Everybody who may be named in Kafka's rights: the ten services, and the platform's own programs."""

from __future__ import annotations

from enum import Enum

from catalog.clusters import Cluster
from catalog.services import Service


class PlatformClient(Enum):
    """A program of the platform that reads or writes topics; the value is its Kafka user."""

    CONNECT = "connect"
    """Kafka Connect: change data capture out of MySQL, and the sink into Elasticsearch (P 3)."""

    SCHEMA_REGISTRY = "schema-registry"
    """Keeps its schemas in a topic of its own."""

    AUDIT_ARCHIVER = "audit-archiver"
    """Turns the audit topic into the daily encrypted batch (M§14.3)."""

    MASTER_DATA_PUBLISHER = "master-data-publisher"
    """Publishes the tables of ``smp_global`` where they are owned: on Global, and in dev and staging for themselves."""

    KPI_DASHBOARDS = "kpi-dashboards"
    """Reads the key figures of all regions, on Global."""

    MIRROR = "mirror"
    """MirrorMaker 2 of a region, on the region's own brokers."""

    @property
    def id(self) -> str:
        """The user's name, such as ``connect``."""
        return self.value


Client = Service | PlatformClient
"""Whoever talks to Kafka; both kinds have an ``id``, which is the Kafka user's name."""


def mirror_user(region: Cluster) -> str:
    """Name the user that a region's MirrorMaker 2 is on Global, ``mirror-smp-asia``."""
    return f"mirror-{region.id}"


def group_prefix(client: Client) -> str:
    """Give what every consumer group of a client starts with; it may join no other."""
    return f"{client.id}."


AUDIT_BATCHES_GROUP = f"{group_prefix(PlatformClient.AUDIT_ARCHIVER)}daily"
"""Commits once a day how far the batches go; between two days it is behind, which is no fault."""
