"""Cost reports as a table for spreadsheets; the columns are described in docs/cost-reports.md."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from catalog.quantities import Spread
from insight.cost_summary import CostSummary, by_cluster, plain_number
from insight.estimate import Buying, Estimate

COLUMNS: tuple[str, ...] = (
    "stack",
    "cluster",
    "environment",
    "kind",
    "name",
    "component",
    "data_class",
    "resource",
    "quantity",
    "unit",
    "unit_usd",
    "minimum_usd",
    "expected_usd",
    "maximum_usd",
    "on_demand_usd",
    "one_year_usd",
    "budget_usd",
    "percent_of_budget",
    "status",
    "region",
    "price_of",
    "confidence",
    "assumption",
    "source",
    "reason",
)


def cost_csv(summaries: Sequence[CostSummary], estimates: Sequence[Estimate]) -> str:
    """Write totals, every sum, the lines of those stacks that have an estimate, and what is in no total."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for cost in by_cluster(summaries):
        writer.writerow(
            {
                "cluster": cost.cluster,
                "kind": "cluster",
                "name": cost.cluster,
                **_points(cost.monthly),
                "on_demand_usd": cost.buying[Buying.ON_DEMAND].text,
                "one_year_usd": cost.buying[Buying.ONE_YEAR].text,
                "budget_usd": cost.budget.text,
                "percent_of_budget": f"{cost.share.value:.1f}",
                "status": str(cost.status),
            }
        )
    detailed = {estimate.stack.name: estimate for estimate in estimates}
    for summary in summaries:
        head = {"stack": summary.stack, "cluster": summary.cluster, "environment": summary.environment}
        writer.writerow(
            {
                **head,
                "kind": "total",
                **_points(summary.monthly),
                "on_demand_usd": summary.buying[Buying.ON_DEMAND].text,
                "one_year_usd": summary.buying[Buying.ONE_YEAR].text,
                "budget_usd": summary.budget.month.text,
                "percent_of_budget": f"{summary.share.value:.1f}",
                "status": str(summary.status),
                "price_of": summary.oldest_price,
            }
        )
        for name, amount in summary.by_component:
            writer.writerow({**head, "kind": "component", "name": name, "component": name, **_points(amount)})
        for name, amount in summary.by_data_class:
            writer.writerow(
                {**head, "kind": "data class", "name": name, "data_class": name, **_points(amount)}
            )
        for level, amount in summary.by_confidence:
            row = {"kind": "confidence", "name": str(level), "confidence": str(level), **_points(amount)}
            writer.writerow({**head, **row})
        lines = _lines(detailed[summary.stack]) if summary.stack in detailed else _top_lines(summary)
        writer.writerows({**head, **line} for line in lines)
        for item in summary.unpriced:
            row = {"kind": "unpriced", "name": item.name, "resource": item.urn, "reason": item.reason}
            writer.writerow({**head, **row})
    return text.getvalue()


def _lines(estimate: Estimate) -> Iterable[dict[str, str]]:
    for line in estimate.lines:
        yield {
            "kind": "line",
            "name": line.item,
            "component": line.component,
            "data_class": line.class_name,
            "resource": line.urn,
            "quantity": plain_number(line.quantity.expected),
            "unit": line.unit,
            "unit_usd": plain_number(line.unit_month.amount),
            **_points(line.amount),
            "on_demand_usd": line.on_demand.text,
            "one_year_usd": line.one_year.text,
            "region": line.region,
            "price_of": line.as_of,
            "confidence": str(line.confidence),
            "assumption": str(line.usage or ""),
            "source": line.source,
        }


def _top_lines(summary: CostSummary) -> Iterable[dict[str, str]]:
    for line in summary.top_lines:
        yield {
            "kind": "top line",
            "name": line.item,
            "component": line.component,
            "data_class": line.data_class,
            "quantity": plain_number(line.quantity.expected),
            "unit": line.unit,
            **_points(line.amount),
            "price_of": line.as_of,
            "confidence": str(line.confidence),
        }


def _points(amount: Spread) -> dict[str, str]:
    return {
        "minimum_usd": amount.minimum.text,
        "expected_usd": amount.expected.text,
        "maximum_usd": amount.maximum.text,
    }
