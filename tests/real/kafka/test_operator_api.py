"""Every object of the six plans is one that the operator's own definitions accept."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from catalog.kafka_versions import STRIMZI
from catalog.stack_facts import Stack
from tests.real.kafka.jars import JarSet, find_java
from tests.real.kafka.manifests import manifests
from tests.real.kafka.operator_api import KINDS, OperatorApi


@pytest.fixture(scope="module")
def api() -> OperatorApi:
    assert JarSet.STRIMZI.version("strimzi") == STRIMZI
    return OperatorApi.generated(find_java())


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_the_operator_accepts_every_object(api: OperatorApi, stack: Stack) -> None:
    objects = manifests(stack).objects
    assert {item["kind"] for item in objects} <= set(KINDS)
    assert len(objects) > 25
    found = {
        f"{item['kind']} {item['metadata']['name']}": problems
        for item in objects
        if (problems := api.problems(item))
    }
    assert found == {}


Spoil = Callable[[Any], None]


def _old_field(spec: Any) -> None:
    spec["zookeeper"] = {"replicas": 3}


def _wrong_type(spec: Any) -> None:
    spec["kafka"]["listeners"][0]["port"] = "9094"


def _no_such_choice(spec: Any) -> None:
    spec["kafka"]["listeners"][0]["authentication"]["type"] = "ldap"


def _required_left_out(spec: Any) -> None:
    del spec["kafka"]["listeners"][0]["tls"]


def _pattern(spec: Any) -> None:
    spec["kafka"]["listeners"][0]["name"] = "for_clients"


def _below_the_least(spec: Any) -> None:
    spec["kafka"]["listeners"][0]["port"] = 80


@pytest.mark.parametrize(
    ("spoil", "place", "word"),
    [
        (_old_field, "spec", "zookeeper"),
        (_wrong_type, "spec.kafka.listeners[0].port", "'9094'"),
        (_no_such_choice, "spec.kafka.listeners[0].authentication.type", "'ldap'"),
        (_required_left_out, "spec.kafka.listeners[0]", "'tls' is a required property"),
        (_pattern, "spec.kafka.listeners[0].name", "'for_clients'"),
        (_below_the_least, "spec.kafka.listeners[0].port", "minimum of 9092"),
    ],
)
def test_what_the_operator_does_not_accept_is_found(
    api: OperatorApi, spoil: Spoil, place: str, word: str
) -> None:
    """Controls: each way a definition can refuse an object, and nothing but that."""
    manifest = copy.deepcopy(dict(manifests(Stack.PROD_GLOBAL).one("Kafka")))
    spoil(manifest["spec"])
    (problem,) = api.problems(manifest)
    assert problem.startswith(f"{place}: ")
    assert word in problem


def test_definitions_of_every_kind_close_their_fields(api: OperatorApi) -> None:
    """A kind whose schema were read wrongly would accept anything."""
    for kind in KINDS:
        spoiled = {"apiVersion": "kafka.strimzi.io/v1", "kind": kind, "metadata": {}, "spec": {"no such": 1}}
        assert any("'no such' was unexpected" in problem for problem in api.problems(spoiled)), kind
