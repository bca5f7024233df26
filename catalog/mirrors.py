"""Which topics are on which cluster, and which of them MirrorMaker 2 copies: all from data classes, none by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.flows import MIRRORED, Direction, Flow
from catalog.kafka_clients import Client, PlatformClient
from catalog.topics import TOPICS, Topic


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """One direction between two clusters: what goes, and by which flow."""

    flow: Flow
    source: Cluster
    target: Cluster
    topics: tuple[Topic, ...]


@dataclass(frozen=True, kw_only=True)
class PlacedTopic:
    """A topic on one cluster, with who may write and read it there. A copy is written by the mirror alone."""

    topic: Topic
    is_copy: bool
    producers: tuple[Client, ...]
    consumers: tuple[Client, ...]


_ON_GLOBAL = frozenset({PlatformClient.MASTER_DATA_PUBLISHER, PlatformClient.KPI_DASHBOARDS})
"""The clients that run in the control plane; everybody else runs in the regions."""


def mirrors_of(region: Cluster, environment: Environment) -> tuple[Mirror, ...]:
    """List the mirrors a region runs: master data in, key figures out.

    Production only. dev and staging share a Cluster with prod-asia and hold invented data: they publish their own
    master data and keep their own key figures. The control plane runs none, so nothing depends on it being there.
    """
    if environment is not Environment.PROD or region is Cluster.GLOBAL:
        return ()
    return tuple(_mirror(flow, region) for flow in MIRRORED)


def _mirror(flow: Flow, region: Cluster) -> Mirror:
    inward = flow.facts.direction is Direction.GLOBAL_TO_REGIONS
    source, target = (Cluster.GLOBAL, region) if inward else (region, Cluster.GLOBAL)
    return Mirror(flow=flow, source=source, target=target, topics=topics_carried_by(flow))


def topics_carried_by(flow: Flow) -> tuple[Topic, ...]:
    """List the topics whose class a mirrored flow carries; none where no mirror carries the class."""
    if not flow.is_mirrored:
        return ()
    return tuple(topic for topic in TOPICS.values() if topic.data_class is flow.facts.carries)


def topics_on(cluster: Cluster, environment: Environment) -> tuple[PlacedTopic, ...]:
    """List the topics of a cluster with their writers and readers there."""
    return tuple(_placed(cluster, environment))


def _placed(cluster: Cluster, environment: Environment) -> Iterator[PlacedTopic]:
    on_global = cluster is Cluster.GLOBAL
    alone = environment is not Environment.PROD
    for topic in TOPICS.values():
        if on_global and not topic.is_mirrored:
            continue
        is_copy = not alone and _arrives_at(cluster, topic)
        here = [client for client in topic.consumers if alone or (client in _ON_GLOBAL) == on_global]
        yield PlacedTopic(
            topic=topic,
            is_copy=is_copy,
            producers=(PlatformClient.MIRROR,) if is_copy else topic.producers,
            consumers=tuple(here),
        )


def _arrives_at(cluster: Cluster, topic: Topic) -> bool:
    """Whether a cluster has a topic as the copy of another's."""
    return any(
        flow.facts.carries is topic.data_class and flow.joins(other, cluster)
        for flow in MIRRORED
        for other in Cluster
    )
