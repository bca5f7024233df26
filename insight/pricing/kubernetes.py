"""Prices of what Kubernetes asks the cloud for: disks of volume claims, and load balancers of services."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.places import Cloud
from catalog.usage import UsageKey
from insight.kubernetes_quantities import gibibytes
from insight.pricing.charges import Charge, Pricer, PricingContext, missing
from insight.snapshot import Resource
from policies.values import Value, as_int, as_list, dig

_DISKS = {Cloud.AWS: "EBS gp3 storage", Cloud.ALIBABA: "ESSD PL0 PAYG"}
_LOAD_BALANCERS = {Cloud.AWS: ("NLB", "NLB LCU"), Cloud.ALIBABA: ("CLB slb.s1.small (ACK API server)", None)}

_SUBNET = "aws:ec2/subnet:Subnet"


def _disk(context: PricingContext, size: Value, count: int, of: str) -> Charge:
    amount = gibibytes(size)
    if amount is None:
        return missing(f"a volume of {of} whose size is not known")
    note = f"disk of {of}" if count == 1 else f"{count} disks of {of}"
    return context.listed(_DISKS[context.facts.cluster.cloud], amount * count, note=note)


def _claim(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield _disk(context, resource.get("spec", "resources", "requests", "storage"), 1, "a volume claim")


def _claims(context: PricingContext, templates: Value, replicas: Value, of: str) -> Iterator[Charge]:
    count = as_int(replicas)
    for template in as_list(templates):
        size = dig(template, "spec", "resources", "requests", "storage")
        yield _disk(context, size, 1 if count is None else count, of)


def _stateful_set(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    spec = resource.get("spec")
    yield from _claims(context, dig(spec, "volumeClaimTemplates"), dig(spec, "replicas"), "a stateful set")


def _elasticsearch(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    for nodes in as_list(resource.get("spec", "nodeSets")):
        yield from _claims(context, dig(nodes, "volumeClaimTemplates"), dig(nodes, "count"), "Elasticsearch")


def _prometheus(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    spec = resource.get("spec")
    template = dig(spec, "storage", "volumeClaimTemplate")
    if template is not None:
        yield from _claims(context, [template], dig(spec, "replicas"), "Prometheus")


def _kafka_pool(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    spec = resource.get("spec")
    yield from _kafka_storage(context, dig(spec, "storage"), dig(spec, "replicas"))


def _kafka(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    """Storage stands in the node pools, and in the cluster itself only in its older form."""
    for part in ("kafka", "zookeeper"):
        block = resource.get("spec", part)
        yield from _kafka_storage(context, dig(block, "storage"), dig(block, "replicas"))
    for listener in as_list(resource.get("spec", "kafka", "listeners")):
        if dig(listener, "type") == "loadbalancer":
            yield from _kafka_listener(context, resource, listener)


def _kafka_listener(context: PricingContext, resource: Resource, listener: Value) -> Iterator[Charge]:
    """Price the balancers that the operator makes: one for each broker, and one that clients start from."""
    name = f"the listener {dig(listener, 'name')} of Kafka"
    first = 0 if dig(listener, "configuration", "createBootstrapService") is False else 1
    count = first + _kafka_brokers(context, resource)
    balancer, units = _LOAD_BALANCERS[context.facts.cluster.cloud]
    yield context.listed(balancer, count, note=f"load balancer of {name}")
    if units is None:
        return
    amount = context.usage.of(UsageKey.LOAD_BALANCER)
    yield context.listed(units, amount * count, usage=UsageKey.LOAD_BALANCER)
    # It faces the internet, since no network joins two clusters.
    zones = {str(subnet.get("availabilityZone")) for subnet in context.snapshot.of_type(_SUBNET)}
    if zones:
        yield context.listed("Public IPv4 in use", count * len(zones), note=f"{name}, one for each zone")


def _kafka_brokers(context: PricingContext, resource: Resource) -> int:
    """Count the brokers of a cluster: in its pools, and in the cluster itself only in its older form."""
    name = resource.get("metadata", "name")
    counts = [as_int(resource.get("spec", "kafka", "replicas"))]
    counts += [
        as_int(pool.get("spec", "replicas"))
        for pool in context.snapshot.of_type(
            *(token for token in PRICERS if token.endswith(":KafkaNodePool"))
        )
        if pool.get("metadata", "labels", "strimzi.io/cluster") == name
        and "broker" in as_list(pool.get("spec", "roles"))
    ]
    return sum(count for count in counts if count is not None) or 1


def _kafka_storage(context: PricingContext, storage: Value, replicas: Value) -> Iterator[Charge]:
    if storage is None:
        return
    count = as_int(replicas)
    volumes = as_list(dig(storage, "volumes")) if dig(storage, "type") == "jbod" else [storage]
    for volume in volumes:
        if dig(volume, "type") != "ephemeral":
            yield _disk(context, dig(volume, "size"), 1 if count is None else count, "Kafka")


def _service(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    if resource.get("spec", "type") != "LoadBalancer":
        return
    balancer, units = _LOAD_BALANCERS[context.facts.cluster.cloud]
    yield context.listed(balancer, 1, note="load balancer of a service")
    if units is not None:
        amount = context.usage.of(UsageKey.LOAD_BALANCER)
        yield context.listed(units, amount, usage=UsageKey.LOAD_BALANCER)


PRICERS: dict[str, Pricer] = {
    "kubernetes:apps/v1:StatefulSet": _stateful_set,
    "kubernetes:core/v1:PersistentVolumeClaim": _claim,
    "kubernetes:core/v1:Service": _service,
    "kubernetes:elasticsearch.k8s.elastic.co/v1:Elasticsearch": _elasticsearch,
    "kubernetes:kafka.strimzi.io/v1:Kafka": _kafka,
    "kubernetes:kafka.strimzi.io/v1:KafkaNodePool": _kafka_pool,
    "kubernetes:kafka.strimzi.io/v1beta2:Kafka": _kafka,
    "kubernetes:kafka.strimzi.io/v1beta2:KafkaNodePool": _kafka_pool,
    "kubernetes:monitoring.coreos.com/v1:Alertmanager": _prometheus,
    "kubernetes:monitoring.coreos.com/v1:Prometheus": _prometheus,
}
"""By type; every other Kubernetes object runs on nodes that are priced."""
