"""Change data capture on real servers: a committed outbox row arrives in ``orders.events`` once, whatever restarts.

Also a row that is committed while the first snapshot runs. The order of events within an order is kept from the moment
the connector follows the log: a snapshot sends what lies in the outbox by its primary key.

The database is MySQL, set as the plan sets RDS (database.py); the connector is the plan's. One broker of prod-asia, one
Connect worker.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from catalog.stack_facts import Stack
from tests.real.kafka.conftest import Measured, StartCluster
from tests.real.kafka.connect import Worker
from tests.real.kafka.connect_config import storage_topics
from tests.real.kafka.jars import JarSet, Java
from tests.real.kafka.load import Repeated
from tests.real.kafka.outbox import Outbox, Row
from tests.real.kafka.processes import poll
from tests.real.kafka.topics_and_users import topic_name
from tests.real.kafka.watcher import Seen, Watcher

TOPIC = "orders.events"
ARRIVAL_SECONDS = 420


@dataclass(kw_only=True)
class Capture:
    """Everything between an outbox row and its record."""

    outbox: Outbox
    worker: Worker
    watcher: Watcher
    early: list[Row]
    """Rows from before the connector followed the log."""
    written: list[Row] = field(default_factory=list)

    def commit(self, rows: Sequence[Row]) -> None:
        self.outbox.commit(rows)
        self.written.extend(rows)

    def records(self) -> list[Seen]:
        """What arrived of the rows after the snapshot."""
        early = {row.id for row in self.early}
        return [record for record in self.watcher.records(TOPIC) if _id(record) not in early]

    def await_all(self) -> float:
        """Wait until every committed row has arrived; gives how long that took, in seconds."""
        started = time.monotonic()
        wanted = {row.id for row in (*self.early, *self.written)}

        def arrived() -> bool:
            self.worker.restart_failed([self.outbox.connector.name])
            return wanted <= {_id(record) for record in self.watcher.records(TOPIC)}

        self.worker.server.until(arrived, seconds=ARRIVAL_SECONDS, what="every committed row arriving")
        return time.monotonic() - started

    def check(self) -> None:
        """Every committed row is there once, whole, and in order within its aggregate; nothing else is."""
        records = self.records()
        counts = Counter(map(_id, records))
        assert not {id_: count for id_, count in counts.items() if count != 1}, "some rows arrived twice"
        assert set(counts) == {row.id for row in self.written}
        by_id = {_id(record): record for record in records}
        for row in self.written:
            record = by_id[row.id]
            assert record.key == row.order.encode()
            assert record.value == row.payload.encode()
            assert record.headers["eventType"] == row.type.encode()
        for order in {row.order for row in self.written}:
            sent = [row.id for row in self.written if row.order == order]
            got = [_id(record) for record in records if record.key == order.encode()]
            assert got == sent, f"the events of {order} changed their order"


def _id(record: Seen) -> str:
    return record.headers["id"].decode()


def rows(count: int, *, orders: int = 5) -> list[Row]:
    """Rows of a few new orders, each with several events."""
    run = uuid.uuid4().hex[:8]
    return [Row.of(f"{run}-{number % orders}", number) for number in range(count)]


@pytest.fixture(scope="module")
def capture(
    start_cluster: StartCluster, java: Java, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Capture]:
    plugins = java.bring(JarSet.DEBEZIUM)
    cluster = start_cluster(Stack.PROD_ASIA, brokers=1)
    outbox = Outbox.prepare(cluster, tmp_path_factory.mktemp("database") / "db")
    try:
        worker = outbox.start_worker("connect-0", plugins)
        worker.wait_ready()
        early = rows(50)
        outbox.commit(early)

        def commit(_: int) -> None:
            row = rows(1)
            outbox.commit(row)
            early.extend(row)

        with (
            outbox.database.without_global_lock("smp_order.orders"),
            Repeated(deed=commit, pause=0.005, at_most=10_000) as writing,
        ):
            outbox.run_on(worker)
        assert not writing.error
        names = [topic_name(manifest) for manifest in cluster.manifests.all("KafkaTopic")]
        with Watcher(config=cluster.operator_config(), topics=names) as watcher:
            found = Capture(outbox=outbox, worker=worker, watcher=watcher, early=early)
            yield found
            worker.server.kill()
    finally:
        outbox.database.server.kill()


def test_the_first_snapshot_sends_every_row_once(capture: Capture, measured: Measured) -> None:
    capture.await_all()
    counts = Counter(map(_id, capture.watcher.records(TOPIC)))
    measured(
        f"capture: {len(capture.early)} rows of {capture.outbox.database.program.name}, written before and during the"
        " first snapshot, were there once"
    )
    assert set(counts) == {row.id for row in capture.early}
    assert not {id_: count for id_, count in counts.items() if count != 1}, "some rows arrived twice"


def test_committed_rows_arrive_once_and_in_order(capture: Capture, measured: Measured) -> None:
    first = rows(20)
    for row in first:
        capture.commit([row])
    capture.commit(rows(200))
    seconds = capture.await_all()
    measured(
        f"capture: {len(capture.written)} rows were in {TOPIC} {seconds:.1f} s after the last was committed"
    )
    capture.check()


def test_what_was_rolled_back_never_arrives(capture: Capture) -> None:
    capture.outbox.roll_back(rows(10))
    capture.commit(rows(1))
    capture.await_all()
    capture.check()


def test_a_row_cannot_choose_another_topic(capture: Capture) -> None:
    """Nor does anything but a new outbox row make an event."""
    strange = Row.of("order-of-nobody", 1, aggregate="payments")
    capture.commit([strange])
    capture.outbox.database.run(
        "INSERT INTO smp_order.orders VALUES (1, 'a person')",
        f"UPDATE smp_order.outbox SET type = 'changed' WHERE id = '{capture.written[0].id}'",
        f"DELETE FROM smp_order.outbox WHERE id = '{capture.written[1].id}'",
        "INSERT INTO smp_order.debezium_signal VALUES ('1', 'log', '{\"message\": \"hello\"}')",
    )
    capture.commit(rows(1))
    capture.await_all()
    capture.check()
    allowed = {TOPIC, *storage_topics(capture.outbox.cluster.manifests.one("KafkaConnect"))}
    elsewhere = Counter(record.topic for record in capture.watcher.records() if record.topic not in allowed)
    assert set(elsewhere) <= {"cdc.smp_order.history", "heartbeat.cdc.smp_order"}
    about_persons = [record for record in capture.watcher.records() if b"a person" in (record.value or b"")]
    assert not about_persons


@pytest.mark.parametrize("victim", ["worker", "database"])
def test_rows_arrive_once_through_a_restart(capture: Capture, victim: str, measured: Measured) -> None:
    """Killed, not stopped, while rows are being written."""
    server = capture.worker.server if victim == "worker" else capture.outbox.database.server
    with Repeated(deed=lambda _: capture.commit(rows(2, orders=1)), pause=0.02, at_most=2_000) as writing:
        before = len(capture.records())
        poll(lambda: len(capture.records()) > before + 50, seconds=60, what="rows flowing")
        server.kill()
        if victim == "worker":
            server.start()
            capture.worker.wait_ready()
        else:
            # The commit that the database's death cut off may have happened or not; it is asked below.
            poll(lambda: writing.error, seconds=60, what="the writer noticing")
            capture.outbox.database.up()
    if victim == "worker":
        assert not writing.error
    back = time.monotonic()
    _settle(capture)
    capture.commit(rows(10))
    capture.await_all()
    measured(
        f"capture: {victim} killed; every row was there {time.monotonic() - back:.0f} s after it was back"
    )
    capture.check()


def test_a_signal_sends_what_the_outbox_holds_again(capture: Capture) -> None:
    """The last of these tests, for now every row is there twice."""
    asked = json.dumps({"type": "incremental", "data-collections": ["smp_order.outbox"]})
    capture.outbox.database.run(
        f"INSERT INTO smp_order.debezium_signal VALUES ('again', 'execute-snapshot', '{asked}')",
    )
    with closing(capture.outbox.database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM smp_order.outbox")
        held = {id_ for (id_,) in cursor.fetchall()}

    def again() -> bool:
        counts = Counter(map(_id, capture.watcher.records(TOPIC)))
        return all(counts[id_] > 1 for id_ in held)

    capture.worker.server.until(again, seconds=60, what="every row of the outbox arriving again")


def _settle(capture: Capture) -> None:
    """Take for written what the database holds: it alone knows which of the last commits happened."""
    with capture.outbox.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, aggregatetype, aggregateid, type, payload FROM smp_order.outbox")
        known = {row.id for row in (*capture.early, *capture.written)}
        for id_, aggregate, order, kind, payload in cursor.fetchall():
            if id_ not in known:
                capture.written.append(
                    Row(id=id_, aggregate=aggregate, order=order, type=kind, payload=payload)
                )
