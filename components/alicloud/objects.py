"""Object storage on OSS: personal objects, the log archive, the immutable audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_alicloud as alicloud

from catalog import store_limits
from catalog.data_classes import DataClass
from catalog.hostnames import audit_log_bucket
from catalog.retention import ACCESS_LOG_DAYS
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.outputs import BucketOutputs, ObjectsOutputs


class BucketPurpose(StrEnum):
    """What a bucket is for; its key in the outputs."""

    PERSONAL = "personal"
    """Photographs, documents and exports of customers and agents."""
    LOGS = "logs"
    """Application logs that the log store has let go of."""
    AUDIT = "audit"
    """The immutable audit log, by convention ``<cluster>-audit-log``."""
    ACCESS = "access"
    """Who read or wrote the other three."""


NONCURRENT_DAYS = 30
"""How long an overwritten or deleted object can be brought back."""

LONGEST_WORM_DAYS = 25550
"""Seventy years, the most an OSS retention policy takes."""


class WormState(StrEnum):
    """State of a retention policy."""

    LOCKED = "Locked"
    """For good: nobody, the account's owner included, deletes or shortens it."""
    TRIAL = "InProgress"
    """Undone within a day, and dropped by OSS after it; where no real data is."""


@dataclass(frozen=True, kw_only=True)
class ObjectsArgs(Args):
    """What the buckets need to know; periods in days."""

    key_id: pulumi.Output[str]
    """Id of the KMS key for personal objects and logs."""
    audit_key_id: pulumi.Output[str]
    """Id of the KMS key for the audit log."""
    audit_retention_days: int
    log_retention_days: int

    def problems(self) -> Iterator[str]:
        """Check the periods."""
        if not 1 <= self.audit_retention_days <= LONGEST_WORM_DAYS:
            yield f"audit_retention_days {self.audit_retention_days} must be 1 to {LONGEST_WORM_DAYS}"
        yield from about("log_retention_days", store_limits.oss_log_days(self.log_retention_days))


class Objects(Component[ObjectsOutputs]):
    """Four private buckets, encrypted, versioned or retained, reachable over TLS only (M§14.3).

    Zone-redundant, except for access logs: losing a zone must not lose what exists nowhere else, and there is no
    copy in another region because personal data may not leave this one. Access logs are kept in one zone; they
    describe, they do not hold, and zone redundancy costs a fifth more. OSS has no replication here at all.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Objects"

    def __init__(
        self,
        name: str,
        args: ObjectsArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._buckets = {
            BucketPurpose.ACCESS: self._create_access_bucket(),
            BucketPurpose.PERSONAL: self._create_personal_bucket(),
            BucketPurpose.LOGS: self._create_logs_bucket(),
            BucketPurpose.AUDIT: self._create_audit_bucket(),
        }
        for purpose, (bucket, _) in self._buckets.items():
            self._close(purpose, bucket)
        self.publish(
            ObjectsOutputs(
                buckets={
                    purpose: BucketOutputs(
                        name=bucket.bucket,
                        arn=pulumi.Output.from_input(
                            f"acs:oss:*:{self.scope.account}:{self._bucket_name(purpose)}"
                        ),
                        data_class=data_class,
                    )
                    for purpose, (bucket, data_class) in self._buckets.items()
                }
            )
        )

    def _bucket_name(self, purpose: BucketPurpose) -> str:
        if purpose is BucketPurpose.AUDIT:
            return NameLimit.OSS_BUCKET.check(audit_log_bucket(self.scope.cluster))
        return self.scope.name(f"{purpose}-objects", NameLimit.OSS_BUCKET)

    def _bucket(
        self,
        purpose: BucketPurpose,
        data_class: DataClass,
        *,
        key_id: pulumi.Output[str] | None,
        redundancy: str = "ZRS",
        lifecycle: list[alicloud.oss.BucketLifecycleRuleArgs],
        versioning: str | None = None,
    ) -> alicloud.oss.Bucket:
        name = self._bucket_name(purpose)
        return alicloud.oss.Bucket(
            name,
            bucket=name,
            storage_class="Standard",
            redundancy_type=redundancy,
            force_destroy=False,
            server_side_encryption_rule=alicloud.oss.BucketServerSideEncryptionRuleArgs(
                sse_algorithm="AES256" if key_id is None else "KMS", kms_master_key_id=key_id
            ),
            versioning=None if versioning is None else alicloud.oss.BucketVersioningArgs(status=versioning),
            lifecycle_rules=[
                alicloud.oss.BucketLifecycleRuleArgs(
                    id="unfinished-uploads",
                    enabled=True,
                    prefix="",
                    abort_multipart_uploads=[
                        alicloud.oss.BucketLifecycleRuleAbortMultipartUploadArgs(days=7)
                    ],
                ),
                *lifecycle,
            ],
            # Overlapping prefixes with different actions are meant.
            lifecycle_rule_allow_same_action_overlap=True,
            tags=self.scope.tags(name, data_class),
            opts=self.stateful_child(),
        )

    def _create_access_bucket(self) -> tuple[alicloud.oss.Bucket, DataClass]:
        bucket = self._bucket(
            BucketPurpose.ACCESS,
            DataClass.LOGS,
            # OSS delivers access logs itself, and not into a bucket under a key it may not use.
            key_id=None,
            redundancy="LRS",
            lifecycle=[
                alicloud.oss.BucketLifecycleRuleArgs(
                    id="expire",
                    enabled=True,
                    prefix="",
                    expirations=[alicloud.oss.BucketLifecycleRuleExpirationArgs(days=ACCESS_LOG_DAYS)],
                )
            ],
        )
        return bucket, DataClass.LOGS

    def _create_personal_bucket(self) -> tuple[alicloud.oss.Bucket, DataClass]:
        data_class = DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO
        bucket = self._bucket(
            BucketPurpose.PERSONAL,
            data_class,
            key_id=self._args.key_id,
            versioning="Enabled",
            lifecycle=[
                alicloud.oss.BucketLifecycleRuleArgs(
                    id="old-versions",
                    enabled=True,
                    prefix="",
                    noncurrent_version_expirations=[
                        alicloud.oss.BucketLifecycleRuleNoncurrentVersionExpirationArgs(days=NONCURRENT_DAYS)
                    ],
                )
            ],
        )
        return bucket, data_class

    def _create_logs_bucket(self) -> tuple[alicloud.oss.Bucket, DataClass]:
        bucket = self._bucket(
            BucketPurpose.LOGS,
            DataClass.LOGS,
            key_id=self._args.key_id,
            versioning="Enabled",
            lifecycle=[
                alicloud.oss.BucketLifecycleRuleArgs(
                    id="cool-and-expire",
                    enabled=True,
                    prefix="",
                    transitions=[alicloud.oss.BucketLifecycleRuleTransitionArgs(days=30, storage_class="IA")],
                    expirations=[
                        alicloud.oss.BucketLifecycleRuleExpirationArgs(days=self._args.log_retention_days)
                    ],
                    noncurrent_version_expirations=[
                        alicloud.oss.BucketLifecycleRuleNoncurrentVersionExpirationArgs(days=NONCURRENT_DAYS)
                    ],
                )
            ],
        )
        return bucket, DataClass.LOGS

    def _create_audit_bucket(self) -> tuple[alicloud.oss.Bucket, DataClass]:
        # Not versioned: OSS allows a retention policy or versioning, and the policy already forbids overwriting.
        bucket = self._bucket(
            BucketPurpose.AUDIT,
            DataClass.AUDIT,
            key_id=self._args.audit_key_id,
            lifecycle=[
                alicloud.oss.BucketLifecycleRuleArgs(
                    id="cool",
                    enabled=True,
                    prefix="",
                    transitions=[
                        alicloud.oss.BucketLifecycleRuleTransitionArgs(days=30, storage_class="IA"),
                        alicloud.oss.BucketLifecycleRuleTransitionArgs(days=180, storage_class="Archive"),
                    ],
                ),
                # What is about persons is not kept longer than it must be; before, nobody can delete it.
                alicloud.oss.BucketLifecycleRuleArgs(
                    id="expire",
                    enabled=True,
                    prefix="",
                    expirations=[
                        alicloud.oss.BucketLifecycleRuleExpirationArgs(
                            days=self._args.audit_retention_days + 1
                        )
                    ],
                ),
            ],
        )
        alicloud.oss.BucketWorm(
            self._bucket_name(BucketPurpose.AUDIT),
            bucket=bucket.bucket,
            retention_period_in_days=self._args.audit_retention_days,
            status=WormState.LOCKED if self.scope.is_production else WormState.TRIAL,
            opts=self.stateful_child(),
        )
        return bucket, DataClass.AUDIT

    def _close(self, purpose: BucketPurpose, bucket: alicloud.oss.Bucket) -> None:
        name = self._bucket_name(purpose)
        alicloud.oss.BucketAcl(name, bucket=bucket.bucket, acl="private", opts=self.child())
        alicloud.oss.BucketPublicAccessBlock(
            name, bucket=bucket.bucket, block_public_access=True, opts=self.child()
        )
        alicloud.oss.BucketHttpsConfig(
            name, bucket=bucket.bucket, enable=True, tls_versions=["TLSv1.2", "TLSv1.3"], opts=self.child()
        )
        alicloud.oss.BucketPolicy(name, bucket=bucket.bucket, policy=_tls_only(name), opts=self.child())
        if purpose is not BucketPurpose.ACCESS:
            target, _ = self._buckets[BucketPurpose.ACCESS]
            alicloud.oss.BucketLogging(
                name,
                bucket=bucket.bucket,
                target_bucket=target.bucket,
                target_prefix=f"{name}/",
                opts=self.child(),
            )


def _tls_only(bucket: str) -> str:
    return json.dumps(
        {
            "Version": "1",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": ["*"],
                    "Action": ["oss:*"],
                    "Resource": [f"acs:oss:*:*:{bucket}", f"acs:oss:*:*:{bucket}/*"],
                    "Condition": {"Bool": {"acs:SecureTransport": ["false"]}},
                }
            ],
        }
    )
