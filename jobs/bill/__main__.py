"""``python -m jobs.bill``: exit code 0 inside the budget, 1 over 110 % of it, 2 when it cannot be said."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from catalog.quantities import Usd
from catalog.stack_facts import StackFacts
from insight.actuals.alibaba import focus_csv
from insight.actuals.focus import read_spending
from insight.actuals.report import ActualsReport, Expectation, build_report
from insight.errors import BillError
from insight.estimate import BudgetStatus
from jobs.bill.alibaba import AlibabaBill
from jobs.bill.pages import Bill, month_so_far
from jobs.environment import variable
from jobs.failures import JobError, ended

WITHIN, ALARM, UNKNOWN = 0, 1, 2

Say = Callable[[str], object]


def main(environment: Mapping[str, str], today: date, make_bill: Callable[[], Bill], say: Say = print) -> int:
    """Read the month so far, report, and give the exit code."""
    try:
        budget = Usd(_amount(environment, "BUDGET_USD"))
        rate = _amount(environment, "USD_PER_CNY")
        report = _report(month_so_far(make_bill(), today), budget, rate)
    except (JobError, BillError) as error:
        say(f"the bill of China: not possible: {error}")
        return UNKNOWN
    for line in lines(report):
        say(line)
    return ALARM if report.alarms else WITHIN


def lines(report: ActualsReport) -> list[str]:
    """Say what was spent, where the month will end, and what no tag assigns."""
    said: list[str] = []
    for item in report.stacks:
        outcome = item.outcome
        ahead = "" if outcome.projected is None else f"; the month will end at {outcome.projected}"
        said.append(
            f"{item.stack.name} {report.period.name}: {outcome.spent} of {outcome.budget}, {outcome.share}{ahead}"
        )
        if outcome.projected_status is BudgetStatus.ALARM and outcome.status is not BudgetStatus.ALARM:
            said.append(
                f"AHEAD {item.stack.name} will be over 110 % of its budget: {outcome.projected_share}"
            )
    if report.unassigned:
        said.append(
            f"UNTAGGED {report.unassigned_total} have no tags of ours: {report.unassigned[0].service} first"
        )
    return [*said, *(f"ALARM {text}" for text in report.alarms)]


def _report(answers: list[Mapping[str, object]], budget: Usd, rate: Decimal) -> ActualsReport:
    with tempfile.TemporaryDirectory(prefix="bill-") as folder:
        bill, focus = Path(folder) / "bill.json", Path(folder) / "focus.csv"
        bill.write_text(json.dumps(answers), encoding="utf-8")
        focus.write_text(focus_csv([bill]), encoding="utf-8")
        spending = read_spending([focus], rates={"CNY": rate})

    def expected(facts: StackFacts) -> Expectation:
        del facts  # the account holds one stack
        return Expectation(budget=budget, estimate=None)

    return build_report(spending, expected)


def _amount(environment: Mapping[str, str], name: str) -> Decimal:
    text = variable(environment, name)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        msg = f"{name} is {text!r}, not a positive amount; the job's manifest sets it"
        raise JobError(msg)
    return amount


if __name__ == "__main__":
    sys.exit(ended(lambda: main(os.environ, datetime.now(UTC).date(), AlibabaBill)))
