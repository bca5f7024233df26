"""IAM policy documents, written once and typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pulumi

from components.core.scope import Scope

POLICY_LANGUAGE = "2012-10-17"
"""The current version of the policy language; nothing to do with the date of a policy."""


class Effect(StrEnum):
    """What a statement does with the calls it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


Condition = Mapping[str, Mapping[str, "pulumi.Input[str] | Sequence[pulumi.Input[str]]"]]
"""Operator, then condition key, then what it is compared with."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy document.

    ``principals`` (``{"Service": "ec2.amazonaws.com"}``) only in policies attached to a resource and in the
    trust of a role; ``resources`` may hold outputs where an ARN carries an id that only the cloud knows.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...] = ()
    principals: Mapping[str, str] = field(default_factory=dict[str, str])
    conditions: Condition = field(default_factory=dict[str, Any])
    effect: Effect = Effect.ALLOW

    def as_json(self) -> dict[str, Any]:
        """Give the statement in the form IAM reads."""
        statement: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": str(self.effect),
            "Action": list(self.actions),
        }
        if self.principals:
            statement["Principal"] = dict(self.principals)
        if self.resources:
            statement["Resource"] = list(self.resources)
        if self.conditions:
            statement["Condition"] = {operator: dict(keys) for operator, keys in self.conditions.items()}
        return statement


def policy_document(*statements: Statement) -> pulumi.Output[str]:
    """Write a policy document; known at preview unless a statement holds an unknown id."""
    return pulumi.Output.json_dumps(
        {"Version": POLICY_LANGUAGE, "Statement": [statement.as_json() for statement in statements]}
    )


def service_trust(service: str, conditions: Condition | None = None) -> pulumi.Output[str]:
    """Let an AWS service assume a role; ``service`` is its principal, such as ``ec2.amazonaws.com``."""
    return policy_document(
        Statement(
            sid="Assume",
            actions=("sts:AssumeRole",),
            principals={"Service": service},
            conditions=conditions or {},
        )
    )


def pod_identity_trust(
    scope: Scope, *, cluster_name: str, namespace: str, service_account: str
) -> pulumi.Output[str]:
    """Let one service account of one cluster assume a role through EKS Pod Identity.

    The three request tags are what EKS Pod Identity sets on its sessions; without them any association of the
    account could use the role. ``TagSession`` is needed because the service passes them on.
    """
    return policy_document(
        Statement(
            sid="AssumeFromPod",
            actions=("sts:AssumeRole", "sts:TagSession"),
            principals={"Service": "pods.eks.amazonaws.com"},
            conditions={
                "StringEquals": {
                    "aws:SourceAccount": scope.account,
                    "aws:RequestTag/eks-cluster-name": cluster_name,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": service_account,
                }
            },
        )
    )


def key_use(key_arn: pulumi.Input[str], *, sid: str = "UseKey") -> Statement:
    """Allow reading and writing data under a KMS key."""
    return Statement(
        sid=sid,
        actions=(
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        ),
        resources=(key_arn,),
    )


def key_grant(key_arn: pulumi.Input[str], *, sid: str = "GrantKeyToService") -> Statement:
    """Allow passing the use of a KMS key on to an AWS service, and to nobody else."""
    return Statement(
        sid=sid,
        actions=("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
        resources=(key_arn,),
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )
