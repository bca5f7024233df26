"""A file that says nothing about providers is judged by what it does say."""

from __future__ import annotations

from policies.rules import Level
from tests.policies.builders import Thing, findings
from tests.policies.parts import ASIA, VPC


def test_a_file_without_any_provider_is_said_once_and_stops_nothing() -> None:
    found = findings(ASIA, Thing(type=VPC, provider=None), Thing(type=VPC, name="other", provider=None))
    of_rule = [item for item in found if item.rule.id == "provider-explicit"]
    assert [(item.urn, item.level) for item in of_rule] == [("", Level.ADVISORY)]


def test_one_resource_without_a_provider_among_others_is_stopped() -> None:
    found = findings(ASIA, Thing(type=VPC, provider=None), Thing(type=VPC, name="other"))
    of_rule = [item for item in found if item.rule.id == "provider-explicit"]
    assert [(item.urn.split("::")[-1], item.level) for item in of_rule] == [("thing", Level.MANDATORY)]


def test_what_such_a_file_does_say_is_still_judged() -> None:
    found = findings(ASIA, Thing(type=VPC, provider=None, inputs={"region": "eu-west-1"}))
    assert any(
        item.rule.id.startswith(("home", "residency")) and item.level is Level.MANDATORY for item in found
    )
