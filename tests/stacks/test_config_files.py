"""The six committed stack files, the seeds' values in them, and the schema editors read."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from catalog.stack_facts import Stack
from stacks.config import StackConfig
from stacks.config_source import read_config
from stacks.schema import SCHEMA_FILE, schema_text, stack_file_schema

ROOT = Path(__file__).parents[2]
STACKS = [pytest.param(stack, id=stack.facts.name) for stack in Stack]


def _file(stack: Stack) -> Path:
    return ROOT / f"Pulumi.{stack.facts.name}.yaml"


def engine_values(document: dict[str, object]) -> dict[str, str]:
    """The values of a file's smp: keys as the engine hands them over: text as it is, the rest as JSON."""
    return {
        key.removeprefix("smp:"): value if isinstance(value, str) else json.dumps(value)
        for key, value in document.items()
        if key.startswith("smp:")
    }


def _config(stack: Stack) -> StackConfig:
    document = yaml.safe_load(_file(stack).read_text(encoding="utf-8"))
    return read_config(stack, engine_values(document["config"]))


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_file_is_valid_and_holds_the_seeds_values(stack: Stack) -> None:
    config = _config(stack)
    assert config.budget.monthly_usd == stack.facts.approved_budget
    assert config.region is stack.facts.cluster.home
    assert config.countries == stack.facts.cluster.value.countries


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_file_keeps_the_schema_and_names_it(stack: Stack) -> None:
    text = _file(stack).read_text(encoding="utf-8")
    jsonschema.validate(yaml.safe_load(text), stack_file_schema(), cls=jsonschema.Draft202012Validator)
    assert text.startswith("# yaml-language-server: $schema=./stacks/stack.schema.json\n")


def test_the_schema_refuses_what_the_program_refuses() -> None:
    document = yaml.safe_load(_file(Stack.DEV).read_text(encoding="utf-8"))
    for key, value in (("smp:typo", 1), ("smp:region", "eu-west-1"), ("smp:budget", {"monthlyUsd": 0})):
        broken = {**document, "config": {**document["config"], key: value}}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, stack_file_schema(), cls=jsonschema.Draft202012Validator)


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run `python -m stacks.schema`"


def test_the_configured_networks_do_not_overlap() -> None:
    ranges = {stack: _config(stack).network.cidr for stack in Stack}
    for one, its in ranges.items():
        for other, theirs in ranges.items():
            assert one is other or not its.overlaps(theirs), (one, other)


def test_no_two_stacks_share_an_account() -> None:
    accounts = [_config(stack).account for stack in Stack]
    assert len(set(accounts)) == len(accounts)
