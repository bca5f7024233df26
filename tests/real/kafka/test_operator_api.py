"""Every object of the six plans is one the operator knows, field by field."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from catalog.kafka_versions import STRIMZI
from catalog.stack_facts import Stack
from tests.real.kafka.jars import JarSet, Java
from tests.real.kafka.operator_api import SPECS, OperatorApi
from tests.stacks.programs import resources

PREFIX = "kubernetes:kafka.strimzi.io/v1:"


@pytest.fixture(scope="module")
def api(java: Java) -> OperatorApi:
    assert JarSet.STRIMZI.version("strimzi") == STRIMZI
    return OperatorApi(java.bring(JarSet.STRIMZI) / "jars")


def _objects(stack: Stack) -> list[tuple[str, str, Any]]:
    return [
        (item["type"].removeprefix(PREFIX), item["urn"].rsplit("::", maxsplit=1)[-1], item["inputs"]["spec"])
        for item in resources(stack)
        if item["type"].startswith("kubernetes:kafka.strimzi.io/")
    ]


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_every_field_is_one_of_the_operator_s(api: OperatorApi, stack: Stack) -> None:
    objects = _objects(stack)
    assert {kind for kind, _, _ in objects} <= set(SPECS)
    assert len(objects) > 25
    found = {name: problems for kind, name, spec in objects if (problems := api.problems(kind, spec))}
    assert found == {}


def test_what_the_operator_does_not_know_is_found(api: OperatorApi) -> None:
    """Controls: a field of the old API, a wrong kind of value, a listener of no type, at three depths."""
    kind, _, spec = next(item for item in _objects(Stack.PROD_GLOBAL) if item[0] == "Kafka")
    old = copy.deepcopy(spec)
    old["zookeeper"] = {"replicas": 3}
    assert api.problems(kind, old) == ["spec.zookeeper is no field of KafkaSpec"]
    worded = copy.deepcopy(spec)
    worded["kafka"]["listeners"][0]["port"] = "9094"
    assert api.problems(kind, worded) == ["spec.kafka.listeners[0].port is '9094', not int"]
    untyped = copy.deepcopy(spec)
    untyped["kafka"]["listeners"][0]["authentication"]["type"] = "oauth2"
    (problem,) = api.problems(kind, untyped)
    assert "listeners[0].authentication.type is 'oauth2'" in problem
