"""Namespaces: what their pods may do, and who may call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_kubernetes as kubernetes

from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Kubernetes itself puts a namespace's name under this label, and nobody can change it."""

MONITORING_NAMESPACE = "monitoring"
"""Where whatever watches a cluster runs, Prometheus first of all."""

_RESERVED = ("kube-", "default")


class PodSecurity(StrEnum):
    """Level of the Pod Security Standards that a namespace enforces."""

    RESTRICTED = "restricted"
    """Not root, no privileges: services, and whatever else bears it."""
    BASELINE = "baseline"
    """No known escalation."""
    PRIVILEGED = "privileged"
    """Anything: agents that read the node, such as log collectors and node exporters."""


class Ingress(StrEnum):
    """Who may open a connection to a namespace's pods."""

    ADMITTED = "admitted"
    """Its own pods and those of the namespaces it admits."""
    NAMED = "named"
    """Nobody, not even its own pods: policies beside this one name whom each of them answers, port by port."""
    ANYWHERE = "anywhere"
    """Everybody: where an admission webhook runs, whose caller, the API server, is in no namespace."""


@dataclass(frozen=True, kw_only=True)
class NamespaceSpec:
    """One namespace. ``admits`` are other namespaces whose pods may connect (the gateway's, monitoring's)."""

    pod_security: PodSecurity
    ingress: Ingress = Ingress.ADMITTED
    admits: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class NamespacesArgs(Args):
    """The namespaces of a stack, keyed by name."""

    namespaces: Mapping[str, NamespaceSpec]

    def problems(self) -> Iterator[str]:
        """Check names, levels and who is admitted."""
        if not self.namespaces:
            yield "no namespaces; name at least one"
        for name, spec in self.namespaces.items():
            try:
                NameLimit.KUBERNETES.check(name)
            except ValueError as error:
                yield f"namespace {error}"
            if name.startswith(_RESERVED):
                yield f"namespace {name} belongs to Kubernetes; choose another name"
            if spec.ingress is Ingress.ANYWHERE and spec.admits:
                yield f"namespace {name} is open to everybody and yet admits some; drop one of the two"
            if spec.ingress is Ingress.NAMED and spec.admits:
                yield f"namespace {name} is closed to its own pods and yet admits others to all; drop one of the two"
            if name in spec.admits:
                yield f"namespace {name} admits itself; its own pods always may, so leave it out"
            if name == self.scope.services_namespace and spec.pod_security is not PodSecurity.RESTRICTED:
                yield f"namespace {name} holds the services; its pod security is restricted"


@dataclass(frozen=True, kw_only=True)
class NamespacesOutputs(Outputs):
    """Names by name; using an output makes what lies in a namespace wait for it."""

    names: Mapping[str, pulumi.Output[str]]


class Namespaces(Component[NamespacesOutputs]):
    """Namespaces with an enforced pod security level and, unless open, closed to all but those admitted.

    There are no quotas: a node pool's maximum already bounds what a stack can take, and a quota beside it would
    stop an autoscaled service in the one hour it needs to grow.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:Namespaces"

    def __init__(
        self,
        name: str,
        args: NamespacesArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self.publish(
            NamespacesOutputs(
                names={
                    namespace: self._create_namespace(namespace, spec)
                    for namespace, spec in args.namespaces.items()
                }
            )
        )

    def _create_namespace(self, name: str, spec: NamespaceSpec) -> pulumi.Output[str]:
        namespace = kubernetes.core.v1.Namespace(
            self.scope.name(f"namespace-{name}"),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=name, labels={**self.scope.labels(name), **_security_labels(spec.pod_security)}
            ),
            opts=self.child(),
        )
        if spec.ingress is not Ingress.ANYWHERE:
            self._create_policy(name, namespace.metadata.name, spec)
        return namespace.metadata.name

    def _create_policy(self, name: str, namespace: pulumi.Output[str], spec: NamespaceSpec) -> None:
        own = kubernetes.networking.v1.NetworkPolicyPeerArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs()
        )
        others = [pods_of(other) for other in sorted(spec.admits)]
        kubernetes.networking.v1.NetworkPolicy(
            self.scope.name(f"namespace-{name}-ingress"),
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="admitted-only", namespace=namespace, labels=self.scope.labels(name)
            ),
            spec=kubernetes.networking.v1.NetworkPolicySpecArgs(
                # Selects every pod: from then on only what is listed comes in. The kubelet's probes always do.
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(),
                policy_types=["Ingress"],
                ingress=[]
                if spec.ingress is Ingress.NAMED
                else [kubernetes.networking.v1.NetworkPolicyIngressRuleArgs(from_=[own, *others])],
            ),
            opts=self.child(),
        )


def pods_of(namespace: str) -> kubernetes.networking.v1.NetworkPolicyPeerArgs:
    """Give all pods of a namespace, as a network policy names who may connect."""
    return kubernetes.networking.v1.NetworkPolicyPeerArgs(
        namespace_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels={NAMESPACE_LABEL: namespace})
    )


def _security_labels(level: PodSecurity) -> dict[str, str]:
    """Enforce a level, and tell whoever deploys what the restricted one would refuse."""
    prefix = "pod-security.kubernetes.io"
    return {f"{prefix}/enforce": level, f"{prefix}/warn": PodSecurity.RESTRICTED}
