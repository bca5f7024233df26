"""Prices of Alibaba Cloud resources in Beijing; the list is in US dollars, converted from CNY at the rate it names."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.node_pools import Capacity
from catalog.prices import Priced, find_price
from catalog.quantities import Quantity
from catalog.usage import UsageKey
from insight.node_pools import ACK_POOL
from insight.pricing.charges import Charge, Pricer, PricingContext, Rate, missing
from insight.snapshot import Resource
from policies.values import as_int

_MONTH_IN_ADVANCE = "Alibaba monthly subscription share of pay-as-you-go"
_YEAR_IN_ADVANCE = "Alibaba one-year share of monthly subscription"
_INCLUDED_MYSQL_GB = 100
"""Storage that the list's rows of MySQL include."""
_INCLUDED_LOG_DAYS = 30
_COMPRESSED = Decimal("0.2")
_TENS_OF_THOUSANDS = 10
_BUCKET = "alicloud:oss/bucket:Bucket"
_NAT = "alicloud:vpc/natGateway:NatGateway"
_ADDRESS = "alicloud:ecs/eipAddress:EipAddress"
_LOG_STORE = "alicloud:log/store:Store"
_KEY = "alicloud:kms/key:Key"


def _is_prepaid(resource: Resource) -> bool:
    values = (resource.get("instanceChargeType"), resource.get("paymentType"))
    return any(isinstance(value, str) and value.lower() in {"prepaid", "subscription"} for value in values)


def _subscribed(context: PricingContext, rate: Rate) -> Rate | None:
    return rate.times(find_price(_MONTH_IN_ADVANCE, context.home))


def _for_a_year(context: PricingContext, monthly: Rate | None) -> Rate | None:
    return monthly.times(find_price(_YEAR_IN_ADVANCE, context.home)) if monthly else None


def _rented(
    context: PricingContext,
    resource: Resource,
    item: str,
    rate: Rate | None,
    quantity: Quantity | int,
    note: str = "",
) -> Charge:
    """Charge for what may be paid by the hour or in advance."""
    prepaid = _is_prepaid(resource)
    monthly = _subscribed(context, rate) if rate else None
    return Charge(
        item=f"{item} {'subscription' if prepaid else 'pay-as-you-go'}",
        rate=monthly if prepaid else rate,
        quantity=quantity if isinstance(quantity, Quantity) else Quantity.fixed(quantity),
        on_demand=rate,
        one_year=_for_a_year(context, monthly),
        note=note,
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
    hourly = Priced.NODE.price(pool.instance_type, context.home)
    if hourly is None or pool.capacity is Capacity.SPOT:
        yield missing(f"node {pool.instance_type} {pool.capacity}")
        return
    on_demand = Rate(price=hourly)
    row = find_price(f"{pool.instance_type} monthly subscription", context.home)
    monthly = Rate(price=row) if row else _subscribed(context, on_demand)
    subscribed = pool.capacity is Capacity.SUBSCRIPTION
    nodes = context.nodes(pool)
    yield Charge(
        item=f"node {pool.instance_type} {pool.capacity}",
        rate=monthly if subscribed else on_demand,
        quantity=nodes,
        on_demand=on_demand,
        one_year=_for_a_year(context, monthly),
        usage=UsageKey.SCALING,
        note=context.scaling_note(pool),
    )
    size = as_int(resource.get("systemDiskSize"))
    if size is None:
        yield missing(f"a disk of pool {pool.name} whose size is not known")
        return
    level = resource.get("systemDiskPerformanceLevel") or "PL1"
    hourly_disk = context.rate(f"ESSD {level} PAYG")
    monthly_disk = context.rate(f"ESSD {level} subscription")
    yield Charge(
        item=f"ESSD {level} {'subscription' if subscribed else 'PAYG'}",
        rate=monthly_disk if subscribed else hourly_disk,
        quantity=nodes * size,
        on_demand=hourly_disk,
        one_year=_for_a_year(context, monthly_disk),
        usage=UsageKey.SCALING,
        note=f"{size} GB for each node",
    )


def _mysql(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("instanceType")
    if not isinstance(kind, str):
        yield missing("an ApsaraDB instance whose class is not known")
        return
    price = Priced.MYSQL.price(kind, context.home)
    if price is None:
        yield missing(f"MySQL {kind}")
        return
    yield _rented(context, resource, f"MySQL {kind} two nodes", Rate(price=price), 1)
    size = as_int(resource.get("instanceStorage"))
    if size is None:
        yield missing("an ApsaraDB instance whose storage is not known")
        return
    most = max(size, as_int(resource.get("storageUpperBound")) or 0)
    extra, extra_most = (max(0, amount - _INCLUDED_MYSQL_GB) for amount in (size, most))
    both = Quantity(minimum=Decimal(extra), expected=Decimal(extra), maximum=Decimal(extra_most)) * 2
    if extra_most:
        note = f"beyond {_INCLUDED_MYSQL_GB} GB included, on both nodes; grows by itself to {most} GB at most"
        yield _rented(context, resource, "MySQL storage", context.rate("ESSD PL1 PAYG"), both, note)
    yield context.listed(
        "RDS backup beyond the free share",
        context.growing(context.usage.of(UsageKey.DATABASE_BACKUPS)),
        usage=UsageKey.DATABASE_BACKUPS,
    )


def _redis(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("instanceClass")
    if not isinstance(kind, str):
        yield missing("a Tair instance whose class is not known")
        return
    price = Priced.REDIS.price(kind, context.home)
    if price is None:
        yield missing(f"Redis {kind}")
        return
    yield _rented(
        context, resource, f"Redis {kind}", Rate(price=price), as_int(resource.get("shardCount")) or 1
    )


def _mongodb(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("dbInstanceClass")
    if not isinstance(kind, str):
        yield missing("a MongoDB instance whose class is not known")
        return
    price = Priced.MONGODB.price(kind, context.home)
    if price is None:
        yield missing(f"MongoDB {kind}")
        return
    yield _rented(context, resource, f"MongoDB {kind} three nodes", Rate(price=price), 1)
    yield context.listed(
        "ApsaraDB MongoDB backup",
        context.growing(context.usage.of(UsageKey.MONGODB_BACKUPS)),
        usage=UsageKey.MONGODB_BACKUPS,
    )


def _registry(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed(f"ACR Enterprise {resource.get('instanceType')}", 1)


def _address(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed("EIP config", 1)
    yield context.assumed("Internet egress pay-by-traffic", UsageKey.EGRESS, resource, _ADDRESS)


def _nat(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Internet NAT gateway instance", 1)
    yield context.listed("Internet NAT gateway CU", 1, note="one capacity unit on average")


def _bucket(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.kept("OSS Standard LRS", UsageKey.OBJECTS, resource, _BUCKET)
    for key in (UsageKey.OBJECT_WRITES, UsageKey.OBJECT_READS):
        thousands = context.usage.of(key)
        yield context.listed(
            "OSS requests",
            thousands / _TENS_OF_THOUSANDS,
            usage=key,
            note=f"{thousands} {key.unit} in all buckets",
            part=context.part(resource, _BUCKET),
        )


def _logs(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.assumed("SLS logs written (30 days kept)", UsageKey.LOGS, resource, _LOG_STORE)
    stores = context.snapshot.of_type(_LOG_STORE)
    days = max(as_int(store.get("retentionPeriod")) or _INCLUDED_LOG_DAYS for store in stores)
    months = Decimal(max(0, days - _INCLUDED_LOG_DAYS)) / _INCLUDED_LOG_DAYS
    yield context.listed(
        "SLS storage after 30 days",
        context.usage.of(UsageKey.LOGS) * months * _COMPRESSED,
        usage=UsageKey.LOGS,
        note=f"all stores as long as the longest, {days} days; compressed to a fifth",
        part=context.part(resource, _LOG_STORE),
    )


def _key(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    """The default master key of a region is free; any further one needs an instance of the key service."""
    if resource.get("dkmsInstanceId") or len(context.snapshot.of_type(_KEY)) > 1:
        yield missing("a key beside the region's default master key, which needs a key service instance")


def _zone(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("PrivateZone zone", 1)


def _load_balancer(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("ALB Standard instance", 1)
    yield context.listed("ALB LCU", context.usage.of(UsageKey.LOAD_BALANCER), usage=UsageKey.LOAD_BALANCER)


PRICERS: dict[str, Pricer] = {
    "alicloud:alb/loadBalancer:LoadBalancer": _load_balancer,
    "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance": _registry,
    "alicloud:cs/managedKubernetes:ManagedKubernetes": _ack,
    "alicloud:kvstore/instance:Instance": _redis,
    "alicloud:mongodb/instance:Instance": _mongodb,
    "alicloud:pvtz/zone:Zone": _zone,
    "alicloud:rds/instance:Instance": _mysql,
    ACK_POOL: _nodes,
    _ADDRESS: _address,
    _BUCKET: _bucket,
    _KEY: _key,
    _LOG_STORE: _logs,
    _NAT: _nat,
}
"""By type; every other Alibaba Cloud type is free for a reason given in ``insight.pricing.free``, or unpriced."""
