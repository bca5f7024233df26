"""The ten services: replicas and scaling of the matrix, a disruption budget, and a place in every zone (M§4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.environments import Environment
from catalog.services import Replicas, Service
from policies.kubernetes_objects import KubernetesObject, kubernetes_objects
from policies.pods import pods_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_int, as_list, as_map, dig
from policies.views import StackView

_SERVICES = {service.id: service.facts for service in Service}
_WORKLOADS = ("Deployment", "StatefulSet", "Rollout")
_ZONE_KEYS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")


def _of_service(item: KubernetesObject) -> str | None:
    """Name the service a workload runs, by its own name or its label."""
    for name in (item.name, item.labels.get("app.kubernetes.io/name"), item.labels.get("app")):
        if isinstance(name, str) and name in _SERVICES:
            return name
    return None


def _workloads(stack: StackView) -> Iterator[tuple[KubernetesObject, str, Replicas]]:
    for item in kubernetes_objects(stack, *_WORKLOADS):
        service = _of_service(item)
        if service is not None and not item.view.type.endswith("Patch"):
            yield item, service, _SERVICES[service].replicas(stack.facts.environment)


def _scaled(stack: StackView, item: KubernetesObject) -> bool:
    """Whether an autoscaler sets the number, so that the workload need not."""
    for scaler in kubernetes_objects(stack, "HorizontalPodAutoscaler", "ScaledObject"):
        if dig(scaler.spec, "scaleTargetRef", "name") == item.name:
            return True
    return False


def _replicas(stack: StackView) -> Iterator[Violation]:
    for item, service, wanted in _workloads(stack):
        value = item.spec.get("replicas")
        if isinstance(value, Opaque):
            yield unproven(item.view, "spec.replicas", value)
        elif value is None and _scaled(stack, item):
            continue
        elif (count := as_int(value) if value is not None else 1) is not None and count < wanted.minimum:
            yield on(item.view, f"{service} has {count} pod(s), not {wanted.minimum}")


def _scalers(stack: StackView) -> Iterator[Violation]:
    fields = {
        "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
        "ScaledObject": ("minReplicaCount", "maxReplicaCount"),
    }
    for scaler in kubernetes_objects(stack, *fields):
        name = dig(scaler.spec, "scaleTargetRef", "name")
        if not isinstance(name, str) or name not in _SERVICES:
            continue
        wanted = _SERVICES[name].replicas(stack.facts.environment)
        low, high = (scaler.spec.get(field) for field in fields[scaler.kind])
        if isinstance(low, Opaque) or isinstance(high, Opaque):
            yield unproven(scaler.view, "its bounds", Opaque.UNKNOWN)
            continue
        least = as_int(low) if low is not None else (1 if scaler.kind == "HorizontalPodAutoscaler" else 0)
        if least is not None and least < wanted.minimum:
            yield on(scaler.view, f"{name} scales from {least}, not from {wanted.minimum}")
        most = as_int(high)
        if most is not None and stack.is_production and most < wanted.maximum:
            yield on(scaler.view, f"{name} scales to {most}, not to {wanted.maximum}")


def _labels_of(item: KubernetesObject) -> Mapping[str, Value]:
    return as_map(dig(item.spec, "template", "metadata", "labels"))


def _disruption(stack: StackView) -> Iterator[Violation]:
    budgets = tuple(kubernetes_objects(stack, "PodDisruptionBudget"))
    if stack.is_production:
        for item, service, _ in _workloads(stack):
            if not any(_covers(budget, item) for budget in budgets):
                problem = f"{service} has no PodDisruptionBudget: a drained node may take all its pods"
                yield on(item.view, problem, level=Level.ADVISORY)
    for budget in budgets:
        least, most = budget.spec.get("minAvailable"), budget.spec.get("maxUnavailable")
        if str(most) == "100%" or (most is None and str(least) in {"0", "0%"}):
            yield on(budget.view, "allows every pod to go at once")
        if str(most) in {"0", "0%"} or str(least) == "100%":
            yield on(
                budget.view, "allows no pod to go, so that nodes cannot be renewed", level=Level.ADVISORY
            )


def _covers(budget: KubernetesObject, item: KubernetesObject) -> bool:
    if budget.namespace and item.namespace and budget.namespace != item.namespace:
        return False
    wanted = as_map(dig(budget.spec, "selector", "matchLabels"))
    labels = _labels_of(item)
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())


def _spread(stack: StackView) -> Iterator[Violation]:
    if stack.facts.environment is not Environment.PROD:
        return
    for item, service, _ in _workloads(stack):
        for pod in pods_of(item):
            constraints = as_list(pod.spec.get("topologySpreadConstraints"))
            spread = any(dig(constraint, "topologyKey") in _ZONE_KEYS for constraint in constraints)
            if not spread and not _anti_affinity(pod.spec):
                yield on(item.view, f"pods of {service} may all be in one zone: nothing spreads them")


def _anti_affinity(spec: Mapping[str, Value]) -> bool:
    rules = as_map(dig(spec, "affinity", "podAntiAffinity"))
    terms = [term for value in rules.values() for term in as_list(value)]
    return any(
        dig(term, "topologyKey") in _ZONE_KEYS or dig(term, "podAffinityTerm", "topologyKey") in _ZONE_KEYS
        for term in terms
    )


RULES = (
    Rule(
        id="availability-replicas",
        family=Family.AVAILABILITY,
        sentence="A service has as many pods as the matrix says.",
        source="M§4",
        level=Level.MANDATORY,
        remedy="take replicas from the catalogue (catalog.services)",
        judge=_replicas,
    ),
    Rule(
        id="availability-scaling",
        family=Family.AVAILABILITY,
        sentence="A service scales between the bounds of the matrix.",
        source="M§4",
        level=Level.MANDATORY,
        remedy="take both bounds from the catalogue (catalog.services)",
        judge=_scalers,
        alone=True,
    ),
    Rule(
        id="availability-disruption",
        family=Family.AVAILABILITY,
        sentence="A service of production has a disruption budget, which lets some pods go and never all.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="add a PodDisruptionBudget with maxUnavailable 1",
        judge=_disruption,
    ),
    Rule(
        id="availability-topology",
        family=Family.AVAILABILITY,
        sentence="Pods of a service are spread over the zones.",
        source="M§14.6",
        level=Level.ADVISORY,
        remedy="add a topologySpreadConstraint on topology.kubernetes.io/zone",
        judge=_spread,
        alone=True,
    ),
)
