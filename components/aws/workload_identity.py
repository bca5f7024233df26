"""A Kubernetes service account that is an IAM role: EKS Pod Identity."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.iam import pod_identity_trust
from components.aws.kubernetes_names import cluster_name
from components.aws.service_account_roles import ServiceAccountArgs, create_role
from components.core.component import Component, Outputs


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentityArgs(ServiceAccountArgs):
    """Who gets which permissions, in which cluster: its output, so that the cluster exists first."""

    cluster_name: pulumi.Output[str]


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
        trust = pod_identity_trust(
            self.scope,
            cluster_name=cluster_name(self.scope),
            namespace=args.namespace,
            service_account=args.service_account,
        )
        role = create_role(self, args, trust)
        self._create_association(role)
        self.publish(
            WorkloadIdentityOutputs(
                role_arn=role.arn, namespace=args.namespace, service_account=args.service_account
            )
        )

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
