"""Prices of Atlas and Cloudflare."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.prices import Priced
from catalog.quantities import Quantity
from catalog.usage import UsageKey
from insight.pricing.charges import Charge, Pricer, PricingContext, Rate, missing
from insight.snapshot import Resource
from policies.values import as_flag, as_int, as_list, dig

_NODES_OF_A_TIER = 3
_FREE_OPLOG_GB = 5
_FREE_R2_GB = 10
_INCLUDED_ROUTER_MILLIONS = 10
_R2 = "cloudflare:index/r2Bucket:R2Bucket"
_ENDPOINT = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"


def _atlas(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    configs = [
        config
        for spec in as_list(resource.get("replicationSpecs"))
        for config in as_list(dig(spec, "regionConfigs"))
    ]
    if not configs:
        yield missing("an Atlas cluster whose tier is not known")
    for config in configs:
        tier = dig(config, "electableSpecs", "instanceSize")
        nodes = as_int(dig(config, "electableSpecs", "nodeCount")) or _NODES_OF_A_TIER
        price = Priced.MONGODB.price(tier, context.home) if isinstance(tier, str) else None
        if price is None:
            yield missing(
                f"Atlas {tier}" if isinstance(tier, str) else "an Atlas cluster whose tier is not known"
            )
            continue
        yield Charge(
            item=f"Atlas {tier} {nodes} nodes",
            rate=Rate(price=price),
            quantity=Quantity.fixed(Decimal(nodes) / _NODES_OF_A_TIER),
            note="with the disk of the tier",
        )
    if as_flag(resource.get("backupEnabled")) is True:
        yield context.listed(
            "Atlas backup snapshots",
            context.growing(context.usage.of(UsageKey.MONGODB_BACKUPS)),
            usage=UsageKey.MONGODB_BACKUPS,
        )
    if as_flag(resource.get("pitEnabled")) is True:
        paid = max(Decimal(0), context.usage.of(UsageKey.MONGODB_OPLOG) - _FREE_OPLOG_GB)
        yield context.listed(
            "Atlas continuous backup of the oplog",
            paid,
            usage=UsageKey.MONGODB_OPLOG,
            note=f"{_FREE_OPLOG_GB} GB of it free",
        )


def _atlas_endpoint(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed("Atlas private endpoint", 1)
    yield context.assumed("Atlas private endpoint data", UsageKey.ENDPOINT, resource, _ENDPOINT)


def _r2(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.kept("R2 Standard storage (10 GB free)", UsageKey.R2, resource, _R2, free=_FREE_R2_GB)


def _worker(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed(
        "Workers Paid (10M req + 30M CPU-ms)", 1, note="the account pays it once, however many stacks use it"
    )
    extra = max(Decimal(0), context.usage.of(UsageKey.ROUTER_REQUESTS) - _INCLUDED_ROUTER_MILLIONS)
    yield context.listed(
        "Workers extra requests",
        extra,
        usage=UsageKey.ROUTER_REQUESTS,
        note=f"beyond {_INCLUDED_ROUTER_MILLIONS} million included",
    )


def _zone_plan(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    plan = resource.get("ratePlan", "id")
    if plan == "free":
        return
    if not isinstance(plan, str):
        yield missing("a zone's plan that is not known")
        return
    yield context.listed(f"Cloudflare {plan.capitalize()} per zone, billed monthly", 1)


PRICERS: dict[str, Pricer] = {
    "cloudflare:index/workersScript:WorkersScript": _worker,
    "cloudflare:index/zoneSubscription:ZoneSubscription": _zone_plan,
    "mongodbatlas:index/advancedCluster:AdvancedCluster": _atlas,
    _ENDPOINT: _atlas_endpoint,
    _R2: _r2,
}
"""By type."""
