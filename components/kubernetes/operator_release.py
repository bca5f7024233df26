"""An operator as one Helm release from the cluster's own registry, as those of Kafka and Elasticsearch are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.forms import ImageRegistry
from components.core.component import Args, Component, Outputs


@dataclass(frozen=True, kw_only=True)
class OperatorArgs(Args):
    """Where it runs, and where its chart and images are copied to; the images below a path of the registry."""

    namespace: pulumi.Output[str]
    image_registry: ImageRegistry
    chart_registry: ImageRegistry

    def problems(self) -> Iterator[str]:
        """Check that images lie below a path: charts want host and path apart."""
        if "/" not in str(self.image_registry):
            yield f"image_registry {self.image_registry} has no path, such as /mirror"


@dataclass(frozen=True, kw_only=True)
class OperatorOutputs(Outputs):
    """The namespace it watches, its own; an object made in this one waits until the operator is there."""

    namespace: pulumi.Output[str]
    version: str


@dataclass(frozen=True, kw_only=True)
class OperatorSpec:
    """What differs between operators."""

    thing: str
    """Last part of the release's logical name."""
    release: str
    chart: str
    version: str
    values: Mapping[str, Any]


def create_operator(component: Component[Any], args: OperatorArgs, spec: OperatorSpec) -> OperatorOutputs:
    """Install the chart, whose definitions are those of the objects that follow."""
    release = kubernetes.helm.v3.Release(
        component.scope.name(spec.thing),
        name=spec.release,
        chart=f"oci://{args.chart_registry.image(spec.chart)}",
        version=spec.version,
        namespace=args.namespace,
        # A failed upgrade goes back by itself; what it made is not left half there.
        atomic=True,
        timeout=600,
        values=dict(spec.values),
        opts=component.child(),
    )
    return OperatorOutputs(
        namespace=release.namespace.apply(lambda namespace: namespace or ""), version=spec.version
    )
