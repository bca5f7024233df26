"""Bounded load: a writer that keeps account of what was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from confluent_kafka import KafkaError, Message, Producer

DELIVERY_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """One record that the brokers took, and when they said so (monotonic seconds)."""

    value: bytes
    key: bytes
    partition: int
    at: float


@dataclass(kw_only=True)
class Repeated:
    """Does something again and again in a thread of its own, at most so often, until it is told to stop."""

    deed: Callable[[int], None]
    pause: float
    at_most: int
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    error: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let the deed under way end, and begin no other."""
        self._ended.set()
        if self._thread:
            self._thread.join(timeout=DELIVERY_SECONDS)

    def _run(self) -> None:
        try:
            for number in range(self.at_most):
                if self._ended.wait(self.pause):
                    return
                self.deed(number)
        except BaseException as error:  # noqa: BLE001 - told to whoever asks
            self.error = error


@dataclass(kw_only=True)
class Account:
    """A producer as the services configure theirs, and what became of each record."""

    config: Mapping[str, Any]
    topic: str
    keys: int = 24
    sent: list[bytes] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[KafkaError] = field(default_factory=list)
    _producer: Producer | None = None

    @property
    def producer(self) -> Producer:
        if self._producer is None:
            settings = {
                "acks": "all",
                "enable.idempotence": True,
                "delivery.timeout.ms": DELIVERY_SECONDS * 1000,
                "reconnect.backoff.max.ms": 1_000,
            }
            self._producer = Producer({**self.config, **settings})
        return self._producer

    def send(self, number: int) -> None:
        """Hand one numbered record over; its fate is known later."""
        value = f"record {number:06}".encode()
        self.sent.append(value)
        key = f"key-{number % self.keys}".encode()
        self.producer.produce(self.topic, value, key=key, on_delivery=self._delivered)
        self.producer.poll(0)

    def finish(self) -> None:
        """Wait until the fate of every record is known."""
        left = self.producer.flush(DELIVERY_SECONDS + 10)
        assert not left, f"{left} records have no answer"

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error:
            self.refused.append(error)
            return
        self.acknowledged.append(
            Acknowledged(
                value=message.value() or b"",
                key=message.key() or b"",
                partition=message.partition() or 0,
                at=time.monotonic(),
            )
        )
