"""The Elasticsearch operator (ECK), from the cluster's own registry."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.copied_artifacts import ECK_IMAGE
from catalog.quantities import Cpu, Memory
from catalog.search_versions import ECK
from components.core.component import Component
from components.kubernetes.kafka.pods import Footprint
from components.kubernetes.operator_release import (
    OperatorArgs,
    OperatorOutputs,
    OperatorSpec,
    create_operator,
)
from components.kubernetes.search.resources import SEARCH_NAMESPACE

CHART = "eck-operator"

FOOTPRINT = Footprint(cpu=Cpu(100), memory=Memory(256))

CA_VALIDITY = "43800h"
"""Five years: Connect learns of a new authority only when it is restarted."""


@dataclass(frozen=True, kw_only=True)
class SearchOperatorArgs(OperatorArgs):
    """What ECK needs to know."""


class SearchOperator(Component[OperatorOutputs]):
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
        values = {
            "managedNamespaces": [SEARCH_NAMESPACE],
            "image": {"repository": args.image_registry.image(ECK_IMAGE), "tag": ECK},
            "resources": FOOTPRINT.resources(),
            "podLabels": self.scope.labels("search", "operator"),
            "podSecurityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "webhook": {"enabled": False},
            "telemetry": {"disabled": True},
            "config": {"containerRegistry": str(args.image_registry), "caValidity": CA_VALIDITY},
        }
        spec = OperatorSpec(thing="search-operator", release="eck", chart=CHART, version=ECK, values=values)
        self.publish(create_operator(self, args, spec))
