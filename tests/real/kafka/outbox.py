"""The outbox of ``smp_order`` on a real database, and the plan's connector that reads it.

The plan names Debezium's MySQL connector; the database here is MariaDB (see database.py). ``STAND_IN`` holds all that
is changed for it: the class, and the names of the TLS modes. Everything else of the KafkaConnector is submitted as it
stands in the plan.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.connect import Worker
from tests.real.kafka.connect_config import VAULT_FOLDER, Connector, connect_worker, connector
from tests.real.kafka.database import Database
from tests.real.kafka.manifests import Manifest
from tests.real.kafka.mirrors import fitting
from tests.stacks.programs import resources

MYSQL = "io.debezium.connector.mysql.MySqlConnector"
STAND_IN = {
    "connector.class": {MYSQL: "io.debezium.connector.mariadb.MariaDbConnector"},
    "database.ssl.mode": {
        "verify_identity": "verify-full",
        "verify_ca": "verify-ca",
        "required": "trust",
        "disabled": "disable",
    },
}
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
CREATE TABLE smp_order.orders (id INT PRIMARY KEY, customer VARCHAR(255));
CREATE TABLE smp_order.debezium_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048));
CREATE TABLE smp_order.debezium_heartbeat (id INT PRIMARY KEY, beaten_at DATETIME(6) NOT NULL)
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


def binlog_settings(cluster: KafkaCluster) -> dict[str, str]:
    """The plan's own settings of MySQL's binary log, under names that MariaDB shares."""
    found: dict[str, str] = {}
    for resource in resources(cluster.manifests.stack):
        if resource["type"] != "aws:rds/parameterGroup:ParameterGroup":
            continue
        for parameter in resource["inputs"]["parameters"]:
            if parameter["name"].startswith("binlog_"):
                found[parameter["name"].replace("_", "-")] = parameter["value"]
    assert found.get("binlog-format") == "ROW", (
        f"the plan's MySQL does not write whole rows to its log: {found}"
    )
    return found


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
        settings = {"log-bin": "binlog", "server-id": "1", **binlog_settings(cluster)}
        database = Database.start(folder, address, [host], settings)
        database.run(
            *TABLES.split(";"),
            f"CREATE USER debezium@'%' IDENTIFIED BY '{password}' REQUIRE SSL",
            "GRANT RELOAD, SHOW DATABASES, REPLICATION SLAVE, BINLOG MONITOR, SLAVE MONITOR ON *.* TO debezium@'%'",
            "GRANT SELECT ON smp_order.* TO debezium@'%'",
            "GRANT INSERT, UPDATE ON smp_order.debezium_heartbeat TO debezium@'%'",
            "GRANT INSERT, UPDATE, DELETE ON smp_order.debezium_signal TO debezium@'%'",
        )
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
        swapped = {key: STAND_IN.get(key, {}).get(value, value) for key, value in submitted.config.items()}
        return cls(
            cluster=cluster,
            database=database,
            connector=Connector(name=submitted.name, config=swapped),
            trust=trust,
        )

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
