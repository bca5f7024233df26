"""List prices, each with its date, source and confidence (``prices.json`` beside this file)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib.resources import files

from catalog.places import Region
from catalog.price_book import ANYWHERE, Price, PriceBook, read_price_book

FILE = "prices.json"


@cache
def price_book() -> PriceBook:
    """Read the project's price book; raises ``PriceBookError`` with every mistake in it."""
    text = files("catalog").joinpath(FILE).read_text(encoding="utf-8")
    return read_price_book(text, origin=f"catalog/{FILE}")


def price_list() -> tuple[Price, ...]:
    """Give every row."""
    return price_book().prices


@cache
def _by_key() -> Mapping[tuple[str, str], Price]:
    return {(price.item, price.region): price for price in price_list()}


def find_price(item: str, region: str) -> Price | None:
    """Find a row by its exact item and region, or of the same item anywhere."""
    return _by_key().get((item, region)) or _by_key().get((item, ANYWHERE))


class Priced(Enum):
    """Kinds of thing whose type a configuration chooses; each knows how the price list words it."""

    NODE = "node"
    """A virtual machine per hour: on-demand on AWS, pay-as-you-go on Alibaba Cloud."""
    MYSQL = "MySQL instance"
    """Per hour: a single-zone instance on AWS, the whole two-node edition on Alibaba Cloud."""
    REDIS = "Redis node"
    """Per hour: an ElastiCache node, or a master-and-replica shard of Tair."""
    MONGODB = "MongoDB tier"
    """Per hour: a three-node replica set, of Atlas or ApsaraDB."""

    def price(self, type_name: str, region: Region) -> Price | None:
        """Find the price of a type in a region; ``None`` when the list does not have it."""
        return self._table(region).get(type_name)

    def known_types(self, region: Region) -> tuple[str, ...]:
        """List the types that are priced in a region."""
        return tuple(sorted(self._table(region)))

    def _table(self, region: Region) -> Mapping[str, Price]:
        return _tables(region)[self]


_ALIBABA_CLASSES = {
    "Tair/Redis OSS 7.0 cloud-native cluster, 1 GB master+replica shard": "redis.shard.small.2.ce",
    "ApsaraDB MongoDB 3-node replica set 2C8G + 40 GB": "mdb.shard.4x.large.d",
}
"""Rows that describe a machine rather than name the provider's class for it."""

_PATTERNS: dict[Priced, tuple[str, ...]] = {
    Priced.NODE: (r"EC2 (\S+) Linux on-demand", r"(ecs\.\S+) PAYG"),
    Priced.MYSQL: (r"RDS MySQL (\S+) Single-AZ(?: \(.*\))?", r"ApsaraDB RDS MySQL (\S+) .*"),
    Priced.REDIS: (r"ElastiCache Redis (\S+)", r"(redis\.\S+)"),
    Priced.MONGODB: (r"Atlas (M\d+) \(3-node\)", r"(mdb\.\S+)"),
}


@cache
def _tables(region: Region) -> dict[Priced, dict[str, Price]]:
    tables: dict[Priced, dict[str, Price]] = {kind: {} for kind in Priced}
    for price in price_list():
        if price.region != region:
            continue
        item = _ALIBABA_CLASSES.get(price.item, price.item)
        for kind, patterns in _PATTERNS.items():
            for pattern in patterns:
                if found := re.fullmatch(pattern, item):
                    tables[kind][found[1]] = price
    return tables
