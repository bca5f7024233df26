"""Kafka's topics: what each holds, who writes and who reads it (P 3 weeks 2 to 6, M§14.3).

Rights, mirrors, schemas and docs/topics.md are all made from this table. A topic without a data class does not load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from catalog.data_classes import DataClass
from catalog.environments import Environment
from catalog.flows import MIRRORED
from catalog.kafka_clients import Client, PlatformClient
from catalog.services import Service

_NAME = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")

_HELD = frozenset({DataClass.PERSONAL, DataClass.AUDIT, DataClass.MASTER_DATA, DataClass.ANALYTICS})
"""The classes a topic may have. ``pseudo`` is none: it is what a personal topic holds outside production."""


class Cleanup(StrEnum):
    """Kafka's ``cleanup.policy``."""

    DELETE = "delete"
    """Records go when they are older than the retention."""
    COMPACT = "compact"
    """The newest record of each key stays for ever; a record without a value removes its key."""


@dataclass(frozen=True, kw_only=True)
class Partitions:
    """Partitions per environment; at most this many consumers of a group work at a time."""

    dev: int
    staging: int
    prod: int

    def in_environment(self, environment: Environment) -> int:
        """Give the number for an environment."""
        return {
            Environment.DEV: self.dev,
            Environment.STAGING: self.staging,
            Environment.PROD: self.prod,
        }[environment]


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic.

    Raises:
        ValueError: it has no data class that topics may have, or its parts contradict each other.

    """

    name: str
    data_class: DataClass
    owner: Client
    """Answers for its content and its schema, and reviews what landed in its dead-letter topic."""
    partitions: Partitions
    cleanup: Cleanup
    retention: timedelta | None
    """How long records stay; ``None`` for a compacted topic."""
    key: str
    """What the record's key is; records of one key keep their order."""
    subject: str | None
    """Its schema's name in the registry; ``None`` where bytes are kept as they came."""
    producers: tuple[Client, ...]
    consumers: tuple[Client, ...]
    dead_letters_of: str | None = None
    """The topic whose unreadable records land here."""

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            msg = f"topic {self.name}: {'; '.join(problems)}"
            raise ValueError(msg)

    def _problems(self) -> Iterator[str]:
        if self.data_class not in _HELD:
            allowed = ", ".join(sorted(_HELD))
            yield f"its data class is {self.data_class!r}; a topic has one of {allowed}"
        if _NAME.fullmatch(self.name) is None:
            yield "its name is not words of a-z, 0-9 and _ joined by dots"
        if (self.cleanup is Cleanup.COMPACT) != (self.retention is None):
            yield "a compacted topic has no retention, and every other one has"
        if not self.producers or not self.consumers:
            yield "nobody writes it, or nobody reads it"

    def class_in(self, environment: Environment) -> DataClass:
        """Give the class of what it holds there: people are invented outside production (M§1)."""
        if self.data_class is DataClass.PERSONAL and environment is not Environment.PROD:
            return DataClass.PSEUDO
        return self.data_class

    @property
    def is_mirrored(self) -> bool:
        """Whether its class travels between clusters by mirror (M§14.3)."""
        return any(flow.facts.carries is self.data_class for flow in MIRRORED)


_WEEK = timedelta(days=7)

_EVENTS = Partitions(dev=3, staging=6, prod=12)
"""Twelve: above the ten replicas any service grows to (M§4), and it divides among two, three and four consumers."""

_SINGLE = Partitions(dev=1, staging=1, prod=1)
"""Small topics whose records keep one order, or that are read by hand."""


def _events(
    name: str,
    owner: Service,
    key: str,
    consumers: tuple[Client, ...],
    producers: tuple[Client, ...] | None = None,
) -> Topic:
    """Describe events of a domain: about persons, a week of them, keyed so that one thing's events keep their order."""
    return Topic(
        name=name,
        data_class=DataClass.PERSONAL,
        owner=owner,
        partitions=_EVENTS,
        cleanup=Cleanup.DELETE,
        retention=_WEEK,
        key=key,
        subject=f"{name}-value",
        producers=producers or (owner,),
        consumers=consumers,
    )


_EVENT_TOPICS = (
    _events(
        "orders.events",
        Service.ORDER,
        "order id",
        (
            Service.DISPATCH,
            Service.NOTIFICATION,
            Service.FINANCE,
            Service.PARTNER,
            Service.QUALITY,
            Service.INTEGRATION,
        ),
        # order-svc writes its outbox table; change data capture makes the records (P 3 weeks 3 and 4).
        producers=(PlatformClient.CONNECT,),
    ),
    _events(
        "payments.events",
        Service.FINANCE,
        "order id",
        (Service.ORDER, Service.PARTNER, Service.NOTIFICATION, Service.INTEGRATION),
    ),
    _events(
        "agents.events",
        Service.AGENT,
        "agent id",
        (Service.DISPATCH, Service.QUALITY, Service.NOTIFICATION),
    ),
    _events(
        "partners.events",
        Service.PARTNER,
        "partner id",
        (Service.CATALOG, Service.DISPATCH, Service.FINANCE, Service.NOTIFICATION),
    ),
    _events(
        "dispatch.events",
        Service.DISPATCH,
        "order id",
        (Service.ORDER, Service.AGENT, Service.NOTIFICATION, Service.API_GATEWAY),
    ),
    _events(
        "quality.events",
        Service.QUALITY,
        "order id",
        (Service.AGENT, Service.PARTNER, Service.NOTIFICATION),
    ),
    _events(
        "integration.events",
        Service.INTEGRATION,
        "order id",
        (Service.ORDER, Service.CATALOG, Service.FINANCE),
    ),
    Topic(
        name="audit.events",
        data_class=DataClass.AUDIT,
        # The gateway answers for who saw what: masking and the audit trail are its own (P 4 weeks 1 to 3).
        owner=Service.API_GATEWAY,
        partitions=_EVENTS,
        cleanup=Cleanup.DELETE,
        # The daily batch may fail for almost two weeks before a record is lost.
        retention=2 * _WEEK,
        key="id of the person whose data it is about",
        subject="audit.events-value",
        producers=tuple(Service),
        consumers=(PlatformClient.AUDIT_ARCHIVER,),
    ),
)


def _dead_letters(topic: Topic) -> Topic:
    """Describe where the consumers of a topic put what they cannot process; its owner reviews it (P 3 week 7)."""
    return Topic(
        name=f"{topic.name}.dlq",
        data_class=topic.data_class,
        owner=topic.owner,
        partitions=_SINGLE,
        cleanup=Cleanup.DELETE,
        retention=2 * _WEEK,
        key=topic.key,
        subject=None,
        producers=topic.consumers,
        consumers=(topic.owner,),
        dead_letters_of=topic.name,
    )


def _master_data(table: str, key: str, consumers: tuple[Client, ...]) -> Topic:
    """Describe a table of ``smp_global`` (P 1 week 1): every row once, for ever."""
    return Topic(
        name=f"smp_global.{table}",
        data_class=DataClass.MASTER_DATA,
        owner=PlatformClient.MASTER_DATA_PUBLISHER,
        partitions=_SINGLE,
        cleanup=Cleanup.COMPACT,
        retention=None,
        key=key,
        subject=f"smp_global.{table}-value",
        producers=(PlatformClient.MASTER_DATA_PUBLISHER,),
        consumers=consumers,
    )


_MONEY = (Service.ORDER, Service.CATALOG, Service.FINANCE, Service.PARTNER)
"""Services that name a price in some currency."""

_MASTER_DATA_TOPICS = (
    _master_data("countries", "country code", tuple(Service)),
    _master_data("currencies", "currency code", (*_MONEY, Service.API_GATEWAY, Service.INTEGRATION)),
    _master_data("currency_rates", "currency pair and day", _MONEY),
    _master_data("tax_configs", "country code and tax", _MONEY),
    _master_data(
        "i18n_translations",
        "language and text id",
        (Service.API_GATEWAY, Service.CATALOG, Service.NOTIFICATION, Service.QUALITY),
    ),
)


def _key_figure(figure: str, owner: Service) -> Topic:
    """Describe a key figure of a dashboard (P 3 week 7): sums over at least a country and an hour, never a person.

    All regions push to one topic of one name on Global, so the key says whose figure it is.
    """
    return Topic(
        name=f"analytics.kpi.{figure}.anonymized",
        data_class=DataClass.ANALYTICS,
        owner=owner,
        partitions=_SINGLE,
        cleanup=Cleanup.DELETE,
        retention=timedelta(days=90),
        key="cluster, country and hour",
        subject=f"analytics.kpi.{figure}.anonymized-value",
        producers=(owner,),
        consumers=(PlatformClient.KPI_DASHBOARDS, PlatformClient.CONNECT),
    )


_ANALYTICS_TOPICS = (
    _key_figure("gmv", Service.FINANCE),
    _key_figure("completion_rate", Service.ORDER),
    _key_figure("agent_utilization", Service.AGENT),
    _key_figure("partner_gmv", Service.PARTNER),
)

SINK_DEAD_LETTERS = Topic(
    name="read_model.dlq",
    # Nobody could read it, so nobody knows that it holds no person: it never leaves the cluster.
    data_class=DataClass.PERSONAL,
    owner=Service.FINANCE,
    partitions=_SINGLE,
    cleanup=Cleanup.DELETE,
    retention=2 * _WEEK,
    key="as it came",
    subject=None,
    producers=(PlatformClient.CONNECT,),
    consumers=(Service.FINANCE, Service.ORDER, Service.AGENT, Service.PARTNER),
)
"""Key figures that the sink into Elasticsearch could not read, whichever topic they came from."""

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        *_EVENT_TOPICS,
        *(_dead_letters(topic) for topic in _EVENT_TOPICS),
        *_MASTER_DATA_TOPICS,
        *_ANALYTICS_TOPICS,
        SINK_DEAD_LETTERS,
    )
}
"""All topics, by name."""


def topics_of(data_class: DataClass) -> tuple[Topic, ...]:
    """List the topics of a class, in the order above."""
    return tuple(topic for topic in TOPICS.values() if topic.data_class is data_class)
