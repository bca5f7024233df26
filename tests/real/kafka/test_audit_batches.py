"""The audit log's daily batch, from a live broker and as the plan's own user."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from confluent_kafka import Consumer, Producer

from catalog.kafka_clients import PlatformClient
from catalog.services import Service
from catalog.stack_facts import Stack
from jobs.audit_batches.__main__ import KEPT, report
from jobs.audit_batches.chain import MANIFEST, Batches, content_name
from jobs.audit_batches.topic import TOPIC, KafkaTopic, settings
from tests.real.kafka.cluster import KafkaCluster
from tests.real.kafka.conftest import StartCluster

TODAY = datetime.combine(datetime.now(UTC).date(), time(), UTC)
NOW = TODAY + timedelta(hours=2)
RECORDS = 60
"""A half of them in each of two closed days; as many again today."""


@dataclass
class MemoryBucket:
    """Objects in memory; what S3 does with them is not what is shown here."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.objects[key] = data

    def keys(self, prefix: str) -> list[str]:
        return [key for key in self.objects if key.startswith(prefix)]


@pytest.fixture(scope="module")
def cluster(start_cluster: StartCluster) -> KafkaCluster:
    """One broker of Asia's, with records of three days in audit.events."""
    cluster = start_cluster(Stack.PROD_ASIA, brokers=1)
    producer = Producer({**cluster.client_config(cluster.users[Service.ORDER.id]), "acks": "all"})
    moments = [TODAY - timedelta(hours=47), TODAY - timedelta(milliseconds=1), TODAY]
    for moment in moments:
        for number in range(RECORDS // 2):
            stamp = int(moment.timestamp() * 1000)
            producer.produce(TOPIC, key=f"person-{number}", value=f"{moment} {number}", timestamp=stamp)
        assert producer.flush(60) == 0
    return cluster


def run(cluster: KafkaCluster, bucket: MemoryBucket, now: datetime) -> tuple[int, dict[int, int]]:
    """Run the job as its own user; give the exit code and what the broker has as committed."""
    user = cluster.users[PlatformClient.AUDIT_ARCHIVER.id]
    # The job's own settings, with the harness' address, password and authority in place of the mounted files.
    config = {
        **settings("", username="", password="", authority=""),
        **cluster.client_config(user),
    }
    del config["ssl.ca.location"]
    with closing(Consumer(config)) as consumer:
        topic = KafkaTopic(consumer=consumer)
        batches = Batches(
            cluster="smp-asia",
            own=bucket,
            archive=None,
            topic=topic,
            retention=timedelta(days=14),
            kept=timedelta(days=2555),
        )
        said: list[str] = []
        code = report(batches, now, said.append)
        assert code == KEPT, said
        return code, dict(topic.committed())


def values(bucket: MemoryBucket, day: datetime) -> int:
    """Count the records of a day's batch, which must be those the manifest counts."""
    folder = f"smp-asia/daily/{day.date()}/"
    manifest = json.loads(bucket.objects[folder + MANIFEST])
    lines = gzip.decompress(bucket.objects[folder + content_name(manifest["sha256"])]).splitlines()
    places = {(line["partition"], line["offset"]) for line in map(json.loads, lines)}
    assert len(places) == len(lines) == manifest["records"]
    return len(lines)


def test_closed_days_are_read_once_by_the_archiver_itself(cluster: KafkaCluster) -> None:
    bucket = MemoryBucket()
    _, committed = run(cluster, bucket, NOW)
    assert values(bucket, TODAY - timedelta(days=2)) == RECORDS // 2
    assert values(bucket, TODAY - timedelta(days=1)) == RECORDS // 2
    assert sum(committed.values()) == RECORDS
    before = dict(bucket.objects)
    run(cluster, bucket, NOW)
    assert bucket.objects == before
    _, committed = run(cluster, bucket, NOW + timedelta(days=1))
    assert values(bucket, TODAY) == RECORDS // 2
    assert sum(committed.values()) == RECORDS + RECORDS // 2
