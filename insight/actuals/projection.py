"""What a month will have cost at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from catalog.quantities import Usd
from insight.actuals.spend import Spend

PACE_DAYS = 7
"""The last days whose mean is taken for the days to come: a week, so that weekends weigh as they do."""

_DAY = timedelta(days=1)
_NOTHING = Usd(Decimal(0))


def project(rows: Sequence[Spend], read_until: Mapping[tuple[str, str, datetime], datetime]) -> Usd | None:
    """Project the charges of one month to its end.

    Usage that is metered by the day goes on at the mean of its last whole days, seven at most. Everything else
    (subscriptions, purchases, taxes, credits, corrections) stays as it is. Providers publish at different times, so
    each file and provider is projected from its own last charge. ``None`` while one of them has no whole day yet.
    """
    total = _NOTHING
    groups: dict[tuple[str, str, datetime], list[Spend]] = {}
    for row in rows:
        total += row.cost
        if row.day is not None:
            groups.setdefault((row.file, row.provider, row.period.start), []).append(row)
    for key, daily in groups.items():
        rest = _rest(daily, read_until[key])
        if rest is None:
            return None
        total += rest
    return total


def _rest(daily: Sequence[Spend], until: datetime) -> Usd | None:
    """Give what the days after ``until`` will cost."""
    end = daily[0].period.end
    if until >= end:
        return _NOTHING
    sums: dict[date, Usd] = {}
    for row in daily:
        if row.day is not None:
            sums[row.day] = sums.get(row.day, _NOTHING) + row.cost
    last = (until - _DAY).date() if _is_midnight(until) else until.date() - _DAY
    days = min(PACE_DAYS, (last - min(sums)).days + 1)
    if days < 1:
        return None
    pace = sum((sums.get(last - number * _DAY, _NOTHING) for number in range(days)), _NOTHING)
    remaining = Decimal((end - until) // timedelta(seconds=1)) / Decimal(_DAY // timedelta(seconds=1))
    return Usd(pace.amount / days * remaining)


def _is_midnight(moment: datetime) -> bool:
    return moment == datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
