"""Domain types for amounts, so that a number never travels without its unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HOURS_PER_MONTH = 730
"""Hours in a billing month, the figure every price list of the three clouds uses."""

CURRENCY = "USD"
"""Of every amount in reports; prices in other currencies are converted in the price book, at a rate it names."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, order=True)
class Usd:
    """An amount of US dollars; exact, never a float."""

    amount: Decimal

    @classmethod
    def of(cls, amount: int | str | Decimal) -> Usd:
        """Take whole dollars or a decimal text such as ``"0.0832"``."""
        return cls(Decimal(amount))

    def __add__(self, other: Usd) -> Usd:
        return Usd(self.amount + other.amount)

    def __sub__(self, other: Usd) -> Usd:
        return Usd(self.amount - other.amount)

    def __mul__(self, factor: int | Decimal) -> Usd:
        return Usd(self.amount * factor)

    def share_of(self, whole: Usd) -> Percent:
        """Say how much of ``whole`` this is; ``whole`` must not be zero."""
        return Percent(self.amount / whole.amount * 100)

    def to_cents(self) -> Usd:
        """Round half up to whole cents, as a bill does."""
        return Usd(self.amount.quantize(_CENT, ROUND_HALF_UP))

    @property
    def text(self) -> str:
        """The amount with exactly two places and nothing else, such as ``3325.18``: the form of documents."""
        return f"{self.amount.quantize(_CENT, ROUND_HALF_UP)}"

    def __str__(self) -> str:
        return f"{self.amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,} USD"


@dataclass(frozen=True, order=True)
class Percent:
    """A share in hundredths: ``Percent.of(110)`` is 1.1 times the whole."""

    value: Decimal

    @classmethod
    def of(cls, value: int | str | Decimal) -> Percent:
        """Take a whole number or a decimal text of hundredths."""
        return cls(Decimal(value))

    def of_usd(self, whole: Usd) -> Usd:
        """Take this share of an amount."""
        return whole * (self.value / 100)

    def __str__(self) -> str:
        return f"{self.value.quantize(Decimal('0.1'), ROUND_HALF_UP)} %"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A monthly amount at three points: as little, as much as expected, and as much as may run."""

    minimum: Usd
    expected: Usd
    maximum: Usd

    @classmethod
    def flat(cls, amount: Usd) -> Spread:
        """Take the same amount at all three points."""
        return cls(minimum=amount, expected=amount, maximum=amount)

    @classmethod
    def total(cls, parts: Iterable[Spread]) -> Spread:
        """Sum up point by point."""
        return sum(parts, cls.flat(Usd(Decimal(0))))

    def __add__(self, other: Spread) -> Spread:
        return Spread(
            minimum=self.minimum + other.minimum,
            expected=self.expected + other.expected,
            maximum=self.maximum + other.maximum,
        )


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """Units of something at the three points of a ``Spread``; never falling from one to the next."""

    minimum: Decimal
    expected: Decimal
    maximum: Decimal

    @classmethod
    def fixed(cls, units: int | Decimal) -> Quantity:
        """Take the same units at all three points."""
        amount = Decimal(units)
        return cls(minimum=amount, expected=amount, maximum=amount)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(
            minimum=self.minimum + other.minimum,
            expected=self.expected + other.expected,
            maximum=self.maximum + other.maximum,
        )

    def __mul__(self, factor: int | Decimal) -> Quantity:
        return Quantity(
            minimum=self.minimum * factor, expected=self.expected * factor, maximum=self.maximum * factor
        )

    def rounded(self, places: int) -> Quantity:
        """Round each point; parts of a shared amount are often endless fractions."""
        return Quantity(
            minimum=round(self.minimum, places),
            expected=round(self.expected, places),
            maximum=round(self.maximum, places),
        )


@dataclass(frozen=True, order=True)
class Cpu:
    """Processor time in thousandths of a core, Kubernetes' ``m``."""

    millicores: int

    def __add__(self, other: Cpu) -> Cpu:
        return Cpu(self.millicores + other.millicores)

    def __mul__(self, count: int) -> Cpu:
        return Cpu(self.millicores * count)

    def __str__(self) -> str:
        return f"{self.millicores}m"


@dataclass(frozen=True, order=True)
class Memory:
    """Memory in mebibytes, Kubernetes' ``Mi``."""

    mebibytes: int

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.mebibytes + other.mebibytes)

    def __mul__(self, count: int) -> Memory:
        return Memory(self.mebibytes * count)

    def __str__(self) -> str:
        return f"{self.mebibytes}Mi"


@dataclass(frozen=True, order=True)
class Storage:
    """Disk space in gibibytes, Kubernetes' ``Gi``."""

    gibibytes: int

    def __str__(self) -> str:
        return f"{self.gibibytes}Gi"
