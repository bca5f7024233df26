"""FOCUS exports for tests, written row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NOVEMBER = {"BillingPeriodStart": "2026-11-01T00:00:00Z", "BillingPeriodEnd": "2026-12-01T00:00:00Z"}
OCTOBER = {"BillingPeriodStart": "2026-10-01T00:00:00Z", "BillingPeriodEnd": "2026-11-01T00:00:00Z"}


def usage(
    day: int, cost: str, cluster: str | None = "smp-us", environment: str | None = "prod", **more: Any
) -> dict[str, Any]:
    """A day of metered usage in November."""
    tags = {
        name: value
        for name, value in (("Cluster", cluster), ("Environment", environment))
        if value is not None
    }
    end = f"2026-11-{day + 1:02}" if day < 30 else "2026-12-01"
    return {
        **NOVEMBER,
        "BilledCost": cost,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargePeriodStart": f"2026-11-{day:02}T00:00:00Z",
        "ChargePeriodEnd": f"{end}T00:00:00Z",
        "ProviderName": "AWS",
        "ServiceName": "Amazon EC2",
        "ResourceId": "i-0123",
        "Tags": json.dumps(tags) if tags else "",
        **more,
    }


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], without: Sequence[str] = ()) -> Path:
    names = [name for name in rows[0] if name not in without]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
