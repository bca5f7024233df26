"""The sections of the data stores: ``smp:mysql``, ``smp:redis``, ``smp:mongodb``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    model_validator,
)

from catalog.environments import Environment
from catalog.places import Cloud
from catalog.quantities import Storage
from stacks.config_section import Section, present, within
from stacks.config_types import (
    Count,
    Gibibytes,
    MongodbTier,
    MysqlType,
    RedisType,
    problem,
    stack_of,
)


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
    backup_days: Annotated[Count, AfterValidator(lambda days: within(days, 1, 35))]
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

    @property
    def managed_node_type(self) -> str:
        """The node type of a managed Redis."""
        return present(self.node_type, "redis.nodeType")

    @property
    def volume(self) -> Storage:
        """The volume of an in-cluster Redis."""
        return present(self.storage_gib, "redis.storageGib")

    @model_validator(mode="after")
    def _fits_its_placement(self, info: ValidationInfo) -> RedisConfig:
        _refuse_in_cluster_in_production(self.placement, info)
        if self.placement is Placement.MANAGED and self.node_type is None:
            raise problem("a managed Redis needs nodeType, such as cache.t4g.medium")
        production = stack_of(info).facts.environment is Environment.PROD
        if production and (self.shards < 3 or self.replicas_per_shard < 1):
            raise problem("production has six nodes (M§2): 3 shards with 1 replica each at least")
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
    backup_days: Annotated[Count, AfterValidator(lambda days: within(days, 1, 35))] | None = None
    """Days of backups; only with Atlas."""

    @property
    def managed_tier(self) -> str:
        """The tier of a managed MongoDB."""
        return present(self.tier, "mongodb.tier")

    @property
    def atlas_organization(self) -> str:
        """The Atlas organisation."""
        return present(self.organization, "mongodb.organization")

    @property
    def atlas_backup_days(self) -> int:
        """How long Atlas keeps backups, in days."""
        return present(self.backup_days, "mongodb.backupDays")

    @property
    def disk(self) -> Storage:
        """The volume in the cluster, or each ApsaraDB node's disk."""
        return present(self.storage_gib, "mongodb.storageGib")

    @model_validator(mode="after")
    def _fits_its_placement(self, info: ValidationInfo) -> MongodbConfig:
        _refuse_in_cluster_in_production(self.placement, info)
        if self.placement is Placement.IN_CLUSTER:
            if self.storage_gib is None:
                raise problem("an in-cluster MongoDB needs storageGib, such as 10")
            return self
        if self.tier is None:
            raise problem("a managed MongoDB needs tier, such as M30")
        on_aws = stack_of(info).facts.cluster.cloud is Cloud.AWS
        if not on_aws and self.storage_gib is None:
            raise problem("ApsaraDB for MongoDB needs storageGib, such as 40")
        if on_aws and self.organization is None:
            raise problem("Atlas needs organization, the 24-digit hexadecimal id of the Atlas organisation")
        if on_aws and self.backup_days is None:
            raise problem("Atlas needs backupDays, such as 35")
        return self


def _refuse_in_cluster_in_production(placement: Placement, info: ValidationInfo) -> None:
    if placement is Placement.IN_CLUSTER and stack_of(info).facts.environment is Environment.PROD:
        raise problem("an in-cluster store has one pod and no standby; production takes `placement: managed`")
