"""The comparison on rows whose drift was worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from catalog.read_model import Figure
from jobs.reconcile.__main__ import AGREES, DRIFTS, report
from jobs.reconcile.comparison import WHOLE, Comparison, Sums, compare
from jobs.reconcile.days import Days, settled_days

DAY = date(2026, 11, 20)


def one(mysql: int | None, search: int | None) -> Comparison:
    return Comparison(
        metric="gmv.orders",
        country="VN",
        day=DAY,
        mysql=None if mysql is None else Fraction(mysql),
        search=None if search is None else Fraction(search),
    )


@pytest.mark.parametrize(
    ("mysql", "search", "drift", "wrong"),
    [
        (2000, 2000, Fraction(0), False),
        (2000, 1999, Fraction(1, 2000), False),  # 0.05 %
        (1000, 999, Fraction(1, 1000), False),  # exactly 0.1 %: not over it
        (1000, 1001, Fraction(1, 1000), False),
        (500, 499, Fraction(1, 500), True),  # 0.2 %
        (500, 501, Fraction(1, 500), True),
        # 0.1 % of this is 9007199254740.99: a hair below, and a hair above.
        (9_007_199_254_740_990, 8_998_192_055_486_250, None, False),
        (9_007_199_254_740_990, 8_998_192_055_486_249, None, True),
        (0, 0, Fraction(0), False),
        (0, None, Fraction(0), False),
        (None, 0, Fraction(0), False),
        (None, None, Fraction(0), False),
        (7, None, WHOLE, True),
        (None, 7, WHOLE, True),
        (0, 7, WHOLE, True),
        (7, 0, WHOLE, True),
        (1, 3, Fraction(2), True),
    ],
)
def test_drift(mysql: int | None, search: int | None, drift: Fraction | None, wrong: bool) -> None:
    found = one(mysql, search)
    if drift is not None:
        assert found.drift == drift
    assert found.is_wrong is wrong


def test_a_line_names_metric_country_day_both_values_and_drift() -> None:
    assert str(one(500, 499)) == ("gmv.orders VN 2026-11-20: MySQL 500, Elasticsearch 499, drift 0.2000 %")
    assert str(one(500, None)).endswith("Elasticsearch nothing, drift 100.0000 %")


def test_what_either_side_has_is_compared_country_by_country_and_day_by_day() -> None:
    mysql: Sums = {
        ("VN", DAY): {"orders": 10, "amount_minor": 1_000},
        ("TH", DAY): {"orders": 4, "amount_minor": 400},
    }
    search: Sums = {
        ("VN", DAY): {"orders": 10, "amount_minor": 1_000},
        ("SG", DAY): {"orders": 1, "amount_minor": 5},
    }
    found = compare(Figure.GMV, mysql, search)
    assert [(each.country, each.metric, each.drift) for each in found] == [
        ("SG", "gmv.orders", 1),
        ("SG", "gmv.amount_minor", 1),
        ("TH", "gmv.orders", 1),
        ("TH", "gmv.amount_minor", 1),
        ("VN", "gmv.orders", 0),
        ("VN", "gmv.amount_minor", 0),
    ]


def test_what_is_missing_from_both_parts_of_a_ratio_is_seen_in_the_parts() -> None:
    mysql: Sums = {("VN", DAY): {"ended": 200, "completed": 150}}
    search: Sums = {("VN", DAY): {"ended": 100, "completed": 75}}
    drifts = {each.metric: each.drift for each in compare(Figure.COMPLETION_RATE, mysql, search)}
    assert drifts == {
        "completion_rate.ended": Fraction(1, 2),
        "completion_rate.completed": Fraction(1, 2),
        "completion_rate.ratio": 0,
    }


def test_a_share_of_nothing_is_no_drift_and_no_error() -> None:
    mysql: Sums = {("VN", DAY): {"available_minutes": 0, "busy_minutes": 0}}
    found = compare(Figure.AGENT_UTILIZATION, mysql, {})
    assert len(found) == 3
    assert not any(each.is_wrong for each in found)


def test_a_measure_that_is_not_in_an_answer_is_missing_and_not_zero() -> None:
    found = compare(Figure.GMV, {("VN", DAY): {"orders": 3, "amount_minor": 9}}, {("VN", DAY): {"orders": 3}})
    assert [each.drift for each in found] == [0, 1]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 11, 26, 5, 59, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 26, 6, 0, tzinfo=UTC), date(2026, 11, 25)),
        # 01:00 in Ho Chi Minh City on the 27th is 18:00 UTC on the 26th.
        (datetime.fromisoformat("2026-11-27T01:00:00+07:00"), date(2026, 11, 25)),
    ],
)
def test_a_day_is_compared_when_it_has_settled(now: datetime, last: date) -> None:
    days = settled_days(now, count=7, settling=timedelta(hours=6))
    assert (days.first, days.last) == (last - timedelta(days=6), last)
    assert days.end - days.begin == timedelta(days=7)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        settled_days(datetime(2026, 11, 26), count=7, settling=timedelta(hours=6))  # noqa: DTZ001


def test_the_report_says_the_worst_first_and_how_many() -> None:
    said: list[str] = []
    days = Days(first=DAY, last=DAY)
    assert report(days, (one(500, 499), one(2000, 1999), one(7, None)), 0, said.append) == DRIFTS
    assert [line.split(":")[0] for line in said[:2]] == ["DRIFT gmv.orders VN 2026-11-20"] * 2
    assert "nothing" in said[0]
    assert said[-1].startswith("reconciliation of 2026-11-20 to 2026-11-20: 3 metrics, 2 over the limit")


def test_a_rejected_figure_fails_even_where_nothing_drifts() -> None:
    days = Days(first=DAY, last=DAY)
    assert report(days, (one(1, 1),), 0, lambda _: None) == AGREES
    assert report(days, (one(1, 1),), 1, lambda _: None) == DRIFTS
