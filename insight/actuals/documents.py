"""Reports of actual cost for machines; amounts are US dollars as decimal text with cents. See docs/cost-reports.md."""

from __future__ import annotations

import csv
import io
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from catalog.quantities import Percent, Usd
from insight.actuals.report import ActualsReport, Outcome

COLUMNS: tuple[str, ...] = (
    "month",
    "kind",
    "cluster",
    "environment",
    "stack",
    "provider",
    "service",
    "category",
    "spent_usd",
    "budget_usd",
    "percent_of_budget",
    "projected_usd",
    "estimate_usd",
    "status",
    "reason",
)
"""Of the CSV form: one row for each stack (``kind`` stack), its services, each cluster, and what is unassigned."""


def actuals_document(report: ActualsReport) -> dict[str, Any]:
    """Give the whole report."""
    return {
        "month": report.period.name,
        "basis": str(report.basis),
        "currency": "USD",
        "rates": {name: f"{rate:f}" for name, rate in report.rates.items()},
        "readUntil": {file: f"{until:%Y-%m-%dT%H:%M:%SZ}" for file, until in report.read_until.items()},
        "totalUsd": report.total.text,
        "stacks": [
            {
                "stack": item.stack.name,
                "cluster": item.stack.cluster.id,
                "environment": str(item.stack.environment),
                **_outcome(item.outcome),
                "services": {name: cost.text for name, cost in item.services},
            }
            for item in report.stacks
        ],
        "clusters": [{"cluster": item.cluster.id, **_outcome(item.outcome)} for item in report.clusters],
        "unassignedUsd": report.unassigned_total.text,
        "unassigned": [
            {
                "reason": item.reason,
                "provider": item.provider,
                "service": item.service,
                "category": item.category,
                "spentUsd": item.cost.text,
                "charges": item.charges,
                "example": item.example,
            }
            for item in report.unassigned
        ],
        "alarms": list(report.alarms),
        "warnings": list(report.warnings),
    }


def actuals_csv(report: ActualsReport) -> str:
    """Give the report as a table, the columns in the order of ``COLUMNS``."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    month = report.period.name
    for item in report.stacks:
        stack = {
            "month": month,
            "cluster": item.stack.cluster.id,
            "environment": str(item.stack.environment),
            "stack": item.stack.name,
        }
        writer.writerow({**stack, "kind": "stack", **_columns(item.outcome)})
        for service, cost in item.services:
            writer.writerow({**stack, "kind": "service", "service": service, "spent_usd": cost.text})
    for item in report.clusters:
        row = {"month": month, "kind": "cluster", "cluster": item.cluster.id, **_columns(item.outcome)}
        writer.writerow(row)
    for item in report.unassigned:
        writer.writerow(
            {
                "month": month,
                "kind": "unassigned",
                "provider": item.provider,
                "service": item.service,
                "category": item.category,
                "spent_usd": item.cost.text,
                "reason": item.reason,
            }
        )
    return text.getvalue()


def _columns(outcome: Outcome) -> dict[str, str]:
    return {
        "spent_usd": outcome.spent.text,
        "budget_usd": outcome.budget.text,
        "percent_of_budget": _percent(outcome.share),
        "projected_usd": _optional(outcome.projected),
        "estimate_usd": _optional(outcome.estimate),
        "status": str(outcome.status),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    share = outcome.projected_share
    return {
        "spentUsd": outcome.spent.text,
        "budgetUsd": outcome.budget.text,
        "percentOfBudget": _percent(outcome.share),
        "status": str(outcome.status),
        "projectedUsd": _optional(outcome.projected) or None,
        "projectedPercentOfBudget": None if share is None else _percent(share),
        "projectedStatus": str(outcome.projected_status),
        "estimateUsd": _optional(outcome.estimate) or None,
    }


def _optional(amount: Usd | None) -> str:
    return "" if amount is None else amount.text


def _percent(share: Percent) -> str:
    return f"{share.value.quantize(Decimal('0.1'), ROUND_HALF_UP):f}"
