"""Where a component stands: the one place names, tags and labels come from."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.environments import Environment
from catalog.hostnames import private_domain
from catalog.places import Region
from catalog.stack_facts import Stack
from catalog.tags import DATA_CLASS_TAG, KUBERNETES_CLUSTER_LABEL, required_tags
from components.core.naming import NameLimit


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A stack as its components see it."""

    stack: Stack
    account: str
    """Cloud account id; part of ARNs that must be known before anything exists."""

    @property
    def cluster(self) -> Cluster:
        """The cluster this stack builds or is part of."""
        return self.stack.facts.cluster

    @property
    def environment(self) -> Environment:
        """The environment this stack is."""
        return self.stack.facts.environment

    @property
    def region(self) -> Region:
        """The cluster's home, the only region its resources live in."""
        return self.cluster.home

    @property
    def is_production(self) -> bool:
        """Whether real data lives here: stateful resources are then protected."""
        return self.environment is Environment.PROD

    @property
    def private_domain(self) -> str:
        """The private DNS zone, ``<env>.smp.local``."""
        return private_domain(self.environment)

    @property
    def services_namespace(self) -> str:
        """Kubernetes namespace of the ten services, ``smp-<env>``."""
        return f"smp-{self.environment}"

    def name(self, thing: str, limit: NameLimit = NameLimit.TAG) -> str:
        """Give the physical name ``<cluster>-<env>-<thing>``; stable, never with a random suffix.

        Raises:
            ValueError: the service behind ``limit`` would refuse it.

        """
        return limit.check(f"{self.cluster.id}-{self.environment}-{thing}")

    def tags(self, name: str, data_class: DataClass | None = None) -> dict[str, str]:
        """Give all tags of a cloud resource; ``data_class`` for whatever stores data."""
        tags = {"Name": name, **{str(key): value for key, value in required_tags(self.stack.facts).items()}}
        if data_class is not None:
            tags[DATA_CLASS_TAG] = data_class
        return tags

    def labels(self, app: str, component: str | None = None) -> dict[str, str]:
        """Give the labels of a Kubernetes object, with the recommended ``app.kubernetes.io`` keys."""
        labels = {
            "app.kubernetes.io/name": app,
            "app.kubernetes.io/part-of": "smp",
            "app.kubernetes.io/managed-by": "pulumi",
            KUBERNETES_CLUSTER_LABEL: self.cluster.id,
        }
        if component is not None:
            labels["app.kubernetes.io/component"] = component
        return labels
