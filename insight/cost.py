"""What a stack costs a month: priced lines from a snapshot, against its budget (M§13, M§14.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from catalog.budgets import ALARM_THRESHOLD, WARNING_THRESHOLD
from catalog.prices import Price
from catalog.quantities import Percent, Usd
from catalog.stack_facts import Stack, StackFacts
from catalog.usage import USAGE
from insight.node_pools import find_pools
from insight.pricing import alibaba, aws, elsewhere
from insight.pricing.charges import Charge, Pricer, PricingContext
from insight.pricing.free import reason_free
from insight.snapshot import Resource, Snapshot
from policies.values import dig

_PRICERS: dict[str, Pricer] = {**aws.PRICERS, **alibaba.PRICERS, **elsewhere.PRICERS}
_CONFIDENCE = ("exact", "exact (old)", "derived", "guess")
"""From the surest to the least sure."""
_NOTHING = Usd(Decimal(0))


class BudgetStatus(StrEnum):
    """How an estimate stands to its budget."""

    WITHIN = "within"
    OVER = "over"
    """Above the budget, at most 110 %: a reviewer is told."""
    ALARM = "alarm"
    """Above 110 %: the command fails."""


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One priced thing."""

    component: str
    """Name of the innermost component around the resource; empty for none."""
    urn: str
    name: str
    item: str
    quantity: Decimal
    unit: str
    unit_month: Usd
    """Price of one unit for a month, factors included."""
    month: Usd
    region: str
    as_of: str
    source: str
    confidence: str
    """That of the least sure price it is made of."""
    assumption: str | None


@dataclass(frozen=True, kw_only=True)
class Unpriced:
    """A resource whose price is not known: it is missing from the total."""

    urn: str
    type: str
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FreeKind:
    """A type that costs nothing by itself."""

    type: str
    count: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The amount a month, and where it is written."""

    month: Usd
    source: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A stack's monthly cost at the minimum of its node pools."""

    stack: StackFacts
    lines: tuple[CostLine, ...]
    unpriced: tuple[Unpriced, ...]
    free: tuple[FreeKind, ...]
    budget: Budget

    @property
    def total(self) -> Usd:
        """The sum of all lines; without what is unpriced."""
        return sum((line.month for line in self.lines), _NOTHING)

    @property
    def share(self) -> Percent:
        """The total as a share of the budget."""
        return self.total.share_of(self.budget.month)

    @property
    def status(self) -> BudgetStatus:
        """Within the budget, over it, or over the alarm threshold."""
        if self.share > ALARM_THRESHOLD:
            return BudgetStatus.ALARM
        return BudgetStatus.OVER if self.share > WARNING_THRESHOLD else BudgetStatus.WITHIN

    def by_component(self) -> tuple[tuple[str, Usd], ...]:
        """Sum up by component, the dearest first."""
        sums: dict[str, Usd] = {}
        for line in self.lines:
            sums[line.component] = sums.get(line.component, _NOTHING) + line.month
        return tuple(sorted(sums.items(), key=lambda item: (-item[1].amount, item[0])))

    def by_confidence(self) -> tuple[tuple[str, Usd], ...]:
        """Sum up by how sure the price is, the surest first."""
        found = {line.confidence for line in self.lines}
        return tuple(
            (level, sum((line.month for line in self.lines if line.confidence == level), _NOTHING))
            for level in sorted(found, key=_rank)
        )


def estimate_cost(snapshot: Snapshot, facts: StackFacts) -> Estimate:
    """Price every resource of a snapshot: priced, free for a reason, or listed as unpriced. Pure."""
    context = PricingContext(
        snapshot=snapshot,
        facts=facts,
        usage=USAGE[Stack.named(facts.name)],
        pools={pool.resource.urn: pool for pool in find_pools(snapshot)},
    )
    lines: list[CostLine] = []
    unpriced: list[Unpriced] = []
    free: Counter[tuple[str, str]] = Counter()
    for resource in snapshot.resources:
        if not resource.custom or resource.is_provider or resource.external:
            continue
        pricer = _PRICERS.get(resource.type)
        charges = list(pricer(context, resource)) if pricer else []
        lines.extend(line for charge in charges if (line := _line(snapshot, resource, charge)) is not None)
        unpriced.extend(_unpriced(resource, charges, facts))
        if not charges:
            reason = reason_free(resource.type) or ("costs nothing in this form" if pricer else None)
            if reason is None:
                unpriced.append(_without_price(resource, "no price is known for this type"))
            else:
                free[resource.type, reason] += 1
    return Estimate(
        stack=facts,
        lines=tuple(lines),
        unpriced=tuple(unpriced),
        free=tuple(
            FreeKind(type=kind, count=count, reason=why) for (kind, why), count in sorted(free.items())
        ),
        budget=budget_of(snapshot, facts),
    )


@dataclass(frozen=True, kw_only=True)
class MergedLine:
    """Equal lines of one component, as people read them."""

    line: CostLine
    """One of them."""
    resources: int
    quantity: Decimal
    month: Usd

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
            line.assumption,
            line.as_of,
            line.confidence,
        )
        groups.setdefault(key, []).append(line)
    merged = [
        MergedLine(
            line=group[0],
            resources=len({line.urn for line in group}),
            quantity=sum((line.quantity for line in group), Decimal(0)),
            month=sum((line.month for line in group), _NOTHING),
        )
        for group in groups.values()
    ]
    return tuple(sorted(merged, key=lambda item: (-item.month.amount, item.line.urn, item.line.item)))


def budget_of(snapshot: Snapshot, facts: StackFacts) -> Budget:
    """Find the budget in force: the stack's output ``budget.monthlyUsd``, else the one the seeds approve."""
    text = dig(snapshot.outputs, "budget", "monthlyUsd")
    if isinstance(text, str | int | float) and not isinstance(text, bool):
        try:
            amount = Decimal(str(text))
        except InvalidOperation:
            amount = Decimal(0)
        if amount.is_finite() and amount > 0:
            return Budget(month=Usd(amount), source="stack output budget.monthlyUsd")
    return Budget(month=facts.approved_budget, source="approved budget, M§13 and M§14.2")


def _line(snapshot: Snapshot, resource: Resource, charge: Charge) -> CostLine | None:
    price = charge.price
    if price is None:
        return None
    unit = price.per_month * charge.multiplier
    for factor in charge.factors:
        unit *= factor.usd.amount
    component = snapshot.component_of(resource)
    rows: Sequence[Price] = (price, *charge.factors)
    sure = [row.confidence for row in rows] + (["derived"] if charge.multiplier != 1 else [])
    return CostLine(
        component=component.name if component else "",
        urn=resource.urn,
        name=resource.name,
        item=charge.item,
        quantity=charge.quantity,
        unit=_unit(price),
        unit_month=unit,
        month=unit * charge.quantity,
        region=price.region,
        as_of=price.as_of,
        source="; ".join(dict.fromkeys(row.source for row in rows)),
        confidence=max(sure, key=_rank),
        assumption=charge.assumption,
    )


def _unit(price: Price) -> str:
    """Leave the time away, because every line is of a month: ``cluster-hour`` becomes ``cluster``."""
    unit = price.unit
    for time in ("hour", "month"):
        unit = unit.removesuffix(time).removesuffix("-")
    return unit


def _rank(confidence: str) -> int:
    return _CONFIDENCE.index(confidence) if confidence in _CONFIDENCE else len(_CONFIDENCE)


def _unpriced(resource: Resource, charges: Sequence[Charge], facts: StackFacts) -> Iterator[Unpriced]:
    for charge in charges:
        if charge.price is None:
            yield _without_price(resource, f"no price for {charge.item} in {facts.cluster.home}")


def _without_price(resource: Resource, reason: str) -> Unpriced:
    return Unpriced(urn=resource.urn, type=resource.type, name=resource.name, reason=reason)
