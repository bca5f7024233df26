"""What can be said of the other host without the Pulumi CLI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal import EngineChoice, EngineUnavailableError, Op
from rehearsal.engine_events import EventReader
from rehearsal.steps import ignore_event
from tests.rehearsal.projects import sample


@pytest.fixture
def no_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.mark.usefixtures("no_cli")
def test_without_the_cli_auto_takes_the_embedded_host_and_says_so(tmp_path: Path) -> None:
    assert (
        sample(tmp_path, "import pulumi\n").rehearse(engine=EngineChoice.AUTO).engine is EngineChoice.EMBEDDED
    )


@pytest.mark.usefixtures("no_cli")
def test_without_the_cli_it_cannot_be_asked_for(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="--engine embedded"):
        sample(tmp_path, "import pulumi\n").rehearse(engine=EngineChoice.PULUMI)


def test_events_of_the_cli_become_steps() -> None:
    urn = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::v"
    reader = EventReader(ignore_event)
    metadata = {"op": "update", "urn": urn, "type": "aws:ec2/vpc:Vpc"}
    old = {"inputs": {"tags": {"a": "1"}, "p": "[secret]"}}
    new = {"parent": "x", "inputs": {"tags": {"a": "2"}, "p": "[secret]"}}
    detailed = {"tags.a": {"diffKind": "update"}, "p": {"diffKind": "update-replace"}}
    for event in (
        {"resOutputsEvent": {"metadata": metadata | {"old": old, "new": new, "detailedDiff": detailed}}},
        {"resOutputsEvent": {"metadata": metadata | {"op": "delete-replaced"}}},
        {"diagnosticEvent": {"severity": "error", "message": "broken", "urn": urn}},
    ):
        reader.line(json.dumps(event))
    reader.line("not json")
    (step,) = reader.steps
    assert (step.op, step.name, step.parent) == (Op.UPDATE, "v", "x")
    assert [(c.path, c.old, c.new, c.forces_replacement) for c in step.changes] == [
        ("p", "[secret]", "[secret]", True),
        ("tags.a", "1", "2", False),
    ]
    assert [error.text for error in reader.errors] == ["broken"]
    assert reader.other == ["not json"]
