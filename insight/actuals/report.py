"""Holds what was spent against estimate and budget, per stack and per cluster (M§13, M§14.8)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.budgets import ALARM_THRESHOLD
from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.quantities import Percent, Usd
from catalog.stack_facts import Stack, StackFacts
from insight.actuals.projection import project
from insight.actuals.spend import BillingPeriod, CostBasis, Spend, Spending
from insight.errors import BillError
from insight.estimate import BudgetStatus

_NOTHING = Usd(Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a month of a stack should cost."""

    budget: Usd
    estimate: Usd | None
    """``None`` where nobody estimated it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Money spent beside money expected."""

    spent: Usd
    projected: Usd | None
    """At the end of the month, at the pace of the last week; ``None`` before the first whole day."""
    budget: Usd
    estimate: Usd | None

    @property
    def share(self) -> Percent:
        """What was spent, as a share of the budget."""
        return self.spent.share_of(self.budget)

    @property
    def status(self) -> BudgetStatus:
        """How what was spent stands to the budget."""
        return BudgetStatus.of(self.spent, self.budget)

    @property
    def projected_share(self) -> Percent | None:
        """The month's end, as a share of the budget."""
        return None if self.projected is None else self.projected.share_of(self.budget)

    @property
    def projected_status(self) -> BudgetStatus:
        """How the month's end stands to the budget; as of now where it cannot be told."""
        return self.status if self.projected is None else BudgetStatus.of(self.projected, self.budget)


@dataclass(frozen=True, kw_only=True)
class StackActual:
    """One stack's month."""

    stack: StackFacts
    outcome: Outcome
    services: tuple[tuple[str, Usd], ...]
    """What each of the providers' services cost, the dearest first."""


@dataclass(frozen=True, kw_only=True)
class ClusterActual:
    """The stacks of one cluster together."""

    cluster: Cluster
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Unassigned:
    """Money that the tags give to no stack, by service."""

    reason: str
    provider: str
    service: str
    category: str
    cost: Usd
    charges: int
    example: str | None
    """Id of a resource that the tag is missing on."""


@dataclass(frozen=True, kw_only=True)
class ActualsReport:
    """One month."""

    period: BillingPeriod
    basis: CostBasis
    rates: Mapping[str, Decimal]
    stacks: tuple[StackActual, ...]
    clusters: tuple[ClusterActual, ...]
    unassigned: tuple[Unassigned, ...]
    read_until: Mapping[str, datetime]
    """File -> the end of its last metered charge."""
    warnings: tuple[str, ...]

    @property
    def total(self) -> Usd:
        """Everything in the files for this month."""
        assigned = sum((item.outcome.spent for item in self.stacks), _NOTHING)
        return assigned + self.unassigned_total

    @property
    def unassigned_total(self) -> Usd:
        """What no stack can be charged with."""
        return sum((item.cost for item in self.unassigned), _NOTHING)

    @property
    def alarms(self) -> tuple[str, ...]:
        """One line for each stack or cluster over 110 % of its budget."""
        named = [
            *((f"{item.stack.name} ({item.stack.cluster.id})", item.outcome) for item in self.stacks),
            *(
                (f"{item.cluster.id}, all its stacks,", item.outcome)
                for item in self.clusters
                if self._has_several(item)
            ),
        ]
        return tuple(
            f"{name} has spent {outcome.spent} of {outcome.budget} in {self.period.name}: {outcome.share},"
            f" over the alarm at {ALARM_THRESHOLD.of_usd(outcome.budget)}"
            for name, outcome in named
            if outcome.status is BudgetStatus.ALARM
        )

    def _has_several(self, cluster: ClusterActual) -> bool:
        return sum(item.stack.cluster is cluster.cluster for item in self.stacks) > 1


def build_report(
    spending: Spending,
    expected: Callable[[StackFacts], Expectation],
    *,
    month: str | None = None,
) -> ActualsReport:
    """Group the charges of one month by the tags ``Cluster`` and ``Environment``. Pure.

    The last month in the files is taken unless ``month`` (``2026-11``) names another. ``expected`` is asked once
    for each stack that has charges. A charge with a cluster and no environment counts as production's. What a service
    cost a stack, and each line without a stack, is rounded to whole cents once, so every sum agrees with its parts.

    Raises:
        BillError: no charge is of that month.

    """
    period = _period(spending.rows, month)
    rows = [row for row in spending.rows if row.period.name == period.name]
    by_stack: dict[Stack, list[Spend]] = {}
    unassigned: list[tuple[str, Spend]] = []
    unnamed = _NOTHING
    for row in rows:
        stack, reason = _assign(row)
        if stack is None:
            unassigned.append((reason, row))
            continue
        by_stack.setdefault(stack, []).append(row)
        if row.environment is None:
            unnamed += row.cost
    stacks = tuple(
        _stack_actual(stack, by_stack[stack], expected(stack.facts), spending)
        for stack in Stack
        if stack in by_stack
    )
    return ActualsReport(
        period=period,
        basis=spending.basis,
        rates=spending.rates,
        stacks=stacks,
        clusters=_clusters(stacks),
        unassigned=_merge(unassigned),
        read_until={
            file: max(
                until
                for (name, _, start), until in spending.read_until.items()
                if name == file and start == period.start
            )
            for file in spending.files
            if any(name == file and start == period.start for name, _, start in spending.read_until)
        },
        warnings=(*spending.warnings, *_absent(by_stack, period), *_remarks(spending.rows, period, unnamed)),
    )


def _period(rows: Sequence[Spend], month: str | None) -> BillingPeriod:
    periods = {row.period.name: row.period for row in rows}
    if month is None:
        return periods[max(periods)]
    if month not in periods:
        msg = f"no charge is of {month}; the files hold {', '.join(sorted(periods))}"
        raise BillError(msg)
    return periods[month]


def _assign(row: Spend) -> tuple[Stack | None, str]:
    """Find the stack that a charge's tags name, or why they name none."""
    if row.cluster is None:
        return None, "no Cluster tag"
    try:
        cluster = Cluster.with_id(row.cluster)
    except KeyError:
        return None, f"Cluster is {row.cluster!r}, which is none of ours"
    environment = row.environment or Environment.PROD
    for stack in Stack:
        if stack.facts.cluster is cluster and stack.facts.environment == environment:
            return stack, ""
    return None, f"{cluster.id} has no environment {row.environment!r}"


def _stack_actual(
    stack: Stack, rows: Sequence[Spend], expected: Expectation, spending: Spending
) -> StackActual:
    services: dict[str, Usd] = {}
    for row in rows:
        services[row.service] = services.get(row.service, _NOTHING) + row.cost
    services = {name: cost.to_cents() for name, cost in services.items()}
    spent = sum(services.values(), _NOTHING)
    end = project(rows, spending.read_until)
    ahead = None if end is None else end - sum((row.cost for row in rows), _NOTHING)
    return StackActual(
        stack=stack.facts,
        outcome=Outcome(
            spent=spent,
            projected=None if ahead is None else spent + ahead.to_cents(),
            budget=expected.budget,
            estimate=expected.estimate,
        ),
        services=tuple(sorted(services.items(), key=lambda item: (-item[1].amount, item[0]))),
    )


def _clusters(stacks: Sequence[StackActual]) -> tuple[ClusterActual, ...]:
    return tuple(
        ClusterActual(
            cluster=cluster,
            outcome=_together([item.outcome for item in stacks if item.stack.cluster is cluster]),
        )
        for cluster in Cluster
        if any(item.stack.cluster is cluster for item in stacks)
    )


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    return Outcome(
        spent=sum((item.spent for item in outcomes), _NOTHING),
        projected=_sum_if_all(item.projected for item in outcomes),
        budget=sum((item.budget for item in outcomes), _NOTHING),
        estimate=_sum_if_all(item.estimate for item in outcomes),
    )


def _sum_if_all(amounts: Iterable[Usd | None]) -> Usd | None:
    total = _NOTHING
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _merge(found: Sequence[tuple[str, Spend]]) -> tuple[Unassigned, ...]:
    """Put charges together that differ in their day only; the dearest first."""
    groups: dict[tuple[str, str, str, str], list[Spend]] = {}
    for reason, row in found:
        groups.setdefault((reason, row.provider, row.service, row.category), []).append(row)
    merged = [
        Unassigned(
            reason=reason,
            provider=provider,
            service=service,
            category=category,
            cost=sum((row.cost for row in rows), _NOTHING).to_cents(),
            charges=sum(row.charges for row in rows),
            example=max(rows, key=lambda row: (row.example is not None, row.cost)).example,
        )
        for (reason, provider, service, category), rows in groups.items()
    ]
    return tuple(
        sorted(merged, key=lambda item: (-item.cost.amount, item.reason, item.provider, item.service))
    )


def _absent(found: Collection[Stack], period: BillingPeriod) -> list[str]:
    """Name the stacks that no charge is of: an export that was forgotten looks like a stack that costs nothing."""
    names = ", ".join(stack.facts.name for stack in Stack if stack not in found)
    return [f"no charge of {period.name} is of {names}; add their export if they run"] if names else []


def _remarks(rows: Sequence[Spend], period: BillingPeriod, unnamed: Usd) -> list[str]:
    remarks: list[str] = []
    if unnamed.amount:
        remarks.append(
            f"{unnamed} have a Cluster tag and no Environment tag; they are counted as production's"
        )
    others: dict[str, Usd] = {}
    for row in rows:
        if row.period.name != period.name:
            others[row.period.name] = others.get(row.period.name, _NOTHING) + row.cost
    remarks += [
        f"{cost} of {name} are left out; --month {name} shows them" for name, cost in sorted(others.items())
    ]
    if period.end - period.start > timedelta(days=32):
        remarks.append(f"the billing period {period.name} is longer than a month; budgets are of a month")
    return remarks
