"""Every kind of mistake in a stack file is refused, with where, what and what to write instead."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from catalog.stack_facts import Stack
from stacks.config import Layer
from stacks.config_source import ConfigurationError, read_config
from tests.stacks.mistakes import EDGE, FOUNDATION, KAFKA, STORES
from tests.stacks.mistakes_audit import AUDIT
from tests.stacks.test_config_files import ROOT, engine_values


def _document(stack: Stack) -> dict[str, Any]:
    text = (ROOT / f"Pulumi.{stack.facts.name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"]


def _set(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    *sections, last = path.split("/")
    place = changed
    for section in sections:
        place = place[section]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return changed


def _mistakes(stack: Stack, changes: dict[str, object]) -> dict[str, str]:
    document = _document(stack)
    for path, value in changes.items():
        document = _set(document, path, value)
    with pytest.raises(ConfigurationError) as caught:
        read_config(stack, engine_values(document))
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


@pytest.mark.parametrize(
    ("stack", "path", "value", "where", "words"), [*FOUNDATION, *STORES, *EDGE, *KAFKA, *AUDIT]
)
def test_a_mistake_says_where_what_and_what_instead(
    stack: Stack, path: str, value: object, where: str, words: str
) -> None:
    mistakes = _mistakes(stack, {path: value})
    assert where in mistakes, mistakes
    assert words in mistakes[where]


def test_all_mistakes_of_a_file_come_at_once() -> None:
    """Those that a cloud would refuse, beside those of form; within one section, and over all of them."""
    mistakes = _mistakes(
        Stack.DEV,
        {
            "smp:region": "us-east-1",
            "smp:budget/monthlyUsd": 0,
            "smp:network/cidr": "10.10.0.0/28",
            "smp:mysql/instanceType": "db.x1.huge",
            "smp:mysql/version": "5.7",
            "smp:mysql/storageLimitGib": 1,
            "smp:redis/storageGib": 0,
            "smp:kubernetes/version": "1.99",
            "smp:kubernetes/nodePools/app/diskGib": 1,
            "smp:budget/subscribers": ["nobody"],
            "smp:cloudflare/router/version": "v1",
            "smp:unknown": 1,
        },
    )
    assert set(mistakes) == {
        "smp:mysql.version",
        "smp:mysql.storageLimitGib",
        "smp:redis.storageGib",
        "smp:kubernetes.version",
        "smp:kubernetes.nodePools.app.diskGib",
        "smp:budget.subscribers[0]",
        "smp:cloudflare.router.version",
        "smp:region",
        "smp:budget.monthlyUsd",
        "smp:network.cidr",
        "smp:mysql.instanceType",
        "smp:unknown",
    }


@pytest.mark.parametrize("section", ["smp:mysql", "smp:redis", "smp:mongodb", "smp:objects", "smp:network"])
def test_a_missing_section_is_named(section: str) -> None:
    document = _document(Stack.DEV)
    del document[section]
    with pytest.raises(ConfigurationError) as caught:
        read_config(Stack.DEV, engine_values(document))
    assert [mistake.path for mistake in caught.value.mistakes] == [section]
    assert "is missing" in caught.value.mistakes[0].message


@pytest.mark.parametrize(
    ("named", "built"),
    [
        (["cloud"], {Layer.CLOUD}),
        (["platform"], {Layer.CLOUD, Layer.PLATFORM}),
        (["services"], set(Layer)),
        (["cloud", "services"], set(Layer)),
    ],
)
def test_a_layer_brings_the_ones_it_stands_on(named: list[str], built: set[Layer]) -> None:
    config = read_config(Stack.DEV, engine_values(_set(_document(Stack.DEV), "smp:layers", named)))
    assert {layer for layer in Layer if config.builds(layer)} == built
