"""What the role of the audit batches' job may do: keep them in its own bucket, and add them to the archive (M§14.3)."""

from __future__ import annotations

import pulumi

from catalog.clusters import Cluster
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET, audit_batches
from components.aws.iam import Statement
from components.aws.objects import BucketPurpose, bucket_name
from components.aws.objects_policy import bucket_arn
from components.core.scope import Scope


def keeping_statements(scope: Scope, key_arn: pulumi.Output[str]) -> tuple[Statement, ...]:
    """Let the job list, read and add below its prefix of the account's own audit bucket; never delete."""
    bucket, prefix = bucket_arn(bucket_name(scope, BucketPurpose.AUDIT)), audit_batches(scope.cluster.id)
    own = {"aws:ResourceAccount": scope.account}
    return (
        Statement(
            sid="FindBatches",
            actions=("s3:ListBucket",),
            resources=(bucket,),
            conditions={"StringEquals": own, "StringLike": {"s3:prefix": f"{prefix}*"}},
        ),
        Statement(
            sid="KeepBatches",
            actions=("s3:GetObject", "s3:PutObject"),
            resources=(f"{bucket}/{prefix}*",),
            conditions={"StringEquals": own},
        ),
        Statement(sid="UseOwnKey", actions=("kms:GenerateDataKey", "kms:Decrypt"), resources=(key_arn,)),
    )


def sending_statements(scope: Scope, archive_account: str) -> tuple[Statement, ...]:
    """Let the job add below its prefix of the archive, under the archive's key; it can read nothing there.

    Both are another account's: the bucket is known by its name, and whose it must be is said, lest somebody else take
    the name. The key's id is nobody's convention, so its use is bound to S3, in that region, for that bucket.
    """
    bucket, prefix = bucket_arn(AUDIT_ARCHIVE_BUCKET), audit_batches(scope.cluster.id)
    region = Cluster.GLOBAL.home
    return (
        Statement(
            sid="SendBatches",
            actions=("s3:PutObject",),
            resources=(f"{bucket}/{prefix}*",),
            conditions={"StringEquals": {"aws:ResourceAccount": archive_account}},
        ),
        Statement(
            sid="EncryptInArchive",
            actions=("kms:GenerateDataKey",),
            resources=(f"arn:aws:kms:{region}:{archive_account}:key/*",),
            conditions={
                "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                # The bucket's under its bucket key, the object's without one.
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/{prefix}*"]},
            },
        ),
    )
