"""The price book as plain text, so that a bill can be worked out beside the code and not with it."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from catalog.quantities import Percent
from catalog.usage import Usage

_FILE = Path(__file__).parents[2] / "catalog" / "prices.json"

SINGAPORE, BEIJING, VIRGINIA = "ap-southeast-1", "cn-beijing", "us-east-1"

USAGE = Usage(
    scaling=Percent.of(50),
    storage_growth=Percent.of(20),
    egress_gb=300,
    cross_zone_gb=10,
    nat_gb=40,
    endpoint_gb=30,
    logs_gb=60,
    objects_gb=100,
    object_writes_thousands=200,
    object_reads_thousands=1000,
    r2_gb=110,
    images_gb=30,
    database_backups_gb=20,
    mongodb_backups_gb=10,
    mongodb_oplog_gb=25,
    cache_gb=2,
    key_requests_millions=1,
    load_balancer_units=3,
    router_requests_millions=12,
)
"""Small round amounts, each another, so that none can be mistaken for a second."""


@cache
def _rows() -> dict[tuple[str, str], Decimal]:
    document = json.loads(_FILE.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
    return {(row["item"], row["region"]): Decimal(row["usd"]) for row in document["prices"]}


def price(item: str, region: str = "any") -> Decimal:
    return _rows()[item, region]


def cents(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)
