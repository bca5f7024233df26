"""When somebody is told about the read model: drift, dead letters, disks, a sink that stands still (P 3, risks)."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.environments import Environment
from catalog.topics import SINK_DEAD_LETTERS
from components.core.component import Args, Component, Outputs
from components.core.scope import Scope
from components.kubernetes.alerts import Alert, Severity, create_alerts, once_defined
from components.kubernetes.job_alerts import failed_today, since_success
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.search.jobs import RECONCILIATION, SETTINGS
from components.kubernetes.search.resources import SEARCH_NAMESPACE
from components.kubernetes.search.sink import GROUP

_HERE = f'namespace="{SEARCH_NAMESPACE}"'


ALERTS = (
    Alert(
        name="ReadModelDrift",
        expression=failed_today(SEARCH_NAMESPACE, RECONCILIATION),
        holds="5m",
        severity=Severity.PAGE,
        summary="a dashboard differs from MySQL by more than 0.1 %, or could not be compared: the job's log says which",
        runbook="read-model",
    ),
    Alert(
        name="ReadModelNotReconciled",
        expression=f"{since_success(SEARCH_NAMESPACE, RECONCILIATION)} > 93600",
        holds="10m",
        severity=Severity.TICKET,
        summary="dashboards have not been found right for 26 hours",
        runbook="read-model",
    ),
    Alert(
        name="SearchSettingsNotApplied",
        expression=f"{since_success(SEARCH_NAMESPACE, SETTINGS)} > 3600",
        holds="10m",
        severity=Severity.TICKET,
        summary="Elasticsearch's templates and lifecycle were not checked for an hour",
        runbook="read-model",
    ),
    Alert(
        name="ReadModelDeadLetters",
        expression=(
            f'sum(delta(kafka_topic_partition_current_offset{{namespace="{KAFKA_NAMESPACE}",'
            f' topic="{SINK_DEAD_LETTERS.name}"}}[1h])) > 0'
        ),
        holds="1m",
        severity=Severity.TICKET,
        summary="{{ $value }} key figures could not be read: dashboards miss them",
        runbook="read-model",
    ),
    Alert(
        name="ReadModelSinkSlow",
        expression=(
            f'sum(kafka_consumergroup_lag{{namespace="{KAFKA_NAMESPACE}", consumergroup="{GROUP}"}}) > 1000'
        ),
        holds="15m",
        severity=Severity.TICKET,
        summary="dashboards are {{ $value }} figures behind",
        runbook="read-model",
    ),
    Alert(
        name="SearchDiskFilling",
        expression=(
            "predict_linear(kubelet_volume_stats_available_bytes"
            f'{{{_HERE}, persistentvolumeclaim=~"elasticsearch-data-.*"}}[6h], 3 * 86400) < 0'
        ),
        holds="1h",
        severity=Severity.TICKET,
        summary="the disk {{ $labels.persistentvolumeclaim }} is full within three days",
        runbook="read-model",
    ),
)


@dataclass(frozen=True, kw_only=True)
class SearchMonitoringArgs(Args):
    """Where the rules are kept; ``definitions`` is the version of their kind of object, which comes first."""

    namespace: pulumi.Output[str]
    definitions: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class SearchMonitoringOutputs(Outputs):
    """The alerts there are."""

    alerts: tuple[str, ...]


def alerts_of(scope: Scope) -> tuple[Alert, ...]:
    """Give the alerts of a cluster's read model. dev has none (M§12)."""
    return () if scope.environment is Environment.DEV else ALERTS


class SearchMonitoring(Component[SearchMonitoringOutputs]):
    """The rules, for the Prometheus operator; jobs are watched through what Kubernetes itself says of them."""

    token = "smp:kubernetes:SearchMonitoring"

    def __init__(
        self,
        name: str,
        args: SearchMonitoringArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        alerts = alerts_of(self.scope)
        if alerts:
            create_alerts(
                self,
                "prometheusrule-read-model",
                name="read-model",
                namespace=once_defined(args.namespace, args.definitions),
                labels={**self.scope.labels("read-model"), "smp.vn/namespace": SEARCH_NAMESPACE},
                alerts=alerts,
            )
        self.publish(SearchMonitoringOutputs(alerts=tuple(alert.name for alert in alerts)))
