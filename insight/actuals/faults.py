"""Finds where a FOCUS export is broken, once reading it as a whole has failed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from insight.actuals.spend import CostBasis
from insight.errors import BillError

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_TOLD = {
    "unterminated quote": "a quoted value never ends",
    "Expected Number of Columns": "the line has not as many values as the first one has names",
    "Maximum line size": "the line is longer than 4 MiB",
}
_BAD_TAGS = """
    CASE WHEN {} IS NULL THEN false WHEN NOT json_valid(CAST({} AS VARCHAR)) THEN true
         ELSE json_type(CAST({} AS VARCHAR)) NOT IN ('OBJECT', 'NULL') END
"""
_AGAIN = "the file is cut off or was changed by hand; export the month again, and download it whole"


def explain(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    relation: str,
    columns: Mapping[str, str],
    basis: CostBasis,
    text: str,
) -> BillError:
    """Say which line and which column is wrong, and what to do; ``text`` is what the database said."""
    line = _LINE.search(text)
    if line is not None:
        reason = next((told for sign, told in _TOLD.items() if sign in text), "the line is no CSV")
        return BillError(f"{path}, line {line.group(1)}: {reason}; {_AGAIN}")
    if "GZIP" in text:
        return BillError(f"{path}: the gzip stream ends too early; {_AGAIN}")
    found = _first_bad_value(connection, relation, columns, basis)
    if found is not None:
        row, name, value, wanted = found
        shown = value if len(value) <= 60 else value[:57] + "..."
        return BillError(f"{path}, charge {row:,}: {name} is {shown!r}, not {wanted}; {_AGAIN}")
    first = text.strip().splitlines()[0]
    return BillError(f"{path} cannot be read as a FOCUS export: {first}; {_AGAIN}")


def _first_bad_value(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Mapping[str, str], basis: CostBasis
) -> tuple[int, str, str, str] | None:
    start, opened = columns["ChargePeriodStart"], columns["BillingPeriodStart"]
    checks = {
        basis.column: ("TRY_CAST({} AS DECIMAL(38, 12)) IS NULL", "an amount"),
        "BillingPeriodStart": ("TRY_CAST({} AS TIMESTAMP) IS NULL", "a moment such as 2026-11-01T00:00:00Z"),
        "BillingPeriodEnd": (
            f"coalesce(TRY_CAST({{}} AS TIMESTAMP) <= TRY_CAST({opened} AS TIMESTAMP), true)",
            "a moment after the period's start, such as 2026-12-01T00:00:00Z",
        ),
        "ChargePeriodStart": ("TRY_CAST({} AS TIMESTAMP) IS NULL", "a moment such as 2026-11-01T00:00:00Z"),
        "ChargePeriodEnd": (
            f"coalesce(TRY_CAST({{}} AS TIMESTAMP) < TRY_CAST({start} AS TIMESTAMP), true)",
            "a moment after the period's start, such as 2026-11-02T00:00:00Z",
        ),
        "Tags": (
            _BAD_TAGS,
            'JSON such as {"Cluster": "smp-asia"}',
        ),
    }
    connection.execute("SET preserve_insertion_order = true")
    for name, (condition, wanted) in checks.items():
        column = columns[name]
        broken = condition.replace("{}", column)
        query = (
            f"SELECT place, CAST(value AS VARCHAR) FROM (SELECT row_number() OVER () AS place, {column} AS value,"  # noqa: S608
            f" {broken} AS broken FROM {relation}) WHERE broken ORDER BY place LIMIT 1"
        )
        try:
            row = connection.execute(query).fetchone()
        except duckdb.Error:
            continue
        if row is not None:
            return int(row[0]), name, "" if row[1] is None else str(row[1]), wanted
    return None
