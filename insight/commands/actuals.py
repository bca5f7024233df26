"""``smp cost actuals``: what a month did cost."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from catalog.stack_facts import StackFacts
from insight.actuals.documents import actuals_csv, actuals_document
from insight.actuals.focus import read_spending
from insight.actuals.report import Expectation, build_report
from insight.actuals.spend import CostBasis
from insight.commands.inputs import Selection, snapshots
from insight.cost import estimate_cost
from insight.cost_change import read_outputs
from insight.errors import BillError
from insight.rendering.actuals import print_actuals
from insight.snapshot import Snapshot
from insight.terminal import out, progress, show_error, show_json

_CURRENCY = re.compile(r"[A-Z]{3}")


class ActualsFormat(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a user wants to know of which files."""

    root: Path
    files: tuple[Path, ...]
    basis: CostBasis
    month: str | None
    rates: dict[str, Decimal]
    outputs: tuple[Path, ...] = ()
    """What stacks export; empty to plan them."""


def run(question: Question, *, style: ActualsFormat) -> int:
    """Report on one month; 1 when a stack or a cluster is over 110 % of its budget."""
    expected = _exported(question.outputs) if question.outputs else _planned(question.root)
    with progress("reading the exports"):
        spending = read_spending(question.files, basis=question.basis, rates=question.rates)
    report = build_report(spending, expected, month=question.month)
    match style:
        case ActualsFormat.JSON:
            show_json(actuals_document(report))
        case ActualsFormat.CSV:
            sys.stdout.write(actuals_csv(report))
        case ActualsFormat.TEXT:
            print_actuals(out(), report)
    if style is not ActualsFormat.TEXT:
        for text in report.alarms:
            show_error(text)
    return 1 if report.alarms else 0


def _exported(files: Sequence[Path]) -> Callable[[StackFacts], Expectation]:
    """Take estimates from outputs; a stack without any has its approved budget and no estimate."""
    known = {summary.stack: summary for summary in map(read_outputs, files)}

    def expected(facts: StackFacts) -> Expectation:
        summary = known.get(facts.name)
        if summary is None:
            return Expectation(budget=facts.approved_budget, estimate=None)
        return Expectation(budget=summary.budget.month, estimate=summary.total)

    return expected


def _planned(root: Path) -> Callable[[StackFacts], Expectation]:
    """Estimate a stack from its plan, when it is asked for."""

    def expected(facts: StackFacts) -> Expectation:
        selection = Selection(root=root, stack=facts.name, all_stacks=False, file=None)
        found = next(iter(snapshots(selection)))
        if not isinstance(found, Snapshot):
            raise found
        estimate = estimate_cost(found, facts)
        return Expectation(budget=estimate.budget.month, estimate=estimate.total)

    return expected


def read_rates(texts: Sequence[str]) -> dict[str, Decimal]:
    """Read rates such as ``CNY=0.1385``: US dollars for one unit.

    Raises:
        BillError: the form is another, the amount is not positive, or a currency comes twice.

    """
    rates: dict[str, Decimal] = {}
    for text in texts:
        currency, _, amount = text.partition("=")
        try:
            rate = Decimal(amount)
        except InvalidOperation:
            rate = Decimal(0)
        if _CURRENCY.fullmatch(currency) is None or not rate.is_finite() or rate <= 0:
            msg = f"--rate {text}: write the currency's code and the US dollars for one unit, such as CNY=0.1385"
            raise BillError(msg)
        if currency in rates or currency == "USD":
            msg = f"--rate {text}: {currency} has a rate already; give each currency once"
            raise BillError(msg)
        rates[currency] = rate
    return rates
