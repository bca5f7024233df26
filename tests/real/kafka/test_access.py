"""Every user of a cluster against every topic, group and deed, on a live broker with real credentials.

What is expected comes from the catalogue's producers and consumers; what is tried goes through the rights that the
plan's KafkaUsers give. A right too few and a right too many both fail.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka.admin import AclOperation, AdminClient

from catalog.kafka_clients import mirror_user
from catalog.mirrors import mirrors_of, topics_on
from catalog.stack_facts import Stack
from tests.real.kafka import attempts
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.conftest import Measured, StartCluster
from tests.real.kafka.manifests import manifests
from tests.real.kafka.topics_and_users import User, topic_name, user

WRITE = {AclOperation.WRITE, AclOperation.DESCRIBE}
READ = {AclOperation.READ, AclOperation.DESCRIBE}
STACKS = (Stack.PROD_ASIA, Stack.PROD_GLOBAL, Stack.DEV)
"""A region, the control plane, and a stack that stands alone; see ``test_regions_give_the_same_rights``."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Who writes and who reads each topic of the catalogue on one cluster."""

    writers: dict[str, set[str]]
    readers: dict[str, set[str]]

    @classmethod
    def of(cls, stack: Stack) -> Expected:
        cluster, environment = stack.facts.cluster, stack.facts.environment
        placed = topics_on(cluster, environment)
        writers = {each.topic.name: {client.id for client in each.producers} for each in placed}
        readers = {each.topic.name: {client.id for client in each.consumers} for each in placed}
        for region in {other.facts.cluster for other in Stack}:
            for mirror in mirrors_of(region, environment):
                # On Global a mirror is known by its region's name, at home it is the region's own.
                name = mirror_user(region) if stack is Stack.PROD_GLOBAL else "mirror"
                for topic in mirror.topics:
                    if mirror.target is cluster:
                        writers[topic.name] = (writers[topic.name] - {"mirror"}) | {name}
                    if mirror.source is cluster:
                        readers[topic.name] = readers[topic.name] | {name}
        return cls(writers=writers, readers=readers)

    def rights(self, name: str, topic: str) -> set[AclOperation]:
        write = WRITE if name in self.writers[topic] else set()
        return write | (READ if name in self.readers[topic] else set())

    def users(self) -> set[str]:
        return set().union(*self.writers.values(), *self.readers.values())


@pytest.fixture(scope="module", params=STACKS, ids=lambda stack: stack.facts.name)
def cluster(request: pytest.FixtureRequest, start_cluster: StartCluster) -> Iterator[KafkaCluster]:
    """One broker of a stack, with a record in every topic."""
    started = start_cluster(request.param, brokers=1)
    names = topic_names(started)
    assert attempts.writable(started.operator_config(), names, b"there") == set(names)
    yield started
    started.stop()


def topic_names(cluster: KafkaCluster) -> list[str]:
    return [topic_name(manifest) for manifest in cluster.manifests.all("KafkaTopic")]


def test_every_topic_of_the_catalogue_is_there(cluster: KafkaCluster) -> None:
    expected = Expected.of(cluster.manifests.stack)
    live = set(cluster.admin().list_topics(timeout=30).topics)
    assert set(expected.writers) <= live
    assert not expected.users() - set(cluster.users), "the catalogue names somebody who is no user"


def test_users_can_do_what_the_catalogue_says_and_no_more(cluster: KafkaCluster, measured: Measured) -> None:
    """Topics: what the broker says each user may do, and what each manages to write and to read."""
    expected = Expected.of(cluster.manifests.stack)
    catalogue = list(expected.writers)
    wrong: list[str] = []
    cells = 0
    started = time.monotonic()
    for each in cluster.users.values():
        config = cluster.client_config(each)
        told = attempts.topic_rights(AdminClient(config), catalogue)
        written = attempts.writable(config, catalogue, b"probe")
        # A topic whose name is not told cannot be fetched from: a client never learns where it is.
        nameable = [topic for topic in catalogue if AclOperation.DESCRIBE in told[topic]]
        read = attempts.readable(config, nameable, group=f"{each.name}.probe")
        for topic in catalogue:
            cells += 1
            rights = expected.rights(each.name, topic)
            done = {
                right
                for right, topics in ((AclOperation.WRITE, written), (AclOperation.READ, read))
                if topic in topics
            }
            if told[topic] != rights or done != rights - {AclOperation.DESCRIBE}:
                wrong.append(
                    f"{each.name} on {topic}: the catalogue says {_names(rights)}, the broker says"
                    f" {_names(told[topic])}, it managed {_names(done)}"
                )
    seconds = time.monotonic() - started
    measured(
        f"rights on {cluster.name}: {len(cluster.users)} users x {len(catalogue)} topics, {cells} cells told and tried"
        f" in {seconds:.0f} s"
    )
    assert not wrong, "\n".join(wrong)


def test_own_topics_of_programs_are_closed_to_services(cluster: KafkaCluster) -> None:
    """Offsets, schemas and the like: the users who may do anything there are those the resources name, few of them."""
    expected = Expected.of(cluster.manifests.stack)
    internal = [name for name in topic_names(cluster) if name not in expected.writers]
    assert internal, "Connect, the registry and the mirrors keep topics of their own"
    holders: dict[str, set[str]] = {name: set() for name in internal}
    for each in cluster.users.values():
        told = attempts.topic_rights(AdminClient(cluster.client_config(each)), internal)
        for topic, rights in told.items():
            if rights:
                holders[topic].add(each.name)
    services = {name for name in cluster.users if name.endswith(("-svc", "-engine", "-gateway"))}
    assert not {topic: users & services for topic, users in holders.items() if users & services}
    nobody = [topic for topic, users in holders.items() if not users]
    assert not nobody, f"nobody may use {nobody}"


def test_users_join_their_own_groups_alone(cluster: KafkaCluster) -> None:
    """Groups: every user against the groups of every other, told and tried."""
    expected = Expected.of(cluster.manifests.stack)
    groups = {name: f"{name}.workers" for name in cluster.users}
    wrong: list[str] = []
    for each in cluster.users.values():
        admin = AdminClient(cluster.client_config(each))
        told = {group for group, rights in attempts.group_rights(admin, groups.values()).items() if rights}
        readable = [topic for topic, readers in expected.readers.items() if each.name in readers]
        if not told <= {groups[each.name]} or (readable and not told):
            wrong.append(f"{each.name} may see the groups {sorted(told)}")
        if readable:
            moved = attempts.joinable_groups(admin, groups.values(), readable[0])
            if moved != {groups[each.name]}:
                wrong.append(f"{each.name} moved the offsets of {sorted(moved)}")
    assert not wrong, "\n".join(wrong)


def test_the_groups_of_the_plan_s_sinks_can_be_joined(cluster: KafkaCluster) -> None:
    """A sink reads in a group that Connect names after it, unless its resource says another."""
    for manifest in cluster.manifests.all("KafkaConnector"):
        config = manifest["spec"]["config"]
        if "topics" not in config:
            continue
        group = config.get("consumer.override.group.id", f"connect-{manifest['metadata']['name']}")
        admin = AdminClient(cluster.client_config(cluster.users["connect"]))
        for topic in config["topics"].split(","):
            assert attempts.joinable_groups(admin, [group], topic) == {group}, (group, topic)


def test_nobody_administers(cluster: KafkaCluster) -> None:
    """Creating, enlarging, changing and deleting topics is the operator's alone; each user tries all of it."""
    names = topic_names(cluster)
    before = _shape(cluster, names)
    wrong: list[str] = []
    for each in cluster.users.values():
        admin = AdminClient(cluster.client_config(each))
        done = attempts.administered(admin, names, new_topic=f"{each.name}.intruder")
        if done:
            wrong.append(f"{each.name} managed to {done}")
        rights = attempts.cluster_rights(admin)
        if rights:
            wrong.append(f"{each.name} may {_names(rights)} the cluster")
    assert not wrong, "\n".join(wrong)
    assert _shape(cluster, names) == before


def test_nobody_comes_in_without_proof(cluster: KafkaCluster) -> None:
    """No password, a wrong one, no certificate, one of another authority: none of them gets an answer."""
    for listener in cluster.plan.listeners:
        of_listener = [each for each in cluster.users.values() if cluster.listener_for(each) == listener]
        assert of_listener, f"no user comes in by {listener.name}"
        config = cluster.client_config(of_listener[0])
        assert not attempts.turned_away(config)
        for change in _false_proofs(cluster, of_listener[0], listener.authentication):
            assert attempts.turned_away({**config, **change}), f"{listener.name} let in {sorted(change)}"


def _false_proofs(cluster: KafkaCluster, user: User, authentication: str | None) -> list[dict[str, str]]:
    if authentication == "scram-sha-512":
        return [
            {"sasl.password": "wrong"},
            {"sasl.username": "nobody"},
            {"security.protocol": "SSL", "sasl.username": "", "sasl.password": ""},
            {"security.protocol": "PLAINTEXT"},
        ]
    strange = cluster.cluster_ca.issue(user.name)
    return [
        {"ssl.certificate.pem": "", "ssl.key.pem": ""},
        {"ssl.certificate.pem": strange.certificate, "ssl.key.pem": strange.key},
        {"security.protocol": "PLAINTEXT"},
    ]


@pytest.mark.parametrize("stack", [Stack.PROD_US, Stack.PROD_CHINA], ids=lambda stack: stack.facts.name)
def test_regions_give_the_same_rights(stack: Stack) -> None:
    """The matrix above is run for one region; the others hand the operator the same users."""
    assert _users(stack) == _users(Stack.PROD_ASIA)


def _users(stack: Stack) -> dict[str, tuple[str, str]]:
    found = [user(manifest) for manifest in manifests(stack).all("KafkaUser")]
    return {each.name: (each.authentication, str(sorted(map(str, each.rules)))) for each in found}


def _shape(cluster: KafkaCluster, names: list[str]) -> dict[str, int]:
    topics = cluster.admin().list_topics(timeout=30).topics
    assert not [name for name in topics if name.endswith(".intruder")]
    return {name: len(topics[name].partitions) for name in names}


def _names(operations: set[AclOperation]) -> str:
    return " and ".join(sorted(operation.name.lower() for operation in operations)) or "nothing"
