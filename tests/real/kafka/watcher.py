"""Reads whatever lands on a cluster while a test does something else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

LISTING_SECONDS = 60
PASSING = {
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TRANSPORT,
    KafkaError._RESOLVE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}
"""What a reader is told while brokers come and go; it goes on by itself."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One record, and when it was read (monotonic seconds)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    at: float

    @classmethod
    def of(cls, message: Message) -> Seen:
        return cls(
            topic=message.topic() or "",
            partition=message.partition() or 0,
            offset=message.offset() or 0,
            key=message.key(),
            value=message.value(),
            headers=dict(message.headers() or ()),
            at=time.monotonic(),
        )


@dataclass(kw_only=True)
class Watcher:
    """A reader of all partitions of some topics, from their beginning, in a thread of its own.

    It reads committed records alone, as the platform's consumers do, and joins no group.
    """

    config: Mapping[str, Any]
    topics: Iterable[str]
    group: str = "watcher"
    """Joined by nobody, but a client without the name of one reads nothing."""
    seen: list[Seen] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _error: BaseException | None = None

    def __enter__(self) -> Self:
        settings = {
            "group.id": self.group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 100,
            "fetch.error.backoff.ms": 100,
            "reconnect.backoff.max.ms": 1_000,
        }
        consumer = Consumer({**self.config, **settings})
        listed = consumer.list_topics(timeout=LISTING_SECONDS).topics
        consumer.assign(
            [
                TopicPartition(topic, number, OFFSET_BEGINNING)
                for topic in self.topics
                for number in listed[topic].partitions
            ]
        )
        self._thread = threading.Thread(target=self._read, args=(consumer,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join(timeout=30)

    def _read(self, consumer: Consumer) -> None:
        try:
            while not self._ended.is_set():
                for message in consumer.consume(500, timeout=0.2):
                    error = message.error()
                    if error is None:
                        self.seen.append(Seen.of(message))
                    elif error.code() not in PASSING:
                        raise KafkaException(error)
        except BaseException as error:  # noqa: BLE001 - told to whoever asks next
            self._error = error
        finally:
            consumer.close()

    def records(self, topic: str | None = None) -> list[Seen]:
        """What was read so far, in the order it was read."""
        if self._error:
            raise self._error
        return [record for record in list(self.seen) if topic in {None, record.topic}]


def write_all(
    config: Mapping[str, Any], records: Iterable[tuple[str, bytes, bytes]], *, seconds: float = 60
) -> None:
    """Write records (topic, key, value) and wait until every one is acknowledged."""
    failed: list[str] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error:
            failed.append(f"{message.topic()}: {error}")

    settings = {
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 5,
        "delivery.timeout.ms": int(seconds * 1000),
    }
    producer = Producer({**config, **settings})
    for topic, key, value in records:
        producer.produce(topic, value, key=key, on_delivery=delivered)
    left = producer.flush(seconds + 5)
    assert not left, f"{left} records were not acknowledged in {seconds:.0f} s"
    assert not failed, "\n".join(failed)
