"""Object storage on S3: personal objects, the log archive, the immutable audit log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_aws as aws

from catalog.data_classes import DataClass
from catalog.hostnames import audit_log_bucket
from components.aws.objects_bucket import BucketSpec, ObjectLock, create_access_log_bucket, create_bucket
from components.aws.objects_lifecycle import ColderStorage, Lifecycle, Transition
from components.aws.objects_policy import ObjectLockMode
from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.core.outputs import BucketOutputs, ObjectsOutputs
from components.core.scope import Scope

LONGEST_RETENTION_DAYS = 36500
"""A hundred years, the most Object Lock takes."""

NONCURRENT_DAYS = 30
"""How long an overwritten or deleted object can be brought back; a person's erasure is complete after that."""


class BucketPurpose(StrEnum):
    """What a bucket is for; its key in the outputs, the same on both clouds."""

    PERSONAL = "personal"
    """Photographs, documents and exports of customers and agents."""
    LOGS = "logs"
    """Application logs that have left the log store: Loki's cold storage (M§12)."""
    AUDIT = "audit"
    """The immutable audit log; in production by convention ``<cluster>-audit-log``."""
    ACCESS = "access"
    """Who read or wrote the other three."""


def bucket_name(scope: Scope, purpose: BucketPurpose) -> str:
    """Name a bucket: ``<cluster>-<env>-<purpose>``, since S3's names are one space for the whole world.

    The audit log's is known to other programs: ``<cluster>-audit-log`` in production, and with the environment
    between elsewhere, because dev, staging and prod-asia are one cluster.
    """
    if purpose is not BucketPurpose.AUDIT:
        return scope.name(purpose, NameLimit.S3_BUCKET)
    if scope.is_production:
        return NameLimit.S3_BUCKET.check(audit_log_bucket(scope.cluster))
    return scope.name("audit-log", NameLimit.S3_BUCKET)


@dataclass(frozen=True, kw_only=True)
class ObjectsArgs(Args):
    """What the buckets need to know; periods in days."""

    objects_key_arn: pulumi.Output[str]
    """KMS key of personal objects and logs."""
    audit_key_arn: pulumi.Output[str]
    """KMS key of the audit log."""
    audit_retention_days: int
    log_retention_days: int

    def problems(self) -> Iterator[str]:
        """Check the periods, and that persons' objects may be kept here at all."""
        if not 1 <= self.audit_retention_days <= LONGEST_RETENTION_DAYS:
            yield f"audit_retention_days {self.audit_retention_days} must be 1 to {LONGEST_RETENTION_DAYS}"
        if self.log_retention_days < 1:
            yield f"log_retention_days {self.log_retention_days} must be 1 or more"
        if not self.scope.cluster.holds_personal_data:
            yield f"{self.scope.cluster.id} holds no personal data and so has no bucket for it; take AuditArchive"


class Objects(Component[ObjectsOutputs]):
    """Four private buckets, encrypted, versioned, reachable over TLS by this account only (M§14.3).

    Nothing is replicated: personal data may not leave its region, and S3 itself keeps three zones.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Objects"

    def __init__(
        self, name: str, args: ObjectsArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._logged = (BucketPurpose.PERSONAL, BucketPurpose.LOGS, BucketPurpose.AUDIT)
        access = self._create_access_bucket()
        self.publish(
            ObjectsOutputs(
                buckets={
                    BucketPurpose.PERSONAL: self._create_personal_bucket(access.name),
                    BucketPurpose.LOGS: self._create_logs_bucket(access.name),
                    BucketPurpose.AUDIT: self._create_audit_bucket(access.name),
                    BucketPurpose.ACCESS: access,
                }
            )
        )

    def _create_access_bucket(self) -> BucketOutputs:
        return create_access_log_bucket(
            self,
            name=bucket_name(self.scope, BucketPurpose.ACCESS),
            sources=tuple(bucket_name(self.scope, purpose) for purpose in self._logged),
        )

    def _create_personal_bucket(self, access_logs: pulumi.Output[str]) -> BucketOutputs:
        return create_bucket(
            self,
            BucketSpec(
                name=bucket_name(self.scope, BucketPurpose.PERSONAL),
                data_class=DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO,
                key_arn=self._args.objects_key_arn,
                # A photograph is looked at while its order is open, then hardly ever.
                lifecycle=Lifecycle(
                    noncurrent_days=NONCURRENT_DAYS,
                    transition=Transition(to=ColderStorage.INTELLIGENT_TIERING, after_days=30),
                ),
                access_logs=access_logs,
            ),
        )

    def _create_logs_bucket(self, access_logs: pulumi.Output[str]) -> BucketOutputs:
        return create_bucket(
            self,
            BucketSpec(
                name=bucket_name(self.scope, BucketPurpose.LOGS),
                data_class=DataClass.LOGS,
                key_arn=self._args.objects_key_arn,
                lifecycle=Lifecycle(
                    expiry_days=self._args.log_retention_days,
                    noncurrent_days=1,
                    transition=Transition(to=ColderStorage.GLACIER_INSTANT, after_days=90),
                ),
                access_logs=access_logs,
            ),
        )

    def _create_audit_bucket(self, access_logs: pulumi.Output[str]) -> BucketOutputs:
        days = self._args.audit_retention_days
        mode = ObjectLockMode.COMPLIANCE if self.scope.is_production else ObjectLockMode.GOVERNANCE
        return create_bucket(
            self,
            BucketSpec(
                name=bucket_name(self.scope, BucketPurpose.AUDIT),
                data_class=DataClass.AUDIT,
                key_arn=self._args.audit_key_arn,
                lock=ObjectLock(mode=mode, days=days),
                # The lock has run out when the object expires, so that it really goes.
                lifecycle=Lifecycle(
                    expiry_days=days + 1,
                    noncurrent_days=1,
                    transition=Transition(to=ColderStorage.GLACIER_INSTANT, after_days=90),
                ),
                access_logs=access_logs,
            ),
        )
