"""Four clusters and their mirrors: a marked record in every topic on every side, and where it turns up.

Brokers, topics, users, rights and mirrors are those of the four production stacks' plans. Each side runs one broker
instead of its planned number, so replication is brought down to one; nothing else is. What should arrive is worked out
from the catalogue's data classes and never from the mirrors' own lists.
"""

from __future__ import annotations

import copy
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.flows import Flow
from catalog.kafka_clients import mirror_user
from catalog.stack_facts import Stack
from catalog.topics import TOPICS
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.conftest import Measured, StartCluster
from tests.real.kafka.connect import Worker
from tests.real.kafka.connect_config import (
    connect_worker,
    connector,
    mirror_connectors,
    storage_topics,
)
from tests.real.kafka.manifests import Manifests, manifests, name_of
from tests.real.kafka.mirrors import MirrorProcess, fitting
from tests.real.kafka.processes import poll
from tests.real.kafka.topics_and_users import topic_name, user
from tests.real.kafka.watcher import Seen, Watcher, write_all

PRODUCTION = (Stack.PROD_GLOBAL, Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA)
REGIONS = PRODUCTION[1:]
ARRIVAL_SECONDS = 300
PERSONAL = "orders.events"

IN_USE = re.compile(r"mm2-.*|.*heartbeats")

Mark = tuple[Stack, str]
"""Where a record was written: the side and the topic."""


@dataclass(kw_only=True)
class World:
    """The four clusters, their mirrors and a reader on each side."""

    clusters: Mapping[Stack, KafkaCluster]
    mirrors: list[MirrorProcess] = field(default_factory=list)
    watchers: dict[Stack, Watcher] = field(default_factory=dict)

    def write(self, run: str, sides: tuple[Stack, ...] = PRODUCTION) -> dict[Mark, float]:
        """Write one marked record into every topic of these sides; gives when each was written."""
        written: dict[Mark, float] = {}
        for side in sides:
            records = [(topic, b"mark", _mark(run, side, topic)) for topic in topics_of(side)]
            now = time.monotonic()
            write_all(self.clusters[side].operator_config(), records)
            written |= {(side, topic): now for topic, _, _ in records}
        return written

    def found(self, run: str, side: Stack) -> dict[tuple[str, Mark], list[Seen]]:
        """The records of a run that are on a side: by the topic they are in and where they were written."""
        found: dict[tuple[str, Mark], list[Seen]] = {}
        for record in self.watchers[side].records():
            if record.value and record.value.startswith(run.encode()):
                _, origin, topic = record.value.decode().split(" ")
                mark = (next(stack for stack in PRODUCTION if stack.facts.name == origin), topic)
                found.setdefault((record.topic, mark), []).append(record)
        return found


def _mark(run: str, side: Stack, topic: str) -> bytes:
    return f"{run} {side.facts.name} {topic}".encode()


def topics_of(side: Stack) -> list[str]:
    """Every topic of a side, but for what the mirrors under test keep for themselves."""
    kept = {
        name
        for stack in PRODUCTION
        for kind in ("KafkaConnect", "KafkaMirrorMaker2")
        for manifest in manifests(stack).all(kind)
        for name in storage_topics(manifest)
    }
    names = [topic_name(manifest) for manifest in manifests(side).all("KafkaTopic")]
    return [name for name in names if name not in kept and not IN_USE.fullmatch(name)]


def expected(side: Stack, origins: tuple[Stack, ...] = PRODUCTION) -> set[tuple[str, Mark]]:
    """What a side holds in the end: its own records, and others' where the matrix lets their class travel (M§14.3)."""
    found: set[tuple[str, Mark]] = set()
    for origin in origins:
        for name in topics_of(origin):
            held = TOPICS[name].data_class if name in TOPICS else None
            if origin is Stack.PROD_GLOBAL:
                travels = held is DataClass.MASTER_DATA
            else:
                travels = held is DataClass.ANALYTICS and side is Stack.PROD_GLOBAL
            if origin is side or travels:
                found.add((name, (origin, name)))
    return found


@pytest.fixture(scope="module")
def world(start_cluster: StartCluster) -> Iterator[World]:
    """Everything of the four plans that the mirrors need, running."""
    plans = [manifests(stack) for stack in PRODUCTION]
    with ThreadPoolExecutor(max_workers=2) as pool:
        clusters = list(pool.map(lambda plan: start_cluster(plan.stack, brokers=1), plans))
    world = World(clusters=dict(zip(PRODUCTION, clusters, strict=True)))
    hub = world.clusters[Stack.PROD_GLOBAL]
    with ExitStack() as stack:
        for side, cluster in world.clusters.items():
            names = [topic_name(manifest) for manifest in cluster.manifests.all("KafkaTopic")]
            watcher = Watcher(config=cluster.operator_config(), topics=names)
            world.watchers[side] = stack.enter_context(watcher)
        for region in REGIONS:
            for manifest in world.clusters[region].manifests.all("KafkaMirrorMaker2"):
                process = MirrorProcess.start(manifest, world.clusters[region], hub)
                stack.callback(process.worker.server.kill)
                world.mirrors.append(process)
        for process in world.mirrors:
            process.run()
        yield world


def test_exactly_the_allowed_records_arrive(world: World, measured: Measured) -> None:
    """Every topic on every side is written to; afterwards each side holds what the matrix allows and nothing else."""
    before = {
        side: set(cluster.admin().list_topics(timeout=30).topics) for side, cluster in world.clusters.items()
    }
    first, second = f"first-{uuid.uuid4().hex}", f"second-{uuid.uuid4().hex}"
    written = world.write(first)
    _await_expected(world, first)
    # Once the second round has come through, whatever of the first was going to come has come.
    world.write(second)
    _await_expected(world, second)
    for run in (first, second):
        for side in PRODUCTION:
            found = world.found(run, side)
            assert set(found) == expected(side), (
                f"{side.facts.name} holds what it must not, or lacks what it should"
            )
            twice = {place for place, records in found.items() if len(records) != 1}
            assert not twice, f"{side.facts.name} holds more than once: {twice}"
    after = {
        side: set(cluster.admin().list_topics(timeout=30).topics) for side, cluster in world.clusters.items()
    }
    internal = {"__consumer_offsets", "__transaction_state", "__share_group_state"}
    assert {side: topics - internal for side, topics in after.items()} == {
        side: topics - internal for side, topics in before.items()
    }, "a mirror made a topic"
    for flow in (Flow.MASTER_DATA, Flow.ANALYTICS):
        _check_latency(world, first, flow, written, measured)


def _await_expected(world: World, run: str) -> None:
    def arrived() -> bool:
        return all(expected(side) <= set(world.found(run, side)) for side in PRODUCTION)

    _await(arrived, world, run)


def _await(arrived: Callable[[], bool], world: World, run: str) -> None:
    """Wait; what never came is named."""
    try:
        poll(arrived, seconds=ARRIVAL_SECONDS, what="the allowed records on every side", every=0.5)
    except AssertionError as error:
        missing = {side.facts.name: expected(side) - set(world.found(run, side)) for side in PRODUCTION}
        raise AssertionError(
            f"{error}\nmissing: { {side: lost for side, lost in missing.items() if lost} }"
        ) from error


def _check_latency(
    world: World, run: str, flow: Flow, written: Mapping[Mark, float], measured: Measured
) -> None:
    ages = [
        timedelta(seconds=record.at - written[mark])
        for side in PRODUCTION
        for (topic, mark), records in world.found(run, side).items()
        for record in records
        if mark[0] is not side and TOPICS[topic].data_class is flow.facts.carries
    ]
    bound = flow.facts.latency
    assert bound
    oldest = max(ages)
    measured(
        f"mirror, {flow.facts.subject}: {len(ages)} records, the oldest {oldest.total_seconds():.1f} s (bound {bound})"
    )
    assert oldest < bound


def test_a_region_beats_on_global(world: World, measured: Measured) -> None:
    """The heartbeat that says how old the push is comes out under the region's name."""
    region = world.clusters[Stack.PROD_ASIA]
    workers = connect_worker(region.manifests.one("KafkaConnect"), region.secrets, fitting(region))
    worker = Worker.start("asia-connect", workers, region.host)
    try:
        worker.wait_ready()
        beats = next(
            manifest
            for manifest in region.manifests.all("KafkaConnector")
            if manifest["spec"]["class"].endswith("MirrorHeartbeatConnector")
        )
        submitted = connector(beats, region.secrets, fitting(region))
        started = time.monotonic()
        worker.submit(submitted)
        worker.wait_running(submitted.name)
        wanted = f"{Cluster.ASIA.id}.heartbeats"
        worker.server.until(
            lambda: world.watchers[Stack.PROD_GLOBAL].records(wanted),
            seconds=ARRIVAL_SECONDS,
            what=f"a record in {wanted} on Global",
        )
        measured(
            f"mirror: a region's heartbeat was on Global {time.monotonic() - started:.0f} s after it was asked for"
        )
    finally:
        worker.server.kill()


def test_regions_go_on_alone_and_catch_up(world: World, measured: Measured) -> None:
    """Global dies: regions serve their copies and take new records; it comes back: both directions catch up."""
    hub = world.clusters[Stack.PROD_GLOBAL]
    asia = world.clusters[Stack.PROD_ASIA]
    for server in hub.servers.values():
        server.kill()
    run = f"alone-{uuid.uuid4().hex}"
    world.write(run, REGIONS)
    service = asia.users["order-svc"]
    figure = "analytics.kpi.completion_rate.anonymized"
    config = asia.client_config(service)
    with Watcher(config=config, topics=["smp_global.countries"], group="order-svc.reader") as copies:
        poll(copies.records, seconds=60, what="order-svc reading master data while Global is away")
    write_all(config, [(figure, b"mark", _mark(run, Stack.PROD_ASIA, figure))])
    for side in REGIONS:
        own = {place for place in expected(side, REGIONS) if place[1][0] is side}
        poll(
            lambda own=own, side=side: own <= set(world.found(run, side)),
            seconds=60,
            what=f"{side} serving itself",
        )
    for server in hub.servers.values():
        server.start()
    hub.wait_ready()
    back = time.monotonic()
    world.write(run, (Stack.PROD_GLOBAL,))

    def caught_up() -> bool:
        for process in world.mirrors:
            process.worker.restart_failed([each.name for each in process.connectors])
        return all(expected(side) <= set(world.found(run, side)) for side in PRODUCTION)

    _await(caught_up, world, run)
    measured(f"mirror: both directions had caught up {time.monotonic() - back:.0f} s after Global was back")
    for side in PRODUCTION:
        assert set(world.found(run, side)) == expected(side)


def test_a_personal_topic_on_the_list_does_arrive(world: World) -> None:
    """The control: with one wrong topic in pattern and rights the check above would have failed.

    The pattern alone moves nothing: the mirror may not read what its rights do not name.
    """
    asia, hub = world.clusters[Stack.PROD_ASIA], world.clusters[Stack.PROD_GLOBAL]
    push = next(
        process
        for process in world.mirrors
        if process.region is asia and "analytics" in process.manifest["spec"]["mirrors"][0]["topicsPattern"]
    )
    wrong = copy.deepcopy(dict(push.manifest))
    wrong["spec"]["mirrors"][0]["topicsPattern"] += "|" + PERSONAL.replace(".", r"\.")
    for submitted in mirror_connectors(wrong, asia.secrets, fitting(asia)):
        push.worker.submit(submitted)
        push.worker.wait_running(submitted.name)
    run = f"control-{uuid.uuid4().hex}"
    world.write(run, (Stack.PROD_ASIA,))
    travelling = expected(Stack.PROD_GLOBAL, (Stack.PROD_ASIA,))
    poll(
        lambda: travelling <= set(world.found(run, Stack.PROD_GLOBAL)),
        seconds=ARRIVAL_SECONDS,
        what="the allowed records",
    )
    assert set(world.found(run, Stack.PROD_GLOBAL)) == travelling
    _allow(asia, "mirror", PERSONAL, ["Describe", "Read"])
    _allow(hub, mirror_user(Cluster.ASIA), PERSONAL, ["Describe", "Write"])
    _create_topic(asia, hub, PERSONAL)
    with Watcher(config=hub.operator_config(), topics=[PERSONAL]) as leak:
        push.worker.ask(
            "POST", f"/connectors/{push.connectors[0].name.replace('>', '%3E')}/restart?includeTasks=true"
        )
        poll(
            lambda: [
                record for record in leak.records() if record.value == _mark(run, Stack.PROD_ASIA, PERSONAL)
            ],
            seconds=ARRIVAL_SECONDS,
            what="the personal record, now that its topic is on the list",
        )


def _allow(cluster: KafkaCluster, name: str, topic: str, operations: list[str]) -> None:
    """Add a right to a KafkaUser and let the operator's work be done again."""
    manifest = next(each for each in cluster.manifests.all("KafkaUser") if name_of(each) == name)
    changed = copy.deepcopy(dict(manifest))
    right = {"type": "allow", "resource": {"type": "topic", "name": topic}, "operations": operations}
    changed["spec"]["authorization"]["acls"].append(right)
    cluster.apply_rights(user(changed))


def _create_topic(source: KafkaCluster, target: KafkaCluster, topic: str) -> None:
    """Make a topic on a cluster from another cluster's resource."""
    found = [each for each in source.manifests.all("KafkaTopic") if topic_name(each) == topic]
    target.apply_topics(Manifests(stack=target.manifests.stack, objects=tuple(found)))
