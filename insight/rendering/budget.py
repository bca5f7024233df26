"""How an amount beside its budget looks on a terminal, the same in every report."""

from __future__ import annotations

from catalog.quantities import Percent
from insight.estimate import BudgetStatus

STATUS_STYLES = {BudgetStatus.WITHIN: "green", BudgetStatus.OVER: "yellow", BudgetStatus.ALARM: "bold red"}


def budget_bar(share: Percent, width: int = 20) -> str:
    """Draw a share of a budget; a full bar is the whole budget, and more is no longer."""
    filled = max(0, min(width, int(share.value * width / 100)))
    return "[" + "#" * filled + "." * (width - filled) + "]"
