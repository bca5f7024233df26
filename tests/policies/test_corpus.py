"""The rules against the corpus, and the corpus against the provider SDKs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from policies.values import Opaque
from rehearsal import values
from rehearsal.schema_check import ViolationKind, check_inputs
from tests.policies import corpus_cases
from tests.policies.corpus_cases import FAMILIES, CorpusCase, Resource, cases, data
from tests.policies.corpus_score import outcome_of, scores


@pytest.fixture(scope="module")
def outcomes() -> list[Any]:
    return [outcome_of(case) for case in cases()]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_finds_its_share_and_gives_no_new_false_alarm(outcomes: list[Any], family: str) -> None:
    floor = data("_floors.yaml")[family]
    score = scores(outcomes)[family]
    assert score.recall >= floor["recall"]
    assert score.false_alarms <= floor["false_alarms"]


def test_what_is_known_to_be_missed_is_still_missed(outcomes: list[Any]) -> None:
    """An entry that is no longer true is taken out."""
    known: Mapping[str, str] = data("_known.yaml") or {}
    assert all(known.values()), "each entry says why"
    wrong = {outcome.case.id for outcome in outcomes if not outcome.is_right}
    assert set(known) <= wrong


def test_ids_are_unique_and_sentences_whole() -> None:
    ids = [case.id for case in cases()]
    assert sorted(ids) == sorted(set(ids))
    for case in cases():
        assert case.id == case.id.lower().replace(" ", "-"), case.id
        assert case.why.endswith("."), case.id
        assert case.source, case.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "near-miss", "severity": "mandatory"},
        {"kind": "violation"},
        {"kind": "violation", "severity": "mandatory", "at": "nobody"},
        {"kind": "near-miss", "family": "tagging"},
        {"kind": "near-miss", "sverity": "mandatory"},
    ],
)
def test_a_case_not_written_as_said_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: Mapping[str, str]
) -> None:
    case = {
        "id": "x",
        "family": "tags",
        "stack": "dev",
        "why": "x.",
        "source": "x",
        "resources": [{"type": "a:b:C"}],
    }
    (tmp_path / "tags.yaml").write_text(json.dumps([{**case, **wrong}]), encoding="utf-8")
    monkeypatch.setattr(corpus_cases, "CORPUS", tmp_path)
    with pytest.raises(ValueError, match=r"tags\.yaml: case x"):
        list(corpus_cases.read_all())


def test_files_are_named_after_their_family() -> None:
    for case in cases():
        assert case.file.removesuffix(".yaml").split("-")[0] == case.family, case.id


@pytest.mark.parametrize("family", FAMILIES)
def test_types_and_properties_are_the_sdks_own(family: str) -> None:
    """Every token exists and every property, nested ones too; what a case leaves out is its own affair."""
    problems = [
        f"{case.file}: {case.id}: {problem}"
        for case in cases()
        if case.family == family
        for resource in case.resources
        for problem in _refused(case, resource)
    ]
    assert not problems, "\n".join(problems)


def _refused(case: CorpusCase, resource: Resource) -> Iterator[str]:
    if not resource.custom:
        return
    urn = case.urn_of(resource.name)
    for violation in check_inputs(token=resource.type, urn=urn, inputs=_wire(resource.inputs)):
        if violation.kind is not ViolationKind.MISSING:
            yield f"{resource.name} ({resource.type}): {violation.reason}"


def _wire(value: Any) -> Any:
    if value is Opaque.UNKNOWN:
        return values.UNKNOWN
    if value is Opaque.SECRET:
        return {values.SIGNATURE: values.SECRET, "value": values.UNKNOWN}
    if isinstance(value, Mapping):
        return {key: _wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_wire(item) for item in value]
    return value
