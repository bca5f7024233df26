"""Exceptions: what they cover, and what is wrong with them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from catalog.stack_facts import Stack
from policies.pack import RULES
from policies.rules import Finding, Level
from policies.waiver_file import PATH, SCHEMA_FILE, read_waivers, schema_text
from policies.waivers import Waiver, WaiverFile, apply_waivers
from tests.policies.builders import Thing, findings
from tests.policies.parts import VPC

TODAY = date(2026, 6, 1)
RULE_IDS = {rule.id for rule in RULES}
ENTRY = {
    "rule": "tags-required",
    "stack": "dev",
    "resource": f"{VPC}::thing",
    "reason": "It is being moved to the shared component this month.",
    "owner": "platform@smp.example",
    "expires": "2026-06-30",
}


def _found() -> tuple[Finding, ...]:
    return findings(Stack.DEV, Thing(type=VPC, inputs={"tags": {}}))


def _waiver(**changes: object) -> Waiver:
    return Waiver(**{**ENTRY, "expires": date(2026, 6, 30), **changes})  # pyright: ignore


def _read(tmp_path: Path, text: str) -> WaiverFile:
    path = tmp_path / "exceptions.yaml"
    path.write_text(text, encoding="utf-8")
    return read_waivers(path, rules=RULE_IDS, today=TODAY)


@pytest.mark.parametrize(
    "resource", [f"{VPC}::thing", f"{VPC}::th*", "urn:pulumi:stack::smp::aws:ec2/vpc:Vpc::thing"]
)
def test_an_excepted_finding_is_kept_and_stops_nothing(resource: str) -> None:
    file = WaiverFile(waivers=(_waiver(resource=resource),))
    (finding,) = apply_waivers(_found(), file, stack="dev", today=TODAY)
    assert finding.waiver == file.waivers[0]
    assert (finding.level, finding.blocks) == (Level.MANDATORY, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "home-region"},
        {"stack": "staging"},
        {"resource": f"{VPC}::thin"},
        {"resource": "aws:ec2/subnet:Subnet::thing"},
        {"resource": "stack"},
        {"resource": "urn:pulumi:stack::smp::aws:ec2/vpc:Vpc::thing2"},
    ],
)
def test_another_finding_is_not_excepted(changes: dict[str, object]) -> None:
    marked = apply_waivers(_found(), WaiverFile(waivers=(_waiver(**changes),)), stack="dev", today=TODAY)
    assert [item.blocks for item in marked if item.rule.id == "tags-required"] == [True]


def test_an_exception_holds_through_its_last_day_and_is_then_a_finding_itself() -> None:
    file = WaiverFile(waivers=(_waiver(),))
    assert len(apply_waivers(_found(), file, stack="dev", today=date(2026, 6, 30))) == 1
    after = apply_waivers(_found(), file, stack="dev", today=date(2026, 7, 1))
    assert [(item.rule.id, item.blocks) for item in after] == [
        ("tags-required", True),
        ("exceptions-expired", True),
    ]


def test_an_unused_exception_is_told_only_where_its_stack_was_judged() -> None:
    file = WaiverFile(waivers=(_waiver(),))
    (unused,) = apply_waivers((), file, stack="dev", today=TODAY)
    assert (unused.rule.id, unused.level) == ("exceptions-unused", Level.ADVISORY)
    assert "tags-required" in unused.detail
    assert apply_waivers((), file, stack="staging", today=TODAY) == ()


def test_a_fault_of_a_rule_is_never_excepted() -> None:
    (finding,) = _found()
    fault = Finding(rule=finding.rule, urn=finding.urn, detail="x", level=Level.MANDATORY, error=ValueError())
    (marked, _) = apply_waivers((fault,), WaiverFile(waivers=(_waiver(),)), stack="dev", today=TODAY)
    assert marked.blocks


def test_the_stack_as_a_whole_can_be_excepted() -> None:
    (finding,) = _found()
    whole = Finding(rule=finding.rule, urn="", detail="x", level=Level.MANDATORY)
    file = WaiverFile(waivers=(_waiver(resource="stack"),))
    assert [item.blocks for item in apply_waivers((whole,), file, stack="dev", today=TODAY)] == [False]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    file = _read(tmp_path, yaml.safe_dump({"exceptions": [ENTRY]}))
    assert file == WaiverFile(waivers=(_waiver(),))
    assert read_waivers(tmp_path / "none.yaml", rules=RULE_IDS, today=TODAY) == WaiverFile()
    assert _read(tmp_path, "# nothing\n") == WaiverFile()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "no-such"}, "exceptions[0].rule: there is no rule 'no-such'"),
        ({"stack": "prod"}, "exceptions[0].stack: "),
        ({"resource": "*"}, "exceptions[0].resource: "),
        ({"resource": f"{VPC}::*"}, "exceptions[0].resource: "),
        ({"resource": "aws:*:*::x"}, "exceptions[0].resource: "),
        ({"reason": "because"}, "exceptions[0].reason: "),
        ({"owner": "somebody"}, "exceptions[0].owner: "),
        ({"expires": "soon"}, "exceptions[0].expires: "),
        ({"expires": "2027-06-03"}, "more than a year ahead"),
        ({"note": "x"}, "exceptions[0].note: "),
        ({"owner": None}, "exceptions[0].owner: "),
    ],
)
def test_a_wrong_entry_excepts_nothing_and_is_a_mandatory_finding(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    file = _read(tmp_path, yaml.safe_dump({"exceptions": [{**ENTRY, **changes}, ENTRY]}))
    assert file.waivers == (_waiver(),)
    assert said in file.problems[0]
    marked = apply_waivers((), file, stack="prod-us", today=TODAY)
    assert [(item.rule.id, item.blocks) for item in marked] == [("exceptions-valid", True)] * len(marked)


@pytest.mark.parametrize(
    "text", ["exceptions: [", "- x", "exceptions: {}", "exceptions: []\nmore: 1", "\x00"]
)
def test_a_file_that_cannot_be_read_stops_everything(tmp_path: Path, text: str) -> None:
    file = _read(tmp_path, text)
    assert file.waivers == ()
    assert len(file.problems) == 1


def test_the_same_exception_twice_is_said(tmp_path: Path) -> None:
    file = _read(tmp_path, yaml.safe_dump({"exceptions": [ENTRY, ENTRY]}))
    assert len(file.waivers) == 1
    assert "twice" in file.problems[0]


def test_the_committed_file_and_its_schema() -> None:
    text = PATH.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=exceptions.schema.json\n")
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run `python -m policies.waiver_file`"
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(text), schema, cls=jsonschema.Draft202012Validator)
    jsonschema.validate({"exceptions": [ENTRY]}, schema, cls=jsonschema.Draft202012Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"exceptions": [{**ENTRY, "resource": "*"}]}, schema)
    today = date.today()  # noqa: DTZ011 - the file is judged on the day it is used
    assert read_waivers(PATH, rules=RULE_IDS, today=today).problems == ()
