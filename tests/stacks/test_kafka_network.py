"""Who may connect to what runs in the namespace of Kafka, as the policies of a whole plan add up."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.stack_facts import Stack
from tests.stacks.programs import resources

OPERATOR = {"strimzi.io/kind": "cluster-operator"}
REGISTRY = {"app.kubernetes.io/name": "schema-registry"}
PRODUCTS = [stack for stack in Stack if stack is not Stack.PROD_GLOBAL]


def admitted(stack: Stack, pod: dict[str, str]) -> list[Any]:
    """List the rules that let somebody in to a pod: policies add up, and one that is wide undoes the others."""
    found: list[Any] = []
    for resource in resources(stack):
        if not resource["type"].endswith(":NetworkPolicy"):
            continue
        inputs = resource["inputs"]
        selected = inputs["spec"]["podSelector"].get("matchLabels", {})
        if inputs["metadata"]["namespace"] == "kafka" and selected.items() <= pod.items():
            found += inputs["spec"]["ingress"]
    return found


def namespaced(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


@pytest.mark.parametrize("stack", PRODUCTS, ids=lambda stack: stack.facts.name)
def test_the_registry_answers_the_services_and_its_own_pods_alone(stack: Stack) -> None:
    (rule,) = admitted(stack, REGISTRY)
    assert rule["ports"] == [{"port": 8081, "protocol": "TCP"}]
    services = f"smp-{stack.facts.environment}"
    assert rule["from"] == [{"podSelector": {"matchLabels": REGISTRY}}, namespaced(services)]


@pytest.mark.parametrize("stack", Stack, ids=lambda stack: stack.facts.name)
def test_prometheus_reaches_the_operator_s_metrics_and_nobody_anything_else(stack: Stack) -> None:
    (rule,) = admitted(stack, OPERATOR)
    assert rule == {"from": [namespaced("monitoring")], "ports": [{"port": 8080, "protocol": "TCP"}]}


@pytest.mark.parametrize("stack", PRODUCTS, ids=lambda stack: stack.facts.name)
def test_nobody_reaches_the_job_of_the_audit_log(stack: Stack) -> None:
    assert admitted(stack, {"app.kubernetes.io/name": "audit-batches"}) == []


@pytest.mark.parametrize("stack", Stack, ids=lambda stack: stack.facts.name)
def test_the_operator_writes_the_policies_of_what_it_runs(stack: Stack) -> None:
    (release,) = [
        resource["inputs"]
        for resource in resources(stack)
        if resource["type"].endswith(":Release") and resource["inputs"]["name"] == "strimzi"
    ]
    assert release["values"]["generateNetworkPolicy"] is True
