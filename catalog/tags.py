"""The tags every taggable cloud resource carries (M§14.8), and nothing about how they get there."""

from __future__ import annotations

from enum import StrEnum

from catalog.stack_facts import COST_CENTER, StackFacts


class TagKey(StrEnum):
    """Keys exactly as finance filters by them; more tags are allowed beside these."""

    ENVIRONMENT = "Environment"
    CLUSTER = "Cluster"
    REGION = "region"
    """The cluster's id again, not a cloud region: M§14.8 asks for ``region=<cluster-id>``."""
    COUNTRY_GROUP = "CountryGroup"
    COST_CENTER = "CostCenter"
    COMPLIANCE = "Compliance"


DATA_CLASS_TAG = "DataClass"
"""Additional key on everything that stores data; its value is a ``DataClass``."""

KUBERNETES_CLUSTER_LABEL = "smp.vn/cluster"
"""Label every Kubernetes object carries; its value is the cluster's id."""


def required_tags(stack: StackFacts) -> dict[TagKey, str]:
    """Give the required tags of a stack, in the order of the matrix."""
    cluster = stack.cluster
    return {
        TagKey.ENVIRONMENT: stack.environment,
        TagKey.CLUSTER: cluster.id,
        TagKey.REGION: cluster.id,
        TagKey.COUNTRY_GROUP: cluster.country_group,
        TagKey.COST_CENTER: COST_CENTER,
        TagKey.COMPLIANCE: cluster.value.compliance,
    }
