"""China's alarm: every page of every day is asked for, and the exit code says how the month stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from jobs.bill.__main__ import ALARM, UNKNOWN, WITHIN, main
from jobs.bill.pages import PageRequest, month_so_far
from jobs.failures import JobError

ENVIRONMENT = {"BUDGET_USD": "1500", "USD_PER_CNY": "0.14"}
TAG = "key:Cluster value:smp-china; key:Environment value:prod"


class FakeBill:
    """Two pages a day, one line each."""

    def __init__(self, amount: float, tag: str = TAG, **answer: Any) -> None:
        self.amount, self.tag, self.answer = amount, tag, answer
        self.asked: list[PageRequest] = []

    def page(self, request: PageRequest) -> Mapping[str, Any]:
        self.asked.append(request)
        item = {
            "BillingDate": f"{request.day}",
            "Item": "PayAsYouGoBill",
            "ProductName": "ECS",
            "PretaxAmount": self.amount,
            "PretaxGrossAmount": self.amount,
            "Currency": "CNY",
            "Tag": self.tag,
        }
        following = None if request.token else "second"
        return {
            "Success": True,
            "Data": {"AccountID": "5", "Items": [item], "NextToken": following},
            **self.answer,
        }


def run(bill: FakeBill, today: date = date(2026, 11, 11), **environment: str) -> tuple[int, list[str]]:
    said: list[str] = []
    code = main({**ENVIRONMENT, **environment}, today, lambda: bill, said.append)
    return code, said


def test_every_page_of_every_whole_day_is_asked_for() -> None:
    bill = FakeBill(1)
    month_so_far(bill, date(2026, 11, 4))
    assert [(request.day.day, request.token) for request in bill.asked] == [
        (1, None), (1, "second"), (2, None), (2, "second"), (3, None), (3, "second"),
    ]  # fmt: skip


def test_on_the_first_the_month_before_is_reported_whole() -> None:
    bill = FakeBill(1)
    month_so_far(bill, date(2026, 12, 1))
    assert {request.day for request in bill.asked} == {date(2026, 11, day) for day in range(1, 31)}


def test_inside_the_budget_the_month_and_its_end_are_said() -> None:
    code, said = run(FakeBill(100))
    assert code == WITHIN
    assert said == [
        "prod-china 2026-11: 280.00 USD of 1,500.00 USD, 18.7 %; the month will end at 840.00 USD",
    ]


def test_an_end_over_the_alarm_is_said_ahead_of_time() -> None:
    code, said = run(FakeBill(200))
    assert code == WITHIN
    assert any(text.startswith("AHEAD prod-china will be over 110 %") for text in said)


def test_over_110_percent_is_an_alarm() -> None:
    code, said = run(FakeBill(600))
    assert code == ALARM
    assert said[-1].startswith("ALARM prod-china (smp-china) has spent 1,680.00 USD of 1,500.00 USD")


def test_money_without_tags_is_said() -> None:
    _, said = run(FakeBill(1, tag=""))
    assert said == ["UNTAGGED 2.80 USD have no tags of ours: ECS first"]


@pytest.mark.parametrize(
    ("bill", "environment", "said"),
    [
        (
            FakeBill(1, Success=False, Code="NotAuthorized", Message="no"),
            {},
            "was refused: NotAuthorized: no",
        ),
        (FakeBill(1), {"BUDGET_USD": ""}, "BUDGET_USD is not set"),
        (FakeBill(1), {"USD_PER_CNY": "seven"}, "USD_PER_CNY is 'seven', not a positive amount"),
    ],
)
def test_what_cannot_be_said_is_no_verdict(bill: FakeBill, environment: dict[str, str], said: str) -> None:
    code, lines = run(bill, **environment)
    assert code == UNKNOWN
    assert said in lines[0]


def test_pages_that_never_end_are_refused() -> None:
    class Endless(FakeBill):
        def page(self, request: PageRequest) -> Mapping[str, Any]:
            return super().page(PageRequest(day=request.day, token=None))

    with pytest.raises(JobError, match="more than 1000 pages"):
        month_so_far(Endless(1), date(2026, 11, 2))
