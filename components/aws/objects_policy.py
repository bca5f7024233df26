"""Bucket policies: what nobody may do, whatever IAM allows."""

from __future__ import annotations

from enum import StrEnum

import pulumi

from components.aws.iam import Effect, Statement
from components.core.scope import Scope

_EVERYBODY = {"AWS": "*"}

OLDEST_TLS = "1.2"


class ObjectLockMode(StrEnum):
    """Who can delete a locked object before its time."""

    COMPLIANCE = "COMPLIANCE"
    """Nobody, the account's root included, nor is the period ever shortened: production."""
    GOVERNANCE = "GOVERNANCE"
    """Whoever is allowed to, once the bucket's policy is gone: elsewhere, so that an environment can be taken down."""


def bucket_arn(bucket: str) -> str:
    """Give a bucket's ARN, known from its name."""
    return f"arn:aws:s3:::{bucket}"


def transport_statements(bucket: str) -> tuple[Statement, ...]:
    """Refuse plain HTTP and TLS before 1.2."""
    everything = (bucket_arn(bucket), f"{bucket_arn(bucket)}/*")
    return (
        Statement(
            sid="DenyPlainHttp",
            effect=Effect.DENY,
            actions=("s3:*",),
            resources=everything,
            principals=_EVERYBODY,
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
        Statement(
            sid="DenyOldTls",
            effect=Effect.DENY,
            actions=("s3:*",),
            resources=everything,
            principals=_EVERYBODY,
            conditions={"NumericLessThan": {"s3:TlsVersion": OLDEST_TLS}},
        ),
    )


def encryption_statements(bucket: str, key_arn: pulumi.Input[str]) -> tuple[Statement, ...]:
    """Refuse a write that asks for another encryption or another key than the bucket's.

    One that asks for none gets the bucket's own. The ``Null`` condition keeps that apart: a negated comparison is
    also true when the header is missing.
    """
    algorithm = "s3:x-amz-server-side-encryption"
    key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    objects = (f"{bucket_arn(bucket)}/*",)
    return (
        Statement(
            sid="DenyOtherEncryption",
            effect=Effect.DENY,
            actions=("s3:PutObject",),
            resources=objects,
            principals=_EVERYBODY,
            conditions={"StringNotEquals": {algorithm: "aws:kms"}, "Null": {algorithm: "false"}},
        ),
        Statement(
            sid="DenyOtherKey",
            effect=Effect.DENY,
            actions=("s3:PutObject",),
            resources=objects,
            principals=_EVERYBODY,
            conditions={"StringNotEquals": {key: key_arn}, "Null": {key: "false"}},
        ),
        # KMS without naming a key means the account's own key of AWS, not the bucket's (S3 API, PutObject).
        Statement(
            sid="DenyUnnamedKey",
            effect=Effect.DENY,
            actions=("s3:PutObject",),
            resources=objects,
            principals=_EVERYBODY,
            conditions={"StringEquals": {algorithm: "aws:kms"}, "Null": {key: "true"}},
        ),
    )


def own_account_statement(scope: Scope, bucket: str, *, besides: tuple[str, ...] = ()) -> Statement:
    """Refuse every other account but those named, so that no later grant opens the bucket to one.

    AWS' own services act without an account; those that write here have statements of their own.
    """
    return Statement(
        sid="DenyOtherAccounts",
        effect=Effect.DENY,
        actions=("s3:*",),
        resources=(bucket_arn(bucket), f"{bucket_arn(bucket)}/*"),
        principals=_EVERYBODY,
        conditions={
            "StringNotEquals": {"aws:PrincipalAccount": [scope.account, *besides]},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    )


def immutability_statement(bucket: str) -> Statement:
    """Refuse to delete and to get round the lock; lengthening it is allowed.

    S3 itself still expires what is past its time.
    """
    return Statement(
        sid="DenyDeletion",
        effect=Effect.DENY,
        actions=("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"),
        resources=(f"{bucket_arn(bucket)}/*",),
        principals=_EVERYBODY,
    )


def log_delivery_statement(scope: Scope, bucket: str, sources: tuple[str, ...]) -> Statement:
    """Let S3 deliver the access logs of our own buckets, named, and of nobody else's."""
    return Statement(
        sid="DeliverAccessLogs",
        actions=("s3:PutObject",),
        resources=(f"{bucket_arn(bucket)}/*",),
        principals={"Service": "logging.s3.amazonaws.com"},
        conditions={
            "StringEquals": {"aws:SourceAccount": scope.account},
            "ArnEquals": {"aws:SourceArn": [bucket_arn(source) for source in sources]},
        },
    )
