"""The bucket on Alibaba Cloud's object storage, whose retention policy lets nobody write a name twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import alibabacloud_oss_v2 as oss
from alibabacloud_credentials.client import Client as AccountClient
from alibabacloud_credentials.models import Config as AccountConfig
from alibabacloud_oss_v2.credentials import CredentialsProvider
from alibabacloud_oss_v2.exceptions import ServiceError

from jobs.audit_batches.buckets import refused, unencrypted
from jobs.failures import JobError

_WRITTEN_ALREADY = frozenset({"FileAlreadyExists", "FileImmutable"})


class PodCredentials(CredentialsProvider):
    """The pod's own RAM role, by the token that RRSA mounts; no other credential is ever looked for."""

    def __init__(self, sts_endpoint: str) -> None:
        """Take the role from the environment that RRSA sets; ``sts_endpoint`` is a host of the own region."""
        self._client = AccountClient(AccountConfig(type="oidc_role_arn", sts_endpoint=sts_endpoint))

    def get_credentials(self) -> oss.Credentials:
        """Give credentials of an hour; they are renewed before they end.

        Raises:
            JobError: STS cannot be reached, or refuses.

        """
        try:
            found = self._client.get_credential()
        except Exception as error:  # noqa: BLE001 - the SDK raises whatever its transport does
            # What the SDK says may hold the address it asked, and in that the pod's token.
            msg = f"STS gives no credentials ({type(error).__name__}): see the trust of the job's role"
            raise JobError(msg) from None
        key, secret = found.access_key_id, found.access_key_secret
        if not key or not secret:
            raise JobError("STS gave credentials without a key; see the trust of the job's role")
        return oss.Credentials(key, secret, found.security_token)


def oss_client(region: str) -> oss.Client:
    """Connect from inside the region: to OSS' internal endpoint, over TLS, signed with version 4.

    Raises:
        JobError: the pod has no role.

    """
    try:
        credentials = PodCredentials(f"sts-vpc.{region}.aliyuncs.com")
    except ValueError as error:
        msg = f"the pod has no role ({error}); is RRSA on, and the injection label on the pod?"
        raise JobError(msg) from error
    config = oss.config.load_default()
    config.region = region
    config.use_internal_endpoint = True
    config.credentials_provider = credentials
    return oss.Client(config)


@dataclass(frozen=True, kw_only=True)
class OssBucket:
    """A bucket on OSS. Its own defaults encrypt (SSE-KMS) and retain."""

    client: Any
    name: str

    def get(self, key: str) -> bytes | None:
        """Give an object; ``None`` where there is none.

        Raises:
            JobError: it cannot be read.

        """
        try:
            with self.client.get_object(oss.GetObjectRequest(bucket=self.name, key=key)).body as body:
                return body.read()
        except Exception as error:  # the SDK raises whatever its transport does
            if _code(error) == "NoSuchKey":
                return None
            raise self._failure("read", key, error) from error

    def put(self, key: str, data: bytes) -> None:
        """Write an object once; the same again is nothing new, and other content is refused.

        Raises:
            JobError: it is refused, was not encrypted with KMS, or another content has the name.

        """
        asked = oss.PutObjectRequest(bucket=self.name, key=key, body=data, forbid_overwrite=True)
        try:
            answer = self.client.put_object(asked)
        except Exception as error:  # the SDK raises whatever its transport does
            if _code(error) not in _WRITTEN_ALREADY:
                raise self._failure("written", key, error) from error
            # An earlier try that broke off, or one whose answer was lost.
            if self.get(key) != data:
                msg = (
                    f"{key} of {self.name} was written before with another content, and nobody can change it"
                )
                raise JobError(msg) from error
            return
        if answer.headers.get("x-oss-server-side-encryption") != "KMS":
            raise unencrypted(self.name, key)

    def keys(self, prefix: str) -> list[str]:
        """List what lies below a prefix, all pages.

        Raises:
            JobError: it cannot be listed.

        """
        try:
            pages = self.client.list_objects_v2_paginator().iter_page(
                oss.ListObjectsV2Request(bucket=self.name, prefix=prefix)
            )
            return [str(found.key) for page in pages for found in page.contents or ()]
        except Exception as error:  # the SDK raises whatever its transport does
            raise self._failure("listed", prefix, error) from error

    def _failure(self, deed: str, key: str, error: Exception) -> JobError:
        return refused(self.name, deed, key, " ".join(str(error).split()))


def _code(error: Exception) -> str | None:
    """Give OSS' own word for what went wrong, where it was OSS that refused."""
    cause = error.unwrap() if isinstance(error, oss.exceptions.OperationError) else error
    return cause.code if isinstance(cause, ServiceError) else None
