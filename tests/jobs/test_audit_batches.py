"""The audit log's daily batch: nothing lost, nothing twice, nothing half, and every change seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from jobs.audit_batches.__main__ import BROKEN, KEPT, UNKNOWN, archive_of, main, report
from jobs.audit_batches.batch import Range, Ranges, Record, content_of, digest
from jobs.audit_batches.chain import Archive, Batches, divided
from jobs.audit_batches.sealing import Seal, opened
from jobs.failures import JobError

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
FIRST = "smp-asia/daily/2026-11-24/"
SECOND = "smp-asia/daily/2026-11-25/"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=3072)


@dataclass
class FakeBucket:
    """Objects in memory, and the order in which they came; ``refuses`` is a part of a key that cannot be written."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    written: list[str] = field(default_factory=list[str])
    refuses: str | None = None

    def get(self, key: str) -> bytes | None:
        """Give what is there; for what is not, S3 refuses whoever may list one prefix only."""
        if key not in self.objects:
            msg = f"{key} cannot be read: AccessDenied"
            raise JobError(msg)
        return self.objects[key]

    def put(self, key: str, data: bytes) -> None:
        if self.refuses and self.refuses in key:
            msg = f"{key} is refused"
            raise JobError(msg)
        self.objects[key] = data
        self.written.append(key)

    def keys(self, prefix: str) -> list[str]:
        return [key for key in self.objects if key.startswith(prefix)]


class WriteOnlyBucket(FakeBucket):
    """The archive, as its policy has it."""

    def get(self, key: str) -> bytes | None:
        raise AssertionError(key)

    def keys(self, prefix: str) -> list[str]:
        raise AssertionError(prefix)


@dataclass
class FakeTopic:
    """Records in memory; ``begins`` are the offsets from which each partition is still kept."""

    records: list[Record]
    begins: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 0})
    offsets: dict[int, int] = field(default_factory=dict[int, int])

    def kept(self) -> Ranges:
        return {number: Range(begin=begin, end=self._end(number)) for number, begin in self.begins.items()}

    def first_at(self, moment: datetime) -> Mapping[int, int]:
        limit = moment.timestamp() * 1000
        return {
            number: min(
                (
                    record.offset
                    for record in self.records
                    if record.partition == number and record.offset >= begin and record.timestamp >= limit
                ),
                default=self._end(number),
            )
            for number, begin in self.begins.items()
        }

    def read(self, ranges: Ranges) -> Iterable[Record]:
        for record in self.records:
            found = ranges[record.partition]
            if found.begin <= record.offset < found.end:
                assert record.offset >= self.begins[record.partition]
                yield record

    def committed(self) -> Mapping[int, int]:
        return self.offsets

    def commit(self, offsets: Mapping[int, int]) -> None:
        self.offsets = dict(offsets)

    def _end(self, number: int) -> int:
        ends = [record.offset + 1 for record in self.records if record.partition == number]
        return max([self.begins[number], *ends])


def record(partition: int, offset: int, moment: str) -> Record:
    stamp = datetime.fromisoformat(f"2026-11-{moment}+00:00").timestamp()
    return Record(
        partition=partition, offset=offset, timestamp=int(stamp * 1000), key=b"person", value=b"%d" % offset
    )


def three_days() -> FakeTopic:
    """Two records on the 24th, two on the 25th (one in its last second), one today."""
    return FakeTopic(
        [
            record(0, 0, "24T00:00:00"),
            record(1, 0, "24T23:59:59"),
            record(0, 1, "25T00:00:00"),
            record(0, 2, "25T23:59:59"),
            record(0, 3, "26T00:00:00"),
        ]
    )


@dataclass
class World:
    """A cluster with its bucket, the archive and the topic."""

    topic: FakeTopic = field(default_factory=three_days)
    own: FakeBucket = field(default_factory=FakeBucket)
    archive: WriteOnlyBucket | None = field(default_factory=WriteOnlyBucket)
    kept: timedelta = timedelta(days=2555)
    chain: str | None = None

    def run(self, now: datetime = NOW) -> tuple[int, list[str]]:
        said: list[str] = []
        batches = Batches(
            cluster="smp-asia",
            own=self.own,
            archive=Archive(bucket=self.archive, seal=Seal(key=PRIVATE.public_key()))
            if self.archive is not None
            else None,
            topic=self.topic,
            retention=timedelta(days=14),
            kept=self.kept,
            chain=self.chain,
        )
        return report(batches, now, said.append), said

    def manifest(self, folder: str) -> Any:
        return json.loads(self.own.objects[folder + "manifest.json"])

    def content(self, folder: str) -> str:
        """Name the object that a manifest vouches for."""
        return f"{folder}records-{self.manifest(folder)['sha256']}.jsonl.gz"


def test_what_is_gone_is_told_from_what_can_be_read() -> None:
    kept = {0: Range(begin=5, end=9), 1: Range(begin=0, end=4), 2: Range(begin=8, end=8)}
    ranges, missing = divided({0: 3, 1: 1, 2: 8}, kept, {0: 7, 1: 1, 2: 8})
    assert ranges == {0: Range(begin=5, end=7), 1: Range(begin=1, end=1), 2: Range(begin=8, end=8)}
    assert missing == {0: Range(begin=3, end=5)}


def test_closed_days_are_written_from_the_oldest_record_on_and_today_is_not() -> None:
    world = World()
    assert world.run()[0] == KEPT
    assert sorted(world.own.objects) == [
        name
        for folder in (FIRST, SECOND)
        for name in (f"{folder}archived.json", f"{folder}manifest.json", world.content(folder))
    ]
    first, second = world.manifest(FIRST), world.manifest(SECOND)
    assert (first["records"], first["ranges"]) == (2, {"0": [0, 1], "1": [0, 1]})
    assert (second["records"], second["ranges"]) == (2, {"0": [1, 3], "1": [1, 1]})
    assert first["previous"] is None
    assert second["previous"] == digest(world.own.objects[f"{FIRST}manifest.json"])
    assert second["sha256"] == digest(world.own.objects[world.content(SECOND)])
    assert world.topic.offsets == {0: 3, 1: 1}


def test_manifests_come_after_what_they_vouch_for() -> None:
    world = World()
    world.run()
    assert world.archive is not None
    assert world.own.written == [
        *(name for folder in (FIRST, SECOND) for name in (world.content(folder), f"{folder}manifest.json")),
        f"{FIRST}archived.json",
        f"{SECOND}archived.json",
    ]
    assert world.archive.written[:2] == [
        f"{FIRST}{name}" for name in ("records.jsonl.gz.sealed", "manifest.json")
    ]


def test_a_region_keeps_its_days_while_the_archive_is_away_and_sends_them_when_it_is_back() -> None:
    world = World()
    assert world.archive is not None
    world.archive.refuses = "smp-asia"
    for later in range(3):
        assert world.run(NOW + timedelta(days=later))[0] == UNKNOWN
    days = [FIRST, SECOND, "smp-asia/daily/2026-11-26/", "smp-asia/daily/2026-11-27/"]
    assert [key for key in world.own.written if key.endswith("manifest.json")] == [
        f"{day}manifest.json" for day in days
    ]
    assert world.archive.written == []
    world.archive.refuses = None
    assert world.run(NOW + timedelta(days=2))[0] == KEPT
    assert [key for key in world.archive.written if key.endswith("manifest.json")] == [
        f"{day}manifest.json" for day in days
    ]


def test_a_day_that_does_not_agree_with_itself_is_not_sent_and_keeps_no_other_from_it() -> None:
    world = World()
    assert world.archive is not None
    world.archive.refuses = "smp-asia"
    world.run()
    del world.own.objects[world.content(FIRST)]
    world.archive.refuses = None
    code, said = world.run()
    assert code == BROKEN
    assert f"{FIRST} is not sent to the archive, since it does not agree with itself" in said
    assert world.archive.written == [f"{SECOND}records.jsonl.gz.sealed", f"{SECOND}manifest.json"]


def test_the_archive_gets_the_same_content_sealed() -> None:
    world = World()
    world.run()
    assert world.archive is not None
    sealed = world.archive.objects[f"{SECOND}records.jsonl.gz.sealed"]
    content = world.own.objects[world.content(SECOND)]
    assert opened(sealed, PRIVATE, folder=SECOND) == content
    assert content not in sealed
    assert world.archive.objects[f"{SECOND}manifest.json"] == world.own.objects[f"{SECOND}manifest.json"]
    with pytest.raises(JobError, match="of another day"):
        opened(sealed, PRIVATE, folder=FIRST)
    with pytest.raises(JobError, match="was changed"):
        opened(sealed[:-1] + bytes([sealed[-1] ^ 1]), PRIVATE, folder=SECOND)
    other = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    with pytest.raises(JobError, match="sealed for the key"):
        opened(sealed, other, folder=SECOND)


def test_a_second_run_writes_nothing() -> None:
    world = World()
    world.run()
    before = list(world.own.written)
    code, said = world.run()
    assert (code, world.own.written) == (KEPT, before)
    assert "nothing was written" in said[-1]


def test_missed_days_are_caught_up() -> None:
    world = World()
    world.run(NOW - timedelta(days=1))
    assert world.own.keys(SECOND) == []
    world.run(NOW + timedelta(days=2))
    days = [key[15:25] for key in world.own.written if key.endswith("manifest.json")]
    assert days == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]
    assert world.manifest("smp-asia/daily/2026-11-26/")["records"] == 1


def test_a_day_that_retention_took_is_loud_and_recorded_and_the_next_goes_on() -> None:
    world = World()
    world.run(NOW - timedelta(days=1))
    world.topic.begins[0] = 2
    code, said = world.run()
    assert code == BROKEN
    assert said[-1] == "BROKEN 2026-11-25: partition 0 lost offsets 1 to 1 to the topic's retention"
    assert world.manifest(SECOND)["missing"] == {"0": [1, 2]}
    assert world.run(NOW + timedelta(days=1))[0] == KEPT


@pytest.mark.parametrize("name", ["sealed", "manifest.json"])
def test_nothing_is_committed_before_the_archive_has_it_and_the_next_run_sends_it(name: str) -> None:
    world = World()
    assert world.archive is not None
    world.archive.refuses = SECOND + ("records.jsonl.gz.sealed" if name == "sealed" else name)
    assert world.run()[0] == UNKNOWN
    assert world.topic.offsets == {}
    assert f"{SECOND}archived.json" not in world.own.objects
    world.archive.refuses = None
    assert world.run()[0] == KEPT
    assert world.archive.written[-2:] == [f"{SECOND}records.jsonl.gz.sealed", f"{SECOND}manifest.json"]
    assert world.topic.offsets == {0: 3, 1: 1}


def test_content_without_a_manifest_does_not_count() -> None:
    world = World()
    world.own.refuses = f"{SECOND}manifest"
    assert world.run()[0] == UNKNOWN
    (left,) = world.own.keys(f"{SECOND}records-")
    world.own.refuses = None
    # A record of that day that came in between: the content is another one, and has another name.
    world.topic.records.insert(4, record(1, 1, "25T12:00:00"))
    assert world.run()[0] == KEPT
    assert world.manifest(SECOND)["records"] == 3
    assert sorted(world.own.keys(f"{SECOND}records-")) == sorted([left, world.content(SECOND)])
    assert len(set(world.own.written)) == len(world.own.written)


def broken(world: World, what: str) -> None:
    """Do one of the things that must be seen."""
    first = f"{FIRST}manifest.json"
    match what:
        case "content":
            world.own.objects[world.content(SECOND)] = content_of([])[0]
        case "content gone":
            del world.own.objects[world.content(SECOND)]
        case "older manifest":
            body = {**world.manifest(FIRST), "records": 1}
            world.own.objects[first] = (
                json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + b"\n"
            )
        case "older manifest gone":
            del world.own.objects[first]
        case "manifest spoilt":
            world.own.objects[first] = b"{}"
        case "committed past":
            world.topic.offsets = {0: 4, 1: 1}
        case _:
            world.topic.records = world.topic.records[:2]


@pytest.mark.parametrize(
    ("what", "finding"),
    [
        ("content", "is not what its manifest says"),
        ("content gone", "is gone, and its manifest is there"),
        ("older manifest", "manifest of 2026-11-24 was changed"),
        ("older manifest gone", "the batch before 2026-11-25 is gone"),
        ("manifest spoilt", "is no manifest"),
        ("committed past", "committed up to 4, and its batches end at 3"),
        ("topic anew", "the topic was made anew"),
    ],
)
def test_a_gap_or_change_is_found_and_nothing_is_built_on_it(what: str, finding: str) -> None:
    world = World()
    world.run()
    broken(world, what)
    before = list(world.own.written)
    code, said = world.run(NOW + timedelta(days=1))
    assert code == BROKEN
    assert any(finding in line for line in said if line.startswith("BROKEN")), said
    assert world.own.written == before


def test_a_batch_whose_time_is_over_is_not_missed() -> None:
    world = World(kept=timedelta(days=1))
    later = NOW + timedelta(days=1)
    world.run(later)
    for key in [key for key in world.own.objects if FIRST in key or SECOND in key]:
        del world.own.objects[key]
    assert world.run(later)[0] == BROKEN  # the 25th has a day left
    assert world.run(later + timedelta(days=1))[0] == KEPT


def test_what_the_bucket_let_go_of_is_not_sent_again() -> None:
    world = World(kept=timedelta(days=1))
    world.run()
    del world.own.objects[f"{FIRST}archived.json"]
    assert world.archive is not None
    sent = list(world.archive.written)
    world.run()
    assert world.archive.written == [*sent, f"{FIRST}records.jsonl.gz.sealed", f"{FIRST}manifest.json"]
    del world.own.objects[f"{FIRST}archived.json"]
    world.run(NOW + timedelta(days=1))
    assert f"{FIRST}archived.json" not in world.own.objects


def test_a_topic_made_anew_begins_a_chain_of_its_own_and_the_old_one_stays() -> None:
    world = World()
    world.run()
    before = dict(world.own.objects)
    world.topic = FakeTopic([record(0, 0, "26T09:00:00")])
    later = NOW + timedelta(days=1)
    assert world.run(later)[0] == BROKEN
    assert world.own.objects == before
    world.chain = "second"
    assert world.run(later)[0] == KEPT
    folder = "smp-asia/daily/second/2026-11-26/"
    assert (world.manifest(folder)["records"], world.manifest(folder)["previous"]) == (1, None)
    assert world.archive is not None
    sealed = world.archive.objects[f"{folder}records.jsonl.gz.sealed"]
    assert opened(sealed, PRIVATE, folder=folder) == world.own.objects[world.content(folder)]
    assert before.items() <= world.own.objects.items()
    assert world.run(later)[0] == KEPT
    world.chain = None  # the old chain is still read by itself
    assert "the topic was made anew" in " ".join(world.run(later)[1])


def test_a_day_between_that_is_gone_is_found() -> None:
    world = World()
    world.run(NOW + timedelta(days=1))
    del world.own.objects[f"{SECOND}manifest.json"]
    code, said = world.run(NOW + timedelta(days=1))
    assert code == BROKEN
    assert "BROKEN no batch between 2026-11-24 and 2026-11-26" in said


def test_a_cluster_without_an_archive_keeps_its_own_and_says_so() -> None:
    world = World(archive=None)
    code, said = world.run()
    assert code == KEPT
    assert said[0] == "smp-asia sends nothing to the global archive; its own bucket keeps the batches"
    assert f"{SECOND}archived.json" not in world.own.objects
    assert world.topic.offsets == {0: 3, 1: 1}


def test_china_is_refused_the_archive() -> None:
    with pytest.raises(JobError, match="smp-china may not send"):
        archive_of({"CLUSTER": "smp-china", "ARCHIVE_BUCKET": "smp-global-audit-archive"})


def test_what_is_not_set_is_named() -> None:
    said: list[str] = []
    assert main({}, NOW, said.append) == UNKNOWN
    assert "CLUSTER is not set" in said[0]
    whole = {"CLUSTER": "smp-asia", "AUDIT_BUCKET": "smp-asia-audit-log", "AUDIT_REGION": "ap-southeast-1"}
    assert main({**whole, "CLUSTER": "smp-mars"}, NOW, said.append) == UNKNOWN
    assert "no cluster 'smp-mars'" in said[1]
    assert main({**whole, "AUDIT_KEPT_DAYS": "0"}, NOW, said.append) == UNKNOWN
    assert "AUDIT_KEPT_DAYS is '0'" in said[2]
    assert main({**whole, "AUDIT_KEPT_DAYS": "1", "AUDIT_CHAIN": "../x"}, NOW, said.append) == UNKNOWN
    assert "AUDIT_CHAIN '../x' is no name" in said[3]
