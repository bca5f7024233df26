"""A Kubernetes service account that is an IAM role: EKS Pod Identity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.iam import Effect, Statement, pod_identity_trust, policy_document
from components.aws.kubernetes_names import cluster_name
from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentityArgs(Args):
    """Who gets which permissions.

    ``cluster_name`` is the cluster's output, so that the cluster exists first. ``statements`` are the whole of
    what the pods of the service account may do on AWS.
    """

    cluster_name: pulumi.Output[str]
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


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentityOutputs(Outputs):
    """The identity of a service account."""

    role_arn: pulumi.Output[str]
    namespace: str
    service_account: str


class WorkloadIdentity(Component[WorkloadIdentityOutputs]):
    """An IAM role that only the pods of one service account of one cluster can be.

    Pods reach it without any annotation or key; they must name their region themselves, because the instance's
    metadata is closed to them.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:WorkloadIdentity"

    def __init__(
        self,
        name: str,
        args: WorkloadIdentityArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        role = self._create_role()
        self._create_association(role)
        self.publish(
            WorkloadIdentityOutputs(
                role_arn=role.arn, namespace=args.namespace, service_account=args.service_account
            )
        )

    def _create_role(self) -> aws.iam.Role:
        name = self.scope.name(self._args.service_account, NameLimit.IAM_ROLE)
        role = aws.iam.Role(
            name,
            name=name,
            description=f"Pods of {self._args.namespace}/{self._args.service_account}",
            assume_role_policy=pod_identity_trust(
                self.scope,
                cluster_name=cluster_name(self.scope),
                namespace=self._args.namespace,
                service_account=self._args.service_account,
            ),
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            name,
            name="workload",
            role=role.name,
            policy=policy_document(*self._args.statements),
            opts=self.child(),
        )
        return role

    def _create_association(self, role: aws.iam.Role) -> None:
        name = self.scope.name(f"{self._args.service_account}-identity")
        aws.eks.PodIdentityAssociation(
            name,
            cluster_name=self._args.cluster_name,
            namespace=self._args.namespace,
            service_account=self._args.service_account,
            role_arn=role.arn,
            tags=self.scope.tags(name),
            opts=self.child(),
        )
