"""Who may do what on a Kafka cluster: every right there is, made from the topics. What is not here is denied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.flows import Direction
from catalog.kafka_clients import Client, PlatformClient, group_prefix, mirror_user
from catalog.kafka_internals import internal_topics
from catalog.mirrors import mirrors_of, topics_on


class Kind(StrEnum):
    """What a right is about, in Strimzi's words."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactionalId"


class Pattern(StrEnum):
    """How the name of a right is meant."""

    LITERAL = "literal"
    PREFIX = "prefix"


READ = ("Describe", "Read")
WRITE = ("Describe", "Write")
KEEP = ("Describe", "DescribeConfigs", "Read", "Write")
"""What a program does with a topic of its own; Connect looks at its cleanup policy before it starts."""


@dataclass(frozen=True, kw_only=True)
class Right:
    """One thing a user may do."""

    kind: Kind
    name: str
    operations: tuple[str, ...]
    pattern: Pattern = Pattern.LITERAL


class Proof(StrEnum):
    """How a user shows who it is."""

    PASSWORD = "scram-sha-512"  # noqa: S105 - the name of a mechanism
    """Over TLS, inside the cluster."""
    CERTIFICATE = "tls"
    """Mutual TLS: whoever comes from another cluster."""


@dataclass(frozen=True, kw_only=True)
class User:
    """A Kafka user of one cluster."""

    name: str
    proof: Proof
    rights: tuple[Right, ...]


def users_of(cluster: Cluster, environment: Environment) -> tuple[User, ...]:
    """List the users of a cluster with all their rights."""
    names = dict.fromkeys(user for user, _ in _all_rights(cluster, environment))
    rights = {name: [] for name in names}
    for name, right in _all_rights(cluster, environment):
        rights[name].append(right)
    remote = {mirror_user(region) for region in Cluster if region.holds_personal_data}
    return tuple(
        User(
            name=name,
            proof=Proof.CERTIFICATE if name in remote else Proof.PASSWORD,
            rights=_merged(rights[name]),
        )
        for name in names
    )


def _merged(rights: list[Right]) -> tuple[Right, ...]:
    """Join what is allowed on one thing, so that a resource stands once."""
    found: dict[tuple[Kind, str, Pattern], set[str]] = {}
    for right in rights:
        found.setdefault((right.kind, right.name, right.pattern), set()).update(right.operations)
    return tuple(
        Right(kind=kind, name=name, pattern=pattern, operations=tuple(sorted(operations)))
        for (kind, name, pattern), operations in found.items()
    )


def _all_rights(cluster: Cluster, environment: Environment) -> Iterator[tuple[str, Right]]:
    yield from _of_clients(cluster, environment)
    for topic in internal_topics(cluster, environment):
        for user in topic.users:
            yield user, Right(kind=Kind.TOPIC, name=topic.name, operations=KEEP)
    yield from _of_mirrors(cluster, environment)
    if cluster is not Cluster.GLOBAL:
        yield from _of_connect()


def _of_clients(cluster: Cluster, environment: Environment) -> Iterator[tuple[str, Right]]:
    readers: dict[str, Client] = {}
    for placed in topics_on(cluster, environment):
        # On Global a copy is written by a region's mirror under that region's name; see below.
        arriving = placed.is_copy and cluster is Cluster.GLOBAL
        for client in () if arriving else placed.producers:
            yield client.id, Right(kind=Kind.TOPIC, name=placed.topic.name, operations=WRITE)
        for client in placed.consumers:
            readers[client.id] = client
            yield client.id, Right(kind=Kind.TOPIC, name=placed.topic.name, operations=READ)
    readers.setdefault(PlatformClient.SCHEMA_REGISTRY.id, PlatformClient.SCHEMA_REGISTRY)
    if cluster is Cluster.GLOBAL:
        del readers[PlatformClient.SCHEMA_REGISTRY.id]
    for client in readers.values():
        yield client.id, _own_groups(group_prefix(client))


def _own_groups(prefix: str) -> Right:
    return Right(kind=Kind.GROUP, name=prefix, operations=READ, pattern=Pattern.PREFIX)


def _of_mirrors(cluster: Cluster, environment: Environment) -> Iterator[tuple[str, Right]]:
    """Give a region's mirror what it needs at home, or on Global what each region's mirror needs there."""
    regions = [region for region in Cluster if region.holds_personal_data]
    for region in regions if cluster is Cluster.GLOBAL else [cluster]:
        user = mirror_user(region) if cluster is Cluster.GLOBAL else PlatformClient.MIRROR.id
        for mirror in mirrors_of(region, environment):
            comes_in = mirror.target is cluster
            for topic in mirror.topics:
                operations = WRITE if comes_in else READ
                yield user, Right(kind=Kind.TOPIC, name=topic.name, operations=operations)
            pushes_here = (
                cluster is Cluster.GLOBAL and mirror.flow.facts.direction is Direction.REGIONS_TO_GLOBAL
            )
            if pushes_here or (cluster is not Cluster.GLOBAL and comes_in):
                yield user, _own_groups(f"{user}.")


def _of_connect() -> Iterator[tuple[str, Right]]:
    """Let Connect deliver exactly once: one transaction for the workers' own notes, one for each task."""
    user = PlatformClient.CONNECT.id
    for name, pattern in (
        (f"connect-cluster-{CONNECT_GROUP}", Pattern.LITERAL),
        (f"{CONNECT_GROUP}-", Pattern.PREFIX),
    ):
        yield user, Right(kind=Kind.TRANSACTIONAL_ID, name=name, operations=WRITE, pattern=pattern)


CONNECT_GROUP = f"{group_prefix(PlatformClient.CONNECT)}workers"
"""The group of the Connect workers; their transactions are named after it."""
