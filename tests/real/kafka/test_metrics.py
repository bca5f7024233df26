"""The names in the alarms are names that Kafka tells: a broker, a Connect worker and a mirror, set up by the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from catalog.stack_facts import Stack
from tests.real.kafka import metrics_config
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.connect import Worker
from tests.real.kafka.connect_config import connect_worker, connector, mirror_connectors, mirror_worker
from tests.real.kafka.jars import Java
from tests.real.kafka.loopback import Loopback
from tests.real.kafka.manifests import manifests, name_of
from tests.real.kafka.metrics_config import Series
from tests.real.kafka.mirrors import fitting, hand_over
from tests.real.kafka.processes import JavaHost
from tests.real.kafka.watcher import write_all
from tests.stacks.programs import resources

SIDES = (Stack.PROD_GLOBAL, Stack.PROD_ASIA)
MASTER_DATA = "smp_global.countries"

_BY_PARTITION = frozenset({"topic", "partition"})
OF_THE_EXPORTER: Mapping[str, frozenset[str]] = {
    "kafka_brokers": frozenset(),
    "kafka_topic_partitions": frozenset({"topic"}),
    "kafka_topic_partition_current_offset": _BY_PARTITION,
    "kafka_topic_partition_oldest_offset": _BY_PARTITION,
    "kafka_consumergroup_current_offset": _BY_PARTITION | {"consumergroup"},
    "kafka_consumergroup_lag": _BY_PARTITION | {"consumergroup"},
}
"""Kafka's exporter is a program of its own and not run here: these are from its documentation (kafka_exporter)."""
OF_KUBERNETES = re.compile(r"kube_.*|kubelet_.*")
OF_CONNECT = re.compile(r"kafka_connect_connect_.*")
OF_A_MIRROR = re.compile(r"kafka_connect_mirror_.*|kafka_consumer_.*")

SERIES = re.compile(r"\b([a-z]+(?:_[a-z0-9]+)+)\{([^}]*)\}")
"""A series in an expression, and what it asks of the labels."""

WANTED = re.compile(r'(\w+)(=~?)"([^"]*)"')
ADDED = {"namespace", "strimzi_io_cluster"}
"""Labels that Prometheus adds when it reads them."""


def _in_alarms() -> frozenset[tuple[str, str]]:
    """Give the series of all rules: a name, and what is asked of its labels."""
    return frozenset(
        found
        for stack in SIDES
        for item in resources(stack)
        if item["type"].endswith(":PrometheusRule")
        for group in item["inputs"]["spec"]["groups"]
        for rule in group["rules"]
        for found in SERIES.findall(rule["expr"])
    )


def _is_told(name: str, asked: str, told: tuple[Series, ...]) -> bool:
    """Whether some series has the name, and the labels asked for."""
    wanted = [
        (label, re.compile(value.replace("\\\\", "\\") if sign == "=~" else re.escape(value)))
        for label, sign, value in WANTED.findall(asked)
        if label not in ADDED
    ]
    return any(
        each.name == name and all(pattern.fullmatch(each.labels.get(label, "")) for label, pattern in wanted)
        for each in told
    )


@dataclass(frozen=True, kw_only=True)
class Told:
    """What each kind of program told of itself."""

    broker: tuple[Series, ...]
    worker: tuple[Series, ...]
    mirror: tuple[Series, ...]


@pytest.fixture(scope="module")
def clusters(
    java: Java, loopback: Loopback, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Stack, KafkaCluster]]:
    """One broker of each side, which shows its metrics at its own address."""
    folder = tmp_path_factory.mktemp("metrics")
    started: dict[Stack, KafkaCluster] = {}
    for stack in SIDES:
        host = JavaHost.inside(folder / stack.facts.name, java, loopback)
        cluster = KafkaCluster.of(manifests(stack), host, brokers=1)
        holder = cluster.manifests.one("Kafka")["spec"]["kafka"]
        cluster.more = lambda node, holder=holder: metrics_config.of_broker(holder, node.address)
        started[stack] = cluster
        cluster.start()
        cluster.apply()
    yield started
    for cluster in started.values():
        cluster.stop()


@pytest.fixture(scope="module")
def told(clusters: Mapping[Stack, KafkaCluster]) -> Iterator[Told]:
    """What is read once a worker, a mirror and what they carry run."""
    home, remote = clusters[Stack.PROD_ASIA], clusters[Stack.PROD_GLOBAL]
    worker, worker_address = _start_worker(home)
    mirror, mirror_address = _start_mirror(home, remote)
    try:
        write_all(remote.operator_config(), [(MASTER_DATA, b"VN", b"{}")])
        mirror.server.until(
            lambda: any(
                found.name.startswith("kafka_connect_mirror_")
                for found in metrics_config.exported(mirror_address)
            ),
            seconds=120,
            what="a record being carried and its age shown",
        )
        yield Told(
            broker=metrics_config.exported(home.nodes[0].address),
            worker=metrics_config.exported(worker_address),
            mirror=metrics_config.exported(mirror_address),
        )
    finally:
        worker.server.kill()
        mirror.server.kill()


def _start_worker(home: KafkaCluster) -> tuple[Worker, str]:
    manifest = home.manifests.one("KafkaConnect")
    address = home.host.loopback.address()
    settings = {
        **connect_worker(manifest, home.secrets, fitting(home)),
        **metrics_config.of_worker(manifest["spec"], address),
    }
    worker = Worker.start("connect", settings, home.host)
    heartbeats = next(
        found for found in home.manifests.all("KafkaConnector") if name_of(found) == "mirror-heartbeats"
    )
    submitted = connector(heartbeats, home.secrets, fitting(home))
    worker.wait_ready()
    worker.submit(submitted)
    worker.wait_running(submitted.name)
    return worker, address


def _start_mirror(home: KafkaCluster, remote: KafkaCluster) -> tuple[Worker, str]:
    manifest = next(
        found for found in home.manifests.all("KafkaMirrorMaker2") if name_of(found) == "mirror-in"
    )
    hand_over(manifest, home, remote)
    home.host.names.add_all(remote.outside_names)
    address = home.host.loopback.address()
    settings = {
        **mirror_worker(manifest, home.secrets, fitting(home)),
        **metrics_config.of_worker(manifest["spec"], address),
    }
    worker = Worker.start("mirror-in", settings, home.host)
    worker.wait_ready()
    for planned in mirror_connectors(manifest, home.secrets, fitting(home)):
        found = replace(planned, config={**planned.config, **metrics_config.of_mirror_connector()})
        worker.submit(found)
        worker.wait_running(found.name)
    return worker, address


def test_the_series_in_the_alarms_are_told(told: Told) -> None:
    missing: list[str] = []
    counted = dict.fromkeys(("broker", "worker", "mirror"), 0)
    for name, asked in sorted(_in_alarms()):
        if name in OF_THE_EXPORTER or OF_KUBERNETES.fullmatch(name):
            continue
        if OF_A_MIRROR.fullmatch(name) or 'strimzi_io_cluster="mirror-' in asked:
            teller, series = "mirror", told.mirror
        elif OF_CONNECT.fullmatch(name):
            teller, series = "worker", told.worker
        else:
            teller, series = "broker", told.broker
        counted[teller] += 1
        # The other mirror tells the same of other topics.
        if "mirror-out" not in asked and not _is_told(name, asked, series):
            missing.append(f"{teller}: {name}{{{asked}}}")
    assert missing == []
    assert all(counted.values())


def test_the_exporters_series_have_the_labels_that_are_asked_for() -> None:
    for name, asked in _in_alarms():
        if name in OF_THE_EXPORTER:
            labels = {label for label, *_ in WANTED.findall(asked)} - ADDED
            assert labels <= OF_THE_EXPORTER[name], name
