"""What the tests on real servers share: Java, and the clusters of a test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from catalog.stack_facts import Stack
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.jars import JarSet, Java, find_java
from tests.real.kafka.loopback import Loopback
from tests.real.kafka.manifests import manifests
from tests.real.kafka.processes import JavaHost

StartCluster = Callable[..., KafkaCluster]
Measured = Callable[[str], None]
"""The fixture ``measured``."""


@pytest.fixture(scope="session")
def java() -> Java:
    """Java with Kafka's jars; skips where they cannot be had."""
    found = find_java()
    found.bring(JarSet.SERVER)
    found.bring(JarSet.METRICS)
    return found


@pytest.fixture(scope="session")
def loopback() -> Loopback:
    return Loopback.claim()


@pytest.fixture(scope="module")
def start_cluster(
    java: Java, loopback: Loopback, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartCluster]:
    """Start the cluster of a stack with some of its brokers, its topics and users made; killed at the end."""
    started: list[KafkaCluster] = []
    # Made here once, because the factory is not safe for the threads that may start clusters side by side.
    folder = tmp_path_factory.mktemp("kafka")

    def start(stack: Stack, *, brokers: int) -> KafkaCluster:
        host = JavaHost.inside(folder / stack.facts.name, java, loopback)
        cluster = KafkaCluster.of(manifests(stack), host, brokers=brokers)
        started.append(cluster)
        cluster.start()
        cluster.apply()
        return cluster

    yield start
    for cluster in started:
        cluster.stop()
