"""MirrorMaker 2 of a region: master data in, key figures out (M§14.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.clusters import Cluster
from catalog.flows import Direction
from catalog.kafka_clients import PlatformClient, mirror_user
from catalog.kafka_internals import pull_prefix, push_prefix
from catalog.kafka_versions import KAFKA
from catalog.mirrors import Mirror, mirrors_of
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.cluster import name_for_mirrors, replicas_of
from components.kubernetes.kafka.connect import connector_label, own_client_settings
from components.kubernetes.kafka.pods import MIRROR, placement
from components.kubernetes.kafka.resources import (
    CA_KEY,
    MIRROR_PORT,
    PASSWORD_KEY,
    bootstrap_servers,
    ca_secret,
    cluster_label,
    custom_resource,
)

USER = PlatformClient.MIRROR.id

GLOBAL_SECRET = "mirror-certificate"
"""Secret with this region's certificate for Global and Global's authority; brought by hand."""

GLOBAL_BROKERS = 1

_LAG = "kafka_consumer_consumer_fetch_manager_metrics_records_lag.*"

_METRICS = (
    "kafka_connect_mirror_mirrorsourceconnector.*",
    "kafka_connect_connector_task.*",
    "kafka_connect_connect_worker.*",
    _LAG,
)

_REPORTER: Mapping[str, Any] = {
    "metric.reporters": "io.strimzi.kafka.metrics.prometheus.ClientMetricsReporter",
    "prometheus.metrics.reporter.listener.enable": False,
    "prometheus.metrics.reporter.allowlist": _LAG,
}
"""Of the reader of a source: its lag, at the worker's address of metrics."""


def topics_pattern(topics: Sequence[str]) -> str:
    """Write the pattern of exactly these topics; MirrorMaker matches it against the whole name.

    Raises:
        ValueError: no topics; an empty pattern would leave MirrorMaker's default, which is everything.

    """
    if not topics:
        msg = "a mirror of no topics would mirror all of them"
        raise ValueError(msg)
    return "|".join(topic.replace(".", "\\.") for topic in topics)


@dataclass(frozen=True, kw_only=True)
class MirrorsArgs(Args):
    """Where a region's mirrors run. Which topics they copy is not an argument: data classes say it."""

    namespace: pulumi.Output[str]
    brokers: int

    def problems(self) -> Iterator[str]:
        """Check that this cluster has mirrors at all."""
        if not mirrors_of(self.scope.cluster, self.scope.environment):
            yield f"{self.scope.stack.facts.name} runs no mirror; only production regions do"


@dataclass(frozen=True, kw_only=True)
class MirrorsOutputs(Outputs):
    """Topics by direction."""

    global_address: str
    topics: Mapping[str, list[str]]


class Mirrors(Component[MirrorsOutputs]):
    """Two independent workers: one brings master data in, one carries key figures out, and beats while it does.

    Both keep a topic's name (docs/decisions/0049), both stand in the region, so that nobody connects into it, and
    neither may create a topic or change one: the catalogue's topics are there, or nothing arrives. While Global is
    away both wait; the region goes on with its copies.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:Mirrors"

    def __init__(
        self,
        name: str,
        args: MirrorsArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        carried: dict[str, list[str]] = {}
        for mirror in mirrors_of(self.scope.cluster, self.scope.environment):
            inward = mirror.flow.facts.direction is Direction.GLOBAL_TO_REGIONS
            direction = "mirror-in" if inward else "mirror-out"
            carried[direction] = [topic.name for topic in mirror.topics]
            self._create_mirror(direction, mirror)
        self._create_heartbeats()
        self.publish(MirrorsOutputs(global_address=f"{name_for_mirrors()}:{MIRROR_PORT}", topics=carried))

    def _create_mirror(self, name: str, mirror: Mirror) -> None:
        inward = mirror.target is self.scope.cluster
        at_home, on_global = self._at_home(), self._on_global()
        topics = [topic.name for topic in mirror.topics]
        prefix = pull_prefix() if inward else push_prefix(self.scope.cluster)
        replicas = replicas_of(self._args.brokers) if inward else replicas_of(GLOBAL_BROKERS)
        user = USER if inward else mirror_user(self.scope.cluster)
        custom_resource(
            self,
            "KafkaMirrorMaker2",
            name,
            namespace=self._args.namespace,
            labels=cluster_label(self.scope),
            spec={
                "version": KAFKA,
                "replicas": 1,
                "target": {
                    **(at_home if inward else on_global),
                    "groupId": f"{user}.{name}",
                    "configStorageTopic": f"{prefix}.configs",
                    "offsetStorageTopic": f"{prefix}.offsets",
                    "statusStorageTopic": f"{prefix}.status",
                    "config": {
                        "config.storage.replication.factor": replicas,
                        "offset.storage.replication.factor": replicas,
                        "status.storage.replication.factor": replicas,
                        # The only worker waits for nobody: by Connect's own setting it would come back from a
                        # broken connection without tasks, and idle for five minutes.
                        "scheduled.rebalance.max.delay.ms": 0,
                    },
                },
                "mirrors": [
                    {
                        "source": on_global if inward else at_home,
                        "topicsPattern": topics_pattern(topics),
                        "sourceConnector": {
                            "tasksMax": 1,
                            "autoRestart": {"enabled": True},
                            "config": self._source_config(inward=inward),
                        },
                    }
                ],
                "resources": MIRROR.resources(),
                "jvmOptions": MIRROR.heap(),
                "metricsConfig": {"type": "strimziMetricsReporter", "values": {"allowList": list(_METRICS)}},
                "template": {
                    "pod": placement(self.scope, {"strimzi.io/cluster": name}),
                    "podDisruptionBudget": {"maxUnavailable": 1},
                },
            },
        )

    def _at_home(self) -> dict[str, Any]:
        return {
            "alias": self.scope.cluster.id,
            "bootstrapServers": bootstrap_servers(self.scope),
            "tls": {"trustedCertificates": [{"secretName": ca_secret(self.scope), "pattern": "*.crt"}]},
            "authentication": {
                "type": "scram-sha-512",
                "username": USER,
                "passwordSecret": {"secretName": USER, "password": PASSWORD_KEY},
            },
        }

    def _on_global(self) -> dict[str, Any]:
        return {
            "alias": Cluster.GLOBAL.id,
            "bootstrapServers": f"{name_for_mirrors()}:{MIRROR_PORT}",
            "tls": {"trustedCertificates": [{"secretName": GLOBAL_SECRET, "certificate": CA_KEY}]},
            "authentication": {
                "type": "tls",
                "certificateAndKey": {
                    "secretName": GLOBAL_SECRET,
                    "certificate": "user.crt",
                    "key": "user.key",
                },
            },
        }

    def _source_config(self, *, inward: bool) -> dict[str, Any]:
        return {
            "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
            # Topics, their settings and rights are declared on both sides; the mirror copies records alone.
            "sync.topic.acls.enabled": False,
            "sync.topic.configs.enabled": False,
            # New topics are found within a minute, well inside five and fifteen.
            "refresh.topics.enabled": True,
            "refresh.topics.interval.seconds": 60,
            # Pairs of offsets are kept at home either way, where the mirror may write.
            "offset-syncs.topic.location": "target" if inward else "source",
            "offset-syncs.topic.replication.factor": replicas_of(self._args.brokers),
            # Heartbeats go out with the push; what other regions' mirrors beat on Global is not fetched.
            "heartbeats.replication.enabled": not inward,
            "errors.tolerance": "none",
            # The operator has the connector report, not the reader that the connector makes for itself.
            **{f"consumer.{key}": value for key, value in _REPORTER.items()},
        }

    def _create_heartbeats(self) -> None:
        """Beat at home; the push carries it to Global as ``<cluster>.heartbeats``, so that its age is the push's age.

        The operator's v1 mirror has no such connector of its own, so the Connect workers run Kafka's.
        """
        servers = bootstrap_servers(self.scope)
        converter = "org.apache.kafka.connect.converters.ByteArrayConverter"
        custom_resource(
            self,
            "KafkaConnector",
            "mirror-heartbeats",
            namespace=self._args.namespace,
            labels=connector_label(),
            spec={
                "class": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector",
                "tasksMax": 1,
                "autoRestart": {"enabled": True},
                "config": {
                    "source.cluster.alias": self.scope.cluster.id,
                    "target.cluster.alias": Cluster.GLOBAL.id,
                    **own_client_settings("source.cluster.", servers),
                    **own_client_settings("target.cluster.", servers),
                    "key.converter": converter,
                    "value.converter": converter,
                    "emit.heartbeats.enabled": True,
                    "emit.heartbeats.interval.seconds": 60,
                    "heartbeats.topic.replication.factor": replicas_of(self._args.brokers),
                },
            },
        )
