"""Prices of AWS networks: gateways, addresses, endpoints, load balancers, traffic, names."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.usage import UsageKey
from insight.pricing.charges import Charge, Pricer, PricingContext, missing
from insight.snapshot import Resource
from policies.values import as_list

_FREE_EGRESS_GB = 100
_DIRECTIONS = 2
_NAT = "aws:ec2/natGateway:NatGateway"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_NETWORK = "aws:ec2/vpc:Vpc"
_GATEWAY = "aws:ec2/internetGateway:InternetGateway"


def _nat(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed("NAT gateway", 1)
    yield context.assumed("NAT gateway data", UsageKey.NAT, resource, _NAT)


def _internet(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    item = "Data transfer out to Internet first 10TB (100 GB/mo free)"
    yield context.assumed(item, UsageKey.EGRESS, resource, _GATEWAY, free=_FREE_EGRESS_GB)


def _network(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    yield context.listed(
        "Inter-AZ transfer each direction",
        context.usage.of(UsageKey.CROSS_ZONE) * _DIRECTIONS,
        usage=UsageKey.CROSS_ZONE,
        note="charged in both directions",
        part=context.part(resource, _NETWORK),
    )


def _address(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Public IPv4 in use", 1)


def _endpoint(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    if resource.get("vpcEndpointType") != "Interface":
        return
    subnets = len(as_list(resource.get("subnetIds"))) or len(
        context.snapshot.references(resource, "subnetIds")
    )
    if not subnets:
        yield missing("an interface endpoint whose subnets are not known")
        return
    yield context.listed("VPC interface endpoint", subnets, note="one for each zone")
    interfaces = tuple(
        item for item in context.snapshot.of_type(_ENDPOINT) if item.get("vpcEndpointType") == "Interface"
    )
    yield context.listed(
        "VPC interface endpoint data",
        context.usage.of(UsageKey.ENDPOINT),
        usage=UsageKey.ENDPOINT,
        part=context.part_among(resource, interfaces),
    )


def _load_balancer(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    kind = "NLB" if resource.get("loadBalancerType") == "network" else "ALB"
    yield context.listed(kind, 1)
    yield context.listed(
        f"{kind} LCU", context.usage.of(UsageKey.LOAD_BALANCER), usage=UsageKey.LOAD_BALANCER
    )


def _zone(context: PricingContext, _: Resource) -> Iterator[Charge]:
    yield context.listed("Route 53 hosted zone", 1)


PRICERS: dict[str, Pricer] = {
    "aws:alb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:ec2/eip:Eip": _address,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:route53/zone:Zone": _zone,
    _ENDPOINT: _endpoint,
    _GATEWAY: _internet,
    _NAT: _nat,
    _NETWORK: _network,
}
"""By type."""
