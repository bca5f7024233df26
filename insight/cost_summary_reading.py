"""Reads written summaries of costs: the stack output ``estimate``, or an entry of ``./smp cost --format json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, cast

from jsonschema import Draft202012Validator

from catalog.bends import Bend
from catalog.price_book import Confidence
from catalog.quantities import Quantity, Spread, Usd
from catalog.usage import UsageKey
from insight.cost_summary import FORM, CostSummary, TopLine
from insight.errors import InsightError
from insight.estimate import NOTHING, Assumption, Budget, Buying, Unpriced

_MOST_MISTAKES = 10


class SummaryError(InsightError):
    """A written summary has not the form."""


@cache
def schema() -> Mapping[str, Any]:
    """Give the JSON Schema of the written form."""
    return json.loads(files("insight").joinpath("estimate.schema.json").read_text(encoding="utf-8"))


def read_summary(document: object, *, origin: str) -> CostSummary:
    """Take a written summary back; fields it does not know, such as the lines of ``--format json``, are left.

    Raises:
        SummaryError: it has not the form; the message says where.

    """
    found = cast("Mapping[str, Any]", document) if isinstance(document, Mapping) else {}
    if found.get("form") != FORM:
        msg = f"{origin}: not an estimate of the form {FORM} (form is {found.get('form')!r}); export it again"
        raise SummaryError(msg)
    wrong = sorted(Draft202012Validator(schema()).iter_errors(found), key=lambda error: error.json_path)
    if wrong:
        lines = "".join(f"\n  - {error.json_path}: {error.message}" for error in wrong[:_MOST_MISTAKES])
        msg = f"{origin}: {len(wrong)} mistake(s) in the estimate; export it again{lines}"
        raise SummaryError(msg)
    summary = _summary(found)
    contradictions = "".join(f"\n  - {text}" for text in _contradictions(summary))
    if contradictions:
        msg = f"{origin}: the estimate contradicts itself; export it again{contradictions}"
        raise SummaryError(msg)
    return summary


def _contradictions(summary: CostSummary) -> Iterator[str]:
    """Give what no program has written: sums that do not make the total, and a budget of nothing."""
    if summary.budget.month <= NOTHING:
        yield f"budget.monthly is {summary.budget.month}; a budget is more than nothing"
    whole = summary.monthly
    for name, sums in (
        ("byComponent", summary.by_component),
        ("byDataClass", summary.by_data_class),
        ("byConfidence", summary.by_confidence),
    ):
        parts = Spread.total(amount for _, amount in sums)
        if parts != whole:
            yield f"{name} makes {_points(parts)}, monthly is {_points(whole)}"
    bought = summary.buying[Buying.AS_CONFIGURED]
    if bought != whole.expected:
        yield f"buying.as-configured is {bought}, monthly.expected {whole.expected}"


def _points(amount: Spread) -> str:
    return f"{amount.minimum.text} / {amount.expected.text} / {amount.maximum.text}"


def _summary(found: Mapping[str, Any]) -> CostSummary:
    budget = found["budget"]
    return CostSummary(
        stack=found["stack"],
        cluster=found["cluster"],
        environment=found["environment"],
        price_book=found["priceBook"],
        oldest_price=found["oldestPrice"],
        monthly=_spread(found["monthly"]),
        budget=Budget(month=Usd.of(budget["monthly"]), source=budget["source"]),
        buying={way: Usd.of(found["buying"][way]) for way in Buying},
        by_component=_sums(found["byComponent"]),
        by_data_class=_sums(found["byDataClass"]),
        by_confidence=tuple(
            (level, _spread(found["byConfidence"][level]))
            for level in Confidence
            if level in found["byConfidence"]
        ),
        top_lines=tuple(_top_line(line) for line in found["topLines"]),
        assumptions=tuple(
            Assumption(
                key=UsageKey(item["key"]),
                value=Decimal(item["value"]),
                total_if_doubled=Usd.of(item["totalIfDoubled"]),
                change_if_doubled=Usd.of(item["changeIfDoubled"]),
            )
            for item in found["assumptions"]
        ),
        bends=tuple(
            Bend(seed=item["seed"], built=item["built"], why=item["why"], record=item["record"])
            for item in found["bends"]
        ),
        unpriced=tuple(
            Unpriced(urn=item["urn"], type=item["type"], name=item["name"], reason=item["reason"])
            for item in found["unpriced"]
        ),
    )


def _top_line(line: Mapping[str, Any]) -> TopLine:
    quantity = line["quantity"]
    return TopLine(
        component=line["component"],
        item=line["item"],
        resources=int(line["resources"]),
        quantity=Quantity(
            minimum=Decimal(quantity["minimum"]),
            expected=Decimal(quantity["expected"]),
            maximum=Decimal(quantity["maximum"]),
        ),
        unit=line["unit"],
        data_class=line["dataClass"],
        amount=_spread(line["monthly"]),
        confidence=Confidence(line["confidence"]),
        as_of=line["asOf"],
    )


def _spread(found: Mapping[str, str]) -> Spread:
    return Spread(
        minimum=Usd.of(found["minimum"]), expected=Usd.of(found["expected"]), maximum=Usd.of(found["maximum"])
    )


def _sums(found: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, Spread], ...]:
    """Read sums in their own order: the dearest first, whatever the file did to the order of keys."""
    sums = {name: _spread(amount) for name, amount in found.items()}
    return tuple(sorted(sums.items(), key=lambda item: (-item[1].expected.amount, item[0])))
