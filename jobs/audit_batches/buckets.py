"""Where batches are kept: what the job does there is put, get and list. On AWS through S3's API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from jobs.failures import JobError


class Bucket(Protocol):
    """A place for objects that are never changed. Some refuse a key that is taken; what has it stays."""

    def get(self, key: str) -> bytes | None:
        """Give an object; ``None`` where there is none."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write an object."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """List what lies below a prefix."""
        ...


def refused(bucket: str, deed: str, key: str, said: object) -> JobError:
    """Say what a bucket did not let the job do."""
    return JobError(f"{key} of {bucket} cannot be {deed}: {said}; see the role of the job's account")


def unencrypted(bucket: str, key: str) -> JobError:
    """Say that an object was taken in the clear, or under a key that is not ours."""
    return JobError(
        f"{bucket} does not encrypt with a key of KMS ({key}); its default encryption was changed"
    )


@dataclass(frozen=True, kw_only=True)
class S3Bucket:
    """A bucket on S3. Its own defaults encrypt (SSE-KMS) and lock; its policy refuses any other wish."""

    client: Any
    name: str

    def get(self, key: str) -> bytes | None:
        """Give an object; ``None`` where there is none, which S3 tells only to who may list.

        Raises:
            JobError: it cannot be read.

        """
        try:
            return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                return None
            raise refused(self.name, "read", key, error) from error
        except BotoCoreError as error:
            raise refused(self.name, "read", key, error) from error

    def put(self, key: str, data: bytes) -> None:
        """Write an object in one upload, with its checksum, which a locked bucket asks for.

        Raises:
            JobError: it is refused, or was not encrypted with KMS.

        """
        try:
            answer = self.client.put_object(Bucket=self.name, Key=key, Body=data, ChecksumAlgorithm="SHA256")
        except (ClientError, BotoCoreError) as error:
            raise refused(self.name, "written", key, error) from error
        if answer.get("ServerSideEncryption") != "aws:kms":
            raise unencrypted(self.name, key)

    def keys(self, prefix: str) -> list[str]:
        """List what lies below a prefix, all pages.

        Raises:
            JobError: it cannot be listed.

        """
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
            return [found["Key"] for page in pages for found in page.get("Contents", [])]
        except (ClientError, BotoCoreError) as error:
            raise refused(self.name, "listed", prefix, error) from error
