"""Stack outputs: what a report or a runbook needs, in one shape for all stacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.core.component import Outputs, as_properties
from stacks.config_source import Settings


def export_identity(settings: Settings) -> None:
    """Export what the stack is and what it may cost."""
    facts, config = settings.stack.facts, settings.config
    pulumi.export(
        "stack",
        {
            "name": facts.name,
            "cluster": facts.cluster.id,
            "environment": str(facts.environment),
            "region": str(config.region),
            "account": config.account,
            "countries": [str(country) for country in config.countries],
            "compliance": str(facts.cluster.value.compliance),
        },
    )
    pulumi.export(
        "budget",
        {
            "monthlyUsd": str(config.budget.monthly_usd.amount),
            "approvedMonthlyUsd": str(facts.approved_budget.amount),
        },
    )


def export_parts(parts: Mapping[str, Outputs]) -> None:
    """Export the outputs of components under their names."""
    for name, outputs in parts.items():
        pulumi.export(name, as_properties(outputs))


def export_data_stores(stores: Mapping[str, Outputs]) -> None:
    """Export all data stores in one map, each with its data class."""
    properties: dict[str, Any] = {name: as_properties(outputs) for name, outputs in stores.items()}
    pulumi.export("dataStores", properties)
