"""How far the read model is from MySQL. Pure arithmetic on whole numbers and exact fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from catalog.read_model import DRIFT_LIMIT_PER_MILLE, Figure

Sums = Mapping[tuple[str, date], Mapping[str, int]]
"""(country, day) -> measure -> sum. What is not there was not found."""

LIMIT = Fraction(DRIFT_LIMIT_PER_MILLE, 1000)

WHOLE = Fraction(1)
"""Drift of what one side does not have at all."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One metric of one country and day. ``None`` is a side that has nothing."""

    metric: str
    country: str
    day: date
    mysql: Fraction | None
    search: Fraction | None

    @property
    def drift(self) -> Fraction:
        """The difference as a share of MySQL's value.

        Nothing and zero are alike: nobody publishes the figure of a country in which nothing happened. Beside a value
        of the other side either is all of it missing: 1.
        """
        true, told = self.mysql or Fraction(0), self.search or Fraction(0)
        if true == told:
            return Fraction(0)
        if true == 0 or self.search is None or self.mysql is None:
            return WHOLE
        return abs(told - true) / abs(true)

    @property
    def is_wrong(self) -> bool:
        """Whether it differs by more than 0.1 %; by exactly that much it does not."""
        return self.drift > LIMIT

    def __str__(self) -> str:
        return (
            f"{self.metric} {self.country} {self.day}:"
            f" MySQL {_number(self.mysql)}, Elasticsearch {_number(self.search)}, drift {_percent(self.drift)} %"
        )


def compare(figure: Figure, mysql: Sums, search: Sums) -> tuple[Comparison, ...]:
    """Compare a figure's measures, and its ratio, wherever either side has something; in a stable order.

    The measures are compared beside the ratio because a ratio hides what is missing from both of its parts.
    """
    return tuple(_compared(figure, mysql, search))


def _compared(figure: Figure, mysql: Sums, search: Sums) -> Iterator[Comparison]:
    ratio = figure.facts.ratio
    for country, day in sorted(mysql.keys() | search.keys()):
        true, told = mysql.get((country, day)), search.get((country, day))
        for measure in figure.facts.measures:
            yield Comparison(
                metric=f"{figure.id}.{measure.name}",
                country=country,
                day=day,
                mysql=_value(true, measure.name),
                search=_value(told, measure.name),
            )
        if ratio is not None:
            yield Comparison(
                metric=f"{figure.id}.ratio",
                country=country,
                day=day,
                mysql=_share(true, ratio.part, ratio.whole),
                search=_share(told, ratio.part, ratio.whole),
            )


def _value(sums: Mapping[str, int] | None, measure: str) -> Fraction | None:
    if sums is None or measure not in sums:
        return None
    return Fraction(sums[measure])


def _share(sums: Mapping[str, int] | None, part: str, whole: str) -> Fraction | None:
    """Divide; of nothing there is no share."""
    if sums is None or part not in sums or not sums.get(whole):
        return None
    return Fraction(sums[part], sums[whole])


def _number(value: Fraction | None) -> str:
    if value is None:
        return "nothing"
    if value.denominator == 1:
        return str(value.numerator)
    return str(_rounded(value, "0.000001"))


def _percent(share: Fraction) -> str:
    return str(_rounded(share * 100, "0.0001"))


def _rounded(value: Fraction, step: str) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(step), rounding=ROUND_HALF_UP)
