"""Reads and checks the price book: every mistake of the file at once, with its row and what to do.

The file is a mapping of ``version`` (the date it was last worked on), ``currency`` and ``prices``, a list of rows:
``item``, ``region``, ``unit``, ``usd`` (decimal text), ``as_of``, ``source``, ``confidence``, and where they apply
``note`` and ``converted_from`` (``currency``, ``price``, ``per_usd``). Amounts are text or JSON numbers; both are read
as exact decimals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import cast

from catalog.places import Region
from catalog.quantities import CURRENCY, HOURS_PER_MONTH, Usd

ANYWHERE = "any"
"""Region of a price that is the same everywhere."""

MAXIMUM_AGE = timedelta(days=550)
"""A price not read again for longer than this is reported as old: a year and a half, two yearly list changes."""


class PriceBookError(ValueError):
    """The price book is wrong; the message lists every mistake."""

    def __init__(self, origin: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{origin}: {len(problems)} problem(s) in the price book{lines}")


class Confidence(StrEnum):
    """How sure a price is, from the surest to the least sure."""

    EXACT = "exact"
    """Read from the provider's own list, directly or through a data file that copies it."""
    DERIVED = "derived"
    """By arithmetic from a neighbouring price, or from concordant second hands."""
    GUESS = "guess"
    """Recalled, or an order of magnitude."""

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return list(Confidence).index(self)


UNITS: dict[str, str] = {
    "hour": "",
    "cluster-hour": "cluster",
    "node-hour": "node",
    "shard-hour": "shard",
    "AZ-hour": "zone",
    "LCU-hour": "LCU",
    "NLCU-hour": "NLCU",
    "CU-hour": "CU",
    "vCPU-hour": "vCPU",
    "GB-hour": "GB",
    "month": "",
    "GB-month": "GB",
    "alarm-month": "alarm",
    "key-month": "key",
    "secret-month": "secret",
    "zone-month": "zone",
    "project-month": "project",
    "GB": "GB",
    "1k requests": "thousand",
    "10k requests": "ten thousand",
    "million": "million",
    "million CPU-ms": "million CPU-ms",
    "fraction": "",
}
"""Units a row may have, and what one is called once the time is left away: every line of a report is of a month."""

FRACTION = "fraction"
"""Unit of a row that multiplies another price."""


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """When a price was read: a year, a month or a day."""

    text: str

    @property
    def earliest(self) -> date:
        """The first day it can mean: how old a price is, is judged by this."""
        year, month, day = (*self.text.split("-"), "1", "1")[:3]
        return date(int(year), int(month), int(day))

    def is_old(self, today: date) -> bool:
        """Whether it is longer ago than ``MAXIMUM_AGE``."""
        return today - self.earliest > MAXIMUM_AGE

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """From which price, in which currency and at which rate, a row's dollars come."""

    currency: str
    price: Decimal
    per_usd: Decimal


@dataclass(frozen=True, kw_only=True)
class Price:
    """One row of the price book."""

    item: str
    region: str
    unit: str
    """A key of ``UNITS``."""
    usd: Usd
    """For a ``fraction`` the factor itself."""
    as_of: AsOf
    source: str
    confidence: Confidence
    note: str = ""
    converted_from: Conversion | None = None

    @property
    def per_month(self) -> Usd:
        """The price of one unit for a month of 730 hours, whatever the unit's time is."""
        return self.usd * HOURS_PER_MONTH if self.unit.endswith("hour") else self.usd

    @property
    def thing(self) -> str:
        """What is counted, without its time: ``cluster`` of ``cluster-hour``; empty where the item says it."""
        return UNITS[self.unit]


@dataclass(frozen=True, kw_only=True)
class PriceBook:
    """All prices, and of which day the collection is."""

    version: str
    prices: tuple[Price, ...]

    def find(self, item: str, region: str) -> Price | None:
        """Find a row by its exact item and region."""
        return next((price for price in self.prices if price.region == region and price.item == item), None)


_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_REGIONS = (*Region, ANYWHERE)
_KEYS = {"item", "region", "unit", "usd", "as_of", "source", "confidence", "note", "converted_from"}
_ROUNDING = Decimal("0.000001")


def read_price_book(text: str, *, origin: str) -> PriceBook:
    """Take the file's text.

    Raises:
        PriceBookError: it is not JSON of the form above, or rows are wrong; every mistake is listed.

    """
    try:
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise PriceBookError(origin, [f"is not JSON: {error}"]) from None
    top = cast("Mapping[str, object]", document) if isinstance(document, Mapping) else {}
    rows = top.get("prices")
    version = _date(top.get("version"))
    problems: list[str] = []
    if version is None:
        problems.append("version: write the day of the last change, such as 2026-11-26")
    if top.get("currency") != CURRENCY:
        problems.append(f"currency: is {top.get('currency')!r}; every price is in {CURRENCY}")
    if not isinstance(rows, list) or not rows:
        problems.append("prices: must be a list with at least one row")
        raise PriceBookError(origin, problems)
    prices: list[Price] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(cast("list[object]", rows), start=1):
        price, wrong = _price(row, version.earliest if version else date.max)
        where = f"row {number}"
        if price is not None:
            where += f" ({price.item}, {price.region})"
            first = seen.setdefault((price.item, price.region), number)
            if first != number:
                wrong.append(f"is there already as row {first}; keep one of them")
            prices.append(price)
        problems.extend(f"{where}: {what}" for what in wrong)
    if problems or version is None:
        raise PriceBookError(origin, problems)
    return PriceBook(version=version.text, prices=tuple(prices))


def _price(row: object, latest: date) -> tuple[Price | None, list[str]]:
    """Read one row; ``None`` where even item or region is not readable."""
    if not isinstance(row, Mapping):
        return None, ["must be a mapping with item, region, unit, usd, as_of, source and confidence"]
    fields = cast("Mapping[str, object]", row)
    wrong: list[str] = []
    item, region, unit, source = (_text(fields, key, wrong) for key in ("item", "region", "unit", "source"))
    if region and region not in _REGIONS:
        wrong.append(f"region {region!r} is none of {', '.join(_REGIONS)}")
    if unit and unit not in UNITS:
        wrong.append(f"unit {unit!r} is none of {', '.join(UNITS)}")
    usd = _amount(fields.get("usd"))
    if usd is None:
        wrong.append(f'usd {fields.get("usd")!r} is no finite decimal; write it as text, such as "0.096"')
    elif usd < 0 or (usd == 0 and not fields.get("note")):
        wrong.append(f"usd {usd} is not positive; what is free needs a note that says why")
    as_of = _date(fields.get("as_of"))
    if as_of is None:
        wrong.append(f"as_of {fields.get('as_of')!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
    elif as_of.earliest > latest:
        wrong.append(f"as_of {as_of} is after the book's own version; correct one of the two")
    levels = [str(level) for level in Confidence]
    confidence = fields.get("confidence")
    if confidence not in levels:
        wrong.append(f"confidence {confidence!r} is none of {', '.join(levels)}")
    wrong.extend(f"{key}: no such field" for key in fields if key not in _KEYS)
    conversion = _conversion(fields.get("converted_from"), usd, wrong)
    if not item or not region:
        return None, wrong
    return (
        Price(
            item=item,
            region=region,
            unit=unit if unit in UNITS else "month",
            usd=Usd(usd or Decimal(0)),
            as_of=as_of or AsOf(text="1970"),
            source=source,
            confidence=Confidence(confidence) if confidence in levels else Confidence.GUESS,
            note=str(fields.get("note", "")),
            converted_from=conversion,
        ),
        wrong,
    )


def _text(fields: Mapping[str, object], key: str, wrong: list[str]) -> str:
    value = fields.get(key)
    if isinstance(value, str) and value.strip():
        return value
    wrong.append(f"{key} is missing")
    return ""


def _amount(value: object) -> Decimal | None:
    try:
        amount = Decimal(value) if isinstance(value, str | Decimal) else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() else None


def _date(value: object) -> AsOf | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    found = AsOf(text=value)
    try:
        _ = found.earliest
    except ValueError:
        return None
    return found


def _conversion(value: object, usd: Decimal | None, wrong: list[str]) -> Conversion | None:
    if value is None:
        return None
    block = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
    price, rate, currency = _amount(block.get("price")), _amount(block.get("per_usd")), block.get("currency")
    if price is None or rate is None or rate <= 0 or not isinstance(currency, str):
        wrong.append("converted_from needs currency, price and per_usd, the last above zero")
        return None
    if usd is not None and abs(price / rate - usd) > _ROUNDING:
        wrong.append(f"usd {usd} is not {price} {currency} at {rate} a dollar ({price / rate:.6f})")
    return Conversion(currency=currency, price=price, per_usd=rate)


def old_prices(prices: Sequence[Price], today: date) -> Iterator[Price]:
    """Give the rows that are older than ``MAXIMUM_AGE``."""
    return (price for price in prices if price.as_of.is_old(today))
