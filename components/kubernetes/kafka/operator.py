"""The Strimzi operator, from the cluster's own registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.forms import ImageRegistry
from catalog.kafka_versions import STRIMZI
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.pods import OPERATOR

CHART = "strimzi-kafka-operator"


@dataclass(frozen=True, kw_only=True)
class KafkaOperatorArgs(Args):
    """Where it runs, and where its chart and images are copied to; the images below a path of the registry."""

    namespace: pulumi.Output[str]
    image_registry: ImageRegistry
    chart_registry: ImageRegistry

    def problems(self) -> Iterator[str]:
        """Check that images lie below a path: the chart wants host and path apart."""
        if "/" not in str(self.image_registry):
            yield f"image_registry {self.image_registry} has no path, such as /mirror"


@dataclass(frozen=True, kw_only=True)
class KafkaOperatorOutputs(Outputs):
    """The namespace it watches, its own; an object made in this one waits until the operator is there."""

    namespace: pulumi.Output[str]
    version: str


class KafkaOperator(Component[KafkaOperatorOutputs]):
    """One Helm release, which brings the definitions of the objects that every other component here makes.

    Pods that the operator makes keep the restricted level of pod security. Helm installs definitions once and never
    changes them: an upgrade applies the new ones first (docs/runbooks/kafka.md).

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:KafkaOperator"

    def __init__(
        self,
        name: str,
        args: KafkaOperatorArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        host, path = str(args.image_registry).split("/", maxsplit=1)
        release = kubernetes.helm.v3.Release(
            self.scope.name("kafka-operator"),
            name="strimzi",
            chart=f"oci://{args.chart_registry.image(CHART)}",
            version=STRIMZI,
            namespace=args.namespace,
            # A failed upgrade goes back by itself; what it made is not left half there.
            atomic=True,
            timeout=600,
            values={
                "defaultImageRegistry": host,
                "defaultImageRepository": f"{path}/strimzi",
                "defaultImageTag": STRIMZI,
                "resources": OPERATOR.resources(),
                "extraEnvs": [{"name": "STRIMZI_POD_SECURITY_PROVIDER_CLASS", "value": "restricted"}],
                "labels": self.scope.labels("kafka", "operator"),
            },
            opts=self.child(),
        )
        self.publish(
            KafkaOperatorOutputs(
                namespace=release.namespace.apply(lambda namespace: namespace or ""), version=STRIMZI
            )
        )
