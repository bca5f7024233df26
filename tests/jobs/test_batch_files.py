"""What a batch is made of: lines in order, a manifest, and a seal that is a strong key."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jobs.audit_batches.batch import Manifest, Range, Record, content_of
from jobs.audit_batches.sealing import Seal
from jobs.failures import JobError


def record(offset: int, milliseconds: int) -> Record:
    return Record(partition=0, offset=offset, timestamp=milliseconds, key=b"person", value=b"%d" % offset)


def test_content_is_gzip_lines_in_order_and_the_same_every_time() -> None:
    late, early = record(7, 1_000), record(6, 2_000)
    content, count = content_of([late, early])
    assert count == 2
    lines = [json.loads(line) for line in gzip.decompress(content).splitlines()]
    assert [line["offset"] for line in lines] == [6, 7]
    assert base64.b64decode(lines[0]["value"]) == b"6"
    assert content_of([early, late])[0] == content


def test_a_weak_or_wrong_seal_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "seal.pem"
    weak = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    file.write_bytes(weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(JobError, match="3072 bits"):
        Seal.of(file)
    file.write_text("nothing")
    with pytest.raises(JobError, match="no public key"):
        Seal.of(file)


def test_a_manifest_reads_back_as_it_was_written() -> None:
    manifest = Manifest(
        cluster="smp-us",
        day=date(2026, 11, 25),
        ranges={0: Range(begin=1, end=2)},
        missing={},
        records=1,
        sha256="ab",
        previous=None,
    )
    assert Manifest.decoded(manifest.encoded(), where="here") == manifest
