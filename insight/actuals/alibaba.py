"""Maps Alibaba Cloud's bill to FOCUS, so that China's month is counted like every other.

Read is what ``aliyun bssopenapi DescribeInstanceBill --BillingCycle 2026-11 --Granularity DAILY ...`` answers, one
page or many. Source: Alibaba Cloud BSS OpenAPI 2017-12-14, DescribeInstanceBill; FOCUS 1.0, Cost and Usage columns.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from insight.errors import BillError

COLUMNS: tuple[str, ...] = (
    "ProviderName",
    "BillingAccountId",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ServiceName",
    "ResourceId",
    "RegionId",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "BillingCurrency",
    "Tags",
)
"""Of the file that is written, all named as FOCUS does."""

_PROVIDER = "Alibaba Cloud"
_TAG = re.compile(r"key:(?P<key>.*?) value:(?P<value>.*?)(?:; |;?$)")
_CATEGORIES = {
    "PayAsYouGoBill": ("Usage", ""),
    "SubscriptionOrder": ("Purchase", ""),
    "Refund": ("Purchase", "Correction"),
    "Adjustment": ("Adjustment", ""),
}
"""``Item`` of a bill's line -> FOCUS' charge category and class."""


def focus_csv(files: Iterable[Path]) -> str:
    """Write the bills in some files as one FOCUS export.

    Raises:
        BillError: a file is no such bill, or a line of it cannot be counted; nothing is written then.

    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    lines = 0
    for path in files:
        for place, (item, account) in enumerate(_items(path), start=1):
            writer.writerow(_charge(item, account, origin=f"{path}, line {place}"))
            lines += 1
    if not lines:
        msg = "the bill has no lines; ask for the month again, with --Granularity DAILY and --BillingDate"
        raise BillError(msg)
    return text.getvalue()


def _items(path: Path) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give the lines of a file: an answer, or a list of answers, as `--pager` or a loop writes them."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise BillError(msg) from error
    except ValueError as error:
        msg = f"{path} is no JSON, or is cut off: {error}; ask for the bill again"
        raise BillError(msg) from error
    for answer in cast("list[Any]", document if isinstance(document, list) else [document]):
        data = answer.get("Data") if isinstance(answer, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get("Items"), list):
            msg = (
                f"{path} is no answer of DescribeInstanceBill: Data.Items is missing; ask for the bill again"
            )
            raise BillError(msg)
        for item in data["Items"]:
            yield item, str(data.get("AccountID", ""))


def _charge(item: Mapping[str, Any], account: str, *, origin: str) -> dict[str, str]:
    day = _moment(item, "BillingDate", "%Y-%m-%d", origin)
    kind = str(item.get("Item", ""))
    if kind not in _CATEGORIES:
        msg = f"{origin}: Item is {kind!r}, not one of {', '.join(_CATEGORIES)}; map it in insight/actuals/alibaba.py"
        raise BillError(msg)
    category, charge_class = _CATEGORIES[kind]
    month = day.replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    # A subscription is paid once and lasts: it is no usage of the day it was bought on.
    start, end = (day, day + timedelta(days=1)) if category == "Usage" else (month, following)
    return {
        "ProviderName": _PROVIDER,
        "BillingAccountId": account,
        "BillingPeriodStart": _iso(month),
        "BillingPeriodEnd": _iso(following),
        "ChargePeriodStart": _iso(start),
        "ChargePeriodEnd": _iso(end),
        "ChargeCategory": category,
        "ChargeClass": charge_class,
        "ServiceName": str(item.get("ProductName") or item.get("ProductCode") or "unknown"),
        "ResourceId": str(item.get("InstanceID") or ""),
        "RegionId": str(item.get("Region") or ""),
        "BilledCost": _amount(item, "PretaxAmount", origin),
        "EffectiveCost": _amount(item, "PretaxAmount", origin),
        "ListCost": _amount(item, "PretaxGrossAmount", origin),
        "BillingCurrency": str(item.get("Currency") or ""),
        "Tags": json.dumps(_tags(str(item.get("Tag") or "")), ensure_ascii=False),
    }


def _moment(item: Mapping[str, Any], name: str, form: str, origin: str) -> datetime:
    text = str(item.get(name, ""))
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        msg = f"{origin}: {name} is {text!r}, not a day such as 2026-11-01; ask for the bill with --Granularity DAILY"
        raise BillError(msg) from error


def _amount(item: Mapping[str, Any], name: str, origin: str) -> str:
    text = str(item.get(name, ""))
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        msg = f"{origin}: {name} is {text!r}, not an amount; ask for the bill again"
        raise BillError(msg)
    return f"{amount:f}"


def _tags(text: str) -> dict[str, str]:
    """Read ``key:Cluster value:smp-china; key:Environment value:prod``."""
    return {found["key"]: found["value"] for found in _TAG.finditer(text)}


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
