"""What a pricer says about a resource, and what it may ask to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from catalog.places import Region
from catalog.price_book import Confidence, Price
from catalog.prices import find_price
from catalog.quantities import Percent, Quantity, Usd
from catalog.stack_facts import StackFacts
from catalog.usage import Usage, UsageKey
from insight.node_pools import Pool
from insight.snapshot import Resource, Snapshot


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What one unit costs a month: a row of the price book, and what multiplies it."""

    price: Price
    factors: tuple[Price, ...] = ()
    """Rows that multiply the price, such as the share of it that spot nodes cost."""

    def times(self, factor: Price | None) -> Rate | None:
        """Multiply by a row of the book; ``None`` when there is no such row."""
        return None if factor is None else Rate(price=self.price, factors=(*self.factors, factor))

    @property
    def month(self) -> Usd:
        """The price of one unit for a month; exact."""
        amount = self.price.per_month
        for factor in self.factors:
            amount *= factor.usd.amount
        return amount

    @property
    def prices(self) -> tuple[Price, ...]:
        """All rows it is made of."""
        return (self.price, *self.factors)

    @property
    def confidence(self) -> Confidence:
        """That of the least sure row."""
        return max((price.confidence for price in self.prices), key=lambda level: level.rank)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which of several equal parts of a shared amount a resource bears."""

    place: int
    """From 0."""
    of: int


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One thing a resource is billed for."""

    item: str
    """What it is, in the price book's words where it has them."""
    rate: Rate | None
    """As configured. ``None`` makes the resource unpriced, and ``item`` says what price is missing."""
    quantity: Quantity
    """Units that run or are kept all month; of the whole where there is a ``part``."""
    on_demand: Rate | None = None
    """Without any discount; ``None`` where that is how it is configured."""
    one_year: Rate | None = None
    """Committed for a year, for the minimum of the quantity; ``None`` where nothing can be committed."""
    usage: UsageKey | None = None
    """The assumption the quantity rests on."""
    note: str = ""
    """What the quantity or the price rests on, where it is not in the resource itself."""
    part: Part | None = None


@dataclass(frozen=True, kw_only=True)
class PricingContext:
    """What pricers may look at beside the resource."""

    snapshot: Snapshot
    facts: StackFacts
    usage: Usage
    pools: Mapping[str, Pool]
    """By URN."""
    _places: dict[tuple[str, ...], dict[str, int]] = field(
        default_factory=dict[tuple[str, ...], dict[str, int]]
    )

    @property
    def home(self) -> Region:
        """The region whose prices apply: a plan's resources live in their cluster's home."""
        return self.facts.cluster.home

    def rate(self, item: str) -> Rate | None:
        """Look a row up in the home region."""
        price = find_price(item, self.home)
        return None if price is None else Rate(price=price)

    def nodes(self, pool: Pool) -> Quantity:
        """Say how many nodes of a pool run: its minimum, on average, and its maximum."""
        reached = min(Decimal(1), self.usage.scaling.value / 100)
        least, most = Decimal(pool.minimum), Decimal(pool.maximum)
        return Quantity(minimum=least, expected=least + (most - least) * reached, maximum=most)

    def scaling_note(self, pool: Pool) -> str:
        """Say how the expected number of a pool's nodes comes about."""
        if pool.minimum == pool.maximum:
            return "a fixed number"
        return f"{pool.minimum} to {pool.maximum}, on average {self.usage.scaling} of the way"

    def listed(
        self,
        item: str,
        quantity: Quantity | Decimal | int,
        *,
        usage: UsageKey | None = None,
        note: str = "",
        part: Part | None = None,
        one_year: Rate | None = None,
    ) -> Charge:
        """Charge for a row of the price book."""
        return Charge(
            item=item,
            rate=self.rate(item),
            quantity=quantity if isinstance(quantity, Quantity) else Quantity.fixed(quantity),
            usage=usage,
            note=note,
            part=part,
            one_year=one_year,
        )

    def assumed(self, item: str, key: UsageKey, resource: Resource, *types: str, free: int = 0) -> Charge:
        """Charge for an assumed amount, less what is free; where types are named, one part of it to each of them."""
        amount = max(Decimal(0), self.usage.of(key) - free)
        said = f"{self.usage.of(key):f} {key.unit}"
        note = f"{said}, {free} of them free" if free else said
        part = self.part(resource, *types) if types else None
        return self.listed(item, amount, usage=key, note=note, part=part)

    def kept(self, item: str, key: UsageKey, resource: Resource, *types: str, free: int = 0) -> Charge:
        """Charge as ``assumed`` does, for data that stays and grows."""
        amount = max(Decimal(0), self.usage.of(key) - free)
        said = f"{self.usage.of(key):f} {key.unit} now, plus growth"
        note = f"{said}; {free} {key.unit} free" if free else said
        return self.listed(item, self.growing(amount), usage=key, note=note, part=self.part(resource, *types))

    def growing(self, amount: Decimal) -> Quantity:
        """Spread an amount of stored data over a year of growth: none, half, and all of it."""
        growth: Percent = self.usage.storage_growth
        year = amount * growth.value / 100
        return Quantity(minimum=amount, expected=amount + year / 2, maximum=amount + year)

    def part(self, resource: Resource, *types: str) -> Part:
        """Say which part of an amount a resource bears that all resources of some types share."""
        places = self._places.get(types)
        if places is None:
            places = self._places.setdefault(types, _places(self.snapshot.of_type(*types)))
        return Part(place=places[resource.urn], of=len(places))

    def part_among(self, resource: Resource, sharers: Iterable[Resource]) -> Part:
        """Say the same where not all resources of a type share the amount."""
        places = _places(sharers)
        return Part(place=places[resource.urn], of=len(places))


def _places(resources: Iterable[Resource]) -> dict[str, int]:
    """Number resources by their URN, so that the order of registration changes nothing."""
    return {urn: place for place, urn in enumerate(sorted(item.urn for item in resources))}


Pricer = Callable[[PricingContext, Resource], Iterable[Charge]]


def missing(item: str) -> Charge:
    """Say that a price cannot be told: the resource then counts as unpriced, never as free."""
    return Charge(item=item, rate=None, quantity=Quantity.fixed(0))
