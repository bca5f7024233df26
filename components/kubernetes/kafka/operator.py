"""The Strimzi operator, from the cluster's own registry."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.kafka_versions import STRIMZI
from components.core.component import Component
from components.kubernetes.kafka.pods import OPERATOR
from components.kubernetes.operator_release import (
    OperatorArgs,
    OperatorOutputs,
    OperatorSpec,
    create_operator,
)

CHART = "strimzi-kafka-operator"


@dataclass(frozen=True, kw_only=True)
class KafkaOperatorArgs(OperatorArgs):
    """What Strimzi needs to know."""


class KafkaOperator(Component[OperatorOutputs]):
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
        values = {
            "defaultImageRegistry": host,
            "defaultImageRepository": f"{path}/strimzi",
            "defaultImageTag": STRIMZI,
            "resources": OPERATOR.resources(),
            "extraEnvs": [{"name": "STRIMZI_POD_SECURITY_PROVIDER_CLASS", "value": "restricted"}],
            # The namespace is closed to its own pods as well: who may call brokers, workers and exporter, these say.
            "generateNetworkPolicy": True,
            "labels": self.scope.labels("kafka", "operator"),
        }
        spec = OperatorSpec(
            thing="kafka-operator", release="strimzi", chart=CHART, version=STRIMZI, values=values
        )
        self.publish(create_operator(self, args, spec))
