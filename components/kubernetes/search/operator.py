"""The Elasticsearch operator (ECK), from the cluster's own registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.copied_artifacts import ECK_IMAGE
from catalog.forms import ImageRegistry
from catalog.quantities import Cpu, Memory
from catalog.search_versions import ECK
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.pods import Footprint
from components.kubernetes.search.resources import SEARCH_NAMESPACE

CHART = "eck-operator"

FOOTPRINT = Footprint(cpu=Cpu(100), memory=Memory(256))

CA_VALIDITY = "43800h"
"""Five years: Connect learns of a new authority only when it is restarted."""


@dataclass(frozen=True, kw_only=True)
class SearchOperatorArgs(Args):
    """Where it runs, and where its chart and images are copied to."""

    namespace: pulumi.Output[str]
    image_registry: ImageRegistry
    chart_registry: ImageRegistry

    def problems(self) -> Iterator[str]:
        """Check that images lie below a path, as in the cluster's own registry."""
        if "/" not in str(self.image_registry):
            yield f"image_registry {self.image_registry} has no path, such as /mirror"


@dataclass(frozen=True, kw_only=True)
class SearchOperatorOutputs(Outputs):
    """The namespace it watches; an object made in this one waits until the operator is there."""

    namespace: pulumi.Output[str]
    version: str


class SearchOperator(Component[SearchOperatorOutputs]):
    """One Helm release with the definitions of the objects that follow. It looks after one namespace, its own.

    Its webhook is off: the definitions check an object's form, the tests check it before, and a closed namespace then
    needs no hole for the API server. Nothing is reported to the maker.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:SearchOperator"

    def __init__(
        self,
        name: str,
        args: SearchOperatorArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        release = kubernetes.helm.v3.Release(
            self.scope.name("search-operator"),
            name="eck",
            chart=f"oci://{args.chart_registry.image(CHART)}",
            version=ECK,
            namespace=args.namespace,
            atomic=True,
            timeout=600,
            values={
                "managedNamespaces": [SEARCH_NAMESPACE],
                "image": {"repository": args.image_registry.image(ECK_IMAGE), "tag": ECK},
                "resources": FOOTPRINT.resources(),
                "podLabels": self.scope.labels("search", "operator"),
                "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                "webhook": {"enabled": False},
                "telemetry": {"disabled": True},
                "config": {"containerRegistry": str(args.image_registry), "caValidity": CA_VALIDITY},
            },
            opts=self.child(),
        )
        self.publish(
            SearchOperatorOutputs(
                namespace=release.namespace.apply(lambda namespace: namespace or ""), version=ECK
            )
        )
