"""One bucket with everything every bucket has, in S3's separate configuration resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from catalog.data_classes import DataClass
from catalog.retention import ACCESS_LOG_DAYS
from components.aws.iam import Statement, policy_document
from components.aws.objects_lifecycle import Lifecycle
from components.aws.objects_policy import (
    ObjectLockMode,
    bucket_arn,
    encryption_statements,
    immutability_statement,
    log_delivery_statement,
    own_account_statement,
    transport_statements,
)
from components.core.component import Component
from components.core.naming import NameLimit
from components.core.outputs import BucketOutputs
from components.core.scope import Scope


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """No version is deleted for ``days`` after it was written."""

    mode: ObjectLockMode
    days: int


@dataclass(frozen=True, kw_only=True)
class BucketSpec:
    """What differs between buckets.

    ``key_arn`` of ``None`` encrypts with S3's own key: only for access logs, which S3 cannot deliver under a
    customer key. ``writers`` are accounts besides the bucket's own that may come in at all; what they may do is
    said in ``statements``.
    """

    name: str
    data_class: DataClass
    lifecycle: Lifecycle
    key_arn: pulumi.Output[str] | None
    lock: ObjectLock | None = None
    access_logs: pulumi.Output[str] | None = None
    """Name of the bucket that receives the access logs of this one."""
    writers: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()


def create_bucket(component: Component[Any], spec: BucketSpec) -> BucketOutputs:
    """Create a private, versioned, encrypted bucket that answers over TLS only.

    Raises:
        ValueError: the name is none S3 accepts.

    """
    name = NameLimit.S3_BUCKET.check(spec.name)
    scope = component.scope
    bucket = aws.s3.Bucket(
        name,
        bucket=name,
        object_lock_enabled=spec.lock is not None,
        # Invented data goes with its environment; real data stops the deletion of its bucket.
        force_destroy=not scope.is_production and spec.lock is None,
        tags=scope.tags(name, spec.data_class),
        opts=component.stateful_child(),
    )
    closed = _close(component, name, bucket)
    aws.s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.bucket,
        policy=_policy(scope, spec),
        # S3 refuses two changes of a bucket's access at once.
        opts=component.child(depends_on=[closed]),
    )
    _encrypt(component, name, bucket, spec.key_arn)
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=component.child(),
    )
    if spec.lock is not None:
        aws.s3.BucketObjectLockConfiguration(
            f"{name}-lock",
            bucket=bucket.bucket,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=spec.lock.mode, days=spec.lock.days
                )
            ),
            opts=component.stateful_child(depends_on=[versioning]),
        )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket.bucket,
        rules=spec.lifecycle.rules(),
        # Rules about earlier versions are refused before there are any.
        opts=component.child(depends_on=[versioning]),
    )
    if spec.access_logs is not None:
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=bucket.bucket,
            target_bucket=spec.access_logs,
            target_prefix=f"{name}/",
            opts=component.child(),
        )
    return BucketOutputs(
        name=bucket.bucket,
        arn=pulumi.Output.from_input(bucket_arn(name)),
        data_class=spec.data_class,
    )


def create_access_log_bucket(
    component: Component[Any], *, name: str, sources: tuple[str, ...]
) -> BucketOutputs:
    """Create the bucket that records who read and wrote ``sources``, by their names."""
    return create_bucket(
        component,
        BucketSpec(
            name=name,
            data_class=DataClass.LOGS,
            key_arn=None,
            lifecycle=Lifecycle(expiry_days=ACCESS_LOG_DAYS, noncurrent_days=1),
            statements=(log_delivery_statement(component.scope, name, sources),),
        ),
    )


def _policy(scope: Scope, spec: BucketSpec) -> pulumi.Output[str]:
    name = spec.name
    return policy_document(
        *transport_statements(name),
        *(encryption_statements(name, spec.key_arn) if spec.key_arn is not None else ()),
        own_account_statement(scope, name, besides=spec.writers),
        *((immutability_statement(name),) if spec.lock is not None else ()),
        *spec.statements,
    )


def _close(component: Component[Any], name: str, bucket: aws.s3.Bucket) -> pulumi.Resource:
    closed = aws.s3.BucketPublicAccessBlock(
        f"{name}-private",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=component.child(),
    )
    # Access control lists are off: policies alone decide, and whoever writes, the bucket's owner owns.
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=component.child(depends_on=[closed]),
    )
    return closed


def _encrypt(
    component: Component[Any], name: str, bucket: aws.s3.Bucket, key_arn: pulumi.Output[str] | None
) -> None:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms" if key_arn is not None else "AES256", kms_master_key_id=key_arn
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=default,
                # One call to KMS per bucket and hour instead of one per object.
                bucket_key_enabled=key_arn is not None,
                # A key of the caller's own would make an object nobody else can ever read.
                blocked_encryption_types=["SSE-C"],
            )
        ],
        opts=component.child(),
    )
