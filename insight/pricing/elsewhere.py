"""Prices of Atlas, Cloudflare, and of disks that Kubernetes asks for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.places import Cloud
from catalog.prices import Priced
from insight.kubernetes_quantities import gibibytes
from insight.pricing.charges import Charge, Pricer, PricingContext, missing
from insight.snapshot import Resource
from policies.values import Value, as_int, as_list, dig

_NODES_OF_A_TIER = 3
_FREE_R2_GB = 10
_R2 = "cloudflare:index/r2Bucket:R2Bucket"


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
        if not isinstance(tier, str):
            yield missing("an Atlas cluster whose tier is not known")
            continue
        yield Charge(
            item=f"Atlas {tier} {nodes} nodes",
            price=Priced.MONGODB.price(tier, context.home),
            quantity=Decimal(nodes) / _NODES_OF_A_TIER,
            assumption="disk of the tier; backups are not in the price list",
        )


def _r2(context: PricingContext, _: Resource) -> Iterator[Charge]:
    total = context.usage.r2_gb
    paid = context.share(max(0, total - _FREE_R2_GB), _R2)
    note = f"{total} GB in all R2 buckets, {_FREE_R2_GB} of them free; requests within the free share"
    yield context.listed("R2 Standard storage (10 GB free)", paid, assumption=note)


def _worker(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed(
        "Workers Paid (10M req + 30M CPU-ms)", 1, assumption="within the plan's included requests"
    )


def _zone_plan(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    plan = resource.get("ratePlan", "id")
    if plan == "free":
        return
    if not isinstance(plan, str):
        yield missing("a zone's plan that is not known")
        return
    yield context.listed(f"Cloudflare {plan.capitalize()} per zone, billed monthly", 1)


def _disk(context: PricingContext, size: Value, count: int) -> Charge:
    amount = gibibytes(size)
    if amount is None:
        return missing("a volume claim whose size is not known")
    item = "EBS gp3 storage" if context.facts.cluster.cloud is Cloud.AWS else "ESSD PL0 PAYG"
    return context.listed(item, amount * count, assumption="disk of a volume claim")


def _claim(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield _disk(context, resource.get("spec", "resources", "requests", "storage"), 1)


def _stateful_set(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    replicas = as_int(resource.get("spec", "replicas"))
    for template in as_list(resource.get("spec", "volumeClaimTemplates")):
        size = dig(template, "spec", "resources", "requests", "storage")
        yield _disk(context, size, 1 if replicas is None else replicas)


PRICERS: dict[str, Pricer] = {
    "cloudflare:index/zoneSubscription:ZoneSubscription": _zone_plan,
    "cloudflare:index/workersScript:WorkersScript": _worker,
    "kubernetes:apps/v1:StatefulSet": _stateful_set,
    "kubernetes:core/v1:PersistentVolumeClaim": _claim,
    "mongodbatlas:index/advancedCluster:AdvancedCluster": _atlas,
    _R2: _r2,
}
"""By type."""
