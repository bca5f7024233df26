"""Prices of Alibaba Cloud resources in Beijing; the list is in US dollars, converted by its source."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.node_pools import Capacity
from catalog.prices import Price, Priced, find_price
from catalog.quantities import HOURS_PER_MONTH
from insight.node_pools import ACK_POOL
from insight.pricing.charges import Charge, Pricer, PricingContext, missing
from insight.snapshot import Resource
from policies.values import as_int

_HOURS_OF_A_SUBSCRIPTION = 480
"""A month in advance costs as much as 480 hours on demand: the rule of the price list's node rows."""
_SUBSCRIBED = Decimal(_HOURS_OF_A_SUBSCRIPTION) / HOURS_PER_MONTH
_SUBSCRIPTION_NOTE = (
    f"subscription at {_HOURS_OF_A_SUBSCRIPTION} on-demand hours a month; read the console before use"
)
_BUCKET = "alicloud:oss/bucket:Bucket"
_NAT = "alicloud:vpc/natGateway:NatGateway"


def _is_prepaid(resource: Resource) -> bool:
    values = (resource.get("instanceChargeType"), resource.get("paymentType"))
    return any(isinstance(value, str) and value.lower() in {"prepaid", "subscription"} for value in values)


def _rented(
    resource: Resource, item: str, price: Price | None, quantity: int, note: str | None = None
) -> Charge:
    prepaid = _is_prepaid(resource)
    said = [text for text in (note, _SUBSCRIPTION_NOTE if prepaid else None) if text]
    return Charge(
        item=f"{item} {'subscription' if prepaid else 'pay-as-you-go'}",
        price=price,
        quantity=Decimal(quantity),
        multiplier=_SUBSCRIBED if prepaid else Decimal(1),
        assumption="; ".join(said) or None,
    )


def _ack(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    is_pro = str(resource.get("clusterSpec")).startswith("ack.pro")
    yield context.listed(
        "ACK Pro cluster management" if is_pro else "ACK Basic cluster management (max 10 nodes, no SLA)", 1
    )
    yield context.listed("CLB slb.s1.small (ACK API server)", 1)


def _nodes(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    pool = context.pools[resource.urn]
    if pool.instance_type is None:
        yield missing("a node pool whose instance type is not known")
        return
    count = "minimum of the pool"
    subscribed = pool.capacity is Capacity.SUBSCRIPTION
    if pool.capacity is Capacity.SPOT:
        yield missing(f"{pool.instance_type} spot in {context.home}")
        return
    row = find_price(f"{pool.instance_type} monthly subscription", context.home) if subscribed else None
    if row is not None or not subscribed:
        price = row or Priced.NODE.price(pool.instance_type, context.home)
        yield Charge(
            item=f"node {pool.instance_type} {pool.capacity}",
            price=price,
            quantity=Decimal(pool.minimum),
            assumption=count,
        )
    else:
        price = Priced.NODE.price(pool.instance_type, context.home)
        yield _rented(resource, f"node {pool.instance_type}", price, pool.minimum, count)
    size = as_int(resource.get("systemDiskSize"))
    if size is None:
        yield missing("a node's disk whose size is not known")
        return
    level = resource.get("systemDiskPerformanceLevel") or "PL1"
    kind = "subscription" if subscribed else "PAYG"
    yield context.listed(f"ESSD {level} {kind}", size * pool.minimum)


def _mysql(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("instanceType")
    if not isinstance(kind, str):
        yield missing("an ApsaraDB instance whose class is not known")
        return
    yield _rented(resource, f"MySQL {kind} two nodes", Priced.MYSQL.price(kind, context.home), 1)
    extra = (as_int(resource.get("instanceStorage")) or 0) - 100  # the list's rows include 100 GB
    if extra > 0:
        yield _rented(resource, "MySQL storage", find_price("ESSD PL1 PAYG", context.home), extra * 2)


def _redis(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("instanceClass")
    if not isinstance(kind, str):
        yield missing("a Tair instance whose class is not known")
        return
    shards = as_int(resource.get("shardCount")) or 1
    yield _rented(resource, f"Redis {kind}", Priced.REDIS.price(kind, context.home), shards)


def _mongodb(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("dbInstanceClass")
    if not isinstance(kind, str):
        yield missing("a MongoDB instance whose class is not known")
        return
    yield _rented(resource, f"MongoDB {kind} three nodes", Priced.MONGODB.price(kind, context.home), 1)


def _registry(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed(f"ACR Enterprise {resource.get('instanceType')}", 1)


def _address(context: PricingContext, _: Resource) -> Iterator[Charge]:
    egress = context.usage.egress_gb
    yield context.listed("EIP config", 1)
    yield context.listed(
        "Internet egress pay-by-traffic", egress, assumption=f"{egress} GB out to the internet"
    )


def _nat(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Internet NAT gateway instance", 1)
    yield context.listed("Internet NAT gateway CU", 1, assumption="one capacity unit on average")


def _bucket(context: PricingContext, _: Resource) -> Iterator[Charge]:
    total = context.usage.objects_gb
    note = f"{total} GB in all buckets, at the price of local redundancy"
    yield context.listed("OSS Standard LRS", context.share(total, _BUCKET), assumption=note)


def _load_balancer(context: PricingContext, _: Resource) -> Iterator[Charge]:
    units = context.usage.load_balancer_units
    yield context.listed("ALB Standard instance", 1)
    yield context.listed("ALB LCU", units, assumption=f"{units} capacity unit on average")


PRICERS: dict[str, Pricer] = {
    "alicloud:alb/loadBalancer:LoadBalancer": _load_balancer,
    "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance": _registry,
    "alicloud:cs/managedKubernetes:ManagedKubernetes": _ack,
    "alicloud:ecs/eipAddress:EipAddress": _address,
    "alicloud:kvstore/instance:Instance": _redis,
    "alicloud:mongodb/instance:Instance": _mongodb,
    "alicloud:rds/instance:Instance": _mysql,
    ACK_POOL: _nodes,
    _BUCKET: _bucket,
    _NAT: _nat,
}
"""By type; every other Alibaba Cloud type is free for a reason given in ``insight.pricing.free``, or unpriced."""
