"""The read model of the dashboards in a product cluster: Elasticsearch, the sink into it, and the jobs on it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from catalog.deploy_secrets import DeploySecret
from catalog.quiet_hours import QUIET_HOURS
from components.core.outputs import DataStoreOutputs
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.namespaces import NamespaceSpec, PodSecurity
from components.kubernetes.search.cluster import SearchCluster, SearchClusterArgs, SnapshotAccess
from components.kubernetes.search.jobs import SearchJobs, SearchJobsArgs
from components.kubernetes.search.monitoring import SearchMonitoring, SearchMonitoringArgs
from components.kubernetes.search.operator import SearchOperator, SearchOperatorArgs
from components.kubernetes.search.resources import READER_USER, SEARCH_NAMESPACE, SINK_USER
from components.kubernetes.search.settings import SnapshotStore
from components.kubernetes.search.sink import FigureSink, FigureSinkArgs
from components.kubernetes.search.users import SearchUsers, SearchUsersArgs
from stacks import exports
from stacks.config_search import SearchConfig
from stacks.config_source import Settings
from stacks.kafka import KafkaBase, KafkaOfRegion

NAMESPACES = {SEARCH_NAMESPACE: NamespaceSpec(pod_security=PodSecurity.RESTRICTED)}
"""Closed to all; who may ask Elasticsearch, its own policy says."""

SNAPSHOT_PREFIX = "read-model"


@dataclass(frozen=True, kw_only=True)
class Snapshots:
    """The bucket of the cluster that snapshots go to, and the role by which they do."""

    bucket: str
    role_arn: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class ReadModelBase:
    """What the read model stands on."""

    settings: Settings
    config: SearchConfig
    namespace: pulumi.Output[str]
    kafka: KafkaBase
    events: KafkaOfRegion
    snapshots: Snapshots | None


def build(base: ReadModelBase, mysql: DataStoreOutputs) -> None:
    """Operator, users, nodes, sink, jobs and alarms, each after what it stands on."""
    scope, provider, secrets = base.kafka.scope, base.kafka.provider, base.settings.secrets
    operator = SearchOperator(
        "search-operator",
        SearchOperatorArgs(
            scope=scope,
            namespace=base.namespace,
            image_registry=base.kafka.images,
            chart_registry=base.kafka.charts,
        ),
        provider=provider,
    ).outputs
    users = SearchUsers(
        "search-users",
        SearchUsersArgs(
            scope=scope,
            namespace=base.namespace,
            connect_namespace=base.kafka.namespace,
            passwords={
                SINK_USER: secrets[DeploySecret.SEARCH_SINK_PASSWORD.value.key],
                READER_USER: secrets[DeploySecret.SEARCH_READER_PASSWORD.value.key],
            },
        ),
        provider=provider,
    ).outputs
    search = SearchCluster(
        "search",
        SearchClusterArgs(
            scope=scope,
            namespace=operator.namespace,
            nodes=base.config.nodes,
            storage=base.config.storage_gib,
            storage_class=base.kafka.storage_class,
            image_registry=base.kafka.images,
            client_namespaces=frozenset({scope.services_namespace, KAFKA_NAMESPACE, SEARCH_NAMESPACE}),
            realm=users.realm,
            roles=users.roles,
            snapshots=None
            if base.snapshots is None
            else SnapshotAccess(role_arn=base.snapshots.role_arn, region=scope.region),
        ),
        provider=provider,
    ).outputs
    sink = FigureSink(
        "figure-sink",
        FigureSinkArgs(
            scope=scope, namespace=base.events.connect.namespace, brokers=base.kafka.config.brokers
        ),
        provider=provider,
    ).outputs
    jobs = SearchJobs(
        "search-jobs",
        SearchJobsArgs(
            scope=scope,
            namespace=search.namespace,
            connect_namespace=base.kafka.namespace,
            image_registry=base.kafka.images,
            # A replica where there is one: the comparison reads a week of rows.
            mysql_host=next(iter(mysql.reader_hosts.values()), mysql.host),
            mysql_port=mysql.port,
            snapshots=None
            if base.snapshots is None
            else SnapshotStore(
                bucket=base.snapshots.bucket,
                prefix=SNAPSHOT_PREFIX,
                hour=QUIET_HOURS[scope.region].backup_hour,
            ),
        ),
        provider=provider,
    ).outputs
    SearchMonitoring(
        "search-monitoring",
        SearchMonitoringArgs(
            scope=scope, namespace=base.namespace, definitions=base.events.definitions.version
        ),
        provider=provider,
    )
    exports.export_parts({"search": search, "figureSink": sink, "searchJobs": jobs})
