"""Debezium: the outbox of ``smp_order`` becomes ``orders.events`` (P 3 weeks 3 and 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.databases import database_of
from catalog.kafka_clients import PlatformClient, group_prefix
from catalog.kafka_internals import CDC_HEARTBEAT_PREFIX, CDC_HISTORY, CDC_PREFIX
from catalog.services import Service
from catalog.topics import TOPICS
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.connect import VAULT_SECRETS, connector_label, own_client_settings
from components.kubernetes.kafka.resources import bootstrap_servers, custom_resource

CONNECTOR = "orders-outbox"

TOPIC = TOPICS["orders.events"]

MYSQL_FILE = "mysql.properties"
"""What the Vault agent writes: ``username`` and ``password`` of the database user ``debezium``."""

_DATABASE = database_of(Service.ORDER)
OUTBOX = f"{_DATABASE}.outbox"
SIGNALS = f"{_DATABASE}.debezium_signal"
HEARTBEATS = f"{_DATABASE}.debezium_heartbeat"

REQUIRED_SERVER_SETTINGS = {
    "binlog_format": "ROW",
    "binlog_row_image": "FULL",
    "gtid_mode": "ON",
    "enforce_gtid_consistency": "ON",
}
"""What the connector needs of the server, by MySQL's own names."""


@dataclass(frozen=True, kw_only=True)
class ChangeDataCaptureArgs(Args):
    """Which database is read. ``server_id`` must differ from every other client and replica of that server."""

    namespace: pulumi.Output[str]
    host: pulumi.Output[str]
    port: int
    server_id: int

    def problems(self) -> Iterator[str]:
        """Check what MySQL would refuse."""
        if not 1 <= self.server_id <= 4294967295:
            yield f"server_id {self.server_id} must be 1 to 4294967295"
        if not 1 <= self.port <= 65535:
            yield f"port {self.port} must be 1 to 65535"


@dataclass(frozen=True, kw_only=True)
class ChangeDataCaptureOutputs(Outputs):
    """The connector, and where its records go."""

    connector: str
    topic: str


class ChangeDataCapture(Component[ChangeDataCaptureOutputs]):
    """One connector, one task: a binary log has one order.

    A source connector has no dead-letter topic, because what it cannot read is the database's own log: skipping a
    transaction would lose an order's event without a trace. It stops instead, restarts by itself, and an alarm says
    so; the outbox keeps the rows meanwhile.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:ChangeDataCapture"

    def __init__(
        self,
        name: str,
        args: ChangeDataCaptureArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        custom_resource(
            self,
            "KafkaConnector",
            CONNECTOR,
            namespace=args.namespace,
            labels=connector_label(),
            spec={
                "class": "io.debezium.connector.mysql.MySqlConnector",
                "tasksMax": 1,
                "autoRestart": {"enabled": True},
                "config": {
                    **_reading(args),
                    **_snapshot_and_signals(),
                    **_history(bootstrap_servers(self.scope)),
                    **_routing(),
                },
            },
        )
        self.publish(ChangeDataCaptureOutputs(connector=CONNECTOR, topic=TOPIC.name))


def _reading(args: ChangeDataCaptureArgs) -> dict[str, Any]:
    return {
        "database.hostname": args.host,
        "database.port": args.port,
        "database.user": f"${{file:{VAULT_SECRETS}/{MYSQL_FILE}:username}}",
        "database.password": f"${{file:{VAULT_SECRETS}/{MYSQL_FILE}:password}}",
        "database.server.id": args.server_id,
        # The image trusts the authorities of the clouds' databases.
        "database.ssl.mode": "verify_identity",
        "topic.prefix": CDC_PREFIX,
        "database.include.list": _DATABASE,
        "table.include.list": f"{OUTBOX},{SIGNALS}",
        # An outbox row is written once; that it is cleared away later is no event.
        "skipped.operations": "u,d,t",
        "tombstones.on.delete": False,
        "include.schema.changes": False,
        "exactly.once.support": "required",
        "errors.tolerance": "none",
        "event.processing.failure.handling.mode": "fail",
        # The position must move on while only other tables change, or the log it points to is deleted.
        "heartbeat.interval.ms": 10_000,
        "topic.heartbeat.prefix": CDC_HEARTBEAT_PREFIX,
        "heartbeat.action.query": (
            f"INSERT INTO {HEARTBEATS} (id, beaten_at) VALUES (1, NOW(6))"  # noqa: S608 - our own name
            " ON DUPLICATE KEY UPDATE beaten_at = NOW(6)"
        ),
    }


def _snapshot_and_signals() -> dict[str, Any]:
    return {
        # Also after the position has left the binary log: rows still in the outbox are sent again rather than lost,
        # and consumers know an event they have seen (P 3 week 4).
        "snapshot.mode": "when_needed",
        # Without a lock a row that is committed between the snapshot's view and its position in the log is in neither
        # (docs/decisions/0076). Where the cloud refuses the lock on everything, Debezium locks the two tables.
        "snapshot.locking.mode": "minimal",
        "signal.enabled.channels": "source",
        "signal.data.collection": SIGNALS,
    }


def _history(servers: str) -> dict[str, Any]:
    prefix = "schema.history.internal"
    settings: dict[str, Any] = {
        f"{prefix}.kafka.topic": CDC_HISTORY,
        f"{prefix}.kafka.bootstrap.servers": servers,
        # Statements about other tables may name columns of persons; they are not kept.
        f"{prefix}.store.only.captured.tables.ddl": True,
        # Read back after every start of the task, under a group that the workers' user may join.
        f"{prefix}.consumer.group.id": f"{group_prefix(PlatformClient.CONNECT)}schema-history",
    }
    for client in ("producer", "consumer"):
        own = own_client_settings(f"{prefix}.{client}.", servers)
        own.pop(f"{prefix}.{client}.bootstrap.servers")
        settings |= own
    return settings


def _routing() -> dict[str, Any]:
    return {
        # The outbox holds the event as JSON text; it goes out as it is, checked by the service against its schema.
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        "transforms": "signals,outbox",
        "transforms.signals.type": "org.apache.kafka.connect.transforms.Filter",
        "transforms.signals.predicate": "isSignal",
        "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
        "transforms.outbox.predicate": "isOutbox",
        # One topic, whatever a row says: a mistake in a service cannot write to another's.
        "transforms.outbox.route.topic.replacement": TOPIC.name,
        "transforms.outbox.table.fields.additional.placement": "type:header:eventType",
        "predicates": "isSignal,isOutbox",
        "predicates.isSignal.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.isSignal.pattern": _exactly(f"{CDC_PREFIX}.{SIGNALS}"),
        "predicates.isOutbox.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.isOutbox.pattern": _exactly(f"{CDC_PREFIX}.{OUTBOX}"),
    }


def _exactly(name: str) -> str:
    """Write a pattern that matches one name."""
    return name.replace(".", "\\.")
