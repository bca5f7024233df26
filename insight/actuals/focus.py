"""Reads FOCUS cost exports of any size: DuckDB streams them, and what comes back is sums.

Source: FinOps Open Cost and Usage Specification 1.0 to 1.2, Cost and Usage columns; AWS Data Exports and
Alibaba Cloud bills mapped to it write CSV, gzipped CSV or Parquet.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import duckdb

from catalog.quantities import Usd
from catalog.tags import TagKey
from insight.actuals.faults import explain
from insight.actuals.spend import BillingPeriod, CostBasis, Spend, Spending
from insight.errors import BillError

MEMORY_LIMIT = "600MB"
"""For DuckDB alone; beyond it sums spill into a temporary folder."""

_REQUIRED = (
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
    "Tags",
)
_PROVIDER = ("ProviderName", "ServiceProviderName")
"""FOCUS 1.3 renames the first into the second."""
_OPTIONAL = ("ResourceId", "ChargeClass")
_DOLLAR = "USD"
_TAG_KINDS = ("MAP", "VARCHAR", "JSON", "STRUCT")
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"


@dataclass(frozen=True, kw_only=True)
class _Source:
    """One file as DuckDB is to read it."""

    path: Path
    relation: str
    """SQL that gives its rows."""
    columns: Mapping[str, str]
    """Name as FOCUS writes it -> name and quotes as this file writes it."""
    has_tag_map: bool
    """Whether tags are a map, as Parquet has them, and no JSON text."""
    warnings: tuple[str, ...] = ()


def read_spending(
    files: Sequence[Path], *, basis: CostBasis = CostBasis.BILLED, rates: Mapping[str, Decimal] | None = None
) -> Spending:
    """Read exports and sum them up; every file is checked before any is counted.

    ``rates`` give US dollars for one unit of a currency, such as ``{"CNY": Decimal("0.1385")}``.

    Raises:
        BillError: a file is missing, empty, cut off, no FOCUS export, or in a currency without a rate.

    """
    _refuse_repeated(files)
    sources = [_source(path, basis) for path in files]
    rows: list[Spend] = []
    read_until: dict[tuple[str, str, datetime], datetime] = {}
    used: dict[str, Decimal] = {}
    known = {_DOLLAR: Decimal(1), **(rates or {})}
    with tempfile.TemporaryDirectory(prefix="smp-cost-") as scratch, _connect(Path(scratch)) as connection:
        for source in sources:
            found = _sums(connection, source, basis)
            _refuse_currencies(source, found, known)
            for row in found:
                spend = _spend(source, row, known)
                rows.append(spend)
                if row["currency"] != _DOLLAR:
                    used[row["currency"]] = known[row["currency"]]
                if spend.day is not None:
                    key = (spend.file, spend.provider, spend.period.start)
                    read_until[key] = max(
                        row["until"].replace(tzinfo=UTC), read_until.get(key, spend.period.start)
                    )
    return Spending(
        rows=tuple(rows),
        basis=basis,
        files=tuple(str(path) for path in files),
        rates=used,
        warnings=tuple(text for source in sources for text in source.warnings),
        read_until=read_until,
    )


def _connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that asks no network for extensions and keeps no order it does not need."""
    return duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "threads": 2,
            "temp_directory": str(scratch),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
    )


def _refuse_repeated(files: Sequence[Path]) -> None:
    seen: set[Path] = set()
    for path in files:
        real = path.resolve()
        if real in seen:
            msg = f"{path} is named twice; its charges would be counted twice. Name each file once"
            raise BillError(msg)
        seen.add(real)


def _source(path: Path, basis: CostBasis) -> _Source:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}; name a FOCUS export (.csv, .csv.gz or .parquet)"
        raise BillError(msg) from error
    if not start:
        msg = f"{path} is empty; export the month again, and download it whole"
        raise BillError(msg)
    return _parquet(path, basis) if start == _PARQUET else _csv(path, start.startswith(_GZIP), basis)


def _csv(path: Path, packed: bool, basis: CostBasis) -> _Source:  # noqa: FBT001 - one caller, one line above
    opener: Any = gzip.open if packed else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(_lines(file)), [])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path} is no readable CSV file: {error}; name a FOCUS export (.csv, .csv.gz or .parquet)"
        raise BillError(msg) from error
    columns = _columns(path, header, basis)
    kinds = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in header)
    relation = (
        f"read_csv({_text(str(path))}, columns = {{{kinds}}}, header = true, auto_detect = false, delim = ',',"
        f" quote = '\"', escape = '\"', nullstr = '', max_line_size = 4194304,"
        f" compression = '{'gzip' if packed else 'none'}')"
    )
    warnings: tuple[str, ...] = ()
    if not packed and not _ends_with_newline(path):
        warnings = (
            f"{path}: its last line has no end; if the download was cut off there, an amount may be short",
        )
    return _Source(path=path, relation=relation, columns=columns, has_tag_map=False, warnings=warnings)


def _lines(file: IO[str]) -> Iterator[str]:
    """Give lines, but refuse to take a file without any for one header."""
    longest = 1 << 20
    while line := file.readline(longest):
        yield line


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def _parquet(path: Path, basis: CostBasis) -> _Source:
    relation = f"read_parquet({_text(str(path))})"
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
    except duckdb.Error as error:
        msg = f"{path} is no whole Parquet file: {_first_line(error)}; download it again"
        raise BillError(msg) from error
    kinds = {str(row[0]): str(row[1]) for row in described}
    columns = _columns(path, list(kinds), basis)
    tag_kind = kinds[columns["Tags"].strip('"')]
    if not tag_kind.startswith(_TAG_KINDS):
        msg = f"{path}: Tags is a column of {tag_kind}, not a map or JSON text; export all FOCUS columns as they are"
        raise BillError(msg)
    return _Source(path=path, relation=relation, columns=columns, has_tag_map=tag_kind.startswith("MAP"))


def _columns(path: Path, header: Sequence[str], basis: CostBasis) -> dict[str, str]:
    """Find FOCUS' columns whatever their case; refuse a file that lacks one, with all that it lacks."""
    written = {name.strip().lower(): name for name in header}
    repeated = len(written) != len(header)
    missing = [name for name in (basis.column, *_REQUIRED) if name.lower() not in written]
    if not any(name.lower() in written for name in _PROVIDER):
        missing.append(_PROVIDER[0])
    if missing or repeated:
        what = f"lacks {', '.join(missing)}" if missing else "names a column twice"
        msg = (
            f"{path}, first line: {what}; it is no FOCUS export, or one with columns left out."
            f" Export all FOCUS columns (1.0 or newer)"
        )
        raise BillError(msg)
    wanted = (basis.column, *_REQUIRED, *_PROVIDER, *_OPTIONAL)
    return {name: f'"{written[name.lower()]}"' for name in wanted if name.lower() in written}


def _sums(connection: duckdb.DuckDBPyConnection, source: _Source, basis: CostBasis) -> list[dict[str, Any]]:
    query = _query(source, basis)
    try:
        cursor = connection.execute(query)
        names = [str(column[0]) for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except duckdb.Error as error:
        raise explain(connection, source.path, source.relation, source.columns, basis, str(error)) from error
    if not rows:
        msg = f"{source.path} has a header and no charges; export the month again, or leave the file away"
        raise BillError(msg)
    if any(
        not row["whole"] == row["formed"] == row["charges"]
        or row["period_start"] is None
        or row["period_end"] is None
        or row["period_end"] <= row["period_start"]
        for row in rows
    ):
        raise explain(
            connection,
            source.path,
            source.relation,
            source.columns,
            basis,
            "an amount, a moment or a tag is missing or wrong",
        )
    return rows


def _query(source: _Source, basis: CostBasis) -> str:
    column = source.columns
    provider = next(column[name] for name in _PROVIDER if name in column)
    resource = column.get("ResourceId", "NULL")
    correction = (
        f"coalesce(lower({column['ChargeClass']}), '') = 'correction'" if "ChargeClass" in column else "false"
    )
    start, end = (f"CAST({column[name]} AS TIMESTAMP)" for name in ("ChargePeriodStart", "ChargePeriodEnd"))
    return f"""
        WITH charges AS (
            SELECT
                CAST({column[basis.column]} AS DECIMAL(38, 12)) AS cost,
                {column["BillingCurrency"]} AS currency,
                coalesce({provider}, 'unknown') AS provider,
                CAST({column["BillingPeriodStart"]} AS TIMESTAMP) AS period_start,
                CAST({column["BillingPeriodEnd"]} AS TIMESTAMP) AS period_end,
                {start} AS charge_start,
                {end} AS charge_end,
                coalesce({column["ChargeCategory"]}, 'Usage') AS category,
                coalesce({column["ServiceName"]}, 'unknown') AS service,
                {resource} AS resource,
                {correction} AS corrects,
                {_tags(source)} AS tags,
                {_formed(source)} AS formed
            FROM {source.relation}
        )
        SELECT
            currency, provider, period_start, period_end, category, service,
            nullif(coalesce(tags[1], tags[2]), '') AS cluster,
            nullif(coalesce(tags[3], tags[4]), '') AS environment,
            CASE WHEN category = 'Usage' AND NOT corrects AND charge_end - charge_start <= INTERVAL 1 DAY
                 THEN CAST(charge_start AS DATE) END AS day,
            sum(cost) AS cost, count(*) AS charges,
            count(CASE WHEN charge_end >= charge_start THEN cost END) AS whole,
            count(CASE WHEN formed THEN 1 END) AS formed,
            max(charge_end) AS until, arg_max(resource, cost) AS example
        FROM charges
        GROUP BY ALL
        ORDER BY ALL
    """  # noqa: S608 - names come from the file's own header, quoted


def _tags(source: _Source) -> str:
    """Give the two tags that split money, each as written and as AWS' older exports prefix it."""
    keys = [prefix + key for key in (TagKey.CLUSTER, TagKey.ENVIRONMENT) for prefix in ("", "user:")]
    column = source.columns["Tags"]
    if source.has_tag_map:
        return "[" + ", ".join(f"map_extract_value({column}, {_text(key)})" for key in keys) + "]"
    paths = ", ".join(_text(f'$."{key}"') for key in keys)
    return f"json_extract_string({column}, [{paths}])"


def _formed(source: _Source) -> str:
    """Say whether a charge's tags are an object: in a list or a number no tag is found, and all looks untagged."""
    if source.has_tag_map:
        return "true"
    text = f"ltrim(CAST({source.columns['Tags']} AS VARCHAR))"
    return f"coalesce(starts_with({text}, '{{') OR {text} = 'null', true)"


def _refuse_currencies(
    source: _Source, rows: Sequence[Mapping[str, Any]], rates: Mapping[str, Decimal]
) -> None:
    unknown: dict[str, int] = {}
    for row in rows:
        if row["currency"] not in rates:
            name = str(row["currency"] or "(none)")
            unknown[name] = unknown.get(name, 0) + int(row["charges"])
    if unknown:
        found = ", ".join(f"{count:,} charges in {name}" for name, count in sorted(unknown.items()))
        example = next(iter(sorted(unknown)))
        msg = (
            f"{source.path}: {found}, and budgets are in {_DOLLAR}; give the rate of the invoice,"
            f" such as --rate {example}=0.14 for 0.14 {_DOLLAR} a unit"
        )
        raise BillError(msg)


def _spend(source: _Source, row: Mapping[str, Any], rates: Mapping[str, Decimal]) -> Spend:
    return Spend(
        file=str(source.path),
        provider=row["provider"],
        period=BillingPeriod(
            start=row["period_start"].replace(tzinfo=UTC), end=row["period_end"].replace(tzinfo=UTC)
        ),
        cluster=row["cluster"],
        environment=row["environment"],
        service=row["service"],
        category=row["category"],
        day=row["day"],
        cost=Usd(Decimal(row["cost"]) * rates[row["currency"]]),
        charges=int(row["charges"]),
        example=row["example"],
    )


def _text(value: str) -> str:
    """Quote a text for SQL."""
    return "'" + value.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
