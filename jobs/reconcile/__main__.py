"""``python -m jobs.reconcile``: exit code 0 when all figures agree, 1 when one does not, 2 when it cannot be said."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.read_model import RECONCILED_DAYS, REJECTED_INDEX, SETTLING_HOURS, Figure
from jobs.environment import properties_of, required, text_of, variable
from jobs.failures import JobError, ended
from jobs.reconcile.comparison import Comparison, compare
from jobs.reconcile.days import Days, settled_days
from jobs.reconcile.read_model import rejected, search_sums
from jobs.reconcile.source import Source, source_sums
from jobs.web import Server, basic

AGREES, DRIFTS, UNKNOWN = 0, 1, 2

Say = Callable[[str], object]


def main(environment: Mapping[str, str], now: datetime, say: Say = print) -> int:
    """Compare and report; give the exit code."""
    days = settled_days(now, count=RECONCILED_DAYS, settling=timedelta(hours=SETTLING_HOURS))
    try:
        comparisons, left_out = _compared(environment, days)
    except JobError as error:
        say(f"reconciliation of {days}: not possible: {error}")
        return UNKNOWN
    return report(days, comparisons, left_out, say)


def report(days: Days, comparisons: tuple[Comparison, ...], left_out: int, say: Say) -> int:
    """Say every metric that drifts, then one line that sums up; give the exit code."""
    wrong = [comparison for comparison in comparisons if comparison.is_wrong]
    for comparison in sorted(wrong, key=lambda found: (-found.drift, str(found))):
        say(f"DRIFT {comparison}")
    if left_out:
        say(f"REJECTED {left_out} figures lie in {REJECTED_INDEX}: see rejected_because of each")
    worst = max((comparison.drift for comparison in comparisons), default=0)
    say(
        f"reconciliation of {days}: {len(comparisons)} metrics, {len(wrong)} over the limit, {left_out} rejected;"
        f" the largest drift is {float(worst * 100):.4f} %"
    )
    return DRIFTS if wrong or left_out else AGREES


def _compared(environment: Mapping[str, str], days: Days) -> tuple[tuple[Comparison, ...], int]:
    server, source = _search(environment), _mysql(environment)
    cluster = variable(environment, "CLUSTER")
    found: list[Comparison] = []
    with closing(source.connect()) as connection:
        for figure in Figure:
            true = source_sums(connection, figure, days)
            found.extend(compare(figure, true, search_sums(server, figure, days, cluster=cluster)))
    return tuple(found), rejected(server)


def _search(environment: Mapping[str, str]) -> Server:
    password = text_of(Path(variable(environment, "SEARCH_PASSWORD_FILE")))
    return Server(
        url=variable(environment, "SEARCH_URL"),
        authority=Path(variable(environment, "SEARCH_CA_FILE")),
        authorization=basic(variable(environment, "SEARCH_USERNAME"), password),
    )


def _mysql(environment: Mapping[str, str]) -> Source:
    file = Path(variable(environment, "MYSQL_CREDENTIALS_FILE"))
    credentials = properties_of(file)
    port = variable(environment, "MYSQL_PORT")
    if not port.isdigit():
        msg = f"MYSQL_PORT is {port!r}, which is no port"
        raise JobError(msg)
    return Source(
        host=variable(environment, "MYSQL_HOST"),
        port=int(port),
        username=required(credentials, "username", where=file),
        password=required(credentials, "password", where=file),
        authority=Path(variable(environment, "MYSQL_CA_FILE")),
    )


if __name__ == "__main__":
    sys.exit(ended(lambda: main(os.environ, datetime.now(UTC))))
