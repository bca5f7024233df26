"""The kinds of object that tell Prometheus what to scrape and when to alert."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.copied_artifacts import CHARTS
from catalog.forms import ImageRegistry
from components.core.component import Args, Component, Outputs

CHART = "prometheus-operator-crds"


@dataclass(frozen=True, kw_only=True)
class MonitoringDefinitionsArgs(Args):
    """Where the chart is copied to."""

    chart_registry: ImageRegistry


@dataclass(frozen=True, kw_only=True)
class MonitoringDefinitionsOutputs(Outputs):
    """The installed version of the chart; using it makes an object wait for its kind."""

    version: pulumi.Output[str]


class MonitoringDefinitions(Component[MonitoringDefinitionsOutputs]):
    """The definitions alone, from the cluster's own registry: rules may then be deployed before who reads them."""

    token = "smp:kubernetes:MonitoringDefinitions"

    def __init__(
        self,
        name: str,
        args: MonitoringDefinitionsArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        release = kubernetes.helm.v3.Release(
            self.scope.name("monitoring-definitions"),
            name="monitoring-definitions",
            chart=f"oci://{args.chart_registry.image(CHART)}",
            version=CHARTS[CHART],
            namespace="kube-system",
            atomic=True,
            opts=self.child(),
        )
        self.publish(
            MonitoringDefinitionsOutputs(version=release.version.apply(lambda version: version or ""))
        )
