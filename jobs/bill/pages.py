"""Asks Alibaba Cloud for its bill, day by day and page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, cast

from jobs.failures import JobError

LARGEST_PAGE = 300
"""Lines of one answer at most (BSS OpenAPI 2017-12-14, DescribeInstanceBill)."""

_MOST_PAGES = 1000
"""Of one day: a token that never ends must not keep the job going for ever."""


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """One page of one day."""

    day: date
    token: str | None


class Bill(Protocol):
    """Whoever answers DescribeInstanceBill."""

    def page(self, request: PageRequest) -> Mapping[str, Any]:
        """Give the answer's body, as the API writes it."""
        ...


def month_so_far(bill: Bill, today: date) -> list[Mapping[str, Any]]:
    """Ask for every whole day of the month that ``yesterday`` is in, so that a month's last day is seen too.

    Raises:
        JobError: an answer is a refusal, or pages never end.

    """
    last = today - timedelta(days=1)
    days = (last.replace(day=number) for number in range(1, last.day + 1))
    return [answer for day in days for answer in _day(bill, day)]


def _day(bill: Bill, day: date) -> Iterator[Mapping[str, Any]]:
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = bill.page(PageRequest(day=day, token=token))
        data = answer.get("Data")
        if not answer.get("Success", True) or not isinstance(data, Mapping):
            msg = f"the bill of {day} was refused: {answer.get('Code')}: {answer.get('Message')}"
            raise JobError(msg)
        yield answer
        following = cast("Mapping[str, Any]", data).get("NextToken")
        if not following:
            return
        token = str(following)
    msg = f"the bill of {day} has more than {_MOST_PAGES} pages; ask Alibaba Cloud why its token never ends"
    raise JobError(msg)
