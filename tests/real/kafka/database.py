"""A real MariaDB in the place of the plan's MySQL.

No MySQL server can be installed from the package registries that the tests use, and Debian ships MariaDB. Debezium has
a connector for each; both are built on one code base for binary logs (``debezium-connector-binlog``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pymysql
from pymysql.connections import Connection

from tests.real.kafka.certificates import Authority
from tests.real.kafka.jars import missing
from tests.real.kafka.processes import Server

PORT = 3306
INSTALL_SECONDS = 120
READY_SECONDS = 120


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing(f"a real database is needed and {name} (Debian's mariadb-server-core) is not there")
    return found


@dataclass(frozen=True, kw_only=True)
class Database:
    """One MariaDB server; its data outlives a restart."""

    server: Server
    address: str
    socket: Path
    authority: Authority

    @classmethod
    def start(cls, folder: Path, address: str, names: list[str], settings: Mapping[str, str]) -> Database:
        """Make a data folder and start a server that answers under these names, with TLS and these settings."""
        daemon, install = _tool("mariadbd"), _tool("mariadb-install-db")
        data = folder / "data"
        folder.mkdir(parents=True)
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        made = subprocess.run(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *as_root,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
        assert made.returncode == 0, f"no data folder for the database:\n{made.stdout}{made.stderr}"
        authority = Authority("database")
        pair = authority.issue("database", hosts=[address, *names])
        files = {"ca.pem": authority.certificate, "cert.pem": pair.certificate, "key.pem": pair.key}
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        socket = folder / "s"
        options = {
            "datadir": data,
            "socket": socket,
            "pid-file": folder / "pid",
            "bind-address": address,
            "port": PORT,
            "ssl-ca": folder / "ca.pem",
            "ssl-cert": folder / "cert.pem",
            "ssl-key": folder / "key.pem",
            "innodb-buffer-pool-size": "32M",
            "skip-name-resolve": "ON",
            **settings,
        }
        command = [daemon, "--no-defaults", *(f"--{key}={value}" for key, value in options.items()), *as_root]
        server = Server(name="mariadb", command=command, log=folder / "mariadb.log")
        database = cls(server=server, address=address, socket=socket, authority=authority)
        database.up()
        return database

    def up(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        self.server.start()

        def answers() -> bool:
            try:
                self.run("select 1")
            except pymysql.Error:
                return False
            return True

        self.server.until(answers, seconds=READY_SECONDS, what="the database answering")

    def connect(self) -> Connection:
        """A connection of the administrator; nothing is committed by itself."""
        return pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=False)

    def run(self, *statements: str) -> None:
        """Run statements and commit."""
        with closing(self.connect()) as connection:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
            connection.commit()
