"""How MySQL itself is set: for change data capture, encrypted connections and an audit trail.

Sources: RDS user guide (parameters for MySQL, GTID-based replication, requiring TLS, MariaDB Audit Plugin), Debezium's
MySQL connector documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PARAMETER_FAMILY = "mysql8.4"


class Apply(StrEnum):
    """When RDS applies a parameter; a static one is refused with ``immediate``."""

    IMMEDIATE = "immediate"
    ON_RESTART = "pending-reboot"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of the server."""

    value: str
    apply: Apply = Apply.IMMEDIATE


PARAMETERS: Mapping[str, Parameter] = {
    # Change data capture reads whole rows, and finds its place again after a failover by transaction id (P 3).
    "binlog_format": Parameter(value="ROW"),
    "binlog_row_image": Parameter(value="FULL"),
    "gtid-mode": Parameter(value="ON", apply=Apply.ON_RESTART),
    "enforce_gtid_consistency": Parameter(value="ON", apply=Apply.ON_RESTART),
    # RDS spells a boolean 1 on an instance and ON on a cluster; this is an instance.
    "require_secure_transport": Parameter(value="1"),
    "local_infile": Parameter(value="0"),
    # One clock for all countries, and every script of theirs (P 1).
    "time_zone": Parameter(value="UTC"),
    "character_set_server": Parameter(value="utf8mb4"),
    "collation_server": Parameter(value="utf8mb4_0900_ai_ci"),
    "slow_query_log": Parameter(value="1"),
    "long_query_time": Parameter(value="1"),
    # CloudWatch receives files; the default writes to a table of the database itself.
    "log_output": Parameter(value="FILE"),
}
"""What differs from, or must not drift to, RDS' defaults. The same on the primary and its replicas."""

AUDIT_EVENTS = "CONNECT,QUERY_DDL,QUERY_DCL"
"""Who came, what changed the schema, who was given rights. Not the queries: those quote personal data."""


class Log(StrEnum):
    """What RDS exports to CloudWatch, into ``/aws/rds/instance/<identifier>/<log>``."""

    AUDIT = "audit"
    ERROR = "error"
    SLOW_QUERY = "slowquery"


_WITHOUT_INSIGHTS = frozenset(
    {"db.t2.micro", "db.t2.small", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small"}
)
"""RDS user guide: instance class support for Database Insights."""

INSIGHTS_DAYS = 7
"""Retention of query statistics that costs nothing."""


def supports_insights(instance_type: str) -> bool:
    """Say whether query statistics exist for an instance class; RDS refuses them on the smallest."""
    return instance_type not in _WITHOUT_INSIGHTS


LONGEST_BINLOG_HOURS = 168
"""RDS for MySQL keeps binary logs for a week at most."""


def binlog_retention_statement(hours: int) -> str:
    """Write the SQL that makes RDS keep binary logs, for the administrator to run once.

    RDS deletes a binary log as soon as it is backed up, and no parameter changes that: only this stored procedure
    does. The setting survives restarts and failovers; ``CALL mysql.rds_show_configuration;`` shows it, and is worth
    a look after a restore.

    Raises:
        ValueError: not 1 to 168 hours.

    """
    if not 1 <= hours <= LONGEST_BINLOG_HOURS:
        msg = f"binary logs are kept for 1 to {LONGEST_BINLOG_HOURS} hours, not {hours}"
        raise ValueError(msg)
    return f"CALL mysql.rds_set_configuration('binlog retention hours', {hours});"
