"""Cost reports as one self-contained page for finance: no script, no network, printable on A4.

Colours are of the Okabe-Ito palette, which people with any colour blindness tell apart, and nothing is said by
colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from catalog.budgets import ALARM_THRESHOLD
from catalog.quantities import Spread, Usd
from insight.cost_summary import CostSummary, TopLine, by_cluster, plain_number
from insight.estimate import NOTHING, BudgetStatus, Buying

_VERDICTS = {
    BudgetStatus.WITHIN: "within the budget",
    BudgetStatus.OVER: "over the budget",
    BudgetStatus.ALARM: "over 110 %",
}
_SHOWN = 12
"""Components of a stack with a bar of their own; the rest is one bar."""

_HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A rectangle of a bar, in hundredths of its width and eighths of its height."""

    kind: str
    start: str
    width: str
    top: int = 0
    height: int = 8


def cost_page(summaries: Sequence[CostSummary]) -> str:
    """Write the page; the same bytes for the same summaries."""
    pages = files("insight").joinpath("pages")
    return _template().render(
        style=Markup(pages.joinpath("cost.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        stacks=[_stack(summary, _axis(summaries)) for summary in summaries],
        clusters=[
            {
                "name": cost.cluster,
                "stacks": cost.stacks,
                **_points(cost.monthly),
                "budget": _dollars(cost.budget),
                "share": str(cost.share),
                "status": str(cost.status),
                "verdict": _VERDICTS[cost.status],
                "on_demand": _dollars(cost.buying[Buying.ON_DEMAND]),
                "one_year": _dollars(cost.buying[Buying.ONE_YEAR]),
            }
            for cost in by_cluster(summaries)
        ],
        total=_total(summaries),
        data_classes=_bars(_together(summary.by_data_class for summary in summaries)),
        axis=_axis(summaries),
        price_book=", ".join(sorted({summary.price_book for summary in summaries})),
        oldest_price=min((summary.oldest_price for summary in summaries), default=""),
        unpriced=sum(len(summary.unpriced) for summary in summaries),
        unpriced_in=", ".join(summary.stack for summary in summaries if summary.unpriced),
    )


@cache
def _template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(
        files("insight").joinpath("pages", "cost.html.j2").read_text(encoding="utf-8")
    )


def _axis(summaries: Iterable[CostSummary]) -> int:
    """Give the share of a budget that all bars end at: at least 120 %, and room for the dearest maximum."""
    most = max(
        (summary.monthly.maximum.share_of(summary.budget.month).value for summary in summaries),
        default=_HUNDRED,
    )
    return max(120, int(most // 20 + 1) * 20)


def _stack(summary: CostSummary, axis: int) -> dict[str, Any]:
    share = summary.share
    return {
        "name": summary.stack,
        "cluster": summary.cluster,
        "environment": summary.environment,
        **_points(summary.monthly),
        "budget": _dollars(summary.budget.month),
        "budget_source": summary.budget.source,
        "share": str(share),
        "status": str(summary.status),
        "verdict": _VERDICTS[summary.status],
        "on_demand": _dollars(summary.buying[Buying.ON_DEMAND]),
        "one_year": _dollars(summary.buying[Buying.ONE_YEAR]),
        "budget_bar": _budget_bar(summary, axis),
        "budget_label": f"{summary.stack}: {summary.total} expected of {summary.budget.month}, {share}",
        "components": _bars(_shortened(summary.by_component)),
        "data_classes": _bars(summary.by_data_class),
        "confidence": _bars(tuple((str(level), amount) for level, amount in summary.by_confidence)),
        "lines": [_line(line) for line in summary.top_lines],
        "assumptions": [
            {
                "meaning": item.key.meaning,
                "value": f"{plain_number(item.value)} {item.key.unit}",
                "change": _dollars(item.change_if_doubled),
                "total": _dollars(item.total_if_doubled),
            }
            for item in summary.assumptions
        ],
        "bends": summary.bends,
        "unpriced": summary.unpriced,
    }


def _total(summaries: Sequence[CostSummary]) -> dict[str, str]:
    monthly = Spread.total(summary.monthly for summary in summaries)
    budget = sum((summary.budget.month for summary in summaries), NOTHING)
    return {
        **_points(monthly),
        "budget": _dollars(budget),
        "share": str(monthly.expected.share_of(budget)) if budget > NOTHING else "",
        "on_demand": _dollars(sum((summary.buying[Buying.ON_DEMAND] for summary in summaries), NOTHING)),
        "one_year": _dollars(sum((summary.buying[Buying.ONE_YEAR] for summary in summaries), NOTHING)),
    }


def _line(line: TopLine) -> dict[str, str]:
    return {
        "component": line.component or "(stack)",
        "item": line.title,
        "quantity": f"{_places(line.quantity.expected)} {line.unit}".strip(),
        **_points(line.amount),
        "as_of": line.as_of,
        "confidence": str(line.confidence),
    }


def _budget_bar(summary: CostSummary, axis: int) -> list[_Part]:
    def place(amount: Usd) -> Decimal:
        return amount.share_of(summary.budget.month).value / axis * _HUNDRED

    expected, maximum = place(summary.monthly.expected), place(summary.monthly.maximum)
    return [
        _Part(kind="expected", start="0", width=_places(expected)),
        _Part(kind="range", start=_places(expected), width=_places(maximum - expected), top=2, height=4),
        _Part(kind="limit", start=_places(_HUNDRED / axis * _HUNDRED), width="0.4"),
        _Part(kind="alarm", start=_places(ALARM_THRESHOLD.value / axis * _HUNDRED), width="0.4"),
    ]


def _bars(sums: Sequence[tuple[str, Spread]]) -> list[dict[str, Any]]:
    """Draw amounts to the scale of the dearest."""
    most = max((amount.expected for _, amount in sums), default=NOTHING)
    return [
        {
            "name": name or "(stack)",
            "amount": _dollars(amount.expected),
            "label": f"{name or '(stack)'}: {amount.expected}",
            "bar": [
                _Part(
                    kind="expected",
                    start="0",
                    width=_places(amount.expected.share_of(most).value) if most > NOTHING else "0",
                )
            ],
        }
        for name, amount in sums
    ]


def _shortened(sums: Sequence[tuple[str, Spread]]) -> tuple[tuple[str, Spread], ...]:
    if len(sums) <= _SHOWN + 1:
        return tuple(sums)
    rest = Spread.total(amount for _, amount in sums[_SHOWN:])
    return (*sums[:_SHOWN], (f"{len(sums) - _SHOWN} smaller ones", rest))


def _together(groups: Iterable[Sequence[tuple[str, Spread]]]) -> tuple[tuple[str, Spread], ...]:
    sums: dict[str, Spread] = {}
    for group in groups:
        for name, amount in group:
            sums[name] = sums[name] + amount if name in sums else amount
    return tuple(sorted(sums.items(), key=lambda item: (-item[1].expected.amount, item[0])))


def _points(amount: Spread) -> dict[str, str]:
    return {
        "minimum": _dollars(amount.minimum),
        "expected": _dollars(amount.expected),
        "maximum": _dollars(amount.maximum),
    }


def _dollars(amount: Usd) -> str:
    return f"{amount.amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def _places(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f}"
