"""What a stack costs a month: priced lines from a snapshot, against its budget (M§13, M§14.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from catalog.bends import BENDS
from catalog.price_book import Price
from catalog.prices import FILE, price_book
from catalog.quantities import Spread, Usd
from catalog.stack_facts import Stack, StackFacts
from catalog.usage import USAGE, Usage, UsageKey
from insight.estimate import (
    NOTHING,
    Assumption,
    Budget,
    BudgetStatus,
    Buying,
    CostLine,
    Estimate,
    FreeKind,
    MergedLine,
    Unpriced,
    merge,
)
from insight.node_pools import find_pools
from insight.pricing import alibaba, aws, elsewhere, kubernetes
from insight.pricing.charges import Charge, Part, Pricer, PricingContext, Rate
from insight.pricing.data_class import data_class_of
from insight.pricing.free import reason_free
from insight.snapshot import Resource, Snapshot
from policies.values import dig

__all__ = ["Budget", "BudgetStatus", "Buying", "CostLine", "Estimate", "MergedLine", "estimate_cost", "merge"]

_PRICERS: dict[str, Pricer] = {**aws.PRICERS, **alibaba.PRICERS, **elsewhere.PRICERS, **kubernetes.PRICERS}
_NEW_TYPE = "say how it is billed in insight/pricing, or why it is free in insight/pricing/free.py"
_NEW_ROW = f"add a row with its source to catalog/{FILE}, or use something that has one"


def estimate_cost(snapshot: Snapshot, facts: StackFacts, *, usage: Usage | None = None) -> Estimate:
    """Price every resource of a snapshot: priced, free for a reason, or listed as unpriced. Pure.

    ``usage`` replaces the assumptions the catalogue has for the stack.
    """
    stack = Stack.named(facts.name)
    pools = {pool.resource.urn: pool for pool in find_pools(snapshot)}
    context = PricingContext(snapshot=snapshot, facts=facts, usage=usage or USAGE[stack], pools=pools)
    lines: list[CostLine] = []
    unpriced: list[Unpriced] = []
    free: Counter[tuple[str, str]] = Counter()
    for resource in snapshot.resources:
        if not resource.custom or resource.is_provider or resource.external:
            continue
        pricer = _PRICERS.get(resource.type)
        charges = list(pricer(context, resource)) if pricer else []
        lines.extend(_lines(snapshot, resource, charges))
        unpriced.extend(_unpriced(resource, charges, facts))
        if not charges:
            reason = reason_free(resource.type) or ("costs nothing in this form" if pricer else None)
            if reason is None:
                unpriced.append(_without_price(resource, f"no price is known for this type; {_NEW_TYPE}"))
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
        assumptions=_assumptions(context, lines),
        bends=BENDS[stack],
        price_book=price_book().version,
    )


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


def _lines(snapshot: Snapshot, resource: Resource, charges: Sequence[Charge]) -> Iterator[CostLine]:
    if not charges:
        return
    component = snapshot.component_of(resource)
    data_class = data_class_of(snapshot, resource)
    for charge in charges:
        rate = charge.rate
        if rate is None:
            continue
        oldest = min((price.as_of for price in rate.prices), key=lambda as_of: as_of.earliest)
        quantity = charge.quantity
        yield CostLine(
            component=component.name if component else "",
            data_class=data_class,
            urn=resource.urn,
            name=resource.name,
            item=charge.item,
            quantity=quantity if charge.part is None else quantity * (Decimal(1) / charge.part.of),
            unit=rate.price.thing,
            unit_month=rate.month,
            amount=_amount(rate, charge),
            on_demand=_on_demand(rate, charge),
            one_year=_one_year(rate, charge),
            region=rate.price.region,
            as_of=oldest.text,
            source="; ".join(dict.fromkeys(price.source for price in rate.prices)),
            confidence=rate.confidence,
            prices=_rows(rate, charge.on_demand, charge.one_year),
            usage=charge.usage,
            note=charge.note,
        )


def _rows(*rates: Rate | None) -> tuple[Price, ...]:
    return tuple(dict.fromkeys(price for rate in rates if rate is not None for price in rate.prices))


def _amount(rate: Rate, charge: Charge) -> Spread:
    quantity, part = charge.quantity, charge.part
    if quantity.minimum == quantity.maximum:
        return Spread.flat(_cents(rate, quantity.expected, part))
    return Spread(
        minimum=_cents(rate, quantity.minimum, part),
        expected=_cents(rate, quantity.expected, part),
        maximum=_cents(rate, quantity.maximum, part),
    )


def _on_demand(rate: Rate, charge: Charge) -> Usd:
    return _cents(charge.on_demand or rate, charge.quantity.expected, charge.part)


def _one_year(rate: Rate, charge: Charge) -> Usd:
    """What runs all the time is committed, what comes and goes is not."""
    if charge.one_year is None:
        return _on_demand(rate, charge)
    quantity = charge.quantity
    committed = _cents(charge.one_year, quantity.minimum, charge.part)
    return committed + _cents(charge.on_demand or rate, quantity.expected - quantity.minimum, charge.part)


def _cents(rate: Rate, quantity: Decimal, part: Part | None) -> Usd:
    """Round to cents; of a shared amount, give the cents that fall to one part, so that all parts make the whole."""
    whole = (rate.month * quantity).to_cents()
    if part is None:
        return whole
    upto = (whole * (Decimal(part.place + 1) / part.of)).to_cents()
    return upto - (whole * (Decimal(part.place) / part.of)).to_cents()


def _assumptions(context: PricingContext, lines: Sequence[CostLine]) -> tuple[Assumption, ...]:
    """Price what rests on an assumption once more, with the assumption doubled."""
    found: list[Assumption] = []
    total = sum((line.month for line in lines), NOTHING)
    pooled = {line.urn for line in lines if line.usage is UsageKey.SCALING}
    growing = {line.urn for line in lines if line.quantity.maximum != line.quantity.minimum} - pooled
    resting: dict[UsageKey, set[str]] = {UsageKey.SCALING: pooled, UsageKey.STORAGE_GROWTH: growing}
    for line in lines:
        if line.usage is not None:
            resting.setdefault(line.usage, set()).add(line.urn)
    for key, urns in resting.items():
        if not urns:
            continue
        before = sum((line.month for line in lines if line.urn in urns), NOTHING)
        change = _repriced(context, urns, context.usage.doubled(key)) - before
        found.append(
            Assumption(
                key=key,
                value=context.usage.of(key),
                total_if_doubled=total + change,
                change_if_doubled=change,
            )
        )
    return tuple(sorted(found, key=lambda item: (-item.change_if_doubled.amount, item.key)))


def _repriced(context: PricingContext, urns: Iterable[str], usage: Usage) -> Usd:
    doubled = PricingContext(snapshot=context.snapshot, facts=context.facts, usage=usage, pools=context.pools)
    total = NOTHING
    for urn in urns:
        resource = context.snapshot.by_urn[urn]
        for charge in _PRICERS[resource.type](doubled, resource):
            if charge.rate is not None:
                total += _cents(charge.rate, charge.quantity.expected, charge.part)
    return total


def _unpriced(resource: Resource, charges: Sequence[Charge], facts: StackFacts) -> Iterator[Unpriced]:
    for charge in charges:
        if charge.rate is None:
            yield _without_price(resource, f"no price for {charge.item} in {facts.cluster.home}; {_NEW_ROW}")


def _without_price(resource: Resource, reason: str) -> Unpriced:
    return Unpriced(urn=resource.urn, type=resource.type, name=resource.name, reason=reason)
