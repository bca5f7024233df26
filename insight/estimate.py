"""An estimate of a stack's monthly cost: priced lines and every sum a report shows.

All amounts are US dollars a month. A line is a whole number of cents at each point: quantity times price, rounded half
up once. An amount that several resources share is rounded once and divided among them without remainder. So the sums
of any grouping agree with the total to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from catalog.bends import Bend
from catalog.budgets import ALARM_THRESHOLD, WARNING_THRESHOLD
from catalog.data_classes import DataClass
from catalog.price_book import AsOf, Confidence, Price
from catalog.quantities import Percent, Quantity, Spread, Usd
from catalog.stack_facts import StackFacts
from catalog.usage import UsageKey

NOTHING = Usd(Decimal(0))
NO_CLASS = "none"
"""Where a sum by data class puts what holds no data of its own: nodes, gateways, traffic, control planes."""

SEVERAL_CLASSES = "several"
"""The data class of merged lines that differ in it."""


class BudgetStatus(StrEnum):
    """How an estimate stands to its budget."""

    WITHIN = "within"
    OVER = "over"
    """Above the budget, at most 110 %: a reviewer is told."""
    ALARM = "alarm"
    """Above 110 %: the command fails."""

    @classmethod
    def of(cls, amount: Usd, budget: Usd) -> BudgetStatus:
        """Judge an amount by the thresholds of the catalogue."""
        share = amount.share_of(budget)
        if share > ALARM_THRESHOLD:
            return cls.ALARM
        return cls.OVER if share > WARNING_THRESHOLD else cls.WITHIN


class Buying(StrEnum):
    """Ways to buy the same resources, all at the expected point."""

    ON_DEMAND = "on-demand"
    """Everything at the hourly list price: no spot, no subscription."""
    AS_CONFIGURED = "as-configured"
    """As the stack's configuration buys it."""
    ONE_YEAR = "one-year"
    """What runs all the time committed for a year without paying in advance; the rest on demand."""


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One priced thing of one resource."""

    component: str
    """Name of the innermost component around the resource; empty for none."""
    data_class: DataClass | None
    """Of the data it holds; ``None`` where it holds none, or of several."""
    urn: str
    name: str
    item: str
    quantity: Quantity
    unit: str
    """Empty where the item says what is counted."""
    unit_month: Usd
    """Price of one unit for a month, factors included; exact, not rounded."""
    amount: Spread
    """As configured, at the three points; whole cents."""
    on_demand: Usd
    one_year: Usd
    region: str
    as_of: str
    """Of the oldest price it is made of."""
    source: str
    confidence: Confidence
    """That of the least sure price it is made of."""
    prices: tuple[Price, ...]
    """Rows of the price book behind it, for all ways of buying."""
    usage: UsageKey | None
    """The assumption the quantity rests on; ``None`` where the resource itself says it."""
    note: str
    """How the quantity comes about, where that is not plain."""

    @property
    def month(self) -> Usd:
        """The amount at the expected point."""
        return self.amount.expected

    @property
    def class_name(self) -> str:
        """The data class as sums and documents name it."""
        return str(self.data_class or NO_CLASS)


@dataclass(frozen=True, kw_only=True)
class Unpriced:
    """A resource whose price is not known: it is missing from the total, and the command fails."""

    urn: str
    type: str
    name: str
    reason: str
    """What is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class FreeKind:
    """A type that costs nothing by itself."""

    type: str
    count: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One figure that is assumed, and what the expected total becomes when it doubles."""

    key: UsageKey
    value: Decimal
    total_if_doubled: Usd
    change_if_doubled: Usd


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The amount a month, and where it is written."""

    month: Usd
    source: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A stack's monthly cost."""

    stack: StackFacts
    lines: tuple[CostLine, ...]
    """In the order of the snapshot."""
    unpriced: tuple[Unpriced, ...]
    free: tuple[FreeKind, ...]
    budget: Budget
    assumptions: tuple[Assumption, ...]
    """Those that at least one line rests on, the one that matters most first."""
    bends: tuple[Bend, ...]
    price_book: str
    """Version of the price book."""

    @property
    def monthly(self) -> Spread:
        """The sum of all lines at the three points; without what is unpriced."""
        return Spread.total(line.amount for line in self.lines)

    @property
    def total(self) -> Usd:
        """The sum of all lines at the expected point, as configured."""
        return self.monthly.expected

    @property
    def share(self) -> Percent:
        """The total as a share of the budget."""
        return self.total.share_of(self.budget.month)

    @property
    def status(self) -> BudgetStatus:
        """Within the budget, over it, or over the alarm threshold, at the expected point."""
        return BudgetStatus.of(self.total, self.budget.month)

    @property
    def buying(self) -> Mapping[Buying, Usd]:
        """The expected total for each way of buying."""
        return {
            Buying.ON_DEMAND: sum((line.on_demand for line in self.lines), NOTHING),
            Buying.AS_CONFIGURED: self.total,
            Buying.ONE_YEAR: sum((line.one_year for line in self.lines), NOTHING),
        }

    def by_component(self) -> tuple[tuple[str, Spread], ...]:
        """Sum up by component, the dearest first."""
        return _sums(self.lines, lambda line: line.component)

    def by_data_class(self) -> tuple[tuple[str, Spread], ...]:
        """Sum up by data class, the dearest first; ``NO_CLASS`` for what holds no data."""
        return _sums(self.lines, lambda line: line.class_name)

    def by_confidence(self) -> tuple[tuple[Confidence, Spread], ...]:
        """Sum up by how sure the price is, the surest first."""
        sums = dict(_sums(self.lines, lambda line: str(line.confidence)))
        return tuple((level, sums[level]) for level in Confidence if level in sums)

    @property
    def oldest_price(self) -> str:
        """The date of the oldest price behind the total; empty without lines."""
        dates = [AsOf(text=line.as_of) for line in self.lines]
        return min(dates, key=lambda as_of: as_of.earliest).text if dates else ""

    def resting_on_old_prices(self, today: date) -> Usd:
        """Sum up the lines that a price older than ``MAXIMUM_AGE`` is part of."""
        old = (line.month for line in self.lines if AsOf(text=line.as_of).is_old(today))
        return sum(old, NOTHING)


def _sums(lines: Iterable[CostLine], key: Callable[[CostLine], str]) -> tuple[tuple[str, Spread], ...]:
    groups: dict[str, list[Spread]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line.amount)
    sums = {name: Spread.total(amounts) for name, amounts in groups.items()}
    return tuple(sorted(sums.items(), key=lambda item: (-item[1].expected.amount, item[0])))


@dataclass(frozen=True, kw_only=True)
class MergedLine:
    """Equal lines of one component, as people read them."""

    line: CostLine
    """One of them."""
    resources: int
    quantity: Quantity
    amount: Spread
    class_name: str
    """The data class of all of them, or ``SEVERAL_CLASSES``."""

    @property
    def month(self) -> Usd:
        """The amount at the expected point."""
        return self.amount.expected

    @property
    def title(self) -> str:
        """The item, with how many resources it is the sum of."""
        return self.line.item if self.resources == 1 else f"{self.line.item}, {self.resources} resources"


def merge(lines: Sequence[CostLine]) -> tuple[MergedLine, ...]:
    """Put lines together that differ in nothing but their resource and quantity; the dearest first."""
    groups: dict[tuple[object, ...], list[CostLine]] = {}
    for line in lines:
        key = (
            line.component,
            line.item,
            line.unit,
            line.unit_month,
            line.note,
            line.usage,
            line.as_of,
            line.confidence,
        )
        groups.setdefault(key, []).append(line)
    merged = [
        MergedLine(
            line=group[0],
            resources=len({line.urn for line in group}),
            quantity=sum((line.quantity for line in group), Quantity.fixed(0)),
            amount=Spread.total(line.amount for line in group),
            class_name=group[0].class_name
            if len({line.data_class for line in group}) == 1
            else SEVERAL_CLASSES,
        )
        for group in (sorted(lines, key=lambda line: line.urn) for lines in groups.values())
    ]
    return tuple(
        sorted(
            merged, key=lambda item: (-item.month.amount, item.line.component, item.line.item, item.line.urn)
        )
    )
