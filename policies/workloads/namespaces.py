"""Namespaces: closed by default, and taking only pods that a standard allows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.kubernetes_objects import SYSTEM_NAMESPACES, KubernetesObject, kubernetes_objects
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_map
from policies.views import StackView
from policies.workloads.hardening import SERVICE_NAMESPACE

_ENFORCE = "pod-security.kubernetes.io/enforce"
_NODE_NAMESPACES = SYSTEM_NAMESPACES | {"monitoring", "logging", "falco", "kube-system"}


def _namespaces(stack: StackView) -> Iterator[KubernetesObject]:
    return kubernetes_objects(stack, "Namespace")


def _standards(stack: StackView) -> Iterator[Violation]:
    for namespace in _namespaces(stack):
        if namespace.name in _NODE_NAMESPACES or namespace.view.type.endswith("Patch"):
            continue
        level = namespace.labels.get(_ENFORCE)
        if isinstance(level, Opaque):
            yield unproven(namespace.view, f"the label {_ENFORCE}", level)
        elif level is None:
            yield on(namespace.view, f"has no label {_ENFORCE}: it takes privileged pods")
        elif level not in {"restricted", "baseline"}:
            yield on(namespace.view, f"takes {level} pods")


def _closed(stack: StackView) -> Iterator[Violation]:
    policies = tuple(kubernetes_objects(stack, "NetworkPolicy"))
    for namespace in _namespaces(stack):
        if not SERVICE_NAMESPACE.match(namespace.name):
            continue
        if not any(_closes(policy, namespace.name) for policy in policies):
            yield on(
                namespace.view, "no NetworkPolicy closes it: every pod of the cluster may reach its pods"
            )


def _closes(policy: KubernetesObject, namespace: str) -> bool:
    kinds = list(texts_of(policy.spec.get("policyTypes")))
    selects_all = not as_map(policy.spec.get("podSelector"))
    return policy.namespace in (namespace, None) and selects_all and ("Ingress" in kinds or not kinds)


RULES = (
    Rule(
        id="workloads-standards",
        family=Family.WORKLOADS,
        sentence="A namespace takes only pods of the restricted or the baseline standard.",
        source="Kubernetes Pod Security Admission",
        level=Level.MANDATORY,
        remedy="label it pod-security.kubernetes.io/enforce: restricted",
        judge=_standards,
        alone=True,
    ),
    Rule(
        id="workloads-network-policies",
        family=Family.WORKLOADS,
        sentence="The services' namespace is closed to what is not admitted.",
        source="Kubernetes network policies; M§9",
        level=Level.MANDATORY,
        remedy="add a NetworkPolicy for every pod that admits nobody, and others for who may connect",
        judge=_closed,
    ),
)
