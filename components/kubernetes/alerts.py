"""Rules that tell somebody, as the Prometheus operator reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.core.component import Component

RUNBOOKS = "https://docs.smp.vn/runbooks"


class Severity(StrEnum):
    """How loud an alert is."""

    PAGE = "critical"
    TICKET = "warning"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One rule. ``holds`` is how long the expression must be true, as Prometheus writes it."""

    name: str
    expression: str
    holds: str
    severity: Severity
    summary: str
    runbook: str = "kafka"

    def rule(self) -> dict[str, Any]:
        """Write the rule."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.holds,
            "labels": {"severity": str(self.severity)},
            "annotations": {"summary": self.summary, "runbook": f"{RUNBOOKS}/{self.runbook}"},
        }


def once_defined(namespace: pulumi.Output[str], definitions: pulumi.Output[str]) -> pulumi.Output[str]:
    """Give the namespace when Prometheus' kinds of object are known: none can be made before."""
    return pulumi.Output.all(namespace, definitions).apply(lambda both: both[0])


def create_alerts(
    component: Component[Any],
    resource: str,
    *,
    name: str,
    namespace: pulumi.Output[str],
    labels: Mapping[str, str],
    alerts: Iterable[Alert],
) -> None:
    """Create a PrometheusRule with one group; ``resource`` names it in Pulumi, ``name`` in the namespace."""
    CustomResource(
        component.scope.name(resource),
        api_version="monitoring.coreos.com/v1",
        kind="PrometheusRule",
        metadata={"name": name, "namespace": namespace, "labels": dict(labels)},
        spec={"groups": [{"name": name, "rules": [alert.rule() for alert in alerts]}]},
        opts=component.child(),
    )
