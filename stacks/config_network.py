"""The sections ``smp:network`` and ``smp:kubernetes``."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from catalog.addresses import KUBERNETES_SERVICES, LARGEST_NETWORK, SMALLEST_NETWORK, Cidr
from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.alicloud.kubernetes_limits import ack_disk
from components.aws.kubernetes_access import access_name, principal, public_range
from components.aws.kubernetes_addons import eks_disk
from components.aws.kubernetes_placement import data_nodes
from components.core.node_pools import SERVICES_NEED_A_POOL, pool_bounds, pool_capacity
from stacks.config_section import Section
from stacks.config_types import (
    CidrText,
    Count,
    Gibibytes,
    KubernetesVersion,
    NodeType,
    Zone,
    in_production,
    on_aws,
    problem,
    reading_of,
    refuse,
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
    """none (dev), single (staging, prod-global), per-zone (the regions)."""
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
        if not on_aws(info) and strategy is NatStrategy.NONE:
            raise problem(
                "none leaves nodes without images; in Beijing write single, which fails over itself"
            )
        # Nothing a user waits for goes out through the control plane's (docs/decisions/0069).
        may_be_single = stack_of(info).facts.cluster is Cluster.GLOBAL and strategy is NatStrategy.SINGLE
        if (
            in_production(info)
            and on_aws(info)
            and strategy is not NatStrategy.PER_ZONE
            and not may_be_single
        ):
            msg = f"{strategy} does not outlive the loss of a zone; production on AWS takes per-zone (M§14.6)"
            raise problem(msg)
        return strategy

    @field_validator("interface_endpoints")
    @classmethod
    def _are_services(cls, services: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if services and not on_aws(info):
            raise problem("exist on AWS only; remove the key")
        for service in services:
            if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", service) is None:
                msg = f"{service!r} is no AWS service; write it like ecr.api, without region"
                raise problem(msg)
            if services.count(service) > 1:
                msg = f"{service} is named twice; name each once"
                raise problem(msg)
        return services

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
    purpose: PoolPurpose
    """app, or data for Kafka and its like."""
    capacity: Capacity
    """on-demand, spot (dev and staging only) or subscription (Alibaba Cloud)."""
    minimum: Count
    """Nodes over all zones that always run."""
    maximum: Count
    """Nodes over all zones the autoscaler may reach."""
    disk_gib: Gibibytes
    """Root disk of a node."""

    @field_validator("capacity")
    @classmethod
    def _on_sale(cls, capacity: Capacity, info: ValidationInfo) -> Capacity:
        if capacity is Capacity.SUBSCRIPTION and on_aws(info):
            raise problem("subscription exists on Alibaba Cloud only; take on-demand or spot")
        refuse(pool_capacity(capacity, stack_of(info).facts.environment))
        return capacity

    @field_validator("minimum")
    @classmethod
    def _one_at_least(cls, minimum: int, info: ValidationInfo) -> int:
        if minimum < 1:
            raise problem("0 would leave nobody to run what must always run; write 1 or more")
        zones = reading_of(info).zone_count
        if info.data.get("purpose") is PoolPurpose.DATA and in_production(info) and zones is not None:
            refuse(data_nodes(minimum, zones))
        return minimum

    @field_validator("maximum")
    @classmethod
    def _bounds(cls, maximum: int, info: ValidationInfo) -> int:
        minimum = info.data.get("minimum")
        if isinstance(minimum, int):
            refuse(pool_bounds(minimum, maximum))
        return maximum

    @field_validator("disk_gib")
    @classmethod
    def _holds_the_system(cls, disk: Storage, info: ValidationInfo) -> Storage:
        refuse(eks_disk(disk) if on_aws(info) else ack_disk(disk))
        return disk


def _role(arn: str, info: ValidationInfo) -> str:
    if not on_aws(info):
        return arn  # the whole key is refused there
    refuse(principal(arn))
    account = reading_of(info).account
    if account is not None and arn.split(":")[4] != account:
        msg = f"{arn} is a role of another account; name one of {account}, the stack's own (smp:account)"
        raise problem(msg)
    return arn


def _access(name: str) -> str:
    refuse(access_name(name))
    return name


def _pool_name(name: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9-]{0,10}[a-z0-9]", name) is None:
        msg = f"{name!r} is no name; write 2 to 12 lower-case letters, digits and dashes"
        raise problem(msg)
    return name


class KubernetesConfig(Section):
    """The managed cluster."""

    version: KubernetesVersion
    """Minor version, in quotes."""
    public_access: tuple[CidrText, ...] = ()
    """Ranges that may reach the API server over the internet; none means a private endpoint only."""
    admins: dict[Annotated[str, AfterValidator(_access)], Annotated[str, AfterValidator(_role)]] = Field(
        default_factory=dict
    )
    """Who administers the cluster: a name of your choice -> IAM role ARN. In Beijing RAM decides."""
    node_pools: Annotated[
        dict[Annotated[str, AfterValidator(_pool_name)], NodePoolConfig], Field(min_length=1)
    ]
    """Pools by name."""

    @field_validator("public_access")
    @classmethod
    def _not_everybody(cls, ranges: tuple[Cidr, ...], info: ValidationInfo) -> tuple[Cidr, ...]:
        if ranges and not on_aws(info):
            raise problem("is of EKS only; Beijing's API server has no public endpoint, so remove the key")
        refuse(*(public_range(cidr) for cidr in ranges))
        return ranges

    @field_validator("admins")
    @classmethod
    def _somebody_administers(cls, admins: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if not on_aws(info):
            if admins:
                raise problem("is of EKS only; in Beijing RAM decides, so remove the key")
            return admins
        if not admins:
            raise problem("nobody would administer the cluster, not even its creator; name an IAM role")
        for name, arn in admins.items():
            first = next(other for other, theirs in admins.items() if theirs == arn)
            if first != name:
                msg = f"{name} and {first} are the same role; a role has one entry, so remove one"
                raise problem(msg)
        return admins

    @field_validator("node_pools")
    @classmethod
    def _somewhere_for_services(cls, pools: dict[str, NodePoolConfig]) -> dict[str, NodePoolConfig]:
        if not any(pool.purpose is PoolPurpose.APP for pool in pools.values()):
            raise problem(SERVICES_NEED_A_POOL)
        return pools
