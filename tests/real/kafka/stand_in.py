"""MariaDB in MySQL's place, where no MySQL can be had: all that is different with it stands here.

Debezium has a connector for each; both are built on one code base for binary logs (``debezium-connector-binlog``).
Of the plan's settings MariaDB knows those of the binary log; it has another way to name transactions, and other
collations.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

CONNECTOR: Mapping[str, Mapping[str, str]] = {
    "connector.class": {
        "io.debezium.connector.mysql.MySqlConnector": "io.debezium.connector.mariadb.MariaDbConnector"
    },
    "database.ssl.mode": {"verify_identity": "verify-full"},
}
"""What is changed in the plan's connector: key, planned value, the one that says the same here."""

GRANTS = ("GRANT SLAVE MONITOR ON *.* TO debezium@'%'",)
"""What MySQL counts as a part of REPLICATION CLIENT."""


def settings(planned: Mapping[str, str]) -> dict[str, str]:
    """The planned settings that it knows."""
    return {name: value for name, value in planned.items() if name.startswith("binlog")}


def connector_config(planned: Mapping[str, str]) -> dict[str, str]:
    """The configuration of the plan's connector with MariaDB's words in it."""
    return {key: CONNECTOR.get(key, {}).get(value, value) for key, value in planned.items()}


def create_command(search: str, data: Path) -> list[str]:
    """What makes a data folder."""
    install = shutil.which("mariadb-install-db", path=search) or "mariadb-install-db"
    return [
        install,
        "--no-defaults",
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
