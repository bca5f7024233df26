"""The sink: key figures from Kafka into Elasticsearch (P 3 week 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.kafka_clients import PlatformClient, group_prefix
from catalog.read_model import HOUR, INDEX_PREFIX, KEYWORDS, Figure
from catalog.topics import SINK_DEAD_LETTERS
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.cluster import replicas_of
from components.kubernetes.kafka.connect import connector_label
from components.kubernetes.kafka.resources import custom_resource
from components.kubernetes.search.resources import (
    PASSWORD_KEY,
    SINK_USER,
    TRUST_PASSWORD_KEY,
    TRUST_SECRET,
    TRUST_STORE_KEY,
    USERNAME_KEY,
    credentials_secret,
    service_url,
)

CONNECTOR = "figures-sink"

GROUP = f"{group_prefix(PlatformClient.CONNECT)}{CONNECTOR}"
"""Connect alone would take ``connect-figures-sink``, and the workers' user may join no group of that name."""

CLASS = "io.aiven.kafka.connect.opensearch.OpenSearchSinkConnector"

CREDENTIALS_MOUNT = "/mnt/elasticsearch-user"
TRUST_MOUNT = "/mnt/elasticsearch-trust"

SECRET_MOUNTS = {CREDENTIALS_MOUNT: credentials_secret(SINK_USER), TRUST_MOUNT: TRUST_SECRET}
"""What the Connect workers mount for it: path -> secret in their namespace, which may come after them."""

_DATE = "yyyy-MM-dd'T'HH:mm:ss'Z'"


@dataclass(frozen=True, kw_only=True)
class FigureSinkArgs(Args):
    """Where the Connect workers are."""

    namespace: pulumi.Output[str]
    brokers: int


@dataclass(frozen=True, kw_only=True)
class FigureSinkOutputs(Outputs):
    """The connector, what it reads, and where unreadable records land."""

    connector: str
    topics: tuple[str, ...]
    dead_letters: str


class FigureSink(Component[FigureSinkOutputs]):
    """One connector, one task: each topic has one partition, so figures keep their order.

    The record's key is the document's id and its offset the document's version: a record that comes twice, or late,
    changes nothing. A record that cannot be read goes to the dead-letter topic with the reason in its headers, and the
    next one goes on: a dashboard misses an hour of one country, which the reconciliation reports, rather than all.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:FigureSink"

    def __init__(
        self,
        name: str,
        args: FigureSinkArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        topics = tuple(figure.facts.topic.name for figure in Figure)
        custom_resource(
            self,
            "KafkaConnector",
            CONNECTOR,
            namespace=args.namespace,
            labels=connector_label(),
            spec={
                "class": CLASS,
                "tasksMax": 1,
                # It waits for the settings job, and outlives a restart of Elasticsearch.
                "autoRestart": {"enabled": True},
                "config": {
                    "topics": ",".join(topics),
                    "consumer.override.group.id": GROUP,
                    **_reading(),
                    **_errors(args.brokers),
                    **_writing(service_url(self.scope)),
                },
            },
        )
        self.publish(
            FigureSinkOutputs(connector=CONNECTOR, topics=topics, dead_letters=SINK_DEAD_LETTERS.name)
        )


def _reading() -> dict[str, Any]:
    """Take known fields alone, as what they must be; whatever else a record holds is left in Kafka."""
    measures = dict.fromkeys(measure.name for figure in Figure for measure in figure.facts.measures)
    fields = ",".join((*KEYWORDS, HOUR, *measures))
    return {
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": False,
        "transforms": "known,numbers,hours,index",
        "transforms.known.type": "org.apache.kafka.connect.transforms.ReplaceField$Value",
        "transforms.known.include": fields,
        "transforms.numbers.type": "org.apache.kafka.connect.transforms.Cast$Value",
        "transforms.numbers.spec": ",".join(f"{measure}:int64" for measure in measures),
        # Reads the hour and writes it again: one that is no hour is a dead letter.
        "transforms.hours.type": "org.apache.kafka.connect.transforms.TimestampConverter$Value",
        "transforms.hours.field": HOUR,
        "transforms.hours.target.type": "string",
        "transforms.hours.format": _DATE,
        "transforms.index.type": "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.index.regex": r"analytics\.kpi\.(.+)\.anonymized",
        "transforms.index.replacement": f"{INDEX_PREFIX}-$1",
    }


def _errors(brokers: int) -> dict[str, Any]:
    return {
        "errors.tolerance": "all",
        "errors.deadletterqueue.topic.name": SINK_DEAD_LETTERS.name,
        "errors.deadletterqueue.topic.replication.factor": replicas_of(brokers),
        "errors.deadletterqueue.context.headers.enable": True,
        "errors.log.enable": True,
        # A message in the log would show what the record holds.
        "errors.log.include.messages": False,
    }


def _writing(url: str) -> dict[str, Any]:
    return {
        "connection.url": url,
        "connection.username": f"${{directory:{CREDENTIALS_MOUNT}:{USERNAME_KEY}}}",
        "connection.password": f"${{directory:{CREDENTIALS_MOUNT}:{PASSWORD_KEY}}}",
        "connection.ssl.truststore.type": "PKCS12",
        "connection.ssl.truststore.location": f"{TRUST_MOUNT}/{TRUST_STORE_KEY}",
        "connection.ssl.truststore.password": f"${{directory:{TRUST_MOUNT}:{TRUST_PASSWORD_KEY}}}",
        "connection.timeout.ms": 5_000,
        "read.timeout.ms": 30_000,
        "flush.timeout.ms": 60_000,
        # Ten tries over a good minute; then the task fails, and is restarted.
        "max.retries": 10,
        "retry.backoff.ms": 100,
        "max.in.flight.requests": 1,
        "batch.size": 500,
        "key.ignore": False,
        "schema.ignore": True,
        "index.write.method": "insert",
        "behavior.on.version.conflict": "ignore",
        "behavior.on.malformed.documents": "report",
        "behavior.on.null.values": "ignore",
    }
