"""The price book's checks: all mistakes of a file at once, each with its row and what to do."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from catalog.price_book import MAXIMUM_AGE, AsOf, PriceBookError, read_price_book
from catalog.prices import price_book


def _row(**changes: Any) -> dict[str, Any]:
    row = {
        "item": "ALB",
        "region": "us-east-1",
        "unit": "hour",
        "usd": "0.0225",
        "as_of": "2026-10-01",
        "source": "a list",
        "confidence": "exact",
    }
    return {key: value for key, value in {**row, **changes}.items() if value is not None}


def _book(*rows: Any, version: str | None = "2026-11-26", currency: str = "USD") -> str:
    return json.dumps({"version": version, "currency": currency, "prices": list(rows)})


def test_an_amount_is_exact_whether_it_is_text_or_a_number() -> None:
    text = '{"version": "2026-11-26", "currency": "USD", "prices": [' + json.dumps(_row(usd="X")) + "]}"
    (price,) = read_price_book(text.replace('"X"', "0.1000000000000000055511151231257827"), origin="a").prices
    assert price.usd.amount == Decimal("0.1000000000000000055511151231257827")
    assert price.per_month.amount == price.usd.amount * 730


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": "fortnight"}, "unit 'fortnight' is none of hour"),
        ({"usd": "-1"}, "usd -1 is not positive"),
        ({"usd": "0"}, "usd 0 is not positive; what is free needs a note"),
        ({"usd": "NaN"}, "no finite decimal"),
        ({"usd": "Infinity"}, "no finite decimal"),
        ({"usd": "cheap"}, "no finite decimal"),
        ({"usd": None}, "no finite decimal"),
        ({"confidence": "sure"}, "confidence 'sure' is none of exact, derived, guess"),
        ({"as_of": "2027-01-01"}, "after the book's own version"),
        ({"as_of": "yesterday"}, "is no date; write YYYY"),
        ({"as_of": "2026-13"}, "is no date; write YYYY"),
        ({"source": None}, "source is missing"),
        ({"source": " "}, "source is missing"),
        ({"item": None}, "item is missing"),
        ({"region": "eu-west-1"}, "region 'eu-west-1' is none of"),
        ({"price": 3}, "price: no such field"),
        ({"converted_from": {"currency": "CNY", "price": "1", "per_usd": "7.1"}}, "is not 1 CNY at 7.1"),
        ({"converted_from": {"currency": "CNY"}}, "converted_from needs currency, price and per_usd"),
    ],
)
def test_a_wrong_row_is_named_with_what_to_do(change: dict[str, Any], said: str) -> None:
    with pytest.raises(PriceBookError) as caught:
        read_price_book(_book(_row(item="first"), _row(**change)), origin="prices.json")
    (problem,) = caught.value.problems
    assert problem.startswith("row 2")
    assert said in problem


def test_all_mistakes_are_told_at_once() -> None:
    rows = (_row(), _row(), _row(item="b", usd="-1", unit="x"), "row")
    with pytest.raises(PriceBookError) as caught:
        read_price_book(_book(*rows, version=None, currency="EUR"), origin="prices.json")
    text = str(caught.value)
    assert "6 problem(s)" in text
    for said in (
        "version:",
        "currency: is 'EUR'",
        "row 2 (ALB, us-east-1): is there already as row 1",
        "row 4: must be",
    ):
        assert said in text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"prices": []}'])
def test_what_is_no_price_book_is_refused(text: str) -> None:
    with pytest.raises(PriceBookError, match=r"prices\.json: \d problem"):
        read_price_book(text, origin="prices.json")


def test_age_is_judged_by_the_earliest_day_a_date_can_mean() -> None:
    today = date(2026, 11, 26)
    assert AsOf(text="2025").earliest == date(2025, 1, 1)
    assert AsOf(text="2025").is_old(today)
    assert not AsOf(text="2025-06").is_old(today)
    assert AsOf(text="2025-05-24").is_old(today) is (today - date(2025, 5, 24) > MAXIMUM_AGE)


def test_the_projects_own_book_is_right() -> None:
    book = price_book()
    assert len(book.prices) > 190
    assert all(price.as_of.earliest <= AsOf(text=book.version).earliest for price in book.prices)
