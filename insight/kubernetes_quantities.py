"""Kubernetes' way of writing amounts: ``250m``, ``1Gi``."""

from __future__ import annotations

import re
from decimal import Decimal
from math import ceil

from catalog.quantities import Cpu, Memory
from policies.values import Opaque, Value

_SUFFIXES = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P"), start=1)},
    **{
        suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), start=1)
    },
}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]{0,2})")


def quantity(value: Value) -> Decimal | None:
    """Read an amount in its base unit (cores, bytes); ``None`` when it is absent or not one."""
    if isinstance(value, bool | Opaque) or not isinstance(value, int | float | str):
        return None
    found = _QUANTITY.fullmatch(str(value).strip())
    if found is None or found[2] not in _SUFFIXES:
        return None
    return Decimal(found[1]) * _SUFFIXES[found[2]]


def cpu(value: Value) -> Cpu:
    """Read processor time; nothing asked is zero."""
    return Cpu(int((quantity(value) or Decimal(0)) * 1000))


def memory(value: Value) -> Memory:
    """Read memory, rounded up to whole mebibytes; nothing asked is zero."""
    return Memory(ceil((quantity(value) or Decimal(0)) / (1024 * 1024)))


def gibibytes(value: Value) -> Decimal | None:
    """Read disk space in gibibytes; ``None`` when it is absent or not an amount."""
    amount = quantity(value)
    return None if amount is None else amount / (1024**3)
