"""Cost summaries for tests, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from catalog.bends import Bend
from catalog.price_book import Confidence
from catalog.quantities import Quantity, Spread, Usd
from catalog.usage import UsageKey
from insight.cost_summary import CostSummary, TopLine
from insight.estimate import Assumption, Budget, Buying, Unpriced


def spread(minimum: str, expected: str, maximum: str) -> Spread:
    return Spread(minimum=Usd.of(minimum), expected=Usd.of(expected), maximum=Usd.of(maximum))


def summary(
    stack: str = "prod-us",
    components: Mapping[str, str] | None = None,
    budget: str = "2500",
    unpriced: tuple[Unpriced, ...] = (),
) -> CostSummary:
    """A stack whose components cost the same at all points, but for the maximum: twice as much."""
    amounts = components or {"kubernetes": "1500.00", "mysql": "499.99"}
    parts = tuple(
        (name, spread(amount, amount, str(Decimal(amount) * 2)))
        for name, amount in sorted(amounts.items(), key=lambda item: -Decimal(item[1]))
    )
    monthly = Spread.total(amount for _, amount in parts)
    return CostSummary(
        stack=stack,
        cluster="smp-us",
        environment="prod",
        price_book="2026-11-26",
        oldest_price="2026-07-20",
        monthly=monthly,
        budget=Budget(month=Usd.of(budget), source="approved budget"),
        buying={
            Buying.ON_DEMAND: monthly.expected,
            Buying.AS_CONFIGURED: monthly.expected,
            Buying.ONE_YEAR: Usd.of("1000"),
        },
        by_component=parts,
        by_data_class=(("none", monthly),),
        by_confidence=((Confidence.EXACT, monthly),),
        top_lines=(
            TopLine(
                component=parts[0][0],
                item="node <m5.large> & disk",
                resources=3,
                quantity=Quantity.fixed(Decimal("3.50")),
                unit="node",
                data_class="none",
                amount=parts[0][1],
                confidence=Confidence.EXACT,
                as_of="2026-07-20",
            ),
        ),
        assumptions=(
            Assumption(
                key=UsageKey.EGRESS,
                value=Decimal(500),
                total_if_doubled=Usd.of("2060"),
                change_if_doubled=Usd.of("60.01"),
            ),
        ),
        bends=(Bend(seed="3 x m5.large", built="3 to 8", why="too small", record="0001"),),
        unpriced=unpriced,
    )
