"""The global archive of the clusters' audit logs: written from outside, deleted by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from catalog import forms
from catalog.audit_batches import writer_role
from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET, audit_batches
from components.aws.iam import Statement, policy_document
from components.aws.keys import DELETION_WINDOW_DAYS, ROTATION_DAYS, KeyPurpose, key_policy
from components.aws.objects_bucket import BucketSpec, ObjectLock, create_access_log_bucket, create_bucket
from components.aws.objects_lifecycle import ColderStorage, Lifecycle, Transition
from components.aws.objects_policy import ObjectLockMode, bucket_arn
from components.core.component import Args, Component, Outputs, about
from components.core.naming import NameLimit
from components.core.outputs import BucketOutputs

SHORTEST_RETENTION_DAYS = 365


def batch_prefix(cluster: Cluster) -> str:
    """Give the prefix of a cluster's daily batches, ``<cluster>/daily/``; a batch never changes."""
    return audit_batches(cluster.id)


@dataclass(frozen=True, kw_only=True)
class AuditArchiveArgs(Args):
    """What the archive needs to know.

    ``writers`` maps each sending cluster to its AWS account: 12 digits.
    """

    writers: Mapping[Cluster, str]
    retention_days: int
    """How long nobody may delete a batch; 2555 days are seven years."""

    def problems(self) -> Iterator[str]:
        """Check who writes, for how long it is kept, and that this is the control plane."""
        if self.scope.cluster is not Cluster.GLOBAL:
            yield f"the archive belongs to {Cluster.GLOBAL.id}, not to {self.scope.cluster.id}"
        if self.retention_days < SHORTEST_RETENTION_DAYS:
            yield f"retention_days {self.retention_days} must be {SHORTEST_RETENTION_DAYS} or more"
        if not self.writers:
            yield "writers are empty; name at least one cluster and its account"
        for cluster, account in self.writers.items():
            if not cluster.holds_personal_data:
                yield f"writer {cluster.id} has no audit log of persons to archive; leave it out"
            yield from about(f"writer {cluster.id}:", forms.aws_account(account))
        accounts = [*self.writers.values(), self.scope.account]
        if len(set(accounts)) != len(accounts):
            yield f"writers share an account ({', '.join(accounts)}); each cluster has its own, and so has the archive"


@dataclass(frozen=True, kw_only=True)
class AuditArchiveOutputs(Outputs):
    """The archive, and what its writers need to know."""

    bucket: BucketOutputs
    key_arn: pulumi.Output[str]
    prefixes: Mapping[str, str]
    """Cluster id -> the only prefix it may write to."""


class AuditArchive(Component[AuditArchiveOutputs]):
    """Receives each cluster's daily encrypted batch (M§14.3) and keeps it beyond anybody's reach.

    A cluster seals a batch with a key of its own before it leaves; what arrives here nobody here can read, and it
    is encrypted once more under a rotating key of the archive. Writers are the roles of the clusters' own jobs. One
    may add below its own prefix; it can neither list nor read nor delete, and it may encrypt but not decrypt, so a
    batch is one upload of at most 5 GB.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:AuditArchive"

    def __init__(
        self,
        name: str,
        args: AuditArchiveArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        key = self._create_key()
        access = create_access_log_bucket(
            self,
            name=self.scope.name("access", NameLimit.S3_BUCKET),
            sources=(AUDIT_ARCHIVE_BUCKET,),
        )
        self.publish(
            AuditArchiveOutputs(
                bucket=self._create_bucket(key, access.name),
                key_arn=key.arn,
                prefixes={cluster.id: batch_prefix(cluster) for cluster in args.writers},
            )
        )

    def _create_key(self) -> aws.kms.Key:
        name = self.scope.name("audit-archive-key")
        writers = Statement(
            sid="EncryptByWriters",
            actions=("kms:GenerateDataKey", "kms:DescribeKey"),
            resources=("*",),
            principals={"AWS": "*"},
            conditions={
                "StringEquals": {
                    "kms:CallerAccount": list(self._args.writers.values()),
                    "kms:ViaService": f"s3.{self.scope.region}.amazonaws.com",
                },
                "ArnEquals": {
                    "aws:PrincipalArn": [_writer_arn(*writer) for writer in self._args.writers.items()]
                },
            },
        )
        key = aws.kms.Key(
            name,
            description=f"{self.scope.cluster.id} {self.scope.environment}: audit archive",
            enable_key_rotation=True,
            rotation_period_in_days=ROTATION_DAYS,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            multi_region=False,
            policy=policy_document(*key_policy(self.scope, (KeyPurpose.AUDIT,)), writers),
            tags=self.scope.tags(name),
            opts=self.stateful_child(),
        )
        alias = self.scope.name("audit-archive", NameLimit.KMS_ALIAS)
        aws.kms.Alias(alias, name=f"alias/{alias}", target_key_id=key.key_id, opts=self.child())
        return key

    def _create_bucket(self, key: aws.kms.Key, access_logs: pulumi.Output[str]) -> BucketOutputs:
        days = self._args.retention_days
        return create_bucket(
            self,
            BucketSpec(
                name=NameLimit.S3_BUCKET.check(AUDIT_ARCHIVE_BUCKET),
                data_class=DataClass.AUDIT,
                key_arn=key.arn,
                lock=ObjectLock(mode=ObjectLockMode.COMPLIANCE, days=days),
                lifecycle=Lifecycle(
                    expiry_days=days + 1,
                    noncurrent_days=1,
                    transition=Transition(to=ColderStorage.GLACIER, after_days=30),
                ),
                access_logs=access_logs,
                writers=tuple(self._args.writers.values()),
                statements=tuple(_write_statement(*writer) for writer in self._args.writers.items()),
            ),
        )


def _write_statement(cluster: Cluster, account: str) -> Statement:
    """Let the job of an account add batches below its cluster's prefix, and none of the account's other roles."""
    return Statement(
        sid=f"Write{cluster.name.capitalize()}",
        actions=("s3:PutObject",),
        resources=(f"{bucket_arn(AUDIT_ARCHIVE_BUCKET)}/{batch_prefix(cluster)}*",),
        principals={"AWS": f"arn:aws:iam::{account}:root"},
        # A condition does not ask whether the role is there yet, and holds for one that was made again.
        conditions={"ArnEquals": {"aws:PrincipalArn": _writer_arn(cluster, account)}},
    )


def _writer_arn(cluster: Cluster, account: str) -> str:
    return f"arn:aws:iam::{account}:role/{writer_role(cluster)}"
