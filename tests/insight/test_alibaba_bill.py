"""Alibaba Cloud's bill as FOCUS, and what it then says of prod-china."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.quantities import Usd
from insight.actuals.alibaba import focus_csv
from insight.actuals.focus import read_spending
from insight.actuals.report import Expectation, build_report
from insight.errors import BillError

TAG = "key:Cluster value:smp-china; key:Environment value:prod; key:Name value:a b"


def line(**changes: Any) -> dict[str, Any]:
    return {
        "BillingDate": "2026-11-05",
        "Item": "PayAsYouGoBill",
        "ProductName": "Elastic Compute Service",
        "ProductCode": "ecs",
        "InstanceID": "i-2ze",
        "Region": "cn-beijing",
        "PretaxAmount": 100.05,
        "PretaxGrossAmount": 120,
        "Currency": "CNY",
        "Tag": TAG,
        **changes,
    }


def answer(*items: dict[str, Any]) -> dict[str, Any]:
    return {"Success": True, "Data": {"AccountID": "5555", "BillingCycle": "2026-11", "Items": list(items)}}


def mapped(folder: Path, document: Any) -> Path:
    bill, out = folder / "bill.json", folder / "focus.csv"
    bill.write_text(json.dumps(document), encoding="utf-8")
    out.write_text(focus_csv([bill]), encoding="utf-8")
    return out


def test_a_mapped_bill_is_counted_like_every_other(tmp_path: Path) -> None:
    document = [
        answer(line(), line(BillingDate="2026-11-06", PretaxAmount=0.1)),
        answer(
            line(Item="SubscriptionOrder", ProductName="RDS", PretaxAmount=700),
            line(Item="Refund", PretaxAmount=-50),
        ),
        answer(line(Tag="", PretaxAmount=3)),
    ]
    spending = read_spending([mapped(tmp_path, document)], rates={"CNY": Decimal("0.14")})
    report = build_report(spending, lambda facts: Expectation(budget=facts.approved_budget, estimate=None))
    (china,) = report.stacks
    assert china.stack.name == "prod-china"
    assert china.outcome.spent == Usd.of("105.02")  # 750.15 at 0.14
    assert report.unassigned_total == Usd.of("0.42")
    days = {row.day for row in spending.rows if row.service == "RDS"}
    assert days == {None}  # a subscription is not projected


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {"Code": "NotAuthorized"},
            r"bill\.json is no answer of DescribeInstanceBill: Data\.Items is missing",
        ),
        (answer(), "the bill has no lines"),
        (answer(line(BillingDate="")), r"bill\.json, line 1: BillingDate is '', not a day"),
        (answer(line(), line(PretaxAmount="")), r"bill\.json, line 2: PretaxAmount is '', not an amount"),
        (answer(line(Item="Gift")), r"bill\.json, line 1: Item is 'Gift', not one of PayAsYouGoBill"),
    ],
)
def test_what_is_no_bill_is_refused_with_its_place(tmp_path: Path, document: Any, said: str) -> None:
    with pytest.raises(BillError, match=said):
        mapped(tmp_path, document)
    assert not (tmp_path / "focus.csv").exists()


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    bill = tmp_path / "bill.json"
    bill.write_text(json.dumps(answer(line()))[:-20], encoding="utf-8")
    with pytest.raises(BillError, match="is no JSON, or is cut off"):
        focus_csv([bill])
