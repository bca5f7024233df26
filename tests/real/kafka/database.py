"""A real MySQL, set as the plan sets RDS.

The machine's own server is taken, or the one that ``install-mysql`` unpacked, or MariaDB in its place (stand_in.py).
Production is MySQL 8.4; what a newer server does not show stands in docs/decisions/0075.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
from pymysql.connections import Connection

from catalog.stack_facts import Stack
from tests.real.kafka import stand_in
from tests.real.kafka.certificates import Authority
from tests.real.kafka.jars import cache_folder, missing
from tests.real.kafka.processes import Server
from tests.stacks.programs import resources

PORT = 3306
CREATE_SECONDS = 240
READY_SECONDS = 120
SEARCH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
UNPACKED = "mysql-unstable"
"""The folder of ``install-mysql`` in the cache."""

RENAMED = {"time-zone": ("default-time-zone", {"UTC": "+00:00"})}
"""RDS' own names, and values that a server without a table of time zones knows under another name."""


def planned_settings(stack: Stack) -> dict[str, str]:
    """The parameter group of a stack's MySQL as options of the server."""
    groups = [each for each in resources(stack) if each["type"] == "aws:rds/parameterGroup:ParameterGroup"]
    assert len(groups) == 1, f"{stack.facts.name} has {len(groups)} parameter groups"
    settings: dict[str, str] = {}
    for parameter in groups[0]["inputs"]["parameters"]:
        name = parameter["name"].replace("_", "-")
        option, values = RENAMED.get(name, (name, {}))
        settings[option] = values.get(parameter["value"], parameter["value"])
    return settings


@dataclass(frozen=True, kw_only=True)
class Program:
    """A database server that this machine can start."""

    name: str
    """Product and version, ``MySQL 9.7.4-2``."""
    command: Sequence[str]
    """Starts it; options follow."""
    stands_in: bool = False

    def create(self, data: Path, user: Sequence[str]) -> None:
        """Make an empty data folder whose administrator has no password."""
        if self.stands_in:
            command = stand_in.create_command(SEARCH, data)
        else:
            command = [*self.command, "--initialize-insecure", f"--datadir={data}"]
        made = subprocess.run(
            [*command, *user], capture_output=True, text=True, check=False, timeout=CREATE_SECONDS
        )
        assert made.returncode == 0, f"no data folder for {self.name}:\n{made.stdout}{made.stderr}"


def find_program() -> Program:
    """MySQL if there is one on this machine or in the cache, else MariaDB; skips where there is neither."""
    for command in (_own(), _unpacked()):
        if command and (version := _version(command)) and "MariaDB" not in version:
            return Program(name=f"MySQL {version}", command=command)
    found = shutil.which("mariadbd", path=SEARCH)
    if found is None:
        missing("a real database is needed and there is no mysqld")
    command = [found, "--no-defaults"]
    return Program(name=f"MariaDB {_version(command)} in MySQL's place", command=command, stands_in=True)


def _own() -> list[str]:
    """Debian's package of MariaDB has a ``mysqld`` too."""
    found = shutil.which("mysqld", path=SEARCH)
    return [found, "--no-defaults"] if found else []


def _unpacked() -> list[str]:
    """Started by its own loader: it needs a newer C library than the machine may have."""
    tree = cache_folder() / UNPACKED / "usr"
    loader = next(tree.glob("lib/*/ld-linux-*.so.*"), None)
    if loader is None:
        return []
    return [
        str(loader),
        "--library-path",
        str(loader.parent),
        str(tree / "sbin" / "mysqld"),
        "--no-defaults",
        f"--basedir={tree}",
        f"--lc-messages-dir={tree / 'share' / 'mysql'}",
        f"--plugin-dir={tree / 'lib' / 'mysql' / 'plugin'}",
        # Debian's folder for files of SELECT INTO, which only its package makes.
        "--secure-file-priv=NULL",
    ]


def _version(command: Sequence[str]) -> str:
    answer = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"Ver (\S+)", answer.stdout)
    return found[1] if found else ""


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database server; its data outlives a restart."""

    program: Program
    server: Server
    address: str
    socket: Path
    authority: Authority

    @classmethod
    def start(cls, folder: Path, address: str, names: list[str], *, stack: Stack) -> Database:
        """Make a data folder and start a server that answers under these names, with TLS and the stack's settings."""
        program = find_program()
        data, user = folder / "data", ["--user=root"] if os.geteuid() == 0 else []
        folder.mkdir(parents=True)
        program.create(data, user)
        authority = Authority("database")
        pair = authority.issue("database", hosts=[address, *names])
        files = {"ca.pem": authority.certificate, "cert.pem": pair.certificate, "key.pem": pair.key}
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        socket = folder / "s"
        planned = planned_settings(stack)
        options: Mapping[str, object] = {
            "datadir": data,
            "socket": socket,
            "pid-file": folder / "pid",
            "bind-address": address,
            "port": PORT,
            "ssl-ca": folder / "ca.pem",
            "ssl-cert": folder / "cert.pem",
            "ssl-key": folder / "key.pem",
            "skip-name-resolve": "ON",
            # On RDS these two are not the parameter group's to say.
            "log-bin": "binlog",
            "server-id": "1",
            # Small, and with no second port for another protocol.
            "innodb-buffer-pool-size": "32M",
            "performance-schema": "OFF",
            "loose-mysqlx": "OFF",
            **(stand_in.settings(planned) if program.stands_in else planned),
        }
        command = [*program.command, *(f"--{key}={value}" for key, value in options.items()), *user]
        server = Server(name="database", command=command, log=folder / "database.log")
        database = cls(program=program, server=server, address=address, socket=socket, authority=authority)
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

    @contextmanager
    def without_global_lock(self, table: str) -> Iterator[None]:
        """Refuse the lock on everything, as RDS does: it would have to wait for this other table."""
        with closing(self.connect()) as connection:
            connection.query(f"LOCK TABLES {table} WRITE")
            yield

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
