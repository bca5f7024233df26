"""What a cost report shows of a stack: the form that a plan, an export and a stack's outputs all lead to.

``summarize`` makes it from an estimate, ``summary_document`` writes it (``pulumi stack output``, ``--format json``),
``cost_summary_reading`` takes it back. The written form is described by ``estimate.schema.json`` beside this file;
amounts are decimal text with two places, of US dollars a month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.bends import Bend
from catalog.price_book import Confidence
from catalog.quantities import CURRENCY, Percent, Quantity, Spread, Usd
from insight.estimate import NOTHING, Assumption, Budget, BudgetStatus, Buying, Estimate, Unpriced, merge

FORM = "smp-estimate/1"
"""Name and version of the written form; a reader refuses any other."""

_PLACES = 6
"""Of written quantities and unit prices."""

TOP_LINES = 10
"""How many of the dearest lines a summary keeps."""


@dataclass(frozen=True, kw_only=True)
class TopLine:
    """One of the dearest lines, equal ones of a component put together."""

    component: str
    item: str
    resources: int
    quantity: Quantity
    unit: str
    data_class: str
    amount: Spread
    confidence: Confidence
    as_of: str

    @property
    def title(self) -> str:
        """The item, with how many resources it is the sum of."""
        return self.item if self.resources == 1 else f"{self.item}, {self.resources} resources"


@dataclass(frozen=True, kw_only=True)
class CostSummary:
    """A stack's monthly cost without its single lines."""

    stack: str
    cluster: str
    environment: str
    price_book: str
    oldest_price: str
    monthly: Spread
    budget: Budget
    buying: Mapping[Buying, Usd]
    by_component: tuple[tuple[str, Spread], ...]
    by_data_class: tuple[tuple[str, Spread], ...]
    by_confidence: tuple[tuple[Confidence, Spread], ...]
    top_lines: tuple[TopLine, ...]
    assumptions: tuple[Assumption, ...]
    bends: tuple[Bend, ...]
    unpriced: tuple[Unpriced, ...]

    @property
    def total(self) -> Usd:
        """The expected point, as configured."""
        return self.monthly.expected

    @property
    def share(self) -> Percent:
        """The total as a share of the budget."""
        return self.total.share_of(self.budget.month)

    @property
    def status(self) -> BudgetStatus:
        """Of the expected point."""
        return BudgetStatus.of(self.total, self.budget.month)


@dataclass(frozen=True, kw_only=True)
class ClusterCost:
    """The stacks of one cluster together (M§14.8: cost is split by the tag ``Cluster``)."""

    cluster: str
    stacks: tuple[str, ...]
    monthly: Spread
    budget: Usd
    """The sum of theirs."""
    buying: Mapping[Buying, Usd]

    @property
    def share(self) -> Percent:
        """The expected point as a share of the budgets."""
        return self.monthly.expected.share_of(self.budget)

    @property
    def status(self) -> BudgetStatus:
        """Of the expected point."""
        return BudgetStatus.of(self.monthly.expected, self.budget)


def by_cluster(summaries: Sequence[CostSummary]) -> tuple[ClusterCost, ...]:
    """Sum up by cluster, ordered by name."""
    groups: dict[str, list[CostSummary]] = {}
    for summary in summaries:
        groups.setdefault(summary.cluster, []).append(summary)
    return tuple(
        ClusterCost(
            cluster=cluster,
            stacks=tuple(item.stack for item in group),
            monthly=Spread.total(item.monthly for item in group),
            budget=sum((item.budget.month for item in group), NOTHING),
            buying={way: sum((item.buying[way] for item in group), NOTHING) for way in Buying},
        )
        for cluster, group in sorted(groups.items())
    )


def clusters_document(summaries: Sequence[CostSummary]) -> list[dict[str, Any]]:
    """Write the sums by cluster as plain data."""
    return [
        {
            "cluster": item.cluster,
            "stacks": list(item.stacks),
            "monthly": spread_document(item.monthly),
            "budget": {
                "monthly": item.budget.text,
                "percent": f"{item.share.value:.1f}",
                "status": str(item.status),
            },
            "buying": {str(way): amount.text for way, amount in item.buying.items()},
        }
        for item in by_cluster(summaries)
    ]


def summarize(estimate: Estimate) -> CostSummary:
    """Leave the single lines away."""
    facts = estimate.stack
    return CostSummary(
        stack=facts.name,
        cluster=facts.cluster.id,
        environment=str(facts.environment),
        price_book=estimate.price_book,
        oldest_price=estimate.oldest_price,
        monthly=estimate.monthly,
        budget=estimate.budget,
        buying=estimate.buying,
        by_component=estimate.by_component(),
        by_data_class=estimate.by_data_class(),
        by_confidence=estimate.by_confidence(),
        top_lines=tuple(
            TopLine(
                component=merged.line.component,
                item=merged.line.item,
                resources=merged.resources,
                quantity=merged.quantity.rounded(_PLACES),
                unit=merged.line.unit,
                data_class=merged.class_name,
                amount=merged.amount,
                confidence=merged.line.confidence,
                as_of=merged.line.as_of,
            )
            for merged in merge(estimate.lines)[:TOP_LINES]
        ),
        assumptions=estimate.assumptions,
        bends=estimate.bends,
        unpriced=estimate.unpriced,
    )


def summary_document(summary: CostSummary) -> dict[str, Any]:
    """Write a summary as plain data."""
    return {
        "form": FORM,
        "stack": summary.stack,
        "cluster": summary.cluster,
        "environment": summary.environment,
        "currency": CURRENCY,
        "priceBook": summary.price_book,
        "oldestPrice": summary.oldest_price,
        "monthly": spread_document(summary.monthly),
        "budget": {
            "monthly": summary.budget.month.text,
            "source": summary.budget.source,
            "percent": f"{summary.share.value:.1f}",
            "status": str(summary.status),
        },
        "buying": {str(way): amount.text for way, amount in summary.buying.items()},
        "byComponent": _sums_document(summary.by_component),
        "byDataClass": _sums_document(summary.by_data_class),
        "byConfidence": _sums_document(summary.by_confidence),
        "topLines": [
            {
                "component": line.component,
                "item": line.item,
                "resources": line.resources,
                "quantity": quantity_document(line.quantity),
                "unit": line.unit,
                "dataClass": line.data_class,
                "monthly": spread_document(line.amount),
                "confidence": str(line.confidence),
                "asOf": line.as_of,
            }
            for line in summary.top_lines
        ],
        "assumptions": [
            {
                "key": str(item.key),
                "value": plain_number(item.value),
                "unit": item.key.unit,
                "meaning": item.key.meaning,
                "totalIfDoubled": item.total_if_doubled.text,
                "changeIfDoubled": item.change_if_doubled.text,
            }
            for item in summary.assumptions
        ],
        "bends": [
            {"seed": bend.seed, "built": bend.built, "why": bend.why, "record": bend.record}
            for bend in summary.bends
        ],
        "unpriced": [
            {"urn": item.urn, "type": item.type, "name": item.name, "reason": item.reason}
            for item in summary.unpriced
        ],
    }


def spread_document(spread: Spread) -> dict[str, str]:
    """Write an amount at its three points."""
    return {
        "minimum": spread.minimum.text,
        "expected": spread.expected.text,
        "maximum": spread.maximum.text,
    }


def quantity_document(quantity: Quantity) -> dict[str, str]:
    """Write units at their three points, without needless zeros."""
    return {
        "minimum": plain_number(quantity.minimum),
        "expected": plain_number(quantity.expected),
        "maximum": plain_number(quantity.maximum),
    }


def plain_number(value: Decimal) -> str:
    """Write at most six places, without needless zeros or an exponent."""
    return f"{round(value, _PLACES).normalize():f}"


def _sums_document(sums: Iterable[tuple[str, Spread]]) -> dict[str, dict[str, str]]:
    return {str(name): spread_document(amount) for name, amount in sums}
