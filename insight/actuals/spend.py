"""What FOCUS exports say was spent, summed up as far as reports need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from catalog.quantities import Usd


class CostBasis(StrEnum):
    """Which of FOCUS' amounts is counted (FOCUS 1.0, cost columns)."""

    BILLED = "billed"
    """``BilledCost``: what the invoice says, an upfront payment in the month it is paid. Budgets count this."""
    EFFECTIVE = "effective"
    """``EffectiveCost``: upfront payments spread over the months they pay for."""

    @property
    def column(self) -> str:
        """The column it is read from."""
        return "BilledCost" if self is CostBasis.BILLED else "EffectiveCost"


@dataclass(frozen=True, kw_only=True)
class BillingPeriod:
    """A month of an invoice; the end is the first moment after it, UTC."""

    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """The month as ``2026-11``."""
        return f"{self.start:%Y-%m}"


@dataclass(frozen=True, kw_only=True)
class Spend:
    """Charges that have everything below in common, summed up."""

    file: str
    provider: str
    period: BillingPeriod
    cluster: str | None
    """Value of the tag ``Cluster``; ``None`` where a charge has none."""
    environment: str | None
    """Value of the tag ``Environment``."""
    service: str
    category: str
    """FOCUS' ``ChargeCategory``: Usage, Purchase, Tax, Credit or Adjustment."""
    day: date | None
    """The day of usage that was metered by the day or shorter; ``None`` for everything else."""
    cost: Usd
    charges: int
    example: str | None
    """Id of the dearest resource among them, where the file names resources."""


@dataclass(frozen=True, kw_only=True)
class Spending:
    """All that was read."""

    rows: tuple[Spend, ...]
    basis: CostBasis
    files: tuple[str, ...]
    rates: Mapping[str, Decimal]
    """US dollars for one unit of each currency that was converted."""
    warnings: tuple[str, ...]
    read_until: Mapping[tuple[str, str, datetime], datetime]
    """File, provider and start of the period -> the end of the last charge of usage that was metered by the day."""
