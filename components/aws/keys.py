"""KMS keys per purpose, rotating, each usable only by the services of its purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_aws as aws

from components.aws.iam import Statement, policy_document
from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.core.outputs import KeysOutputs
from components.core.scope import Scope

DELETION_WINDOW_DAYS = 30
"""The longest KMS allows: a deleted key takes everything it encrypted with it."""

ROTATION_DAYS = 365
"""New key material yearly; earlier material stays and still decrypts."""


class KeyPurpose(StrEnum):
    """What a key protects; last part of its alias ``alias/<cluster>-<env>-<purpose>``.

    Images have no key of their own: they hold nothing about anybody, and ECR encrypts them by itself.
    """

    KUBERNETES = "kubernetes"
    """Kubernetes secrets, in an envelope inside the control plane's database."""
    VOLUMES = "volumes"
    """Disks of nodes and of what runs in the cluster."""
    DATABASE = "database"
    """MySQL, its backups and its master password."""
    CACHE = "cache"
    """Redis."""
    OBJECTS = "objects"
    """Personal objects and archived application logs."""
    AUDIT = "audit"
    """The immutable audit log, and the archive of the control plane."""
    LOGS = "logs"
    """CloudWatch log groups: flow logs, control plane logs, slow queries."""


class KeySeparation(StrEnum):
    """Whether purposes have keys of their own. A key costs 1 USD a month, an alias nothing."""

    PER_PURPOSE = "per-purpose"
    """Who may use one kind of data gets no other."""
    SHARED = "shared"
    """One key under the aliases of all purposes, for pseudo data only."""


_USING_SERVICES: Mapping[KeyPurpose, tuple[str, ...]] = {
    KeyPurpose.VOLUMES: ("ec2",),
    KeyPurpose.DATABASE: ("rds", "secretsmanager"),
    KeyPurpose.CACHE: ("elasticache",),
    KeyPurpose.OBJECTS: ("s3",),
    KeyPurpose.AUDIT: ("s3",),
}
"""Services through which principals of the account may use a key; the others have statements of their own."""

_ADMINISTER = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)

_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")


def alias_name(scope: Scope, purpose: KeyPurpose) -> str:
    """Name the alias of a purpose's key, ``alias/<cluster>-<env>-<purpose>``, shared or not."""
    return f"alias/{scope.name(purpose, NameLimit.KMS_ALIAS)}"


@dataclass(frozen=True, kw_only=True)
class KeysArgs(Args):
    """Which keys a stack has.

    ``purposes`` are those the stack stores something for; dev keeps its Redis in the cluster and needs no
    cache key.
    """

    purposes: frozenset[KeyPurpose]
    separation: KeySeparation = KeySeparation.PER_PURPOSE

    def problems(self) -> Iterator[str]:
        """Check that there is something to protect and that real data has separate keys."""
        if not self.purposes:
            yield f"no purposes; name at least one of {', '.join(KeyPurpose)}"
        if self.separation is KeySeparation.SHARED and self.scope.is_production:
            yield "one shared key is for pseudo data; production takes the separation per-purpose"


class Keys(Component[KeysOutputs]):
    """Keys that rotate yearly and never leave their region (P 5: encryption with key rotation).

    The account's IAM policies administer a key, and they grant its use only through the services of its
    purpose: nobody, an administrator included, decrypts with it directly. Protected in production.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Keys"

    def __init__(
        self, name: str, args: KeysArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        purposes = tuple(purpose for purpose in KeyPurpose if purpose in args.purposes)
        if args.separation is KeySeparation.SHARED:
            shared = self._create_key("shared", purposes)
            keys = dict.fromkeys(purposes, shared)
        else:
            keys = {purpose: self._create_key(purpose, (purpose,)) for purpose in purposes}
        self._create_aliases(keys)
        self.publish(KeysOutputs(arns={purpose: key.arn for purpose, key in keys.items()}))

    def _create_key(self, thing: str, purposes: tuple[KeyPurpose, ...]) -> aws.kms.Key:
        name = self.scope.name(thing if thing == "shared" else f"{thing}-key")
        return aws.kms.Key(
            name,
            description=f"{self.scope.cluster.id} {self.scope.environment}: {', '.join(purposes)}",
            enable_key_rotation=True,
            rotation_period_in_days=ROTATION_DAYS,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            # A key that exists in one region cannot open anything in another.
            multi_region=False,
            policy=policy_document(*key_policy(self.scope, purposes)),
            tags=self.scope.tags(name),
            opts=self.stateful_child(),
        )

    def _create_aliases(self, keys: Mapping[KeyPurpose, aws.kms.Key]) -> None:
        for purpose, key in keys.items():
            aws.kms.Alias(
                self.scope.name(f"{purpose}-alias"),
                name=alias_name(self.scope, purpose),
                target_key_id=key.key_id,
                opts=self.child(),
            )


def key_policy(scope: Scope, purposes: tuple[KeyPurpose, ...]) -> list[Statement]:
    """Write the statements of the policy of a key that serves these purposes."""
    root = {"AWS": f"arn:aws:iam::{scope.account}:root"}
    statements = [
        Statement(sid="AdministerThroughIam", actions=_ADMINISTER, resources=("*",), principals=root)
    ]
    services = sorted({service for purpose in purposes for service in _USING_SERVICES.get(purpose, ())})
    if services:
        through = [f"{service}.{scope.region}.amazonaws.com" for service in services]
        statements += [
            Statement(
                sid="UseThroughServices",
                actions=_USE,
                resources=("*",),
                principals=root,
                conditions={"StringEquals": {"kms:ViaService": through}},
            ),
            Statement(
                sid="GrantToServices",
                actions=("kms:CreateGrant",),
                resources=("*",),
                principals=root,
                conditions={
                    "StringEquals": {"kms:ViaService": through},
                    "Bool": {"kms:GrantIsForAWSResource": "true"},
                },
            ),
        ]
    if KeyPurpose.VOLUMES in purposes:
        statements += _autoscaling_statements(scope)
    if KeyPurpose.KUBERNETES in purposes:
        statements.append(_control_plane_statement(root))
    if KeyPurpose.LOGS in purposes:
        statements.append(_log_statement(scope))
    return statements


def _autoscaling_statements(scope: Scope) -> list[Statement]:
    """Let Auto Scaling start nodes with encrypted disks.

    Its service-linked role has no KMS permission through IAM, so the key itself must name it. KMS refuses a
    policy that names a principal which does not exist yet, and a fresh account has no such role; a condition
    does not ask.
    """
    role = (
        f"arn:aws:iam::{scope.account}:role/aws-service-role"
        "/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
    only_autoscaling = {
        "StringEquals": {"kms:CallerAccount": scope.account},
        "ArnEquals": {"aws:PrincipalArn": role},
    }
    return [
        Statement(
            sid="UseByAutoScaling",
            actions=_USE,
            resources=("*",),
            principals={"AWS": "*"},
            conditions=only_autoscaling,
        ),
        Statement(
            sid="GrantByAutoScaling",
            actions=("kms:CreateGrant",),
            resources=("*",),
            principals={"AWS": "*"},
            conditions={**only_autoscaling, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


def _control_plane_statement(root: Mapping[str, str]) -> Statement:
    """Let EKS create its grant for the envelope of secrets.

    CreateCluster does not support ``kms:GrantIsForAWSResource`` (EKS user guide: envelope encryption), so
    here IAM alone decides who may.
    """
    return Statement(
        sid="EncryptKubernetesSecrets",
        actions=("kms:CreateGrant", "kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ListGrants"),
        resources=("*",),
        principals=root,
    )


def _log_statement(scope: Scope) -> Statement:
    """Let CloudWatch Logs encrypt this stack's log groups; their names carry cluster and environment."""
    own = f"{scope.cluster.id}-{scope.environment}"
    return Statement(
        sid="EncryptLogGroups",
        actions=_USE,
        resources=("*",),
        principals={"Service": f"logs.{scope.region}.amazonaws.com"},
        conditions={
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": (
                    f"arn:aws:logs:{scope.region}:{scope.account}:log-group:*{own}*"
                )
            }
        },
    )
