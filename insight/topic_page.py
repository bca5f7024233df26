"""docs/topics.md, from the catalogue: every topic, and who may read and write it. ``python -m insight.topic_page``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.flows import Direction, Flow
from catalog.kafka_clients import Client, PlatformClient
from catalog.kafka_internals import internal_topics
from catalog.mirrors import topics_on
from catalog.services import Service
from catalog.topics import TOPICS, Topic

PAGE = Path(__file__).parents[1] / "docs" / "topics.md"


def topic_page() -> str:
    """Write the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Topics"
    yield ""
    yield "Written from `catalog/topics.py` by `python -m insight.topic_page`; do not edit."
    yield ""
    yield "## What there is"
    yield ""
    yield from _table(
        ("topic", "data class", "partitions dev, staging, prod", "kept", "key", "schema"),
        (
            (
                f"`{topic.name}`",
                str(topic.data_class),
                f"{topic.partitions.dev}, {topic.partitions.staging}, {topic.partitions.prod}",
                _kept(topic),
                topic.key,
                f"`{topic.subject}`" if topic.subject else "as it came",
            )
            for topic in TOPICS.values()
        ),
    )
    yield ""
    yield "Outside production what is personal is invented (`pseudo`)."
    yield ""
    yield "## What crosses a border"
    yield ""
    yield from _table(
        ("data", "class", "direction", "by", "within", "in which form"),
        (
            (
                flow.facts.subject,
                str(flow.facts.carries),
                _direction(flow),
                str(flow.facts.mechanism),
                _within(flow),
                flow.facts.form,
            )
            for flow in Flow
        ),
    )
    for title, cluster in (("in a region", Cluster.ASIA), ("on Global", Cluster.GLOBAL)):
        yield ""
        yield f"## Who may do what {title}"
        yield ""
        yield "w writes, r reads; what is empty is denied."
        yield ""
        yield from _matrix(cluster)
        yield ""
        own = [f"`{topic.name}`" for topic in internal_topics(cluster, Environment.PROD)]
        yield f"The programs' own topics, which no service may touch: {', '.join(own)}."


def _direction(flow: Flow) -> str:
    stays = [
        region.id
        for region in Cluster
        if flow.facts.direction is Direction.REGIONS_TO_GLOBAL
        and region.holds_personal_data
        and not flow.joins(region, Cluster.GLOBAL)
    ]
    return f"{flow.facts.direction}, without {', '.join(stays)}" if stays else str(flow.facts.direction)


def _within(flow: Flow) -> str:
    if flow.facts.latency is None:
        return "-"
    minutes = int(flow.facts.latency.total_seconds()) // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def _kept(topic: Topic) -> str:
    if topic.retention is None:
        return "newest of each key"
    return f"{topic.retention.days} days"


def _matrix(cluster: Cluster) -> Iterator[str]:
    placed = topics_on(cluster, Environment.PROD)
    everybody: list[Client] = [*Service, *PlatformClient]
    present = [
        client
        for client in everybody
        if any(client in item.producers or client in item.consumers for item in placed)
    ]
    rows = (
        (
            f"`{item.topic.name}`",
            *(
                ("w" if client in item.producers else "") + ("r" if client in item.consumers else "")
                for client in present
            ),
        )
        for item in placed
    )
    yield from _table(("topic", *(client.id for client in present)), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    PAGE.write_text(topic_page(), encoding="utf-8")
