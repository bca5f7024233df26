"""``smp prices``: which prices the estimates rest on, where they are from and how sure they are."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from catalog.price_book import MAXIMUM_AGE
from catalog.prices import price_book
from insight.commands.inputs import Selection, snapshots
from insight.cost import estimate_cost
from insight.estimate import Estimate
from insight.findings import facts_of
from insight.price_usage import PriceUse, price_usage
from insight.rendering.prices import print_prices
from insight.snapshot import Snapshot
from insight.terminal import out, show_error, show_json


class PricesFormat(StrEnum):
    """How prices are written."""

    TEXT = "text"
    JSON = "json"


def run(selection: Selection, *, style: PricesFormat) -> int:
    """Report on every row of the price book; 1 when a stack could not be planned."""
    book = price_book()
    failed = False
    estimates: list[Estimate] = []
    for found in snapshots(selection):
        if isinstance(found, Snapshot):
            estimates.append(estimate_cost(found, facts_of(found)))
        else:
            show_error(str(found))
            failed = True
    today = datetime.now(UTC).date()
    uses = price_usage(estimates, book, today=today)
    if style is PricesFormat.JSON:
        show_json(_document(uses, book.version, [estimate.stack.name for estimate in estimates]))
    else:
        print_prices(out(), uses, version=book.version, stacks=len(estimates))
    return 1 if failed else 0


def _document(uses: tuple[PriceUse, ...], version: str, stacks: list[str]) -> dict[str, Any]:
    return {
        "priceBook": version,
        "stacks": stacks,
        "oldAfterDays": MAXIMUM_AGE.days,
        "prices": [
            {
                "item": use.price.item,
                "region": use.price.region,
                "unit": use.price.unit,
                "usd": f"{use.price.usd.amount:f}",
                "asOf": str(use.price.as_of),
                "old": use.is_old,
                "source": use.price.source,
                "confidence": str(use.price.confidence),
                "note": use.price.note,
                "standing": str(use.standing),
                "monthly": use.month.text,
                "uses": [{"stack": item.stack, "component": item.component} for item in use.uses],
            }
            for use in uses
        ],
    }
