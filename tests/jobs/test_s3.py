"""The buckets on AWS, as the audit batches' job asks them."""

from __future__ import annotations

import io
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from jobs.audit_batches.buckets import S3Bucket
from jobs.failures import JobError


@pytest.fixture
def stubbed() -> tuple[S3Bucket, Stubber]:
    """A bucket whose requests are held against S3's own description by botocore."""
    client: Any = boto3.client(
        "s3", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    return S3Bucket(client=client, name="smp-asia-audit-log"), Stubber(client)


def test_s3_is_asked_for_a_checksum_and_must_encrypt(stubbed: tuple[S3Bucket, Stubber]) -> None:
    bucket, stubber = stubbed
    asked = {"Bucket": bucket.name, "Key": "k", "Body": b"x", "ChecksumAlgorithm": "SHA256"}
    stubber.add_response("put_object", {"ServerSideEncryption": "aws:kms"}, asked)
    stubber.add_response("put_object", {"ServerSideEncryption": "AES256"}, asked)
    stubber.add_client_error("put_object", "AccessDenied")
    with stubber:
        bucket.put("k", b"x")
        with pytest.raises(JobError, match="does not encrypt"):
            bucket.put("k", b"x")
        with pytest.raises(JobError, match="AccessDenied"):
            bucket.put("k", b"x")


def test_s3_tells_what_is_not_there_from_what_is_refused(stubbed: tuple[S3Bucket, Stubber]) -> None:
    bucket, stubber = stubbed
    stubber.add_response("get_object", {"Body": io.BytesIO(b"x")}, {"Bucket": bucket.name, "Key": "k"})
    stubber.add_client_error("get_object", "NoSuchKey")
    stubber.add_client_error("get_object", "AccessDenied")
    with stubber:
        assert bucket.get("k") == b"x"
        assert bucket.get("k") is None
        with pytest.raises(JobError, match="cannot be read"):
            bucket.get("k")


def test_s3_lists_every_page(stubbed: tuple[S3Bucket, Stubber]) -> None:
    bucket, stubber = stubbed
    first = {"IsTruncated": True, "NextContinuationToken": "t", "Contents": [{"Key": "a"}]}
    stubber.add_response("list_objects_v2", first)
    stubber.add_response("list_objects_v2", {"IsTruncated": False, "Contents": [{"Key": "b"}]})
    with stubber:
        assert bucket.keys("p") == ["a", "b"]
