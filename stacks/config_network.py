"""The sections ``smp:network`` and ``smp:kubernetes``."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from catalog.addresses import KUBERNETES_SERVICES, LARGEST_NETWORK, SMALLEST_NETWORK, Cidr
from catalog.environments import Environment
from catalog.node_pools import Capacity, PoolPurpose
from catalog.places import Cloud
from catalog.stack_facts import Stack
from stacks.config_section import Section
from stacks.config_types import (
    CidrText,
    Count,
    Gibibytes,
    KubernetesVersion,
    NodeType,
    Zone,
    problem,
    stack_of,
)


class NatStrategy(StrEnum):
    """How private subnets reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per-zone"


class NetworkConfig(Section):
    """The private network."""

    cidr: CidrText
    """Its range, inside the block reserved for the stack (catalog/stack_facts.py)."""
    zones: tuple[Zone, ...]
    """Availability zones; three at least in production (M§14.6), four at most."""
    nat_gateways: NatStrategy
    """none (dev), single (staging), per-zone (prod)."""
    interface_endpoints: tuple[str, ...] = ()
    """AWS services to reach without NAT, such as ecr.api; each pays from about 580 GB a month on."""

    @field_validator("cidr")
    @classmethod
    def _fits_the_address_plan(cls, cidr: Cidr, info: ValidationInfo) -> Cidr:
        stack = stack_of(info)
        if cidr.prefix_length > SMALLEST_NETWORK:
            msg = f"{cidr} is too small for subnets in every zone; write a /{LARGEST_NETWORK} to /{SMALLEST_NETWORK}"
            raise problem(msg)
        for other in Stack:
            block = Cidr.parse(other.facts.address_block)
            if other is not stack and cidr.overlaps(block):
                msg = f"{cidr} overlaps {block}, reserved for {other.facts.name}; {_room(stack)}"
                raise problem(msg)
        if cidr.overlaps(KUBERNETES_SERVICES):
            msg = f"{cidr} overlaps the Kubernetes service addresses {KUBERNETES_SERVICES}; {_room(stack)}"
            raise problem(msg)
        if not Cidr.parse(stack.facts.address_block).contains(cidr):
            msg = f"{cidr} is outside the block of this stack; {_room(stack)}"
            raise problem(msg)
        return cidr

    @field_validator("nat_gateways")
    @classmethod
    def _survives_a_zone(cls, strategy: NatStrategy, info: ValidationInfo) -> NatStrategy:
        facts = stack_of(info).facts
        on_aws = facts.cluster.cloud is Cloud.AWS
        if facts.environment is Environment.PROD and on_aws and strategy is not NatStrategy.PER_ZONE:
            msg = f"{strategy} does not outlive the loss of a zone; production on AWS takes per-zone (M§14.6)"
            raise problem(msg)
        return strategy

    @field_validator("zones")
    @classmethod
    def _enough_zones(cls, zones: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(set(zones)) != len(zones):
            raise problem("a zone is named twice; name each once")
        least = 3 if stack_of(info).facts.environment is Environment.PROD else 2
        if len(zones) < least:
            msg = f"{len(zones)} zone(s) are too few; name at least {least}" + (
                ", production outlives the loss of one (M§14.6)" if least == 3 else ", EKS and RDS need two"
            )
            raise problem(msg)
        if len(zones) > 4:
            msg = f"{len(zones)} zones do not fit the address plan; name at most 4"
            raise problem(msg)
        return zones


def _room(stack: Stack) -> str:
    return f"write a range inside {stack.facts.address_block}"


class NodePoolConfig(Section):
    """A pool of equal nodes."""

    instance_type: NodeType
    """Machine type, priced in the region and of known capacity."""
    minimum: Count
    """Nodes over all zones that always run."""
    maximum: Count
    """Nodes over all zones the autoscaler may reach."""
    capacity: Capacity
    """on-demand, spot (dev and staging only) or subscription (Alibaba Cloud)."""
    purpose: PoolPurpose
    """app, or data for Kafka and its like."""
    disk_gib: Gibibytes
    """Root disk of a node."""

    @model_validator(mode="after")
    def _bounds(self, info: ValidationInfo) -> NodePoolConfig:
        if not 1 <= self.minimum <= self.maximum:
            msg = f"minimum {self.minimum} and maximum {self.maximum} must keep 1 <= minimum <= maximum"
            raise problem(msg)
        facts = stack_of(info).facts
        if self.capacity is Capacity.SPOT and facts.environment is Environment.PROD:
            raise problem("spot nodes may vanish at any time; production takes on-demand or subscription")
        if self.capacity is Capacity.SUBSCRIPTION and facts.cluster.cloud is not Cloud.ALIBABA:
            raise problem("subscription exists on Alibaba Cloud only; take on-demand or spot")
        return self


class KubernetesConfig(Section):
    """The managed cluster."""

    version: KubernetesVersion
    """Minor version, in quotes."""
    public_access: tuple[CidrText, ...] = ()
    """Ranges that may reach the API server over the internet; none means a private endpoint only."""
    admins: dict[str, str] = Field(default_factory=dict, validate_default=True)
    """Who administers the cluster: a name of your choice -> IAM role ARN. In Beijing RAM decides."""
    node_pools: Annotated[dict[str, NodePoolConfig], Field(min_length=1)]
    """Pools by name."""

    @field_validator("public_access")
    @classmethod
    def _not_everybody(cls, ranges: tuple[Cidr, ...]) -> tuple[Cidr, ...]:
        for cidr in ranges:
            if cidr.prefix_length < 16:
                msg = f"{cidr} is half the internet; name the ranges of your offices or VPN, /16 or narrower"
                raise problem(msg)
        return ranges

    @field_validator("admins")
    @classmethod
    def _somebody_administers(cls, admins: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if stack_of(info).facts.cluster.cloud is Cloud.AWS and not admins:
            raise problem("nobody would administer the cluster, not even its creator; name an IAM role")
        for name, arn in admins.items():
            if not re.fullmatch(r"arn:aws:iam::\d{12}:role/\S+", arn):
                msg = (
                    f"{name}: {arn!r} is not a role; write it like arn:aws:iam::111122223333:role/smp-devops"
                )
                raise problem(msg)
        return admins

    @field_validator("node_pools")
    @classmethod
    def _somewhere_for_services(cls, pools: dict[str, NodePoolConfig]) -> dict[str, NodePoolConfig]:
        if not any(pool.purpose is PoolPurpose.APP for pool in pools.values()):
            raise problem("no pool has `purpose: app`; the services would have nowhere to run")
        return pools
