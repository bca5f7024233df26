"""What Prometheus scrapes of Kafka, and when it tells somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.core.component import Args, Component, Outputs
from components.kubernetes.alerts import once_defined
from components.kubernetes.kafka.alerts import alerts_of
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.namespaces import MONITORING_NAMESPACE, pods_of

_API = "monitoring.coreos.com/v1"

_OPERATOR = {"strimzi.io/kind": "cluster-operator"}
_OPERATOR_PORT = 8080
"""Named ``http`` in its chart; the pods it makes are opened to Prometheus by policies of its own."""

_OWN_LABELS = {
    "action": "labelmap",
    "regex": "__meta_kubernetes_pod_label_(strimzi_io_.+)",
    "replacement": "$1",
}
"""Carries the operator's labels over to the series, so that one mirror's are told from the other's."""


@dataclass(frozen=True, kw_only=True)
class KafkaMonitoringArgs(Args):
    """Where the pods are; ``definitions`` is the version of the kinds of object used here, which come first.

    ``brokers`` is how many there must be.
    """

    namespace: pulumi.Output[str]
    definitions: pulumi.Output[str]
    brokers: int


@dataclass(frozen=True, kw_only=True)
class KafkaMonitoringOutputs(Outputs):
    """The alerts there are."""

    alerts: tuple[str, ...]


class KafkaMonitoring(Component[KafkaMonitoringOutputs]):
    """Pod monitors of everything the operator runs, and the rules over them, for the Prometheus operator."""

    token = "smp:kubernetes:KafkaMonitoring"

    def __init__(
        self,
        name: str,
        args: KafkaMonitoringArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._namespace = once_defined(args.namespace, args.definitions)
        kinds = ["Kafka", "KafkaConnect", "KafkaMirrorMaker2"]
        self._create(
            "PodMonitor",
            "kafka",
            {
                "selector": {
                    "matchExpressions": [{"key": "strimzi.io/kind", "operator": "In", "values": kinds}]
                },
                "podMetricsEndpoints": [
                    {"port": "tcp-prometheus", "path": "/metrics", "relabelings": [_OWN_LABELS]}
                ],
            },
        )
        self._create(
            "PodMonitor",
            "kafka-operator",
            {
                "selector": {"matchLabels": _OPERATOR},
                "podMetricsEndpoints": [{"port": "http", "path": "/metrics"}],
            },
        )
        self._admit_prometheus(args.namespace)
        groups = alerts_of(self.scope, args.brokers)
        if groups:
            self._create(
                "PrometheusRule",
                "kafka",
                {
                    "groups": [
                        {"name": group, "rules": [alert.rule() for alert in alerts]}
                        for group, alerts in groups.items()
                    ]
                },
            )
        self.publish(
            KafkaMonitoringOutputs(alerts=tuple(alert.name for alerts in groups.values() for alert in alerts))
        )

    def _admit_prometheus(self, namespace: pulumi.Output[str]) -> None:
        networking = kubernetes.networking.v1
        networking.NetworkPolicy(
            self.scope.name("kafka-operator-metrics"),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="kafka-operator-metrics", namespace=namespace, labels=self.scope.labels("kafka-operator")
            ),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=_OPERATOR),
                policy_types=["Ingress"],
                ingress=[
                    networking.NetworkPolicyIngressRuleArgs(
                        from_=[pods_of(MONITORING_NAMESPACE)],
                        ports=[networking.NetworkPolicyPortArgs(protocol="TCP", port=_OPERATOR_PORT)],
                    )
                ],
            ),
            opts=self.child(),
        )

    def _create(self, kind: str, name: str, spec: dict[str, Any]) -> None:
        kubernetes.apiextensions.CustomResource(
            self.scope.name(f"{kind.lower()}-{name}"),
            api_version=_API,
            kind=kind,
            metadata={
                "name": name,
                "namespace": self._namespace,
                "labels": {**self.scope.labels(name), "smp.vn/namespace": KAFKA_NAMESPACE},
            },
            spec=spec,
            opts=self.child(),
        )
