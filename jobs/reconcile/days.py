"""Which days are compared: whole ones, in UTC, that have settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, kw_only=True)
class Days:
    """A run of days; ``last`` is among them."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first moment after them."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


def settled_days(now: datetime, *, count: int, settling: timedelta) -> Days:
    """Give the newest ``count`` days that ended at least ``settling`` ago; ``now`` has a time zone.

    What happened in a day reaches the read model a little later, by way of publication, Kafka and the sink: a day that
    has only just ended would differ without being wrong.

    Raises:
        ValueError: ``now`` has no time zone, or ``count`` is less than 1.

    """
    if now.tzinfo is None or count < 1:
        msg = f"now {now} needs a time zone and count {count} must be 1 or more"
        raise ValueError(msg)
    last = (now.astimezone(UTC) - settling).date() - timedelta(days=1)
    return Days(first=last - timedelta(days=count - 1), last=last)
