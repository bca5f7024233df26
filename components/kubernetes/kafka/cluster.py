"""The brokers and controllers of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from catalog import kafka_limits
from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.environments import Environment
from catalog.hostnames import cross_cluster
from catalog.kafka_limits import Rebalancing
from catalog.kafka_versions import KAFKA, KAFKA_METADATA
from catalog.quantities import Storage
from catalog.quiet_hours import QUIET_HOURS
from components.core.component import Args, Component, Outputs, about
from components.kubernetes.kafka.pods import (
    CRUISE_CONTROL,
    ENTITY_OPERATOR,
    EXPORTER,
    ZONE_LABEL,
    broker_footprint,
    placement,
)
from components.kubernetes.kafka.resources import (
    CLIENT_PORT,
    KAFKA_NAMESPACE,
    MIRROR_PORT,
    bootstrap_servers,
    ca_secret,
    cluster_label,
    cluster_name,
    custom_resource,
    data_label,
    namespace_of,
)
from components.kubernetes.namespaces import NAMESPACE_LABEL

_METRICS = (
    "kafka_controller.*",
    "kafka_cluster_partition.*",
    "kafka_network_socketserver.*",
    "kafka_server_brokertopicmetrics.*",
    "kafka_server_kafkarequesthandlerpool.*",
    "kafka_server_kafkaserver.*",
    "kafka_server_raft.*",
    "kafka_server_replicamanager.*",
)
"""What brokers and controllers tell of themselves; everything would be ten thousand series."""


def replicas_of(brokers: int) -> int:
    """Say how many copies of a record a cluster of so many brokers keeps."""
    return min(brokers, 3)


def name_for_mirrors() -> str:
    """Give the name under which mirrors reach Global's broker, by convention."""
    return cross_cluster("kafka-bootstrap", Cluster.GLOBAL, Environment.PROD)


@dataclass(frozen=True, kw_only=True)
class MirrorListener:
    """The one way into a Kafka cluster from outside: ``clients`` are the addresses each region comes from."""

    clients: Mapping[Cluster, tuple[Cidr, ...]]

    def problems(self) -> Iterator[str]:
        """Check that every region has addresses, and no wide ranges."""
        for complaint in kafka_limits.mirror_clients(self.clients):
            yield f"mirror_listener: {complaint}"


@dataclass(frozen=True, kw_only=True)
class KafkaClusterArgs(Args):
    """How many brokers, on which volumes, and who may connect.

    ``client_namespaces`` are those whose pods may open a connection to the client port; Kafka's own namespace always
    may. ``mirror_listener`` is the control plane's alone.
    """

    namespace: pulumi.Output[str]
    brokers: int
    storage: Storage
    storage_class: pulumi.Output[str]
    client_namespaces: frozenset[str]
    rebalancing: Rebalancing = Rebalancing.MANUAL
    mirror_listener: MirrorListener | None = None

    def problems(self) -> Iterator[str]:
        """Check the number of brokers against what each kind of cluster is for."""
        on_global = self.scope.cluster is Cluster.GLOBAL
        yield from about(
            "brokers", kafka_limits.brokers(self.brokers, self.scope.cluster, self.scope.environment)
        )
        yield from about("storage", kafka_limits.volume(self.storage.gibibytes, self.scope.cluster))
        if on_global != (self.mirror_listener is not None):
            yield "mirror_listener belongs to the control plane, and to no region: nobody connects into a region"
        if self.mirror_listener is not None:
            yield from self.mirror_listener.problems()
        if self.rebalancing is Rebalancing.CRUISE_CONTROL:
            yield from about("rebalancing", kafka_limits.balanced_by_itself(self.brokers))


@dataclass(frozen=True, kw_only=True)
class KafkaClusterOutputs(Outputs):
    """What clients need: an object made in this ``namespace`` waits for the cluster."""

    name: str
    namespace: pulumi.Output[str]
    version: str
    brokers: int
    bootstrap_servers: str
    ca_secret: str
    """Secret with the authority that signed the brokers' certificates."""


class KafkaCluster(Component[KafkaClusterOutputs]):
    """Brokers in KRaft mode, spread over zones.

    One or three nodes are broker and controller at once. Five are three of those, one in each zone, and two that are
    brokers alone: whichever zone is lost, two of three controllers and two of three replicas of every record are left.
    Every listener is TLS; nobody may do anything that no KafkaUser says.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:KafkaCluster"

    def __init__(
        self,
        name: str,
        args: KafkaClusterArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        pools = [self._create_pool("controllers", min(args.brokers, 3), ("controller", "broker"), "[0-9]")]
        if args.brokers > 3:
            pools.append(self._create_pool("brokers", args.brokers - 3, ("broker",), "[10-19]"))
        kafka = custom_resource(
            self,
            "Kafka",
            cluster_name(self.scope),
            namespace=args.namespace,
            spec=self._spec(),
            # The operator makes nothing of a cluster that has no pool yet.
            opts=self.stateful_child(depends_on=pools),
        )
        self.publish(
            KafkaClusterOutputs(
                name=cluster_name(self.scope),
                namespace=namespace_of(kafka),
                version=KAFKA,
                brokers=args.brokers,
                bootstrap_servers=bootstrap_servers(self.scope),
                ca_secret=ca_secret(self.scope),
            )
        )

    def _create_pool(
        self, name: str, replicas: int, roles: Sequence[str], node_ids: str
    ) -> kubernetes.apiextensions.CustomResource:
        footprint = broker_footprint(self.scope)
        return custom_resource(
            self,
            "KafkaNodePool",
            name,
            namespace=self._args.namespace,
            labels=cluster_label(self.scope),
            annotations={"strimzi.io/next-node-ids": node_ids},
            spec={
                "replicas": replicas,
                "roles": list(roles),
                "resources": footprint.resources(),
                "jvmOptions": footprint.heap(),
                "storage": {
                    "type": "jbod",
                    "volumes": [
                        {
                            "id": 0,
                            "type": "persistent-claim",
                            "size": str(self._args.storage),
                            "class": self._args.storage_class,
                            # A deleted pool or cluster leaves its disks.
                            "deleteClaim": False,
                            "kraftMetadata": "shared",
                        }
                    ],
                },
                "template": {
                    "pod": {
                        **placement(self.scope, {**cluster_label(self.scope), "strimzi.io/pool-name": name}),
                        # Time to hand over leaderships and to close the log.
                        "terminationGracePeriodSeconds": 120,
                    },
                    "persistentVolumeClaim": {"metadata": {"labels": data_label(self._data_class)}},
                },
            },
            opts=self.stateful_child(),
        )

    @property
    def _data_class(self) -> DataClass:
        """The strictest class of what is on the disks."""
        if self.scope.cluster is Cluster.GLOBAL:
            return DataClass.ANALYTICS
        return DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO

    def _spec(self) -> dict[str, Any]:
        args = self._args
        hour = QUIET_HOURS[self.scope.region].maintenance_hour
        authority = {"validityDays": 1825, "renewalDays": 180}
        spec: dict[str, Any] = {
            "kafka": {
                "version": KAFKA,
                "metadataVersion": KAFKA_METADATA,
                "listeners": self._listeners(),
                "authorization": {"type": "simple"},
                "rack": {"type": "topology-label", "topologyKey": ZONE_LABEL},
                "config": self._config(),
                "metricsConfig": {
                    "type": "strimziMetricsReporter",
                    "values": {"allowList": list(_METRICS)},
                },
                "template": {"podDisruptionBudget": {"maxUnavailable": 1}},
            },
            "entityOperator": {
                "topicOperator": {"resources": ENTITY_OPERATOR.resources()},
                "userOperator": {"resources": ENTITY_OPERATOR.resources()},
            },
            "kafkaExporter": {
                "topicRegex": ".*",
                "groupRegex": ".*",
                "resources": EXPORTER.resources(),
            },
            # Mirrors in other clusters trust these by hand, so they live for years.
            "clusterCa": authority,
            "clientsCa": authority,
            # Quartz: any second and minute of the hour in which few people use the cluster, every day, in UTC.
            "maintenanceTimeWindows": [f"* * {hour} * * ?"],
        }
        if args.rebalancing is Rebalancing.CRUISE_CONTROL:
            spec["cruiseControl"] = {
                "resources": CRUISE_CONTROL.resources(),
                "jvmOptions": CRUISE_CONTROL.heap(),
            }
        return spec

    def _listeners(self) -> list[dict[str, Any]]:
        peers = sorted({KAFKA_NAMESPACE, *self._args.client_namespaces})
        listeners: list[dict[str, Any]] = [
            {
                "name": "clients",
                "port": CLIENT_PORT,
                "type": "internal",
                "tls": True,
                "authentication": {"type": "scram-sha-512"},
                "networkPolicyPeers": [
                    {"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: namespace}}}
                    for namespace in peers
                ],
            }
        ]
        if self._args.mirror_listener is not None:
            listeners.append(self._mirror_listener(self._args.mirror_listener))
        return listeners

    def _mirror_listener(self, listener: MirrorListener) -> dict[str, Any]:
        """Open the broker to mirrors: one load balancer, since the only broker is also where clients start."""
        ranges = sorted({str(cidr) for cidrs in listener.clients.values() for cidr in cidrs})
        tags = {key: value for key, value in self.scope.tags("mirror").items() if key != "Name"}
        return {
            "name": "mirror",
            "port": MIRROR_PORT,
            "type": "loadbalancer",
            "tls": True,
            "authentication": {"type": "tls"},
            "configuration": {
                "createBootstrapService": False,
                "loadBalancerSourceRanges": ranges,
                # Keeps the caller's address, without which the list above could not be checked.
                "externalTrafficPolicy": "Local",
                "brokers": [
                    {
                        "broker": 0,
                        "advertisedHost": name_for_mirrors(),
                        "advertisedPort": MIRROR_PORT,
                        "annotations": {
                            "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
                            "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags": ",".join(
                                f"{key}={value}" for key, value in tags.items()
                            ),
                        },
                    }
                ],
            },
        }

    def _config(self) -> dict[str, Any]:
        replicas = replicas_of(self._args.brokers)
        in_sync = max(1, replicas - 1)
        return {
            "auto.create.topics.enable": False,
            "allow.everyone.if.no.acl.found": False,
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "unclean.leader.election.enable": False,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": in_sync,
            # A consumer may read from the replica in its own zone, which costs no cross-zone traffic.
            "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",
        }
