"""Topics that programs keep for themselves: nothing about anybody, and nothing a service may touch.

Automatic creation is off, so these too are declared, with the rights of the one program that uses each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.environments import Environment
from catalog.kafka_clients import PlatformClient, mirror_user
from catalog.mirrors import mirrors_of
from catalog.topics import Cleanup

CONNECT_TOPICS = {"configs": 1, "offsets": 25, "status": 5}
"""What a Connect cluster keeps, and in how many partitions: Kafka Connect's own defaults."""

SCHEMAS = "_schemas"

CDC_PREFIX = "cdc.smp_order"
"""Prefix of the connector that reads the binary log of ``smp_order``."""

CDC_HISTORY = f"{CDC_PREFIX}.history"
CDC_HEARTBEAT_PREFIX = "heartbeat"
CDC_HEARTBEAT = f"{CDC_HEARTBEAT_PREFIX}.{CDC_PREFIX}"

HEARTBEATS = "heartbeats"
"""Where a region beats for its push; MirrorMaker knows the topic by this name."""


@dataclass(frozen=True, kw_only=True)
class InternalTopic:
    """A topic of one program."""

    name: str
    users: tuple[str, ...]
    """Kafka users that write and read it."""
    partitions: int
    cleanup: Cleanup
    retention: timedelta | None
    """``None`` keeps it for ever."""
    data_class: DataClass = DataClass.PUBLIC


def _compacted(name: str, user: str, partitions: int = 1) -> InternalTopic:
    return InternalTopic(
        name=name, users=(user,), partitions=partitions, cleanup=Cleanup.COMPACT, retention=None
    )


def storage_topics(prefix: str, user: str) -> tuple[InternalTopic, ...]:
    """List what a Connect cluster keeps below a prefix; MirrorMaker 2 is one as well."""
    return tuple(_compacted(f"{prefix}.{part}", user, count) for part, count in CONNECT_TOPICS.items())


def pull_prefix() -> str:
    """Name what a region's pulling mirror keeps, on the region."""
    return "mirror-in"


def push_prefix(region: Cluster) -> str:
    """Name what a region's pushing mirror keeps, on Global: its target is where it works from."""
    return mirror_user(region)


def offset_syncs(other: Cluster) -> str:
    """Name the topic of offset pairs with another cluster, as MirrorMaker 2 builds it."""
    return f"mm2-offset-syncs.{other.id}.internal"


def heartbeats_of(region: Cluster) -> str:
    """Name a region's heartbeats on Global: the one topic whose name says where it came from."""
    return f"{region.id}.{HEARTBEATS}"


def internal_topics(cluster: Cluster, environment: Environment) -> tuple[InternalTopic, ...]:
    """List the programs' own topics on a cluster."""
    if cluster is Cluster.GLOBAL:
        return tuple(_on_global())
    return tuple(_in_region(cluster, environment))


def _on_global() -> Iterator[InternalTopic]:
    for region in Cluster:
        if region.holds_personal_data:
            user = mirror_user(region)
            yield from storage_topics(push_prefix(region), user)
            yield InternalTopic(
                name=heartbeats_of(region),
                users=(user,),
                partitions=1,
                cleanup=Cleanup.DELETE,
                retention=timedelta(days=1),
                data_class=DataClass.METRICS,
            )


def _in_region(cluster: Cluster, environment: Environment) -> Iterator[InternalTopic]:
    yield from storage_topics(PlatformClient.CONNECT.id, PlatformClient.CONNECT.id)
    yield _compacted(SCHEMAS, PlatformClient.SCHEMA_REGISTRY.id)
    yield InternalTopic(
        name=CDC_HISTORY,
        users=(PlatformClient.CONNECT.id,),
        partitions=1,
        # Statements in the order they were run, all of them: Debezium replays the whole topic when it starts.
        cleanup=Cleanup.DELETE,
        retention=None,
    )
    yield InternalTopic(
        name=CDC_HEARTBEAT,
        users=(PlatformClient.CONNECT.id,),
        partitions=1,
        cleanup=Cleanup.DELETE,
        retention=timedelta(days=1),
        data_class=DataClass.METRICS,
    )
    if mirrors_of(cluster, environment):
        mirror = PlatformClient.MIRROR.id
        yield from storage_topics(pull_prefix(), mirror)
        yield _compacted(offset_syncs(Cluster.GLOBAL), mirror)
        yield InternalTopic(
            name=HEARTBEATS,
            users=(PlatformClient.CONNECT.id, mirror),
            partitions=1,
            cleanup=Cleanup.COMPACT,
            retention=None,
            data_class=DataClass.METRICS,
        )
