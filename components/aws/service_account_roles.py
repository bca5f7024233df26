"""An IAM role that is one Kubernetes service account: what Pod Identity and tokens of the cluster have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.iam import Effect, Statement, policy_document
from components.core.component import Args, Component
from components.core.naming import NameLimit


@dataclass(frozen=True, kw_only=True)
class ServiceAccountArgs(Args):
    """Who gets which permissions: ``statements`` are the whole of what the pods of the account may do on AWS."""

    namespace: str
    service_account: str
    statements: tuple[Statement, ...]

    def problems(self) -> Iterator[str]:
        """Check the names, and that the statements are ones of a role."""
        for what, name in (("namespace", self.namespace), ("service_account", self.service_account)):
            try:
                NameLimit.KUBERNETES.check(name)
            except ValueError as error:
                yield f"{what}: {error}"
        try:
            self.scope.name(self.service_account, NameLimit.IAM_ROLE)
        except ValueError as error:
            yield f"service_account: its role's name is refused: {error}"
        if not self.statements:
            yield "no statements; a service account that calls nothing on AWS needs no identity"
        for statement in self.statements:
            if statement.principals:
                yield f"statement {statement.sid} names principals; a role's policy speaks for the role itself"
            if not statement.resources:
                yield f"statement {statement.sid} names no resources; say which, by ARN"
            if statement.effect is Effect.ALLOW and any(
                action in {"*", "*:*"} for action in statement.actions
            ):
                yield f"statement {statement.sid} allows every action; name those that are needed"


def create_role(
    component: Component[Any], args: ServiceAccountArgs, trust: pulumi.Input[str]
) -> aws.iam.Role:
    """Create the role with its one policy; ``trust`` says who may be it, as a policy document."""
    name = component.scope.name(args.service_account, NameLimit.IAM_ROLE)
    role = aws.iam.Role(
        name,
        name=name,
        description=f"Pods of {args.namespace}/{args.service_account}",
        assume_role_policy=trust,
        tags=component.scope.tags(name),
        opts=component.child(),
    )
    aws.iam.RolePolicy(
        name,
        name="workload",
        role=role.name,
        policy=policy_document(*args.statements),
        opts=component.child(),
    )
    return role
