"""List prices, each with its date, source and confidence (``prices.json`` beside this file)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from catalog.places import Region
from catalog.quantities import HOURS_PER_MONTH, Usd


@dataclass(frozen=True, kw_only=True)
class Price:
    """One row of the price list."""

    item: str
    region: str
    unit: str
    """What one unit is: ``hour``, ``GB-month``, ``month``, ..."""
    usd: Usd
    as_of: str
    source: str
    confidence: str
    """``exact``, ``derived`` (by arithmetic from a neighbouring price) or ``guess``."""

    @property
    def per_month(self) -> Usd:
        """The price of one unit for a month of 730 hours, whatever the unit's time is."""
        return self.usd * HOURS_PER_MONTH if self.unit.endswith("hour") else self.usd


@cache
def price_list() -> tuple[Price, ...]:
    """Read the whole price list."""
    text = files("catalog").joinpath("prices.json").read_text(encoding="utf-8")
    return tuple(
        Price(
            item=row["item"],
            region=row["region"],
            unit=row["unit"],
            usd=Usd(row["usd"]),
            as_of=row["as_of"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in json.loads(text, parse_float=Decimal, parse_int=Decimal)
    )


@cache
def find_price(item: str, region: str) -> Price | None:
    """Find a row by its item and region.

    Some rows carry a remark in brackets or further words behind the item; those are found by the item alone.
    """
    for price in price_list():
        if price.region == region and (price.item == item or price.item.startswith((f"{item} (", f"{item} + "))):
            return price
    return None


def node_price(instance_type: str, region: Region) -> Price | None:
    """Price an on-demand (AWS) or pay-as-you-go (Alibaba Cloud) virtual machine per hour."""
    item = f"{instance_type} PAYG" if region is Region.BEIJING else f"EC2 {instance_type} Linux on-demand"
    return find_price(item, region)


def mysql_price(instance_type: str, region: Region) -> Price | None:
    """Price one MySQL instance: single-zone on AWS, the whole two-node edition on Alibaba Cloud."""
    if region is Region.BEIJING:
        prefix = f"ApsaraDB RDS MySQL {instance_type} "
        return next((price for price in price_list() if price.item.startswith(prefix)), None)
    return find_price(f"RDS MySQL {instance_type} Single-AZ", region)


def redis_price(node_type: str, region: Region) -> Price | None:
    """Price one ElastiCache node, or one master-and-replica shard of Tair."""
    if region is Region.BEIJING:
        is_priced_shard = node_type == "redis.shard.small.2.ce"
        return find_price("Tair/Redis OSS 7.0 cloud-native cluster, 1 GB master+replica shard", region) if is_priced_shard else None
    return find_price(f"ElastiCache Redis {node_type}", region)


def mongodb_price(tier: str, region: Region) -> Price | None:
    """Price one three-node replica set: an Atlas tier, or ApsaraDB's class."""
    if region is Region.BEIJING:
        is_priced_class = tier == "mdb.shard.2x.large.d"
        return find_price("ApsaraDB MongoDB 3-node replica set 2C8G", region) if is_priced_class else None
    return find_price(f"Atlas {tier} (3-node)", f"AWS {region}")
