"""From the resources Kafka and KafkaNodePool to ``server.properties``, as the operator translates them.

Source of what it does: Strimzi's documentation and its cluster operator (KafkaBrokerConfigurationBuilder): two
internal listeners with mutual TLS between the nodes, one listener per entry of ``spec.kafka.listeners``, the internal
programs as super-users, and ``spec.kafka.config`` word for word.

What differs here: brokers listen on and advertise addresses of the loopback, a secret is a folder (secrets_store), and
a cluster that is smaller than the plan's has its replication brought down to its size (``fitted``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.real.kafka.manifests import Manifest, Manifests, accepted, known, name_of, namespace_of, understood
from tests.real.kafka.secrets_store import SecretStore, providers

CONTROL_PLANE = "CONTROLPLANE-9090"
REPLICATION = "REPLICATION-9091"
REPLICATION_PORT = 9091
ORGANISATION = "io.strimzi"
AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
SCRAM_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"

REPLICATED = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
    "config.storage.replication.factor",
    "offset.storage.replication.factor",
    "status.storage.replication.factor",
    "replication.factor",
)
IN_SYNC = (
    "min.insync.replicas",
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.min.isr",
)


def fitted(config: Mapping[str, Any], *, planned: int, running: int) -> dict[str, Any]:
    """Settings that ask for more replicas than there are brokers, brought down; nothing else changes.

    In-sync minimums keep their distance: with all of the plan's brokers but ``running`` away, none may be missing.
    """
    if running >= planned:
        return dict(config)
    smaller = dict(config)
    for key in REPLICATED:
        if key in smaller and int(smaller[key]) > running:
            smaller[key] = running
    for key in IN_SYNC:
        if key in smaller and int(smaller[key]) > max(1, running - 1):
            smaller[key] = max(1, running - 1)
    return smaller


@dataclass(frozen=True, kw_only=True)
class Node:
    """One Kafka process: its number, the pool it belongs to and what it does."""

    id: int
    pool: str
    roles: tuple[str, ...]
    address: str
    pod: str
    dns: str

    @property
    def is_broker(self) -> bool:
        return "broker" in self.roles

    @property
    def is_controller(self) -> bool:
        return "controller" in self.roles


@dataclass(frozen=True, kw_only=True)
class Listener:
    """One entry of ``spec.kafka.listeners``."""

    name: str
    port: int
    tls: bool
    authentication: str | None
    hosts: tuple[str, ...]
    """Further names it is reached by: alternative names of the bootstrap address and advertised hosts."""

    @property
    def key(self) -> str:
        """The name in Kafka's own settings, ``TLS-9093``."""
        return f"{self.name}-{self.port}".upper()

    @property
    def protocol(self) -> str:
        wire = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{wire}" if self.authentication == "scram-sha-512" else wire


def listener(entry: Mapping[str, Any]) -> Listener:
    where = f"Kafka.spec.kafka.listeners[{entry['name']}]"
    known(
        entry,
        where=where,
        used=("name", "port", "tls", "authentication", "configuration"),
        # By what the network reaches it, and whom the network lets through: not Kafka's business.
        left_out=("type", "networkPolicyPeers"),
    )
    settings = known(
        entry.get("configuration", {}),
        where=f"{where}.configuration",
        used=("bootstrap", "brokers"),
        left_out=(
            "class",
            "createBootstrapService",
            "externalTrafficPolicy",
            "finalizers",
            "loadBalancerSourceRanges",
            "maxConnections",
            "preferredNodePortAddressType",
            "useServiceDnsDomain",
            "allocateLoadBalancerNodePorts",
        ),
    )
    authentication = known(entry.get("authentication", {}), where=f"{where}.authentication", used=("type",))
    kind = authentication.get("type")
    assert kind in {None, "tls", "scram-sha-512"}, f"{where}: the tests know no authentication {kind}"
    advertised = [
        broker["advertisedHost"] for broker in settings.get("brokers", []) if "advertisedHost" in broker
    ]
    return Listener(
        name=entry["name"],
        port=int(entry["port"]),
        tls=bool(entry["tls"]),
        authentication=kind,
        hosts=(*settings.get("bootstrap", {}).get("alternativeNames", ()), *advertised),
    )


DROPPED = (
    "listeners",
    "advertised.",
    "broker.",
    "listener.",
    "inter.broker.listener.name",
    "sasl.",
    "ssl.",
    "security.",
    "log.dir",
    "authorizer.",
    "super.user",
    "node.id",
    "process.roles",
    "controller.",
    "metadata.log.dir",
)
"""What Strimzi 1 takes out of ``spec.kafka.config`` (KafkaClusterSpec), but for ``KEPT``."""

KEPT = (
    "ssl.cipher.suites",
    "ssl.protocol",
    "ssl.enabled.protocols",
    "broker.session.timeout.ms",
    "broker.heartbeat.interval.ms",
    "controller.socket.timeout.ms",
    "controller.quorum.election.",
    "controller.quorum.fetch.timeout.ms",
)


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """What a stack's resources say about its Kafka cluster."""

    kafka: Manifest
    pools: tuple[Manifest, ...]

    @classmethod
    def of(cls, manifests: Manifests) -> ClusterPlan:
        kafka = manifests.one("Kafka")
        label = "strimzi.io/cluster"
        pools = [
            pool
            for pool in manifests.all("KafkaNodePool")
            if pool["metadata"]["labels"][label] == name_of(kafka)
        ]
        plan = cls(kafka=kafka, pools=tuple(pools))
        understood(
            kafka,
            used=("kafka",),
            left_out=(
                "entityOperator",
                "cruiseControl",
                "kafkaExporter",
                "clusterCa",
                "clientsCa",
                "maintenanceTimeWindows",
            ),
        )
        known(
            plan._spec,
            where="Kafka.spec.kafka",
            used=("version", "metadataVersion", "listeners", "authorization", "config", "rack"),
            left_out=("image", "logging", "metricsConfig", "template", "resources", "jvmOptions"),
        )
        accepted(plan.config, where="Kafka.spec.kafka.config", dropped=DROPPED, kept=KEPT)
        return plan

    @property
    def _spec(self) -> Mapping[str, Any]:
        return self.kafka["spec"]["kafka"]

    @property
    def name(self) -> str:
        return name_of(self.kafka)

    @property
    def namespace(self) -> str:
        return namespace_of(self.kafka)

    @property
    def version(self) -> str:
        return self._spec["version"]

    @property
    def metadata_version(self) -> str | None:
        return self._spec.get("metadataVersion")

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return tuple(listener(entry) for entry in self._spec["listeners"])

    @property
    def config(self) -> Mapping[str, Any]:
        return self._spec.get("config", {})

    @property
    def has_racks(self) -> bool:
        return "rack" in self._spec

    @property
    def bootstrap_hosts(self) -> tuple[str, ...]:
        """The names of the service in front of all brokers."""
        service = f"{self.name}-kafka-bootstrap"
        inside = f"{service}.{self.namespace}"
        return (service, inside, f"{inside}.svc", f"{inside}.svc.cluster.local")

    def broker_count(self) -> int:
        return sum(int(pool["spec"]["replicas"]) for pool in self.pools if "broker" in pool["spec"]["roles"])

    def roles(self) -> list[tuple[str, tuple[str, ...]]]:
        """Pool and roles of every node, in the order the operator numbers them."""
        return [
            (name_of(pool), tuple(pool["spec"]["roles"]))
            for pool in self.pools
            for _ in range(int(pool["spec"]["replicas"]))
        ]

    def super_users(self) -> list[str]:
        """The operator's own programs and those the resource adds, as Kafka principals."""
        authorization = known(
            self._spec.get("authorization", {}),
            where="Kafka.spec.kafka.authorization",
            used=("type", "superUsers"),
        )
        assert authorization.get("type") == "simple", "default deny needs authorization of type simple"
        internal = [
            "kafka",
            "entity-topic-operator",
            "entity-user-operator",
            "kafka-exporter",
            "cruise-control",
        ]
        names = [f"CN={self.name}-{part},O={ORGANISATION}" for part in internal]
        names.append(f"CN=cluster-operator,O={ORGANISATION}")
        return [f"User:{name}" for name in (*names, *authorization.get("superUsers", []))]


def server_properties(
    plan: ClusterPlan, node: Node, nodes: Sequence[Node], secrets: SecretStore, log_dir: str
) -> dict[str, Any]:
    """The whole file of one node."""
    space = plan.namespace
    trust = f"{plan.name}-cluster-ca-cert"
    settings: dict[str, Any] = {
        "node.id": node.id,
        "process.roles": ",".join(node.roles),
        "controller.listener.names": CONTROL_PLANE,
        "controller.quorum.voters": ",".join(
            f"{peer.id}@{peer.dns}:9090" for peer in nodes if peer.is_controller
        ),
        "log.dirs": log_dir,
        "ssl.endpoint.identification.algorithm": "HTTPS",
        "sasl.enabled.mechanisms": "",
        "authorizer.class.name": AUTHORIZER,
        "super.users": ";".join(plan.super_users()),
    }
    protocols = {CONTROL_PLANE: "SSL"}
    ports: dict[str, int] = {}
    internal = [CONTROL_PLANE]
    if node.is_controller:
        ports[CONTROL_PLANE] = 9090
    if node.is_broker:
        protocols[REPLICATION] = "SSL"
        ports[REPLICATION] = REPLICATION_PORT
        internal.append(REPLICATION)
        settings["inter.broker.listener.name"] = REPLICATION
        if plan.has_racks:
            settings["broker.rack"] = f"zone-{node.id % 3}"
    for name in internal:
        prefix = f"listener.name.{name.lower()}.ssl"
        settings |= _stores(prefix, secrets, space, trust=(trust, "ca.crt"), own=(node.pod, node.pod))
        settings[f"{prefix}.client.auth"] = "required"
    for entry in plan.listeners if node.is_broker else ():
        protocols[entry.key] = entry.protocol
        ports[entry.key] = entry.port
        settings |= _listener_settings(plan, entry, node, secrets)
    settings["listener.security.protocol.map"] = ",".join(
        f"{key}:{value}" for key, value in protocols.items()
    )
    bound = ",".join(f"{key}://{node.address}:{port}" for key, port in ports.items())
    settings["listeners"] = settings["advertised.listeners"] = bound
    running = sum(peer.is_broker for peer in nodes)
    own = fitted(plan.config, planned=plan.broker_count(), running=running)
    return {**settings, **own, **providers(own)}


def _stores(
    prefix: str, secrets: SecretStore, space: str, *, trust: tuple[str, str] | None, own: tuple[str, str]
) -> dict[str, str]:
    secret, stem = own
    stores = {
        f"{prefix}.keystore.type": "PEM",
        f"{prefix}.keystore.certificate.chain": secrets.reference(space, secret, f"{stem}.crt"),
        f"{prefix}.keystore.key": secrets.reference(space, secret, f"{stem}.key"),
    }
    if trust:
        stores[f"{prefix}.truststore.type"] = "PEM"
        stores[f"{prefix}.truststore.certificates"] = secrets.reference(space, *trust)
    return stores


def _listener_settings(
    plan: ClusterPlan, entry: Listener, node: Node, secrets: SecretStore
) -> dict[str, str]:
    prefix = f"listener.name.{entry.key.lower()}"
    settings: dict[str, str] = {}
    if entry.tls:
        trust = (f"{plan.name}-clients-ca-cert", "ca.crt") if entry.authentication == "tls" else None
        settings |= _stores(f"{prefix}.ssl", secrets, plan.namespace, trust=trust, own=(node.pod, node.pod))
    match entry.authentication:
        case "tls":
            settings[f"{prefix}.ssl.client.auth"] = "required"
        case "scram-sha-512":
            settings[f"{prefix}.scram-sha-512.sasl.jaas.config"] = SCRAM_LOGIN
            settings[f"{prefix}.sasl.enabled.mechanisms"] = "SCRAM-SHA-512"
        case _:
            pass
    return settings
