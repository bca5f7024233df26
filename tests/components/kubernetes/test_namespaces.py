from __future__ import annotations

import pytest

from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from components.kubernetes.namespaces import Ingress, Namespaces, NamespacesArgs, NamespaceSpec, PodSecurity
from tests.contracts.harness import Recording, World, record_build

NAMESPACE = "kubernetes:core/v1:Namespace"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


def _record(**namespaces: NamespaceSpec) -> Recording:
    return record_build(
        lambda world: Namespaces(
            "namespaces",
            NamespacesArgs(scope=world.scope, namespaces=namespaces),
            provider=world.kubernetes,
        ),
        Stack.PROD_ASIA,
    )


def test_the_level_is_enforced_not_only_said() -> None:
    labels = (
        _record(kafka=NamespaceSpec(pod_security=PodSecurity.BASELINE))
        .one(NAMESPACE)
        .inputs["metadata"]["labels"]
    )
    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"
    assert labels["smp.vn/cluster"] == "smp-asia"


def test_a_closed_namespace_lets_in_its_own_pods_and_the_admitted() -> None:
    spec = NamespaceSpec(pod_security=PodSecurity.RESTRICTED, admits=frozenset({"monitoring"}))
    policy = _record(kafka=spec).one(POLICY).inputs
    assert policy["metadata"]["namespace"] == "kafka"
    assert policy["spec"]["podSelector"] == {}
    assert policy["spec"]["policyTypes"] == ["Ingress"]
    (rule,) = policy["spec"]["ingress"]
    assert rule["from"] == [
        {"podSelector": {}},
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}},
    ]


def test_a_namespace_whose_policies_name_who_comes_in_admits_nobody_by_itself() -> None:
    spec = NamespaceSpec(pod_security=PodSecurity.RESTRICTED, ingress=Ingress.NAMED)
    policy = _record(kafka=spec).one(POLICY).inputs["spec"]
    assert (policy["podSelector"], policy["policyTypes"], policy["ingress"]) == ({}, ["Ingress"], [])


def test_an_open_namespace_has_no_policy() -> None:
    recording = _record(vault=NamespaceSpec(pod_security=PodSecurity.BASELINE, ingress=Ingress.ANYWHERE))
    assert not recording.of_type(POLICY)


@pytest.mark.parametrize(
    ("name", "spec", "expected"),
    [
        ("Kafka", NamespaceSpec(pod_security=PodSecurity.BASELINE), "characters"),
        ("kube-system", NamespaceSpec(pod_security=PodSecurity.BASELINE), "belongs to Kubernetes"),
        (
            "kafka",
            NamespaceSpec(pod_security=PodSecurity.BASELINE, admits=frozenset({"kafka"})),
            "admits itself",
        ),
        (
            "kafka",
            NamespaceSpec(
                pod_security=PodSecurity.BASELINE, ingress=Ingress.ANYWHERE, admits=frozenset({"vault"})
            ),
            "drop one of the two",
        ),
        (
            "kafka",
            NamespaceSpec(
                pod_security=PodSecurity.BASELINE, ingress=Ingress.NAMED, admits=frozenset({"vault"})
            ),
            "closed to its own pods",
        ),
        ("smp-dev", NamespaceSpec(pod_security=PodSecurity.BASELINE), "its pod security is restricted"),
    ],
)
def test_wrong_namespaces_are_refused(name: str, spec: NamespaceSpec, expected: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=expected):
        NamespacesArgs(scope=World(Stack.DEV).scope, namespaces={name: spec})
