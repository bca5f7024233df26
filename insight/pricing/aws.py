"""Prices of AWS resources: computing, databases, keys, logs. Networks and buckets are in modules of their own."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.node_pools import Capacity
from catalog.prices import Priced, find_price
from catalog.quantities import Quantity
from catalog.usage import UsageKey
from insight.node_pools import EKS_POOL, Pool
from insight.pricing import aws_network, aws_objects
from insight.pricing.charges import Charge, Pricer, PricingContext, Rate, missing
from insight.snapshot import Resource
from policies.values import as_flag, as_int, as_list, dig

_SPOT = "EC2 spot discount vs on-demand (t3/m5 2xlarge)"
_ONE_YEAR_NODE = "EC2 one-year no-upfront share of on-demand"
_ONE_YEAR_DATABASE = "RDS one-year no-upfront share of on-demand"
_ONE_YEAR_CACHE = "ElastiCache one-year no-upfront share of on-demand"
_TWO_ZONES = "Multi-AZ factor of RDS"
_UNSAID_NODE_DISK_GB = 20
_DISK = "gp3"
"""The one type of disk that has prices; RDS lists gp2 at the same."""
_OUT_OF_SUPPORT = ("5.7", "8.0")
"""Series of MySQL that RDS keeps only for money: 8.0 since 2026-07-31 (docs/decisions/0002)."""
_FREE_KEY_REQUESTS = 2  # times ten thousand
_TEN_THOUSANDS_OF_A_MILLION = 100
_DAYS_OF_A_MONTH = 30
_UNSAID_RETENTION_DAYS = 365
"""Logs without a limit are kept for ever; a year of them is counted."""
_COMPRESSED = Decimal("0.2")
"""Stored logs are compressed, in the provider's words to about 15 %; a fifth is on the safe side."""
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_KEY = "aws:kms/key:Key"
_REPOSITORY = "aws:ecr/repository:Repository"


def _eks(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("EKS control plane standard support", 1)


def _nodes(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    pool = context.pools[resource.urn]
    if pool.instance_type is None:
        yield missing("a node pool whose instance type is not known")
        return
    kind = f"{pool.instance_type} {pool.capacity}"
    price = Priced.NODE.price(pool.instance_type, context.home)
    spot = find_price(_SPOT, context.home)
    if price is None or (pool.capacity is Capacity.SPOT and spot is None):
        yield missing(f"node {kind}")
        return
    plain = Rate(price=price)
    nodes = context.nodes(pool)
    is_spot = pool.capacity is Capacity.SPOT and spot is not None
    yield Charge(
        item=f"node {kind}",
        rate=plain.times(spot) if is_spot else plain,
        quantity=nodes,
        on_demand=plain,
        one_year=plain.times(find_price(_ONE_YEAR_NODE, context.home)),
        usage=UsageKey.SCALING,
        note=context.scaling_note(pool),
    )
    yield from _node_disks(context, resource, pool, nodes)
    if any(
        as_flag(subnet.get("mapPublicIpOnLaunch")) is True
        for subnet in context.snapshot.references(resource, "subnetIds")
    ):
        yield context.listed("Public IPv4 in use", nodes, usage=UsageKey.SCALING, note="one for each node")


def _node_disks(context: PricingContext, resource: Resource, pool: Pool, nodes: Quantity) -> Iterator[Charge]:
    template = next(iter(context.snapshot.references(resource, "launchTemplate")), None)
    devices = as_list(template.get("blockDeviceMappings")) if template else ()
    sizes = [as_int(dig(device, "ebs", "volumeSize")) for device in devices]
    if not sizes:
        sizes = [as_int(resource.get("diskSize")) or _UNSAID_NODE_DISK_GB]
    if None in sizes:
        yield missing(f"a disk of pool {pool.name} whose size is not known")
        return
    kinds = [dig(device, "ebs", "volumeType") for device in devices]
    other = next((kind for kind in kinds if kind not in (None, _DISK)), None)
    if other is not None:
        yield missing(f"a disk of pool {pool.name} of the type {other}")
        return
    size = sum(size or 0 for size in sizes)
    yield context.listed(
        "EBS gp3 storage", nodes * size, usage=UsageKey.SCALING, note=f"{size} GB for each node"
    )


def _mysql(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    source = next(iter(context.snapshot.references(resource, "replicateSourceDb")), None)
    kind = resource.get("instanceClass") or (source.get("instanceClass") if source else None)
    if not isinstance(kind, str):
        yield missing("an RDS instance whose class is not known")
        return
    if resource.get("engine") not in (None, "mysql"):
        yield missing(f"RDS engine {resource.get('engine')}")
        return
    version = resource.get("engineVersion")
    if isinstance(version, str) and version.startswith(_OUT_OF_SUPPORT):
        yield missing(f"RDS MySQL {version}, whose extended support is paid by the processor")
        return
    zones = "Multi-AZ" if as_flag(resource.get("multiAz")) is True else "Single-AZ"
    yield _database(context, kind, zones)
    yield from _database_storage(context, resource, source, zones)
    if resource.get("replicateSourceDb") is None and as_int(resource.get("backupRetentionPeriod")):
        item = "RDS backup over free allocation"
        yield context.listed(
            item,
            context.growing(context.usage.of(UsageKey.DATABASE_BACKUPS)),
            usage=UsageKey.DATABASE_BACKUPS,
            note="beyond what is free with the storage",
        )
    if as_flag(resource.get("manageMasterUserPassword")) is True:
        yield context.listed("Secrets Manager secret", 1)


def _database(context: PricingContext, kind: str, zones: str) -> Charge:
    single = Priced.MYSQL.price(kind, context.home)
    exact = find_price(f"RDS MySQL {kind} Multi-AZ", context.home) if zones == "Multi-AZ" else single
    if exact is None and single is None:
        return missing(f"RDS MySQL {kind}")
    rate = (
        Rate(price=exact)
        if exact
        else Rate(price=single).times(find_price(_TWO_ZONES, "any"))
        if single
        else None
    )
    return Charge(
        item=f"RDS MySQL {kind} {zones}",
        rate=rate,
        quantity=Quantity.fixed(1),
        one_year=rate.times(find_price(_ONE_YEAR_DATABASE, context.home)) if rate else None,
        note="" if exact else "twice the single-zone price",
    )


def _database_storage(
    context: PricingContext, resource: Resource, source: Resource | None, zones: str
) -> Iterator[Charge]:
    size = as_int(resource.get("allocatedStorage"))
    if size is None and source is not None:
        size = as_int(source.get("allocatedStorage"))
    if size is None:
        yield missing("an RDS instance whose storage is not known")
        return
    kind = resource.get("storageType")
    if kind not in (None, "gp2", _DISK):
        yield missing(f"RDS storage of the type {kind}")
        return
    limit = max(size, as_int(resource.get("maxAllocatedStorage")) or 0)
    quantity = Quantity(minimum=Decimal(size), expected=Decimal(size), maximum=Decimal(limit))
    yield context.listed(
        f"RDS gp3 {zones}", quantity, note=f"as allocated; grows by itself to {limit} GB at most"
    )


def _redis(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = resource.get("nodeType")
    if not isinstance(kind, str):
        yield missing("an ElastiCache node whose type is not known")
        return
    shards, replicas = as_int(resource.get("numNodeGroups")), as_int(resource.get("replicasPerNodeGroup"))
    nodes = (
        (shards or 1) * (1 + (replicas or 0))
        if shards is not None
        else as_int(resource.get("numCacheClusters")) or 1
    )
    price = Priced.REDIS.price(kind, context.home)
    if price is None:
        yield missing(f"ElastiCache {kind}")
        return
    rate = Rate(price=price)
    if resource.get("engine") == "valkey":
        rate = rate.times(find_price("ElastiCache Valkey multiplier vs Redis", context.home))
    yield Charge(
        item=f"ElastiCache {kind}",
        rate=rate,
        quantity=Quantity.fixed(nodes),
        one_year=rate.times(find_price(_ONE_YEAR_CACHE, context.home)) if rate else None,
    )
    paid = max(0, (as_int(resource.get("snapshotRetentionLimit")) or 0) - 1)
    if paid:
        yield context.listed(
            "ElastiCache backup storage",
            context.usage.of(UsageKey.CACHE) * paid,
            usage=UsageKey.CACHE,
            note=f"{paid} snapshots of all shards beyond the free one",
        )


def _images(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.kept("ECR storage", UsageKey.IMAGES, resource, _REPOSITORY)


def _key(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed("KMS customer key", 1)
    millions = context.usage.of(UsageKey.KEY_REQUESTS)
    paid = max(Decimal(0), millions * _TEN_THOUSANDS_OF_A_MILLION - _FREE_KEY_REQUESTS)
    yield context.listed(
        "KMS requests",
        paid,
        usage=UsageKey.KEY_REQUESTS,
        note=f"{millions} million requests to all keys, 20 000 of them free",
        part=context.part(resource, _KEY),
    )


def _logs(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.assumed("CloudWatch Logs ingest", UsageKey.LOGS, resource, _LOG_GROUP)
    groups = context.snapshot.of_type(_LOG_GROUP)
    days = max(as_int(group.get("retentionInDays")) or _UNSAID_RETENTION_DAYS for group in groups)
    yield context.listed(
        "CloudWatch Logs storage",
        context.usage.of(UsageKey.LOGS) * days / _DAYS_OF_A_MONTH * _COMPRESSED,
        usage=UsageKey.LOGS,
        note=f"all groups as long as the longest, {days} days; compressed to a fifth",
        part=context.part(resource, _LOG_GROUP),
    )


def _alarm(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("CloudWatch alarm", 1)


def _secret(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Secrets Manager secret", 1)


def _volume(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    size, kind = as_int(resource.get("size")), resource.get("type")
    if size is None:
        yield missing("a volume whose size is not known")
    elif kind != _DISK:
        yield missing(f"a volume of the type {kind or 'gp2, which is what AWS takes where none is said'}")
    else:
        yield context.listed("EBS gp3 storage", size)


PRICERS: dict[str, Pricer] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ebs/volume:Volume": _volume,
    "aws:eks/cluster:Cluster": _eks,
    "aws:elasticache/replicationGroup:ReplicationGroup": _redis,
    "aws:rds/instance:Instance": _mysql,
    "aws:secretsmanager/secret:Secret": _secret,
    EKS_POOL: _nodes,
    _KEY: _key,
    _LOG_GROUP: _logs,
    _REPOSITORY: _images,
    **aws_network.PRICERS,
    **aws_objects.PRICERS,
}
"""By type; every other AWS type is free for a reason given in ``insight.pricing.free``, or unpriced."""
