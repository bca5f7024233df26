"""What a day's batch is: its records as gzip JSON lines, and the manifest that vouches for them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from catalog.hostnames import audit_batches
from jobs.failures import JobError

FORMAT = 1

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record of the topic as the broker keeps it; ``timestamp`` is in milliseconds since 1970."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, kw_only=True)
class Range:
    """Offsets of a partition from ``begin`` up to, without, ``end``."""

    begin: int
    end: int


Ranges = Mapping[int, Range]
"""By partition."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a batch holds, and what came before it.

    ``previous`` is the SHA-256 of the manifest of the day before, so that a batch taken out or changed is seen in every
    later one; ``None`` in the first. ``missing`` are offsets the topic's retention took before anybody read them.
    """

    cluster: str
    day: date
    ranges: Ranges
    missing: Ranges
    records: int
    sha256: str
    previous: str | None

    def encoded(self) -> bytes:
        """Write it; the same manifest is always the same bytes."""
        body = {
            "format": FORMAT,
            "cluster": self.cluster,
            "day": f"{self.day}",
            "ranges": _pairs(self.ranges),
            "missing": _pairs(self.missing),
            "records": self.records,
            "sha256": self.sha256,
            "previous": self.previous,
        }
        return json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @property
    def digest(self) -> str:
        """The SHA-256 of the manifest itself, the next link of the chain."""
        return digest(self.encoded())

    @classmethod
    def decoded(cls, data: bytes, *, where: str) -> Manifest:
        """Read one.

        Raises:
            JobError: it is not a manifest of this format.

        """
        try:
            body: dict[str, Any] = json.loads(data)
            if body["format"] != FORMAT:
                msg = f"{where} has format {body['format']}, and this job knows {FORMAT}"
                raise JobError(msg)
            return cls(
                cluster=body["cluster"],
                day=date.fromisoformat(body["day"]),
                ranges=_ranges(body["ranges"]),
                missing=_ranges(body["missing"]),
                records=int(body["records"]),
                sha256=body["sha256"],
                previous=body["previous"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = f"{where} is no manifest: {error!r}; look at its earlier versions"
            raise JobError(msg) from error


def digest(data: bytes) -> str:
    """Give the SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def content_of(records: Iterable[Record]) -> tuple[bytes, int]:
    """Write records as gzip JSON lines in order of partition and offset; give the content and their number.

    Keys and values are base64, since they are bytes in the schema's encoding. The same records are the same bytes.
    """
    ordered = sorted(records, key=lambda record: (record.partition, record.offset))
    lines = b"".join(_line(record) for record in ordered)
    return gzip.compress(lines, mtime=0), len(ordered)


def prefix_of(cluster: str, chain: str | None) -> str:
    """Give where a chain lies, ``<cluster>/daily/``, the same in both buckets; one begun anew has a folder there."""
    return audit_batches(cluster) + (f"{chain}/" if chain else "")


def _line(record: Record) -> bytes:
    body = {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _text(record.key),
        "value": _text(record.value),
        "headers": [[name, _text(value)] for name, value in record.headers],
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _pairs(ranges: Ranges) -> dict[str, list[int]]:
    return {str(number): [found.begin, found.end] for number, found in ranges.items()}


def _ranges(pairs: object) -> dict[int, Range]:
    found = cast("dict[str, list[int]]", pairs)
    return {int(number): Range(begin=begin, end=end) for number, (begin, end) in found.items()}
