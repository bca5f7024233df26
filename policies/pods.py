"""Pod specifications, whatever makes the pods: a deployment, a job, a rollout, a custom resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.kubernetes_objects import KubernetesObject, kubernetes_objects
from policies.values import Opaque, Value, as_list, as_map, dig
from policies.views import StackView

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a pod."""

    list: str
    """``containers``, ``initContainers`` or ``ephemeralContainers``."""
    body: Mapping[str, Value]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.body.get("name") or "?")

    @property
    def is_main(self) -> bool:
        """Whether it runs as long as the pod does."""
        return self.list == "containers"


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod's specification within an object."""

    owner: KubernetesObject
    spec: Mapping[str, Value]
    metadata: Mapping[str, Value]

    @property
    def containers(self) -> tuple[Container, ...]:
        """All of them, those that prepare the pod first."""
        return tuple(
            Container(list=name, body=as_map(item))
            for name in CONTAINER_LISTS
            for item in as_list(self.spec.get(name))
        )

    @property
    def is_override(self) -> bool:
        """Whether an operator fills in the rest, so that what is absent here says nothing."""
        return not any(is_image(container) for container in self.containers if container.is_main)

    @property
    def annotations(self) -> Mapping[str, Value]:
        """The pods' annotations."""
        return as_map(self.metadata.get("annotations"))


def is_image(container: Container) -> bool:
    """Whether a container names its image."""
    image = container.body.get("image")
    return isinstance(image, Opaque) or bool(image)


def pods(stack: StackView) -> Iterator[Pod]:
    """Give every pod specification of a stack."""
    for item in kubernetes_objects(stack):
        if item.kind in _HOLDERS or item.group not in _PLAIN_GROUPS:
            yield from pods_of(item)


_HOLDERS = frozenset(
    {
        *("Pod", "PodTemplate", "ReplicationController", "Deployment", "ReplicaSet", "StatefulSet"),
        *("DaemonSet", "Job", "CronJob"),
    }
)
_PLAIN_GROUPS = frozenset(
    {"core", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "policy"}
)


def pods_of(item: KubernetesObject) -> Iterator[Pod]:
    """Give the pod specifications anywhere in an object."""
    yield from _search(item, item.body, as_map(item.body.get("metadata")), depth=0)


def _search(
    item: KubernetesObject, block: Mapping[str, Value], metadata: Mapping[str, Value], depth: int
) -> Iterator[Pod]:
    if depth > 8:  # the deepest known, a CronJob's, is four down
        return
    if any(isinstance(dig(inner), Mapping) for inner in as_list(block.get("containers"))):
        yield Pod(owner=item, spec=block, metadata=metadata)
        return
    for key, value in block.items():
        if key in {"metadata", "status"}:
            continue
        inner_metadata = as_map(block.get("metadata")) or metadata
        for part in as_list(value):
            if isinstance(part, Mapping):
                yield from _search(item, as_map(part), inner_metadata, depth + 1)
