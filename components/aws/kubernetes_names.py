"""Names of the cluster that policies and other programs know before it exists."""

from __future__ import annotations

from components.core.naming import NameLimit
from components.core.scope import Scope


def cluster_name(scope: Scope) -> str:
    """Name the EKS cluster, ``<cluster>-<env>-kubernetes``."""
    return scope.name("kubernetes", NameLimit.EKS_CLUSTER)


def cluster_arn(scope: Scope) -> str:
    """Give the cluster's ARN, which is made of known parts only."""
    return f"arn:aws:eks:{scope.region}:{scope.account}:cluster/{cluster_name(scope)}"
