"""What a pricer says about a resource, and what it may ask to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.places import Region
from catalog.prices import Price, find_price
from catalog.stack_facts import StackFacts
from catalog.usage import Usage
from insight.node_pools import Pool
from insight.snapshot import Resource, Snapshot


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One thing a resource is billed for."""

    item: str
    """What it is, in the price list's words where it has them."""
    price: Price | None
    """``None`` makes the resource unpriced, and ``item`` says what price is missing."""
    quantity: Decimal
    """Units that run or are kept all month."""
    factors: tuple[Price, ...] = ()
    """Rows that multiply the price, such as the share of it that spot nodes cost."""
    multiplier: Decimal = Decimal(1)
    """A multiplication that is no row of the list; ``assumption`` says why."""
    assumption: str | None = None
    """What the quantity or the price rests on, where it is not in the resource itself."""


@dataclass(frozen=True, kw_only=True)
class PricingContext:
    """What pricers may look at beside the resource."""

    snapshot: Snapshot
    facts: StackFacts
    usage: Usage
    pools: Mapping[str, Pool]
    """By URN."""

    @property
    def home(self) -> Region:
        """The region whose prices apply: a plan's resources live in their cluster's home."""
        return self.facts.cluster.home

    def share(self, total: int, *types: str) -> Decimal:
        """Divide an assumed amount evenly among the resources of some types."""
        return Decimal(total) / max(1, len(self.snapshot.of_type(*types)))

    def listed(self, item: str, quantity: Decimal | int, *, assumption: str | None = None) -> Charge:
        """Charge for a row of the price list, in the home region or of no region."""
        price = find_price(item, self.home) or find_price(item, "any") or find_price(item, "global")
        return Charge(item=item, price=price, quantity=Decimal(quantity), assumption=assumption)


Pricer = Callable[[PricingContext, Resource], Iterable[Charge]]


def missing(item: str) -> Charge:
    """Say that a price cannot be told: the resource then counts as unpriced, never as free."""
    return Charge(item=item, price=None, quantity=Decimal(0))
