"""A Kubernetes service account that is an IAM role by its token, for programs that know no EKS Pod Identity."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.iam import POLICY_LANGUAGE
from components.aws.service_account_roles import ServiceAccountArgs, create_role
from components.core.component import Component, Outputs

AUDIENCE = "sts.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class TokenIdentityArgs(ServiceAccountArgs):
    """Who gets which permissions, and whose tokens are believed."""

    issuer: pulumi.Output[str]
    """The cluster's ``oidc_issuer``."""


@dataclass(frozen=True, kw_only=True)
class TokenIdentityOutputs(Outputs):
    """The role."""

    role_arn: pulumi.Output[str]


class TokenIdentity(Component[TokenIdentityOutputs]):
    """IAM believes the cluster's tokens, and one role asks for one service account's.

    ``WorkloadIdentity`` is simpler and comes first; this is for Elasticsearch, whose S3 client reads no token of
    Pod Identity before version 9.6 (docs/decisions/0058). A cluster has one such provider, so one component.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:TokenIdentity"

    def __init__(
        self,
        name: str,
        args: TokenIdentityArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        tokens = self.scope.name("cluster-tokens")
        issuer = aws.iam.OpenIdConnectProvider(
            tokens,
            url=args.issuer,
            client_id_lists=[AUDIENCE],
            tags=self.scope.tags(tokens),
            opts=self.child(),
        )
        role = create_role(self, args, _trust(issuer.arn, args))
        self.publish(TokenIdentityOutputs(role_arn=role.arn))


def _trust(provider_arn: pulumi.Output[str], args: TokenIdentityArgs) -> pulumi.Output[str]:
    """Let the tokens of one service account assume the role; conditions are named after the issuer."""
    subject = f"system:serviceaccount:{args.namespace}:{args.service_account}"
    return pulumi.Output.all(provider_arn, args.issuer).apply(
        lambda known: json.dumps(
            {
                "Version": POLICY_LANGUAGE,
                "Statement": [
                    {
                        "Sid": "AssumeByToken",
                        "Effect": "Allow",
                        "Action": ["sts:AssumeRoleWithWebIdentity"],
                        "Principal": {"Federated": known[0]},
                        "Condition": {
                            "StringEquals": {
                                f"{known[1].removeprefix('https://')}:aud": AUDIENCE,
                                f"{known[1].removeprefix('https://')}:sub": subject,
                            }
                        },
                    }
                ],
            }
        )
    )
