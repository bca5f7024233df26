"""The outbox of ``smp_order`` on a real database, and the plan's connector that reads it.

The KafkaConnector is submitted as it stands in the plan, and its user is made by the statements of
docs/runbooks/kafka.md. On a machine where MariaDB stands in for MySQL, ``stand_in.py`` changes what it must.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.real.kafka import stand_in
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.connect import Worker
from tests.real.kafka.connect_config import VAULT_FOLDER, Connector, connect_worker, connector
from tests.real.kafka.database import Database
from tests.real.kafka.manifests import Manifest
from tests.real.kafka.mirrors import fitting

MYSQL = "io.debezium.connector.mysql.MySqlConnector"
RUNBOOK = Path(__file__).parents[3] / "docs" / "runbooks" / "kafka.md"
SNAPSHOT_SECONDS = 180
TRUST_PASSWORD = "changeit"

TABLES = """
CREATE DATABASE smp_order;
CREATE TABLE smp_order.outbox (
    id CHAR(36) PRIMARY KEY,
    aggregatetype VARCHAR(255) NOT NULL,
    aggregateid VARCHAR(255) NOT NULL,
    type VARCHAR(255) NOT NULL,
    payload LONGTEXT NOT NULL
);
CREATE TABLE smp_order.orders (id INT PRIMARY KEY, customer VARCHAR(255))
"""
"""What order-svc's migrations make; the columns of the outbox are those that Debezium's router reads by default."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One outbox row, as order-svc would write it."""

    id: str
    order: str
    type: str
    payload: str
    aggregate: str = "order"

    @classmethod
    def of(cls, order: str, number: int, *, aggregate: str = "order") -> Row:
        payload = json.dumps({"order": order, "number": number})
        return cls(
            id=str(uuid.uuid4()), order=order, type=f"step-{number}", payload=payload, aggregate=aggregate
        )


def runbook_statements(password: str) -> list[str]:
    """What the runbook has an administrator run before change data capture starts."""
    statements = re.findall(
        r"^    ((?:CREATE|GRANT) .+);$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(statements) >= 5, f"{RUNBOOK.name} has lost its statements: {statements}"
    return [statement.replace("'...'", f"'{password}'") for statement in statements]


def connector_manifest(cluster: KafkaCluster) -> Manifest:
    """The KafkaConnector that captures the outbox."""
    found = [each for each in cluster.manifests.all("KafkaConnector") if each["spec"]["class"] == MYSQL]
    assert len(found) == 1
    return found[0]


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """Database, connector and the workers that may run it."""

    cluster: KafkaCluster
    database: Database
    connector: Connector
    trust: Path

    @classmethod
    def prepare(cls, cluster: KafkaCluster, folder: Path) -> Outbox:
        """Start the database that the plan's connector looks for, with its tables and its user."""
        config: dict[str, Any] = connector_manifest(cluster)["spec"]["config"]
        host, password = config["database.hostname"], uuid.uuid4().hex
        address = cluster.host.loopback.address()
        cluster.host.names.add([host], address)
        database = Database.start(folder, address, [host], stack=cluster.manifests.stack)
        database.run(*TABLES.split(";"), *runbook_statements(password))
        if database.program.stands_in:
            database.run(*stand_in.GRANTS)
        trust = folder / "trusted.p12"
        authority = x509.load_pem_x509_certificate(database.authority.certificate.encode())
        entries = [pkcs12.PKCS12Certificate(authority, b"database")]
        encryption = BestAvailableEncryption(TRUST_PASSWORD.encode())
        trust.write_bytes(pkcs12.serialize_java_truststore(entries, encryption))
        # What the Vault agent would write; the worker's mounts exist once its configuration was read.
        size = fitting(cluster)
        connect_worker(cluster.manifests.one("KafkaConnect"), cluster.secrets, size)
        secret = cluster.secrets.mount(VAULT_FOLDER) / "mysql.properties"
        secret.write_text(f"username=debezium\npassword={password}\n", encoding="utf-8")
        submitted = connector(connector_manifest(cluster), cluster.secrets, size)
        if database.program.stands_in:
            submitted = replace(submitted, config=stand_in.connector_config(submitted.config))
        return cls(cluster=cluster, database=database, connector=submitted, trust=trust)

    def start_worker(self, name: str, plugins: Path) -> Worker:
        """Start one of the plan's Connect workers; it trusts the database's authority as the image does."""
        manifest = self.cluster.manifests.one("KafkaConnect")
        settings = connect_worker(manifest, self.cluster.secrets, fitting(self.cluster))
        options = [
            f"-Djavax.net.ssl.trustStore={self.trust}",
            f"-Djavax.net.ssl.trustStorePassword={TRUST_PASSWORD}",
        ]
        return Worker.start(name, settings, self.cluster.host, plugins=plugins, options=options)

    def run_on(self, worker: Worker) -> None:
        """Give the connector to the workers and wait until its first snapshot is over and it follows the log."""
        worker.submit(self.connector)
        worker.wait_running(self.connector.name)

        def follows() -> bool:
            told = worker.ask("GET", f"/connectors/{self.connector.name}/offsets")["offsets"]
            return bool(told) and all("snapshot" not in entry["offset"] for entry in told)

        worker.server.until(follows, seconds=SNAPSHOT_SECONDS, what="the first snapshot ending")

    def commit(self, rows: Iterable[Row]) -> None:
        """Write rows in one transaction."""
        self._write(rows, commit=True)

    def roll_back(self, rows: Iterable[Row]) -> None:
        """Write rows and take them back."""
        self._write(rows, commit=False)

    def _write(self, rows: Iterable[Row], *, commit: bool) -> None:
        values: Sequence[tuple[str, ...]] = [
            (row.id, row.aggregate, row.order, row.type, row.payload) for row in rows
        ]
        with closing(self.database.connect()) as connection:
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO smp_order.outbox VALUES (%s, %s, %s, %s, %s)", values)
            if commit:
                connection.commit()
            else:
                connection.rollback()
