"""What the cluster autoscaler may do: see every group, resize those of its own cluster."""

from __future__ import annotations

from components.aws.iam import Statement
from components.aws.kubernetes_names import cluster_name
from components.core.scope import Scope

AUTOSCALER_NAMESPACE = "kube-system"
AUTOSCALER_SERVICE_ACCOUNT = "cluster-autoscaler"


def autoscaler_statements(scope: Scope) -> tuple[Statement, ...]:
    """Write the policy of the autoscaler's role.

    EKS itself puts the tags ``k8s.io/cluster-autoscaler/enabled`` and ``k8s.io/cluster-autoscaler/<cluster>``
    on the Auto Scaling groups of managed node groups; the second is what the condition asks for.
    """
    return (
        Statement(
            sid="SeeGroupsAndTypes",
            actions=(
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ),
            resources=("*",),
        ),
        Statement(
            sid="SeeNodeGroups",
            actions=("eks:DescribeNodegroup",),
            resources=(f"arn:aws:eks:{scope.region}:{scope.account}:nodegroup/{cluster_name(scope)}/*",),
        ),
        Statement(
            sid="ResizeOwnGroups",
            actions=("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"),
            resources=(f"arn:aws:autoscaling:{scope.region}:{scope.account}:autoScalingGroup:*",),
            conditions={
                "StringEquals": {
                    f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster_name(scope)}": "owned",
                }
            },
        ),
    )
