"""When somebody is told about Kafka: lag, brokers, dead letters, change data capture and mirrors (P 3, P 5)."""

from __future__ import annotations

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.flows import Flow
from catalog.kafka_clients import AUDIT_BATCHES_GROUP
from catalog.kafka_internals import HEARTBEATS
from catalog.mirrors import mirrors_of, topics_carried_by
from components.core.scope import Scope
from components.kubernetes.alerts import Alert, Severity
from components.kubernetes.kafka.change_data_capture import CONNECTOR
from components.kubernetes.kafka.connect import connect_name
from components.kubernetes.kafka.mirror import topics_pattern
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE

_HERE = f'namespace="{KAFKA_NAMESPACE}"'

_WATCHED = (
    Alert(
        name="KafkaUnseen",
        expression=f"absent(kafka_controller_kafkacontroller_activecontrollercount{{{_HERE}}})",
        holds="5m",
        severity=Severity.PAGE,
        summary="no broker tells anything of itself: all are down, or none is watched",
    ),
    Alert(
        name="KafkaExporterUnseen",
        expression=f"absent(kafka_brokers{{{_HERE}}})",
        holds="10m",
        severity=Severity.PAGE,
        summary="nobody counts lag, dead letters and heartbeats: their alarms cannot ring",
    ),
)
"""An alarm over series that are gone says nothing, so their absence is one of its own."""


def _too_few(brokers: int) -> Alert:
    return Alert(
        name="KafkaBrokerDown",
        expression=f"max(kafka_brokers{{{_HERE}}}) < {brokers}",
        holds="5m",
        severity=Severity.TICKET,
        summary=f"{{{{ $value }}}} of {brokers} brokers are there",
    )


_BROKERS = (
    Alert(
        name="KafkaPartitionOffline",
        # Every controller counts the same ones.
        expression=f"max(kafka_controller_kafkacontroller_offlinepartitionscount{{{_HERE}}}) > 0",
        holds="1m",
        severity=Severity.PAGE,
        summary="{{ $value }} partitions have no leader: nobody can write or read them",
    ),
    Alert(
        name="KafkaPartitionBelowMinimum",
        expression=f"sum(kafka_cluster_partition_underminisr{{{_HERE}}}) > 0",
        holds="2m",
        severity=Severity.PAGE,
        summary="{{ $value }} partitions have too few replicas in step: writes to them are refused",
    ),
    Alert(
        name="KafkaPartitionUnderReplicated",
        expression=f"sum(kafka_server_replicamanager_underreplicatedpartitions{{{_HERE}}}) > 0",
        holds="15m",
        severity=Severity.TICKET,
        summary="{{ $value }} partitions miss a replica: the next loss stops writes",
    ),
    Alert(
        name="KafkaNoController",
        expression=f"sum(kafka_controller_kafkacontroller_activecontrollercount{{{_HERE}}}) != 1",
        holds="3m",
        severity=Severity.PAGE,
        summary="{{ $value }} controllers are active instead of one",
    ),
    Alert(
        name="KafkaDiskFilling",
        expression=(
            f"predict_linear(kubelet_volume_stats_available_bytes"
            f'{{{_HERE}, persistentvolumeclaim=~"data-.*"}}[6h], 3 * 86400) < 0'
        ),
        holds="1h",
        severity=Severity.TICKET,
        summary="the disk {{ $labels.persistentvolumeclaim }} is full within three days",
    ),
)

_GROUPS = f'{_HERE}, consumergroup!="{AUDIT_BATCHES_GROUP}"'
"""All but the group that reads once a day; an alarm of its own tells when a day is missing."""

_CLIENTS = (
    Alert(
        name="KafkaConsumerLag",
        expression=f"sum by (consumergroup, topic) (kafka_consumergroup_lag{{{_GROUPS}}}) > 10000",
        holds="10m",
        severity=Severity.TICKET,
        summary="{{ $labels.consumergroup }} is {{ $value }} records behind on {{ $labels.topic }}",
    ),
    Alert(
        name="KafkaConsumerStuck",
        expression=(
            f"sum by (consumergroup, topic) (kafka_consumergroup_lag{{{_GROUPS}}}) > 0"
            " and sum by (consumergroup, topic)"
            f" (delta(kafka_consumergroup_current_offset{{{_GROUPS}}}[15m])) == 0"
        ),
        holds="15m",
        severity=Severity.PAGE,
        summary="{{ $labels.consumergroup }} has records to read on {{ $labels.topic }} and reads none",
    ),
    Alert(
        name="KafkaDeadLetters",
        expression=(
            "sum by (topic) ("
            f'kafka_topic_partition_current_offset{{{_HERE}, topic=~".+\\\\.dlq"}}'
            f' - kafka_topic_partition_oldest_offset{{{_HERE}, topic=~".+\\\\.dlq"}}) > 0'
        ),
        holds="5m",
        severity=Severity.TICKET,
        summary="{{ $value }} records wait for review in {{ $labels.topic }}",
    ),
    Alert(
        # The one above rings until the last record has expired, and would hide what comes after the first.
        name="KafkaDeadLettersArriving",
        expression=(
            "sum by (topic) (delta("
            f'kafka_topic_partition_current_offset{{{_HERE}, topic=~".+\\\\.dlq"}}[1h])) > 0'
        ),
        holds="0m",
        severity=Severity.TICKET,
        summary="{{ $value }} records came within an hour into {{ $labels.topic }}",
    ),
)

_WORKERS = f'{_HERE}, strimzi_io_cluster="{connect_name()}"'
"""Not the mirrors, which are Connect clusters as well: a region goes on without them, and nobody is woken."""

_CONNECT = (
    Alert(
        name="KafkaConnectUnseen",
        expression=f"absent(kafka_connect_connect_worker_metrics_connector_running_task_count{{{_WORKERS}}})",
        holds="5m",
        severity=Severity.PAGE,
        summary="no Connect worker tells anything of itself: orders' events are not captured, or not watched",
    ),
    Alert(
        name="KafkaConnectTaskFailed",
        expression=(
            f"sum(kafka_connect_connect_worker_metrics_connector_failed_task_count{{{_WORKERS}}}) > 0"
        ),
        holds="5m",
        severity=Severity.PAGE,
        summary="{{ $value }} tasks of connectors have failed and did not come back by themselves",
    ),
    Alert(
        name="ChangeDataCaptureSilent",
        expression=(
            "sum(delta(kafka_topic_partition_current_offset"
            f'{{{_HERE}, topic="heartbeat.cdc.smp_order"}}[10m])) == 0'
        ),
        holds="5m",
        severity=Severity.PAGE,
        summary=f"the connector {CONNECTOR} has not read the binary log for 15 minutes",
    ),
)


def _minutes(flow: Flow) -> int:
    latency = flow.facts.latency
    return 0 if latency is None else int(latency.total_seconds()) // 60


def _pattern(flow: Flow) -> str:
    """Write the pattern of a flow's topics as text within an expression."""
    return topics_pattern([topic.name for topic in topics_carried_by(flow)]).replace("\\", "\\\\")


def _regions_mirrors() -> tuple[Alert, ...]:
    """Watch a region's two mirrors against the latencies of M§14.3."""
    alerts: list[Alert] = []
    for flow, name in ((Flow.MASTER_DATA, "mirror-in"), (Flow.ANALYTICS, "mirror-out")):
        bound = _minutes(flow)
        ours = f'{_HERE}, strimzi_io_cluster="{name}"'
        # A worker tells the lag of its own topics too.
        read = f'{ours}, topic=~"{_pattern(flow)}"'
        camel = name.title().replace("-", "")
        alerts += [
            Alert(
                name=f"Kafka{camel}Late",
                expression=(
                    "max(kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max"
                    f"{{{ours}}}) > {bound * 60_000}"
                    f" or min_over_time(max(kafka_consumer_consumer_fetch_manager_metrics_records_lag"
                    f"{{{read}}})[{bound}m:1m]) > 0"
                ),
                holds="1m",
                severity=Severity.TICKET,
                summary=f"{flow.facts.subject}: older than {bound} minutes",
                runbook="kafka-mirrors",
            ),
            Alert(
                name=f"Kafka{camel}Down",
                expression=(
                    "sum(kafka_connect_connect_worker_metrics_connector_running_task_count"
                    f"{{{ours}}}) < 1"
                    f" or absent(kafka_connect_connect_worker_metrics_connector_running_task_count{{{ours}}})"
                ),
                holds=f"{bound}m",
                severity=Severity.TICKET,
                summary=f"{name} does not run; the region goes on with what it has",
                runbook="kafka-mirrors",
            ),
        ]
    # No one beats on Global, which runs no Connect; but rates come every working day.
    rates = f'{_HERE}, topic="smp_global.currency_rates"'
    return (
        *alerts,
        Alert(
            name="KafkaMasterDataOld",
            expression=f"sum(delta(kafka_topic_partition_current_offset{{{rates}}}[4d])) == 0",
            holds="1h",
            severity=Severity.TICKET,
            summary="no currency rate has arrived for four days: not published, or not pulled",
            runbook="kafka-mirrors",
        ),
    )


def _global_alerts() -> tuple[Alert, ...]:
    """Watch what arrives from the regions, by their heartbeats; and that the originals are still written to."""
    bound = _minutes(Flow.ANALYTICS)
    regions = "|".join(region.id for region in Cluster if region.holds_personal_data)
    arriving = f'{_HERE}, topic=~"({regions})\\\\.{HEARTBEATS}"'
    mirrored, pattern = len(topics_carried_by(Flow.MASTER_DATA)), _pattern(Flow.MASTER_DATA)
    return (
        Alert(
            name="KafkaRegionSilent",
            expression=(
                f"sum by (topic) (delta(kafka_topic_partition_current_offset{{{arriving}}}[{bound}m])) == 0"
            ),
            holds="1m",
            severity=Severity.TICKET,
            summary=f"no heartbeat in {{{{ $labels.topic }}}} for {bound} minutes",
            runbook="kafka-mirrors",
        ),
        Alert(
            name="KafkaMasterDataMissing",
            expression=f'count(kafka_topic_partitions{{{_HERE}, topic=~"{pattern}"}}) < {mirrored}',
            holds="5m",
            severity=Severity.PAGE,
            summary="a topic of master data is gone; regions keep their copies",
            runbook="kafka-mirrors",
        ),
    )


def alerts_of(scope: Scope, brokers: int) -> dict[str, tuple[Alert, ...]]:
    """Give the alerts of a cluster of so many brokers by group. dev has none (M§12)."""
    if scope.environment is Environment.DEV:
        return {}
    groups: dict[str, tuple[Alert, ...]] = {
        "kafka-brokers": (*_WATCHED, _too_few(brokers), *_BROKERS),
        "kafka-clients": _CLIENTS,
    }
    if scope.cluster is Cluster.GLOBAL:
        return {**groups, "kafka-mirrors": _global_alerts()}
    groups["kafka-connect"] = _CONNECT
    if mirrors_of(scope.cluster, scope.environment):
        groups["kafka-mirrors"] = _regions_mirrors()
    return groups
