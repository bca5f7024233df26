"""Everything that differs per stack, and nothing else. What a stack *is* stands in ``catalog/stack_facts.py``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from catalog.addresses import KUBERNETES_SERVICES, LARGEST_NETWORK, SMALLEST_NETWORK, Cidr
from catalog.clusters import cluster_of
from catalog.environments import Environment
from catalog.node_pools import Capacity, PoolPurpose
from catalog.places import Cloud, Country, Region
from catalog.stack_facts import Stack
from stacks.config_types import (
    CidrText,
    Count,
    Gibibytes,
    KubernetesVersion,
    MongodbTier,
    MonthlyUsd,
    MysqlType,
    NodeType,
    RedisType,
    Zone,
    problem,
    stack_of,
)


class Section(BaseModel):
    """Base of all sections: frozen, unknown keys refused, camel case in the file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, use_attribute_docstrings=True
    )


class Layer(StrEnum):
    """How far a stack is built. Each layer stands on the ones before it."""

    CLOUD = "cloud"
    """Network, keys, cluster, managed data stores, buckets, registry, budget."""
    PLATFORM = "platform"
    """What runs in the cluster before any service: namespaces, storage classes, in-cluster data stores."""
    SERVICES = "services"
    """The ten services' identities."""


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
    admins: dict[str, str] = Field(default_factory=dict)
    """Who administers the cluster: a name of your choice -> IAM or RAM role ARN."""
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

    @field_validator("node_pools")
    @classmethod
    def _somewhere_for_services(cls, pools: dict[str, NodePoolConfig]) -> dict[str, NodePoolConfig]:
        if not any(pool.purpose is PoolPurpose.APP for pool in pools.values()):
            raise problem("no pool has `purpose: app`; the services would have nowhere to run")
        return pools


class Billing(StrEnum):
    """How Alibaba Cloud's databases are paid; node pools say it themselves."""

    PAY_AS_YOU_GO = "pay-as-you-go"
    SUBSCRIPTION = "subscription"
    """By the month in advance: about a third cheaper, and the only way under the budget of M§14.2."""


class MysqlAvailability(StrEnum):
    """How the primary survives."""

    SINGLE_ZONE = "single-zone"
    MULTI_ZONE = "multi-zone"


class MysqlConfig(Section):
    """The transactional database (M§2)."""

    version: str = Field(examples=["8.4.7"])
    """Engine version."""
    instance_type: MysqlType
    """Instance class."""
    availability: MysqlAvailability
    """multi-zone keeps a standby in another zone."""
    read_replicas: Count
    """How many read replicas."""
    storage_gib: Gibibytes
    """Allocated to begin with."""
    storage_limit_gib: Gibibytes
    """Storage autoscaling stops here."""
    backup_days: Annotated[Count, AfterValidator(lambda days: _within(days, 1, 35))]
    """Days of point-in-time recovery; 0 would turn the binary log off, and change data capture with it."""


class Placement(StrEnum):
    """Where a store runs."""

    MANAGED = "managed"
    """By the cloud (or Atlas)."""
    IN_CLUSTER = "in-cluster"
    """One pod with a volume: dev only."""


class RedisConfig(Section):
    """The cache (M§2)."""

    placement: Placement
    """managed, or in-cluster (dev)."""
    node_type: RedisType | None = None
    """ElastiCache node type, or Tair shard class; only when managed."""
    shards: Count = 1
    """Shards of the cluster; only when managed."""
    replicas_per_shard: Count = 0
    """Replicas beside each shard's primary; only when managed."""
    storage_gib: Gibibytes | None = None
    """Volume; only in the cluster."""

    @model_validator(mode="after")
    def _fits_its_placement(self, info: ValidationInfo) -> RedisConfig:
        _refuse_in_cluster_in_production(self.placement, info)
        if self.placement is Placement.MANAGED and self.node_type is None:
            raise problem("a managed Redis needs nodeType, such as cache.t4g.medium")
        if self.placement is Placement.IN_CLUSTER and self.storage_gib is None:
            raise problem("an in-cluster Redis needs storageGib, such as 8")
        return self


class MongodbConfig(Section):
    """The document store (M§2)."""

    placement: Placement
    """managed (Atlas, ApsaraDB in China), or in-cluster (dev)."""
    version: str = Field(examples=["8.0"])
    """Major version."""
    tier: MongodbTier | None = None
    """Atlas tier or ApsaraDB class; only when managed."""
    organization: str | None = None
    """Atlas organisation id; only with Atlas."""
    storage_gib: Gibibytes | None = None
    """Disk: the volume in the cluster, or the disk of each ApsaraDB node."""

    @model_validator(mode="after")
    def _fits_its_placement(self, info: ValidationInfo) -> MongodbConfig:
        _refuse_in_cluster_in_production(self.placement, info)
        if self.placement is Placement.IN_CLUSTER:
            if self.storage_gib is None:
                raise problem("an in-cluster MongoDB needs storageGib, such as 10")
            return self
        if self.tier is None:
            raise problem("a managed MongoDB needs tier, such as M30")
        if stack_of(info).facts.cluster.cloud is Cloud.AWS and self.organization is None:
            raise problem("Atlas needs organization, the 24-digit hexadecimal id of the Atlas organisation")
        return self


def _refuse_in_cluster_in_production(placement: Placement, info: ValidationInfo) -> None:
    if placement is Placement.IN_CLUSTER and stack_of(info).facts.environment is Environment.PROD:
        raise problem("an in-cluster store has one pod and no standby; production takes `placement: managed`")


class CloudflareConfig(Section):
    """Cloudflare, for what is not personal."""

    account: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0123456789abcdef0123456789abcdef"])]
    """Account id: 32 hexadecimal digits."""


class ObjectsConfig(Section):
    """Buckets."""

    audit_retention_days: Annotated[Count, AfterValidator(lambda days: _within(days, 1, 3650))]
    """How long nobody, not even the account's root, may delete an audit object (Object Lock, WORM)."""
    log_retention_days: Annotated[Count, AfterValidator(lambda days: _within(days, 1, 3650))]
    """When cold logs expire."""


class ArchiveConfig(Section):
    """The global audit archive (M§14.3)."""

    retention_days: Annotated[Count, AfterValidator(lambda days: _within(days, 365, 3650))]
    """How long nobody may delete an archived batch."""
    writers: dict[str, str]
    """Which account may write below a cluster's prefix: cluster id -> AWS account id."""


class BudgetConfig(Section):
    """What the stack may cost, and who hears of it (M§13)."""

    monthly_usd: MonthlyUsd
    """US dollars a month."""
    subscribers: Annotated[tuple[str, ...], Field(min_length=1)]
    """E-mail addresses told at 100 % (forecast) and alarmed at 110 % (actual)."""


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        msg = f"{value} is out of bounds; write {least} to {most}"
        raise problem(msg)
    return value


def _own_country(country: Country, info: ValidationInfo) -> Country:
    cluster = stack_of(info).facts.cluster
    if cluster_of(country) is not cluster:
        own = ", ".join(cluster.value.countries) or "none at all"
        msg = f"{country} belongs to {cluster_of(country).id}, not to {cluster.id}; its countries are {own}"
        raise problem(msg)
    return country


ServedCountry = Annotated[Country, AfterValidator(_own_country)]
"""A country of the stack's own cluster (M§14.1)."""


class StackConfig(Section):
    """The whole configuration of a stack, as ``smp:`` keys of ``Pulumi.<stack>.yaml``."""

    account: Annotated[str, Field(pattern=r"^\d{12}(\d{4})?$", examples=["111122223333"])]
    """Cloud account the stack deploys into and no other: 12 digits on AWS, 16 on Alibaba Cloud; in quotes."""
    region: Region
    """The cluster's home; any other is refused."""
    countries: tuple[ServedCountry, ...]
    """Whose personal data the cluster holds; empty for the control plane."""
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)] = (Layer.CLOUD, Layer.PLATFORM, Layer.SERVICES)
    """How far the stack is built; a layer brings the ones it stands on."""
    budget: BudgetConfig
    network: NetworkConfig
    kubernetes: KubernetesConfig
    objects: ObjectsConfig | None = None
    mysql: MysqlConfig | None = None
    redis: RedisConfig | None = None
    mongodb: MongodbConfig | None = None
    cloudflare: CloudflareConfig | None = None
    archive: ArchiveConfig | None = None
    billing: Billing | None = None
    """How the databases of the Beijing cluster are paid."""
    image_mirror: str | None = None
    """Registry prefix every third-party image is pulled through; required where public registries are out of reach."""

    @field_validator("region")
    @classmethod
    def _is_home(cls, region: Region, info: ValidationInfo) -> Region:
        cluster = stack_of(info).facts.cluster
        if region is not cluster.home:
            msg = f"{region} is not the home of {cluster.id}; write {cluster.home}"
            raise problem(msg)
        return region

    @field_validator("countries")
    @classmethod
    def _serves_somebody(cls, countries: tuple[Country, ...], info: ValidationInfo) -> tuple[Country, ...]:
        cluster = stack_of(info).facts.cluster
        if cluster.holds_personal_data and not countries:
            msg = f"the cluster serves nobody; name at least one of {', '.join(cluster.value.countries)}"
            raise problem(msg)
        return countries

    def builds(self, layer: Layer) -> bool:
        """Whether a layer is built: named itself, or stood on by one that is named."""
        order = list(Layer)
        return any(order.index(named) >= order.index(layer) for named in self.layers)
