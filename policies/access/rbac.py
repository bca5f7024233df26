"""Roles of Kubernetes and of what runs in it: nobody gets everything, nobody unknown gets anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.access.people import MANY_PEOPLE
from policies.demands import is_on
from policies.kubernetes_objects import KubernetesObject, chart_values, kubernetes_objects
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Value, as_list, as_map, dig, walk
from policies.views import StackView

_EVERYBODY = re.compile(r"^system:(?:authenticated|unauthenticated|anonymous|serviceaccounts(?::.*)?)$")
_OPERATORS = re.compile(
    r"cert-manager|external-secrets|sealed-secrets|secrets-store|strimzi|elastic-operator|argocd|argo-rollouts|velero"
    r"|csi|trust-manager|kyverno|gatekeeper|cluster-autoscaler|karpenter|load-balancer-controller|vault"
)
"""Controllers that cannot do their work without the cluster's secrets."""
_ENTERING = frozenset(
    {"pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "nodes/proxy"}
)
_RAISING = frozenset({"escalate", "bind", "impersonate"})
_READING = frozenset({"get", "list", "watch", "*"})
_STRONG_ROLES = frozenset({"cluster-admin", "admin", "edit"})


def _roles(stack: StackView) -> Iterator[Violation]:
    for role in kubernetes_objects(stack, "ClusterRole", "Role"):
        for rule in as_list(role.body.get("rules")):
            for problem in _too_much(stack, role, rule):
                yield on(role.view, problem)


def _too_much(stack: StackView, role: KubernetesObject, rule: Value) -> Iterator[str]:
    verbs = {str(verb) for verb in texts_of(dig(rule, "verbs"))}
    resources = {str(item) for item in texts_of(dig(rule, "resources"))}
    groups = {str(item) for item in texts_of(dig(rule, "apiGroups"))}
    whole = role.kind == "ClusterRole"
    if "*" in verbs and "*" in resources:
        yield "allows every verb on everything"
        return
    if raising := verbs & _RAISING:
        yield f"allows {', '.join(sorted(raising))}: who may, may everything"
    named = bool(list(texts_of(dig(rule, "resourceNames"))))
    secrets = "secrets" in resources or ("*" in resources and groups & {"", "*"})
    if whole and secrets and verbs & _READING and not named and not _OPERATORS.search(role.name):
        yield "reads every Secret of the cluster"
    entering = resources & _ENTERING
    if entering and stack.is_production and verbs & {"create", "get", "*"}:
        yield f"allows {', '.join(sorted(entering))} in production"
    if "serviceaccounts/token" in resources and verbs & {"create", "*"} and not named:
        yield "makes tokens of any service account"
    writing = verbs & {"create", "update", "patch", "*"}
    if whole and writing and "rbac.authorization.k8s.io" in groups and not _OPERATORS.search(role.name):
        yield "changes roles and bindings of the cluster"


def _bindings(stack: StackView) -> Iterator[Violation]:
    for binding in kubernetes_objects(stack, "ClusterRoleBinding", "RoleBinding"):
        role = str(dig(binding.body.get("roleRef"), "name"))
        for subject in as_list(binding.body.get("subjects")):
            kind, name = str(dig(subject, "kind")), str(dig(subject, "name"))
            if _EVERYBODY.match(name) and kind != "ServiceAccount":
                yield on(binding.view, f"{name} gets {role}")
            elif kind == "ServiceAccount" and name == "default":
                yield on(binding.view, f"the default account, so every pod of its namespace, gets {role}")
            elif role == "cluster-admin" and kind == "ServiceAccount":
                yield on(binding.view, f"the account {name} gets cluster-admin")
            elif (
                role in _STRONG_ROLES
                and MANY_PEOPLE.search(name.rsplit(":", maxsplit=1)[-1])
                and stack.is_production
            ):
                yield on(binding.view, f"{name} get {role} in production")


def _sign_in(stack: StackView) -> Iterator[Violation]:
    for config in kubernetes_objects(stack, "ConfigMap"):
        data = as_map(config.body.get("data"))
        if is_on(data.get("users.anonymous.enabled")):
            yield on(config.view, "users.anonymous.enabled: who does not sign in sees every application")
        if str(data.get("policy.default")).strip() == "role:admin":
            yield on(config.view, "policy.default is role:admin: whoever signs in administers Argo CD")
        for name, text in data.items():
            if isinstance(text, str) and re.search(r"\[auth\.anonymous\]\s*\n\s*enabled\s*=\s*true", text):
                yield on(config.view, f"{name}: who does not sign in sees the dashboards")
    yield from _charts(stack)
    yield from _projects(stack)


def _charts(stack: StackView) -> Iterator[Violation]:
    for chart in chart_values(stack):
        for path, value in walk(chart.values):
            if path.endswith(("users.anonymous.enabled", "auth.anonymous.enabled")) and is_on(value):
                yield on(chart.view, f"{path} of {chart.chart}: who does not sign in is let in")
            if path.endswith("policy.default") and value == "role:admin":
                yield on(chart.view, f"{path} of {chart.chart} is role:admin")
        if chart.chart.rsplit("/", maxsplit=1)[-1] == "vault" and is_on(
            dig(chart.values, "server", "dev", "enabled")
        ):
            yield on(chart.view, "server.dev is enabled: Vault is unsealed, and forgets everything")
        if dig(chart.values, "auth", "enabled") is False:
            yield on(chart.view, f"auth of {chart.chart} is off: whoever reaches it is let in")


def _projects(stack: StackView) -> Iterator[Violation]:
    for project in kubernetes_objects(stack, "AppProject"):
        everywhere = any(
            dig(item, "namespace") == "*" and (dig(item, "server") == "*" or dig(item, "name") == "*")
            for item in as_list(project.spec.get("destinations"))
        )
        if everywhere and "*" in list(texts_of(project.spec.get("sourceRepos"))):
            yield on(project.view, "deploys from any repository to anywhere")


RULES = (
    Rule(
        id="access-roles",
        family=Family.ACCESS,
        sentence="No role allows everything, reads every Secret, raises itself or enters pods of production.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="name verbs and resources, in one namespace",
        judge=_roles,
        alone=True,
    ),
    Rule(
        id="access-bindings",
        family=Family.ACCESS,
        sentence="No binding gives everybody or a default account rights, or services and many people administration.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="bind an account or a small group to a narrow role",
        judge=_bindings,
        alone=True,
    ),
    Rule(
        id="access-sign-in",
        family=Family.ACCESS,
        sentence="Tools of the cluster ask who signs in, and start with no rights.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="turn anonymous access off, and leave the default role empty",
        judge=_sign_in,
        alone=True,
    ),
)
