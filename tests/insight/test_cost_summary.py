"""The written form of a summary: what is in it, and what is refused when it is read back."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from catalog.stack_facts import Stack
from catalog.usage import UsageKey
from insight.cost import estimate_cost
from insight.cost_summary import summarize, summary_document
from insight.cost_summary_reading import SummaryError, read_summary, schema
from insight.documents import cost_document
from insight.estimate import Estimate
from tests.insight.snapshots import resource, snapshot


def _estimate() -> Estimate:
    inputs = {"instanceTypes": ["t3.2xlarge"], "scalingConfig": {"minSize": 1, "maxSize": 2}}
    nodes = resource("dev", "aws:eks/nodeGroup:NodeGroup", "x", {**inputs, "capacityType": "SPOT"})
    unknown = resource("dev", "aws:msk/cluster:Cluster", "stream")
    return estimate_cost(snapshot("dev", nodes, unknown, budget={"monthlyUsd": "120"}), Stack.DEV.facts)


def test_the_schema_is_a_schema_and_knows_every_assumption() -> None:
    Draft202012Validator.check_schema(schema())
    known = schema()["properties"]["assumptions"]["items"]["properties"]["key"]["enum"]
    assert set(known) == {str(key) for key in UsageKey}


def test_amounts_are_decimal_text_and_the_report_with_lines_has_the_same_form() -> None:
    estimate = _estimate()
    document = summary_document(summarize(estimate))
    # spot t3.2xlarge 107.9232 a month and 20 GB of disk at 0.096, one node and a tenth of a second one
    assert document["monthly"] == {"minimum": "109.84", "expected": "120.83", "maximum": "219.69"}
    assert document["budget"] == {
        "monthly": "120.00",
        "source": "stack output budget.monthlyUsd",
        "percent": "100.7",
        "status": "over",
    }
    assert [item["name"] for item in document["unpriced"]] == ["stream"]
    whole = cost_document(estimate)
    Draft202012Validator(schema()).validate(whole)
    assert read_summary(whole, origin="a report") == summarize(estimate)


def test_money_is_never_a_json_number() -> None:
    def numbers(value: Any, path: str = "") -> list[str]:
        if isinstance(value, dict):
            return [found for key, item in value.items() for found in numbers(item, f"{path}.{key}")]
        if isinstance(value, list):
            return [found for item in value for found in numbers(item, path)]
        return [path] if isinstance(value, int | float) else []

    assert set(numbers(cost_document(_estimate()))) <= {".topLines.resources", ".free.count"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"form": "smp-estimate/9"}, "not an estimate of the form smp-estimate/1"),
        ({"monthly": {"minimum": "1.00", "expected": "two", "maximum": "3.00"}}, r"\$\.monthly\.expected"),
        ({"currency": "CNY"}, r"\$\.currency"),
        ({"buying": {}}, r"\$\.buying"),
        ({"budget": None}, r"\$\.budget"),
        ({"budget": {"monthly": "0.00"}}, "a budget is more than nothing"),
        ({"budget": {"monthly": "-1.00"}}, "a budget is more than nothing"),
        ({"monthly": {"expected": "999.00"}}, r"byConfidence makes .*, monthly is .* / 999\.00 /"),
        ({"buying": {"as-configured": "999.00"}}, r"buying\.as-configured is 999\.00 USD"),
    ],
)
def test_what_has_not_the_form_is_refused_with_its_place(change: dict[str, Any], said: str) -> None:
    document = summary_document(summarize(_estimate()))
    for key, value in change.items():
        partly = isinstance(value, dict) and value
        document[key] = {**document[key], **value} if partly else value
    with pytest.raises(SummaryError, match=rf"outputs\.json: .*(\n.*)*{said}"):
        read_summary(document, origin="outputs.json")


@pytest.mark.parametrize("document", [None, [], "text", {}])
def test_what_is_no_estimate_at_all_is_refused(document: object) -> None:
    with pytest.raises(SummaryError, match="export it again"):
        read_summary(document, origin="outputs.json")
