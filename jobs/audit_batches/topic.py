"""The topic, read by ranges of offsets. No group is joined: one job runs at a time and takes every partition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from catalog.kafka_clients import AUDIT_BATCHES_GROUP
from jobs.audit_batches.batch import Range, Ranges, Record
from jobs.failures import JobError

TOPIC = "audit.events"

_ANSWER_SECONDS = 30
_SILENCE_SECONDS = 120


class AuditTopic(Protocol):
    """What the job asks of the topic."""

    def kept(self) -> Ranges:
        """Give the offsets the broker still has."""
        ...

    def first_at(self, moment: datetime) -> Mapping[int, int]:
        """Give each partition's first offset at or after a moment; its end where there is none."""
        ...

    def read(self, ranges: Ranges) -> Iterable[Record]:
        """Read all records of these offsets."""
        ...

    def committed(self) -> Mapping[int, int]:
        """Give the group's offsets, of partitions that have one."""
        ...

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Note how far the batches go."""
        ...


def settings(bootstrap: str, *, username: str, password: str, authority: str) -> dict[str, Any]:
    """Write the consumer's settings: SCRAM over TLS, nothing committed or reset by itself."""
    return {
        "bootstrap.servers": bootstrap,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": username,
        "sasl.password": password,
        "ssl.ca.location": authority,
        "group.id": AUDIT_BATCHES_GROUP,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
    }


@dataclass(frozen=True, kw_only=True)
class KafkaTopic:
    """The topic on a broker. Raises ``JobError`` where the broker does not answer or refuses."""

    consumer: Consumer
    name: str = TOPIC

    def kept(self) -> Ranges:
        """Give the offsets the broker still has."""
        try:
            return {number: self._bounds(number) for number in self._partitions()}
        except KafkaException as error:
            raise self._failure(error) from error

    def first_at(self, moment: datetime) -> Mapping[int, int]:
        """Give each partition's first offset at or after a moment; its end where there is none."""
        milliseconds = int(moment.timestamp() * 1000)
        try:
            asked = [TopicPartition(self.name, number, milliseconds) for number in self._partitions()]
            found = self.consumer.offsets_for_times(asked, timeout=_ANSWER_SECONDS)
            for each in found:
                if each.error is not None:
                    raise KafkaException(each.error)
            return {
                each.partition: each.offset if each.offset >= 0 else self._bounds(each.partition).end
                for each in found
            }
        except KafkaException as error:
            raise self._failure(error) from error

    def read(self, ranges: Ranges) -> Iterable[Record]:
        """Read all records of these offsets; markers of transactions are offsets without a record."""
        left = {number: found for number, found in ranges.items() if found.begin < found.end}
        try:
            self.consumer.assign(
                [TopicPartition(self.name, number, found.begin) for number, found in left.items()]
            )
            while left:
                message = self.consumer.poll(_SILENCE_SECONDS)
                if message is None:
                    msg = f"{self.name} fell silent with partitions {sorted(left)} unread; see the brokers"
                    raise JobError(msg)
                record = self._record(message)
                number = message.partition()
                if number in left and record is not None and record.offset < left[number].end:
                    yield record
                if number in left and self._reached(message, left[number].end):
                    del left[number]
            self.consumer.unassign()
        except KafkaException as error:
            raise self._failure(error) from error

    def committed(self) -> Mapping[int, int]:
        """Give the group's offsets, of partitions that have one."""
        try:
            asked = [TopicPartition(self.name, number) for number in self._partitions()]
            found = self.consumer.committed(asked, timeout=_ANSWER_SECONDS)
        except KafkaException as error:
            raise self._failure(error) from error
        return {each.partition: each.offset for each in found if each.offset >= 0}

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Note how far the batches go, and wait for the broker's word."""
        places = [TopicPartition(self.name, number, offset) for number, offset in offsets.items()]
        try:
            for each in self.consumer.commit(offsets=places, asynchronous=False) or ():
                if each.error is not None:
                    raise KafkaException(each.error)
        except KafkaException as error:
            raise self._failure(error) from error

    def _partitions(self) -> list[int]:
        metadata = self.consumer.list_topics(self.name, timeout=_ANSWER_SECONDS).topics[self.name]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        return sorted(metadata.partitions)

    def _bounds(self, number: int) -> Range:
        place = TopicPartition(self.name, number)
        begin, end = self.consumer.get_watermark_offsets(place, timeout=_ANSWER_SECONDS)
        return Range(begin=begin, end=end)

    @staticmethod
    def _record(message: Message) -> Record | None:
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                return None
            raise KafkaException(error)
        return Record(
            partition=message.partition() or 0,
            offset=message.offset() or 0,
            timestamp=message.timestamp()[1],
            key=_bytes(message.key()),
            value=_bytes(message.value()),
            headers=tuple((name, _bytes(value)) for name, value in message.headers() or ()),
        )

    @staticmethod
    def _reached(message: Message, end: int) -> bool:
        offset = message.offset() or 0
        return offset >= end - 1 if message.error() is None else offset >= end

    def _failure(self, error: KafkaException) -> JobError:
        return JobError(f"{self.name} cannot be read: {error}; see the brokers and the user audit-archiver")


def _bytes(data: str | bytes | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data
