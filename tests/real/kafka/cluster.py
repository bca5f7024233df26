"""A real Kafka cluster that a stack's plan describes, on the loopback."""

from __future__ import annotations

import base64
import os
import secrets as random_secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.real.kafka import properties
from tests.real.kafka.broker_config import (
    ORGANISATION,
    REPLICATION_PORT,
    ClusterPlan,
    Listener,
    Node,
    server_properties,
)
from tests.real.kafka.certificates import Authority
from tests.real.kafka.manifests import Manifests
from tests.real.kafka.processes import JavaHost, Server, poll
from tests.real.kafka.secrets_store import SecretStore
from tests.real.kafka.topics_and_users import User, new_topic, user

READY_SECONDS = 300
ITERATIONS = 4096
SCRAM_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="{}" password="{}";'


def base_config(bootstrap: str) -> dict[str, Any]:
    """Settings of every Python client: quiet, and quick to find out what it may not do."""
    return {
        "bootstrap.servers": bootstrap,
        "log_level": 0,
        "socket.timeout.ms": 20_000,
        "topic.metadata.refresh.interval.ms": 5_000,
        "allow.auto.create.topics": False,
    }


@dataclass(kw_only=True)
class KafkaCluster:
    """Brokers, their authorities and secrets, and what the operator does to them."""

    manifests: Manifests
    host: JavaHost
    nodes: tuple[Node, ...]
    more: Callable[[Node], Mapping[str, str]] = field(default=lambda _: {})
    """Further settings of a node."""
    servers: dict[int, Server] = field(default_factory=dict)

    @classmethod
    def of(cls, manifests: Manifests, host: JavaHost, *, brokers: int) -> KafkaCluster:
        """The plan's cluster, with so many of its brokers."""
        plan = ClusterPlan.of(manifests)
        nodes = tuple(_nodes(plan, host, brokers=brokers))
        outside = [name for listener in plan.listeners for name in listener.hosts]
        host.names.add([*plan.bootstrap_hosts, *outside], *_brokers(nodes))
        return cls(manifests=manifests, host=host, nodes=nodes)

    @cached_property
    def plan(self) -> ClusterPlan:
        return ClusterPlan.of(self.manifests)

    @cached_property
    def secrets(self) -> SecretStore:
        return SecretStore(folder=self.host.folder)

    @cached_property
    def cluster_ca(self) -> Authority:
        return Authority(f"{self.plan.name} cluster-ca")

    @cached_property
    def clients_ca(self) -> Authority:
        return Authority(f"{self.plan.name} clients-ca")

    @cached_property
    def users(self) -> dict[str, User]:
        """The plan's users by name."""
        return {found.name: found for found in map(user, self.manifests.all("KafkaUser"))}

    @property
    def name(self) -> str:
        return self.manifests.stack.facts.name

    @property
    def outside_names(self) -> dict[str, tuple[str, ...]]:
        """The names by which other clusters reach this one, with their addresses."""
        addresses = _brokers(self.nodes)
        return {host: addresses for listener in self.plan.listeners for host in listener.hosts}

    def start(self) -> None:
        """Format the disks, start every node and wait until all brokers answer."""
        self._make_secrets()
        identity = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        with ThreadPoolExecutor(max_workers=2) as pool:
            for server in pool.map(lambda node: self._prepare(node, identity), self.nodes):
                server.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until every running broker is registered and the cluster answers its operator."""
        wanted = {node.id for node in self.nodes if node.is_broker and self.servers[node.id].running}
        admin = self.admin()

        def answered() -> bool:
            try:
                return {
                    broker.id for broker in admin.describe_cluster(request_timeout=5).result().nodes
                } >= wanted
            except KafkaException:
                return False

        first = self.servers[min(wanted)]
        first.until(answered, seconds=READY_SECONDS, what=f"all of brokers {sorted(wanted)} answering")

    def stop(self) -> None:
        for server in self.servers.values():
            server.kill()

    def apply(self) -> None:
        """Do the work of the topic operator and the user operator: topics, credentials, rights."""
        self.apply_topics(self.manifests)
        self._create_credentials(list(self.users.values()))
        self.apply_rights(*self.users.values())

    def apply_topics(self, manifests: Manifests) -> None:
        """Create topics."""
        running = sum(node.is_broker for node in self.nodes)
        topics = [
            new_topic(manifest, planned=self.plan.broker_count(), running=running)
            for manifest in manifests.all("KafkaTopic")
        ]
        _finish(self.admin().create_topics(topics, request_timeout=60))

    def apply_rights(self, *users: User) -> None:
        """Add the rights of users; the broker knows them when this returns."""
        bindings = dict.fromkeys(binding for each in users for binding in each.bindings())
        _finish(self.admin().create_acls(list(bindings)))

    def _create_credentials(self, found: Sequence[User]) -> None:
        admin = self.admin()
        upsertions = []
        for each in found:
            if each.authentication == "scram-sha-512":
                password = random_secrets.token_urlsafe(24)
                login = SCRAM_LOGIN.format(each.name, password)
                secret = {"password": password, "sasl.jaas.config": login}
                self.secrets.write(each.namespace, each.name, secret)
                info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
                upsertions.append(UserScramCredentialUpsertion(each.name, info, password.encode()))
            else:
                pair = self.clients_ca.issue(each.name)
                values = {
                    "user.crt": pair.certificate,
                    "user.key": pair.key,
                    "ca.crt": self.clients_ca.certificate,
                }
                self.secrets.write(each.namespace, each.name, values)
        if upsertions:
            _finish(admin.alter_user_scram_credentials(upsertions))
            self._await_credentials(found)

    def _await_credentials(self, users: Sequence[User]) -> None:
        """Brokers learn of a credential from the metadata log, a moment after it was written."""
        last = next(each for each in reversed(users) if each.authentication == "scram-sha-512")

        def known_everywhere() -> bool:
            try:
                AdminClient(self.client_config(last)).list_topics(timeout=5)
            except KafkaException:
                return False
            return True

        poll(known_everywhere, seconds=60, what=f"{self.name} takes the password of {last.name}")

    def admin(self) -> AdminClient:
        """A client that is the cluster operator: mutual TLS on the listener of the brokers themselves."""
        return self._admin

    @cached_property
    def _admin(self) -> AdminClient:
        return AdminClient(self.operator_config())

    def operator_config(self) -> dict[str, Any]:
        pair = self.cluster_ca.issue("cluster-operator", organisation=ORGANISATION)
        return {
            **base_config(self._bootstrap(REPLICATION_PORT)),
            "security.protocol": "SSL",
            "ssl.ca.pem": self.cluster_ca.certificate,
            "ssl.certificate.pem": pair.certificate,
            "ssl.key.pem": pair.key,
        }

    def listener_for(self, user: User) -> Listener:
        """The first listener that takes the user's kind of proof."""
        kind = "tls" if user.authentication.startswith("tls") else user.authentication
        found = [listener for listener in self.plan.listeners if listener.authentication == kind]
        assert found, f"{self.name}: {user.name} proves itself by {kind}, and no listener takes that"
        return found[0]

    def client_config(self, user: User) -> dict[str, Any]:
        """Settings for a Python client that is this user."""
        listener = self.listener_for(user)
        config = {
            **base_config(self._bootstrap(listener.port)),
            "security.protocol": listener.protocol,
            "ssl.ca.pem": self.cluster_ca.certificate,
        }
        if listener.authentication == "tls":
            config["ssl.certificate.pem"] = self.secrets.read(user.namespace, user.name, "user.crt")
            config["ssl.key.pem"] = self.secrets.read(user.namespace, user.name, "user.key")
        else:
            config["sasl.mechanism"] = "SCRAM-SHA-512"
            config["sasl.username"] = user.name
            config["sasl.password"] = self.secrets.read(user.namespace, user.name, "password")
        return config

    def _bootstrap(self, port: int) -> str:
        return ",".join(f"{node.address}:{port}" for node in self.nodes if node.is_broker)

    def _make_secrets(self) -> None:
        space, name = self.plan.namespace, self.plan.name
        for kind, authority in (("cluster", self.cluster_ca), ("clients", self.clients_ca)):
            self.secrets.write(space, f"{name}-{kind}-ca-cert", {"ca.crt": authority.certificate})
        outside = [host for listener in self.plan.listeners for host in listener.hosts]
        for node in self.nodes:
            hosts = dict.fromkeys([node.address, node.dns, *self.plan.bootstrap_hosts, *outside])
            pair = self.cluster_ca.issue(f"{name}-kafka", organisation=ORGANISATION, hosts=hosts)
            self.secrets.write(
                space, node.pod, {f"{node.pod}.crt": pair.certificate, f"{node.pod}.key": pair.key}
            )

    def _prepare(self, node: Node, identity: str) -> Server:
        settings = server_properties(
            self.plan, node, self.nodes, self.secrets, str(self.host.folder / f"data-{node.id}")
        )
        place = self.host.folder / f"server-{node.id}.properties"
        file = properties.write(place, {**settings, **self.more(node)})
        release = ["--release-version", self.plan.metadata_version] if self.plan.metadata_version else []
        self.host.run(
            "kafka.tools.StorageTool", "format", "--config", str(file), "--cluster-id", identity, *release
        )
        server = self.host.server(f"{self.name}-broker-{node.id}", "kafka.Kafka", str(file))
        self.servers[node.id] = server
        return server


def _nodes(plan: ClusterPlan, host: JavaHost, *, brokers: int) -> Iterable[Node]:
    """The plan's nodes, or a few of its brokers: those that vote first, so that a quorum outlives what it should.

    Where the few hold no controller, they take that role too.
    """
    chosen = list(enumerate(plan.roles()))
    if brokers < plan.broker_count():
        chosen = [(number, place) for number, place in chosen if "broker" in place[1]]
        chosen = sorted(chosen, key=lambda each: "controller" not in each[1][1])[:brokers]
        if not any("controller" in roles for _, (_, roles) in chosen):
            chosen = [(number, (pool, (*roles, "controller"))) for number, (pool, roles) in chosen]
    for number, (pool, roles) in chosen:
        pod = f"{plan.name}-{pool}-{number}"
        dns = f"{pod}.{plan.name}-kafka-brokers.{plan.namespace}.svc"
        address = host.loopback.address()
        host.names.add([dns], address)
        yield Node(id=number, pool=pool, roles=roles, address=address, pod=pod, dns=dns)


def _brokers(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The addresses of the brokers."""
    return tuple(node.address for node in nodes if node.is_broker)


def _finish(futures: dict[Any, Any]) -> None:
    """Wait for every answer; the first error is raised."""
    for future in futures.values():
        future.result(timeout=120)
