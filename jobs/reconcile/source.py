"""MySQL's side: one view per figure, which the service that owns the rows makes and keeps true.

A view ``reconciliation_<figure>`` in the owner's database has the columns ``country``, ``day`` (in UTC) and the
figure's measures; docs/read-model.md has the statement of each. The job's user may read these views and no table, so
it never sees a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymysql
from pymysql.connections import Connection

from catalog.databases import database_of
from catalog.read_model import Figure
from jobs.failures import JobError
from jobs.reconcile.comparison import Sums
from jobs.reconcile.days import Days

CONNECT_SECONDS = 20
READ_SECONDS = 600


def view_of(figure: Figure) -> str:
    """Name a figure's view with its database, ``smp_finance.reconciliation_gmv``."""
    return f"{database_of(figure.owner)}.reconciliation_{figure.id}"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A MySQL server, best a read replica, and a user of it; ``authority`` is a PEM file, or ``None`` for a socket."""

    host: str
    port: int
    username: str
    password: str
    authority: Path | None

    def connect(self) -> Connection[Any]:
        """Open a connection over TLS, with the server's name checked.

        Raises:
            JobError: it cannot be opened.

        """
        try:
            return pymysql.connect(
                host=self.host,
                port=self.port,
                user=self.username,
                password=self.password,
                ssl_ca=None if self.authority is None else str(self.authority),
                ssl_verify_cert=None if self.authority is None else True,
                ssl_verify_identity=None if self.authority is None else True,
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                autocommit=True,
            )
        except (pymysql.Error, OSError) as error:
            msg = f"MySQL at {self.host}:{self.port} does not let {self.username} in: {error}"
            raise JobError(msg) from error


def source_sums(connection: Connection[Any], figure: Figure, days: Days) -> Sums:
    """Read a figure's sums of some days.

    Raises:
        JobError: the view cannot be read, has a row twice, or a measure that is no whole number.

    """
    measures = [measure.name for measure in figure.facts.measures]
    statement = (
        f"SELECT country, day, {', '.join(measures)} FROM {view_of(figure)}"  # noqa: S608 - names of ours
        " WHERE day BETWEEN %s AND %s"
    )
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute(statement, (days.first, days.last))
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    except pymysql.Error as error:
        msg = f"{view_of(figure)} cannot be read: {error}; its service makes it (docs/read-model.md)"
        raise JobError(msg) from error
    sums: dict[tuple[str, date], dict[str, int]] = {}
    for country, day, *values in rows:
        if (country, day) in sums:
            msg = f"{view_of(figure)} has {country} {day} twice; it must add up by country and day"
            raise JobError(msg)
        sums[country, day] = {
            measure: _whole(value, figure, measure) for measure, value in zip(measures, values, strict=True)
        }
    return sums


def _whole(value: object, figure: Figure, measure: str) -> int:
    number = Decimal(0) if value is None else Decimal(str(value))
    if number != int(number):
        msg = f"{view_of(figure)}.{measure} is {number}; measures are whole numbers, amounts in minor units"
        raise JobError(msg)
    return int(number)
