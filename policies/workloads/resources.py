"""Requests, limits and probes: a pod has its share, and says when it is ready (M§4)."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.services import Service
from policies.pods import Container, Pod, pods
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import as_list, dig
from policies.views import StackView, is_set
from policies.workloads.hardening import is_system

_SERVICES = frozenset(service.id for service in Service)
_ALWAYS = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))
_PROBED = frozenset({"Deployment", "StatefulSet", "Rollout"})


def _resources(stack: StackView) -> Iterator[Violation]:
    for pod in pods(stack):
        if is_system(pod) or pod.is_override:
            continue
        for container in pod.containers:
            if container.list == "ephemeralContainers":
                continue
            wanted = (*_ALWAYS, ("limits", "cpu")) if container.name in _SERVICES else _ALWAYS
            missing = [
                ".".join(path) for path in wanted if not is_set(dig(container.body, "resources", *path))
            ]
            if missing and not is_set(pod.spec.get("resources")):  # of the pod as a whole, Kubernetes 1.34
                yield on(pod.owner.view, f"container {container.name} has no {', '.join(missing)}")


def _probes(stack: StackView) -> Iterator[Violation]:
    for pod in pods(stack):
        if pod.owner.kind not in _PROBED or pod.is_override or is_system(pod):
            continue
        for container in _serving(pod):
            missing = [
                name for name in ("readinessProbe", "livenessProbe") if not is_set(container.body.get(name))
            ]
            if missing:
                yield on(pod.owner.view, f"container {container.name} has no {' and no '.join(missing)}")


def _serving(pod: Pod) -> Iterator[Container]:
    """Give the containers that somebody calls: the first one, and those with a port."""
    for place, container in enumerate(item for item in pod.containers if item.is_main):
        if place == 0 or as_list(container.body.get("ports")):
            yield container


RULES = (
    Rule(
        id="workloads-resources",
        family=Family.WORKLOADS,
        sentence="Every container asks for its share, and has a limit.",
        source="M§4",
        level=Level.MANDATORY,
        remedy="take requests and limits from the catalogue (catalog.services)",
        judge=_resources,
        alone=True,
    ),
    Rule(
        id="workloads-probes",
        family=Family.WORKLOADS,
        sentence="What runs for long says when it is ready and whether it lives.",
        source="M§8: smoke test; Kubernetes probes",
        level=Level.ADVISORY,
        remedy="add a readinessProbe and a livenessProbe",
        judge=_probes,
        alone=True,
    ),
)
