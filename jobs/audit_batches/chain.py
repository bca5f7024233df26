"""From the last batch to yesterday: which days are due, what goes into each, and whether the old ones still hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from jobs.audit_batches.batch import Manifest, Range, Ranges, content_of, digest, prefix_of
from jobs.audit_batches.buckets import Bucket
from jobs.audit_batches.sealing import Seal
from jobs.audit_batches.topic import AuditTopic
from jobs.failures import JobError

SEALED = "records.jsonl.gz.sealed"
MANIFEST = "manifest.json"
RECEIPT = "archived.json"
"""Only in the cluster's own bucket: the archive's writers cannot read there, so what arrived is noted here."""

VERIFIED_MANIFESTS = 14
"""How many links of the chain each run looks at; of the newest batch the content too."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """The global archive, and the seal that a batch bears there."""

    bucket: Bucket
    seal: Seal


@dataclass(kw_only=True)
class Batches:
    """The batches of one cluster. ``archive`` is ``None`` where the cluster keeps them to itself.

    ``retention`` is the topic's, ``kept`` that of the own bucket: older batches may be gone. What a run finds wrong
    stands in ``findings``, what it did in ``done``.
    """

    cluster: str
    own: Bucket
    archive: Archive | None
    topic: AuditTopic
    retention: timedelta
    kept: timedelta
    chain: str | None = None
    """The name of a chain begun anew, since the topic was; ``None`` is the first."""
    findings: list[str] = field(default_factory=list[str])
    done: list[str] = field(default_factory=list[str])

    @property
    def prefix(self) -> str:
        """Where the chain's days lie."""
        return prefix_of(self.cluster, self.chain)

    def folder(self, day: date) -> str:
        """Give where a day's objects lie, ``<cluster>/daily/<YYYY-MM-DD>/``, the same in both buckets."""
        return f"{self.prefix}{day}/"

    def run(self, now: datetime) -> None:
        """Verify, keep every due day, send what the archive has not got, and only then commit.

        Raises:
            JobError: a bucket or the topic cannot be read or written; what is complete until then stays.

        """
        yesterday = now.astimezone(UTC).date() - _DAY
        last = self._verify(self._keys(), yesterday)
        if self.findings:
            # A batch on a broken chain would vouch for what came before it.
            return
        due = _from(last.day + _DAY, yesterday) if last else self._first_days(yesterday)
        goes_on = last is None or self._continues(last)
        if goes_on:
            for day in due:
                last = self._write(day, last)
        # Last: a region keeps its days also while the archive cannot be reached; a later run sends them.
        self._send_what_is_due(yesterday)
        if goes_on and last is not None:
            self._commit(last)

    def _keys(self) -> set[str]:
        return set(self.own.keys(self.prefix))

    def _verify(self, keys: set[str], yesterday: date) -> Manifest | None:
        """Check the newest links, and give the newest manifest."""
        days = _days(keys, self.prefix)
        newer: Manifest | None = None
        newest: Manifest | None = None
        for day in reversed(days[-VERIFIED_MANIFESTS:]):
            manifest = self._manifest(day)
            if manifest is None:
                continue
            if newer is None:
                newest = manifest
                self._content(manifest, keys)
            else:
                self._linked(manifest, newer)
            newer = manifest
        expired = newer is not None and yesterday - (newer.day - _DAY) > self.kept
        first_seen = newer is not None and len(days) <= VERIFIED_MANIFESTS
        if newer is not None and first_seen and newer.previous is not None and not expired:
            self.findings.append(f"the batch before {newer.day} is gone, and that day's manifest names one")
        return newest

    def _manifest(self, day: date) -> Manifest | None:
        where = self.folder(day) + MANIFEST
        data = self.own.get(where)
        if data is None:
            msg = f"{where} was listed and cannot be found; run the job again"
            raise JobError(msg)
        try:
            manifest = Manifest.decoded(data, where=where)
        except JobError as error:
            self.findings.append(str(error))
            return None
        if (manifest.cluster, manifest.day) != (self.cluster, day) or manifest.encoded() != data:
            self.findings.append(f"{where} was changed: it speaks of {manifest.cluster} {manifest.day}")
        return manifest

    def _content(self, manifest: Manifest, keys: set[str]) -> bytes:
        where = self.folder(manifest.day) + content_name(manifest.sha256)
        # Asked of the list: for a name that is not there, S3 refuses whoever may list a prefix only.
        data = self.own.get(where) if where in keys else None
        if data is None:
            self.findings.append(f"{where} is gone, and its manifest is there")
        elif digest(data) != manifest.sha256:
            self.findings.append(f"{where} is not what its manifest says; look at its earlier versions")
        return data or b""

    def _linked(self, older: Manifest, newer: Manifest) -> None:
        if newer.day != older.day + _DAY:
            self.findings.append(f"no batch between {older.day} and {newer.day}")
        if newer.previous != older.digest:
            self.findings.append(
                f"the manifest of {older.day} was changed after that of {newer.day} was made"
            )
        begins = {number: _begin(newer, number) for number in older.ranges}
        ends = {number: found.end for number, found in older.ranges.items()}
        if begins != ends:
            self.findings.append(
                f"offsets of {newer.day} do not follow those of {older.day}: {begins}, {ends}"
            )

    def _first_days(self, yesterday: date) -> list[date]:
        """Give the days of the first run: from the oldest record that is kept, yesterday in any case."""
        kept = self.topic.kept()
        for day in _from(yesterday - self.retention, yesterday):
            ends = self.topic.first_at(_end(day))
            if any(ends[number] > found.begin for number, found in kept.items()):
                return _from(day, yesterday)
        return [yesterday]

    def _continues(self, last: Manifest) -> bool:
        """Check that the topic is the one the batches came from, and that nobody committed past them."""
        kept, committed = self.topic.kept(), self.topic.committed()
        for number, found in last.ranges.items():
            if number not in kept or kept[number].end < found.end:
                self.findings.append(
                    f"partition {number} ends before offset {found.end} of the last batch: the topic was made anew"
                )
            if committed.get(number, 0) > found.end:
                self.findings.append(
                    f"partition {number} is committed up to {committed[number]}, and its batches end at {found.end}"
                )
        return not self.findings

    def _write(self, day: date, last: Manifest | None) -> Manifest:
        kept, ends = self.topic.kept(), self.topic.first_at(_end(day))
        begins = {number: last.ranges[number].end if last and number in last.ranges else 0 for number in kept}
        ranges, missing = divided(begins, kept, ends)
        content, count = content_of(self.topic.read(ranges))
        manifest = Manifest(
            cluster=self.cluster,
            day=day,
            ranges=ranges,
            missing=missing,
            records=count,
            sha256=digest(content),
            previous=last.digest if last else None,
        )
        folder = self.folder(day)
        self.own.put(folder + content_name(manifest.sha256), content)
        self.own.put(folder + MANIFEST, manifest.encoded())
        for number, lost in missing.items():
            self.findings.append(
                f"{day}: partition {number} lost offsets {lost.begin} to {lost.end - 1} to the topic's retention"
            )
        self.done.append(f"{day}: {count} records, {len(content)} bytes, sha256 {manifest.sha256}")
        return manifest

    def _send_what_is_due(self, yesterday: date) -> None:
        """Copy to the archive every day without a receipt; one that does not agree with itself stays, and is told."""
        if self.archive is None:
            return
        keys = self._keys()
        for day in _days(keys, self.prefix):
            if self.folder(day) + RECEIPT not in keys and yesterday - day <= self.kept:
                self._send(day, self.archive, keys)

    def _send(self, day: date, archive: Archive, keys: set[str]) -> None:
        """Copy a day into the archive, its manifest last, and note that it arrived."""
        folder, found = self.folder(day), len(self.findings)
        manifest = self._manifest(day)
        content = self._content(manifest, keys) if manifest else b""
        if manifest is None or len(self.findings) > found:
            self.done.append(f"{folder} is not sent to the archive, since it does not agree with itself")
            return
        sealed = archive.seal.close(content, folder=folder)
        archive.bucket.put(folder + SEALED, sealed)
        archive.bucket.put(folder + MANIFEST, manifest.encoded())
        receipt = {"manifest": manifest.digest, "sealed": digest(sealed)}
        self.own.put(folder + RECEIPT, json.dumps(receipt, sort_keys=True).encode() + b"\n")

    def _commit(self, last: Manifest) -> None:
        ends = {number: found.end for number, found in last.ranges.items()}
        if dict(self.topic.committed()) != ends:
            self.topic.commit(ends)


def content_name(sha256: str) -> str:
    """Name a batch's content by its digest: what a run that broke off has written is never written over."""
    return f"records-{sha256}.jsonl.gz"


def divided(begins: Mapping[int, int], kept: Ranges, ends: Mapping[int, int]) -> tuple[Ranges, Ranges]:
    """Divide what is due into offsets that can be read and offsets that are gone, by partition."""
    ranges: dict[int, Range] = {}
    missing: dict[int, Range] = {}
    for number, begin in begins.items():
        first = max(begin, kept[number].begin)
        if first > begin:
            missing[number] = Range(begin=begin, end=first)
        ranges[number] = Range(begin=first, end=max(first, ends[number]))
    return ranges, missing


def _begin(manifest: Manifest, number: int) -> int | None:
    """Give where a day takes up a partition, what it lost included."""
    found = manifest.missing.get(number) or manifest.ranges.get(number)
    return found.begin if found else None


def _end(day: date) -> datetime:
    return datetime.combine(day + _DAY, time(), UTC)


def _from(first: date, last: date) -> list[date]:
    return [first + _DAY * number for number in range((last - first).days + 1)]


def _days(keys: set[str], prefix: str) -> list[date]:
    """Give the days that have a manifest; a folder without one does not count."""
    suffix = f"/{MANIFEST}"
    names = (key.removeprefix(prefix).removesuffix(suffix) for key in keys if key.endswith(suffix))
    try:
        # A folder below is a chain that was begun anew.
        return sorted(date.fromisoformat(name) for name in names if "/" not in name)
    except ValueError as error:
        msg = f"below {prefix} lies something that is no day: {error}"
        raise JobError(msg) from error
