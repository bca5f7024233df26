"""Which rows of the price book are used, where, and how much of the money rests on each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from catalog.instances import NODE_CAPACITY
from catalog.places import Region
from catalog.price_book import Price, PriceBook
from catalog.prices import Priced
from catalog.quantities import Usd
from insight.estimate import NOTHING, Estimate


class Standing(StrEnum):
    """Why a row is in the book."""

    USED = "used"
    CHOOSABLE = "choosable"
    """A type that a configuration may choose."""
    UNUSED = "unused"
    """Nothing that is reported on uses it, and no configuration can choose it."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Where a row is used."""

    stack: str
    component: str


@dataclass(frozen=True, kw_only=True)
class PriceUse:
    """A row of the price book and what rests on it."""

    price: Price
    standing: Standing
    uses: tuple[Use, ...]
    """In the order of the stacks; each component once."""
    month: Usd
    """Sum of the expected lines it is part of; rows that multiply another price share such a line with it."""
    is_old: bool


def price_usage(estimates: Iterable[Estimate], book: PriceBook, *, today: date) -> tuple[PriceUse, ...]:
    """Say of every row whether and where the estimates use it: the dearest first, then by item and region."""
    uses: dict[Price, dict[Use, None]] = {}
    months: dict[Price, Usd] = {}
    for estimate in estimates:
        for line in estimate.lines:
            for price in line.prices:
                use = Use(stack=estimate.stack.name, component=line.component)
                uses.setdefault(price, {})[use] = None
                months[price] = months.get(price, NOTHING) + line.month
    choosable = _choosable()
    found = [
        PriceUse(
            price=price,
            standing=Standing.USED
            if price in uses
            else Standing.CHOOSABLE
            if price in choosable
            else Standing.UNUSED,
            uses=tuple(uses.get(price, ())),
            month=months.get(price, NOTHING),
            is_old=price.as_of.is_old(today),
        )
        for price in book.prices
    ]
    return tuple(sorted(found, key=lambda use: (-use.month.amount, use.price.item, use.price.region)))


def _choosable() -> set[Price]:
    return {
        price
        for kind in Priced
        for region in Region
        for name in kind.known_types(region)
        if (kind is not Priced.NODE or name in NODE_CAPACITY)
        and (price := kind.price(name, region)) is not None
    }
