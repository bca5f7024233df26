"""What a pod may do to its node: the restricted standard of Kubernetes, for every kind that makes pods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.demands import is_off, is_on
from policies.kubernetes_objects import SYSTEM_NAMESPACES
from policies.pods import Container, Pod, pods
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Opaque, Value, as_int, as_list, as_map, dig
from policies.views import StackView

_AGENTS = frozenset({"monitoring", "logging", "observability", "falco", "falco-system", "calico-system"})
"""Namespaces whose daemons read the node: its logs, its metrics."""
_ALLOWED_CAPABILITIES = frozenset({"NET_BIND_SERVICE"})
_HOST_FLAGS = ("hostNetwork", "hostPID", "hostIPC")
SERVICE_NAMESPACE = re.compile(r"^smp-(?:dev|staging|prod)$")


def is_system(pod: Pod) -> bool:
    """Whether it is of Kubernetes itself."""
    return pod.owner.namespace in SYSTEM_NAMESPACES


def is_agent(pod: Pod) -> bool:
    """Whether it is a daemon that must see the node."""
    return pod.owner.kind == "DaemonSet" and pod.owner.namespace in _AGENTS


def _effective(pod: Pod, container: Container, name: str) -> Value:
    """Give a setting of the container's security context, or the pod's where it says nothing."""
    own = dig(container.body, "securityContext", name)
    return own if own is not None else dig(pod.spec, "securityContext", name)


def _privileges(stack: StackView) -> Iterator[Violation]:
    for pod in pods(stack):
        if is_system(pod):
            continue
        view = pod.owner.view
        if not is_agent(pod):
            for flag in _HOST_FLAGS:
                if is_on(pod.spec.get(flag)):
                    yield on(view, f"{flag} is on")
            for volume in as_list(pod.spec.get("volumes")):
                path = dig(volume, "hostPath", "path")
                if dig(volume, "hostPath") is not None:
                    yield on(view, f"the volume {dig(volume, 'name')} is the node's own {path}")
        for container in pod.containers:
            ports = [dig(port, "hostPort") for port in as_list(container.body.get("ports"))]
            if any(ports) and not is_agent(pod):
                yield on(view, f"container {container.name}: hostPort listens on the node's own address")
            for problem in _of_container(pod, container):
                yield on(view, f"container {container.name}: {problem}")


def _of_container(pod: Pod, container: Container) -> Iterator[str]:
    context = as_map(container.body.get("securityContext"))
    for path in ("privileged", "allowPrivilegeEscalation"):
        if isinstance(context.get(path), Opaque):
            yield f"cannot be proven: {path} is not known before the deployment"
    if is_on(context.get("privileged")):
        yield "is privileged: it is root on the node"
    if is_on(context.get("allowPrivilegeEscalation")):
        yield "allowPrivilegeEscalation is on"
    added = {str(item).upper().removeprefix("CAP_") for item in texts_of(dig(context, "capabilities", "add"))}
    if extra := added - _ALLOWED_CAPABILITIES:
        yield f"adds the capabilities {', '.join(sorted(extra))}"
    if str(context.get("procMount") or "Default") != "Default":
        yield "procMount is not the default one"
    if is_on(dig(context, "windowsOptions", "hostProcess")):
        yield "is a process of the node"
    profile = dig(as_map(_effective(pod, container, "seccompProfile")), "type")
    if profile == "Unconfined":
        yield "seccompProfile is Unconfined"
    yield from _user(pod, container)


def _user(pod: Pod, container: Container) -> Iterator[str]:
    user = _effective(pod, container, "runAsUser")
    non_root = _effective(pod, container, "runAsNonRoot")
    if isinstance(user, Opaque) or isinstance(non_root, Opaque):
        yield "cannot be proven: its user is not known before the deployment"
    elif as_int(user) == 0:
        yield "runs as root (runAsUser 0)"
    elif is_off(non_root):
        yield "runAsNonRoot is off"
    elif not is_on(non_root) and user is None and not pod.is_override and not is_agent(pod):
        yield "nothing says that it is not root: runAsNonRoot is not set"


def _restricted(stack: StackView) -> Iterator[Violation]:
    for pod in pods(stack):
        if is_system(pod) or is_agent(pod) or pod.is_override:
            continue
        for container in pod.containers:
            for problem in _missing(pod, container, as_map(container.body.get("securityContext"))):
                yield on(pod.owner.view, f"container {container.name}: {problem}")


def _missing(pod: Pod, container: Container, context: Mapping[str, Value]) -> Iterator[str]:
    if context.get("allowPrivilegeEscalation") is None and not is_on(context.get("privileged")):
        yield "allowPrivilegeEscalation is not false"
    dropped = {str(item).upper() for item in texts_of(dig(context, "capabilities", "drop"))}
    if "ALL" not in dropped:
        yield "does not drop all capabilities"
    if not is_on(context.get("readOnlyRootFilesystem")):
        yield "can write to its own file system: readOnlyRootFilesystem is not true"
    if _effective(pod, container, "seccompProfile") is None:
        yield "has no seccompProfile"


def _accounts(stack: StackView) -> Iterator[Violation]:
    for pod in pods(stack):
        if not SERVICE_NAMESPACE.match(pod.owner.namespace or "") or pod.is_override:
            continue
        account, mounted = pod.spec.get("serviceAccountName"), pod.spec.get("automountServiceAccountToken")
        if account in (None, "", "default") and not is_off(mounted):
            yield on(pod.owner.view, "runs as the namespace's default account, with its token in the pod")
        elif is_on(mounted):
            yield on(
                pod.owner.view, "automountServiceAccountToken is on: a token of the cluster lies in the pod"
            )
    for pod in pods(stack):
        if pod.owner.namespace == "default":
            yield on(pod.owner.view, "lives in the namespace default, which no policy closes")


RULES = (
    Rule(
        id="workloads-privileges",
        family=Family.WORKLOADS,
        sentence="No pod is privileged, root, or part of its node.",
        source="Kubernetes Pod Security Standards; M§9",
        level=Level.MANDATORY,
        remedy="run as a user of its own without capabilities; only daemons of kube-system and monitoring see the node",
        judge=_privileges,
        alone=True,
    ),
    Rule(
        id="workloads-restricted",
        family=Family.WORKLOADS,
        sentence="A pod gives up what it does not need: capabilities, escalation, a writable file system.",
        source="Kubernetes Pod Security Standards, restricted",
        level=Level.ADVISORY,
        remedy="set the security context that components/kubernetes/single_pod_store.py has",
        judge=_restricted,
        alone=True,
    ),
    Rule(
        id="workloads-accounts",
        family=Family.WORKLOADS,
        sentence="A pod has an account of its own, and no token it does not use.",
        source="Kubernetes service accounts; M§5.2",
        level=Level.ADVISORY,
        remedy="name the service's account and set automountServiceAccountToken to false",
        judge=_accounts,
        alone=True,
    ),
)
