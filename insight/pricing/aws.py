"""Prices of AWS resources."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.node_pools import Capacity
from catalog.prices import Priced, find_price
from insight.node_pools import EKS_POOL, Pool
from insight.pricing.charges import Charge, Pricer, PricingContext, missing
from insight.snapshot import Resource
from policies.values import as_flag, as_int, as_list, dig

_SPOT = "EC2 spot discount vs on-demand (t3/m5 2xlarge)"
_FREE_EGRESS_GB = 100
_UNSAID_NODE_DISK_GB = 20
_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_NAT = "aws:ec2/natGateway:NatGateway"
_REPOSITORY = "aws:ecr/repository:Repository"


def _eks(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("EKS control plane standard support", 1)


def _nodes(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    pool = context.pools[resource.urn]
    count = "minimum of the pool"
    if pool.instance_type is None:
        yield missing("a node pool whose instance type is not known")
        return
    price = Priced.NODE.price(pool.instance_type, context.home)
    spot = find_price(_SPOT, context.home)
    kind = f"{pool.instance_type} {pool.capacity}"
    if pool.capacity is Capacity.SPOT and spot is None:
        yield missing(f"{kind} in {context.home}")
        return
    factors = (spot,) if pool.capacity is Capacity.SPOT and spot is not None else ()
    yield Charge(
        item=f"node {kind}", price=price, quantity=Decimal(pool.minimum), factors=factors, assumption=count
    )
    yield from _node_disks(context, resource, pool)
    if any(
        as_flag(subnet.get("mapPublicIpOnLaunch")) is True
        for subnet in context.snapshot.references(resource, "subnetIds")
    ):
        yield context.listed("Public IPv4 in use", pool.minimum, assumption="one address per node")


def _node_disks(context: PricingContext, resource: Resource, pool: Pool) -> Iterator[Charge]:
    template = next(iter(context.snapshot.references(resource, "launchTemplate")), None)
    devices = as_list(template.get("blockDeviceMappings")) if template else ()
    sizes = [as_int(dig(device, "ebs", "volumeSize")) for device in devices]
    if not sizes:
        sizes = [as_int(resource.get("diskSize")) or _UNSAID_NODE_DISK_GB]
    if None in sizes:
        yield missing("a node's disk whose size is not known")
        return
    yield context.listed("EBS gp3 storage", sum(size or 0 for size in sizes) * pool.minimum)


def _nat(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("NAT gateway", 1)
    share = context.share(context.usage.nat_gb, _NAT)
    yield context.listed(
        "NAT gateway data", share, assumption=f"{context.usage.nat_gb} GB through all NAT gateways"
    )


def _internet(context: PricingContext, _: Resource) -> Iterator[Charge]:
    item = "Data transfer out to Internet first 10TB (100 GB/mo free)"
    paid = max(0, context.usage.egress_gb - _FREE_EGRESS_GB)
    yield context.listed(
        item, paid, assumption=f"{context.usage.egress_gb} GB out, {_FREE_EGRESS_GB} of them free"
    )


def _address(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Public IPv4 in use", 1)


def _endpoint(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    if resource.get("vpcEndpointType") == "Interface":
        subnets = len(as_list(resource.get("subnetIds"))) or len(
            context.snapshot.references(resource, "subnetIds")
        )
        if not subnets:
            yield missing("an interface endpoint whose subnets are not known")
            return
        yield context.listed(
            "VPC interface endpoint", subnets, assumption="one per zone; data through it not counted"
        )


def _mysql(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    source = _source(context, resource)
    kind = resource.get("instanceClass") or (source.get("instanceClass") if source else None)
    if not isinstance(kind, str):
        yield missing("an RDS instance whose class is not known")
        return
    if resource.get("engine") not in (None, "mysql"):
        yield missing(f"RDS engine {resource.get('engine')}")
        return
    multi = as_flag(resource.get("multiAz")) is True
    exact = find_price(f"RDS MySQL {kind} Multi-AZ", context.home) if multi else None
    single = Priced.MYSQL.price(kind, context.home)
    yield Charge(
        item=f"RDS MySQL {kind} {'Multi-AZ' if multi else 'Single-AZ'}",
        price=exact or single,
        quantity=Decimal(1),
        multiplier=Decimal(2) if multi and exact is None else Decimal(1),
        assumption="twice the single-zone price" if multi and exact is None else None,
    )
    size = as_int(resource.get("allocatedStorage")) or (
        as_int(source.get("allocatedStorage")) if source else None
    )
    if size is None:
        yield missing("an RDS instance whose storage is not known")
    else:
        item = f"RDS gp3 {'Multi-AZ' if multi else 'Single-AZ'}"
        yield context.listed(item, size, assumption="as allocated; backups within the free share")
    if as_flag(resource.get("manageMasterUserPassword")) is True:
        yield context.listed("Secrets Manager secret", 1)


def _source(context: PricingContext, resource: Resource) -> Resource | None:
    return next(iter(context.snapshot.references(resource, "replicateSourceDb")), None)


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
    valkey = (
        find_price("ElastiCache Valkey multiplier vs Redis", "any")
        if resource.get("engine") == "valkey"
        else None
    )
    yield Charge(
        item=f"ElastiCache {kind}",
        price=Priced.REDIS.price(kind, context.home),
        quantity=Decimal(nodes),
        factors=(valkey,) if valkey else (),
    )


def _bucket(context: PricingContext, _: Resource) -> Iterator[Charge]:
    share = context.share(context.usage.objects_gb, *_BUCKETS)
    note = f"{context.usage.objects_gb} GB in all buckets, all in the standard class"
    yield context.listed("S3 Standard first 50TB", share, assumption=note)


def _images(context: PricingContext, _: Resource) -> Iterator[Charge]:
    share = context.share(context.usage.images_gb, _REPOSITORY)
    yield context.listed("ECR storage", share, assumption=f"{context.usage.images_gb} GB in all repositories")


def _key(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("KMS customer key", 1, assumption="requests within the free share")


def _logs(context: PricingContext, _: Resource) -> Iterator[Charge]:
    share = context.share(context.usage.logs_gb, _LOG_GROUP)
    note = f"{context.usage.logs_gb} GB a month in all log groups"
    yield context.listed("CloudWatch Logs ingest", share, assumption=note)
    yield context.listed("CloudWatch Logs storage", share, assumption=f"{note}; one month kept")


def _alarm(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("CloudWatch alarm", 1)


def _zone(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Route 53 hosted zone", 1)


def _secret(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Secrets Manager secret", 1)


def _volume(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    size = as_int(resource.get("size"))
    yield (
        missing("a volume whose size is not known")
        if size is None
        else context.listed("EBS gp3 storage", size)
    )


def _load_balancer(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = "NLB" if resource.get("loadBalancerType") == "network" else "ALB"
    units = context.usage.load_balancer_units
    yield context.listed(kind, 1)
    yield context.listed(f"{kind} LCU", units, assumption=f"{units} capacity unit on average")


PRICERS: dict[str, Pricer] = {
    "aws:alb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:cloudwatch/logGroup:LogGroup": _logs,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ebs/volume:Volume": _volume,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/internetGateway:InternetGateway": _internet,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/cluster:Cluster": _eks,
    "aws:elasticache/replicationGroup:ReplicationGroup": _redis,
    "aws:kms/key:Key": _key,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:rds/instance:Instance": _mysql,
    "aws:route53/zone:Zone": _zone,
    "aws:secretsmanager/secret:Secret": _secret,
    EKS_POOL: _nodes,
    _NAT: _nat,
    _REPOSITORY: _images,
    **dict.fromkeys(_BUCKETS, _bucket),
}
"""By type; every other AWS type is free for a reason given in ``insight.pricing.free``, or unpriced."""
