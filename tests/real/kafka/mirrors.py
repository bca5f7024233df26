"""The mirrors of a region as processes, from its KafkaMirrorMaker2 resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.kafka_clients import mirror_user
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.connect import Worker
from tests.real.kafka.connect_config import Cluster, Connector, mirror_connectors, mirror_worker
from tests.real.kafka.manifests import Manifest, name_of, namespace_of


def fitting(cluster: KafkaCluster) -> Cluster:
    """How far replication is brought down for a cluster that runs fewer brokers than planned."""
    running = sum(node.is_broker for node in cluster.nodes)
    return Cluster(planned=cluster.plan.broker_count(), running=running)


def _accesses(manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    yield manifest["spec"]["target"]
    for mirror in manifest["spec"]["mirrors"]:
        yield mirror["source"]


def hand_over(manifest: Manifest, region: KafkaCluster, remote: KafkaCluster) -> None:
    """Bring what people bring by hand: the other side's authority and this region's certificate for it.

    They land in whatever secrets the resource names for an address of the other cluster.
    """
    user = remote.users[mirror_user(region.manifests.stack.facts.cluster)]
    for access in _accesses(manifest):
        host = access["bootstrapServers"].rsplit(":", 1)[0]
        if host not in remote.outside_names:
            continue
        space = namespace_of(manifest)
        for entry in access["tls"]["trustedCertificates"]:
            region.secrets.write(space, entry["secretName"], {"ca.crt": remote.cluster_ca.certificate})
        pair = access["authentication"]["certificateAndKey"]
        proof = {
            pair["certificate"]: remote.secrets.read(user.namespace, user.name, "user.crt"),
            pair["key"]: remote.secrets.read(user.namespace, user.name, "user.key"),
        }
        region.secrets.write(space, pair["secretName"], proof)


@dataclass(frozen=True, kw_only=True)
class MirrorProcess:
    """The worker of one KafkaMirrorMaker2 and its connectors."""

    manifest: Manifest
    region: KafkaCluster
    worker: Worker
    connectors: tuple[Connector, ...]

    @classmethod
    def start(cls, manifest: Manifest, region: KafkaCluster, remote: KafkaCluster) -> MirrorProcess:
        """Start the worker; ``run`` gives it its connectors."""
        hand_over(manifest, region, remote)
        region.host.names.add_all(remote.outside_names)
        size = fitting(region)
        settings = mirror_worker(manifest, region.secrets, size)
        worker = Worker.start(f"{region.name}-{name_of(manifest)}", settings, region.host)
        connectors = tuple(mirror_connectors(manifest, region.secrets, size))
        return cls(manifest=manifest, region=region, worker=worker, connectors=connectors)

    def run(self) -> None:
        """Submit the connectors and wait until they run."""
        self.worker.wait_ready()
        for connector in self.connectors:
            self.worker.submit(connector)
        for connector in self.connectors:
            self.worker.wait_running(connector.name)
