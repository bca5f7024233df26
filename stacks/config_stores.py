"""The sections of the data stores: ``smp:mysql``, ``smp:redis``, ``smp:mongodb``."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator

from catalog import store_limits
from catalog.databases import pod_mongodb_version
from catalog.deploy_secrets import DeploySecret
from catalog.quantities import Storage
from stacks.config_section import Section, present
from stacks.config_types import (
    Count,
    Gibibytes,
    MongodbTier,
    MysqlType,
    RedisType,
    in_production,
    on_aws,
    problem,
    reading_of,
    refuse,
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
    """Engine version: an exact release on RDS, 8.4 on ApsaraDB."""
    instance_type: MysqlType
    """Instance class."""
    availability: MysqlAvailability
    """multi-zone keeps a standby in another zone."""
    read_replicas: Count
    """How many read replicas; RDS only."""
    storage_gib: Gibibytes
    """Allocated to begin with."""
    storage_limit_gib: Gibibytes
    """Storage autoscaling stops here."""
    backup_days: Count
    """Days of point-in-time recovery: 1 to 35 on RDS, 7 to 730 on ApsaraDB."""

    @field_validator("version")
    @classmethod
    def _offered(cls, version: str, info: ValidationInfo) -> str:
        rule = store_limits.rds_mysql_version if on_aws(info) else store_limits.apsara_mysql_version
        refuse(rule(version))
        return version

    @field_validator("instance_type")
    @classmethod
    def _of_the_edition(cls, instance_type: str, info: ValidationInfo) -> str:
        refuse(None if on_aws(info) else store_limits.apsara_mysql_class(instance_type))
        return instance_type

    @field_validator("availability")
    @classmethod
    def _survives_a_zone(cls, availability: MysqlAvailability, info: ValidationInfo) -> MysqlAvailability:
        if availability is MysqlAvailability.SINGLE_ZONE and in_production(info):
            refuse(store_limits.SINGLE_ZONE_IN_PRODUCTION)
        return availability

    @field_validator("read_replicas")
    @classmethod
    def _have_a_place(cls, replicas: int, info: ValidationInfo) -> int:
        if replicas:
            refuse(_replica_problem(replicas, info))
        return replicas

    @field_validator("storage_gib")
    @classmethod
    def _large_enough(cls, storage: Storage, info: ValidationInfo) -> Storage:
        rule = store_limits.rds_storage if on_aws(info) else store_limits.apsara_mysql_storage
        refuse(rule(storage))
        return storage

    @field_validator("storage_limit_gib")
    @classmethod
    def _above_the_storage(cls, limit: Storage, info: ValidationInfo) -> Storage:
        storage = info.data.get("storage_gib")
        if isinstance(storage, Storage):
            rule = store_limits.rds_storage_limit if on_aws(info) else store_limits.apsara_mysql_storage_limit
            refuse(rule(limit, storage))
        return limit

    @field_validator("backup_days")
    @classmethod
    def _kept_long_enough(cls, days: int, info: ValidationInfo) -> int:
        rule = store_limits.rds_backup_days if on_aws(info) else store_limits.apsara_backup_days
        refuse(rule(days))
        return days


def _replica_problem(replicas: int, info: ValidationInfo) -> str | None:
    """Say what keeps a MySQL from having so many read replicas; each stands in another zone than the one before."""
    if not on_aws(info):
        return f"{replicas} is not on offer in the two-node edition, whose standby serves no reads; write 0"
    if stack_of(info) not in DeploySecret.MYSQL_PASSWORD.value.stacks:
        return (
            f"{replicas} is not possible where RDS keeps the password itself, as it does in"
            f" {stack_of(info).facts.name} (docs/decisions/0008-secrets-in-configuration.md); write 0"
        )
    if replicas > store_limits.MOST_REPLICAS_PER_PRIMARY:
        return f"{replicas} are too many; RDS takes {store_limits.MOST_REPLICAS_PER_PRIMARY}"
    zones = reading_of(info).zone_count
    if zones is None:
        return None
    alone = info.data.get("availability") is MysqlAvailability.SINGLE_ZONE
    room = zones - 1 if alone else zones
    if replicas > room and (alone or in_production(info)):
        besides = " besides the primary's" if alone else ""
        return f"{replicas} do not fit {zones} zones, one in each{besides}; write {room} or name more zones"
    return None


class Placement(StrEnum):
    """Where a store runs."""

    MANAGED = "managed"
    """By the cloud (or Atlas)."""
    IN_CLUSTER = "in-cluster"
    """One pod with a volume: dev only."""


def _placed(placement: Placement, info: ValidationInfo) -> Placement:
    if placement is Placement.IN_CLUSTER and in_production(info):
        raise problem("in-cluster is one pod and no standby; production takes `managed`")
    if placement is Placement.IN_CLUSTER and not on_aws(info):
        raise problem("in-cluster is for dev; write `managed`")
    return placement


def _only_when(wanted: Placement, value: object, info: ValidationInfo, *, example: str) -> None:
    """Refuse a key that is missing where its placement needs it, or that nothing would read."""
    placement = info.data.get("placement")
    if placement is wanted and value is None:
        msg = f"is missing; `placement: {wanted}` needs it, such as {example}"
        raise problem(msg)
    if isinstance(placement, Placement) and placement is not wanted and value is not None:
        msg = f"is read with `placement: {wanted}` only; remove it"
        raise problem(msg)


class RedisConfig(Section):
    """The cache (M§2)."""

    placement: Placement
    """managed, or in-cluster (dev)."""
    node_type: RedisType | None = None
    """ElastiCache node type, or Tair shard class; only when managed."""
    shards: Count | None = None
    """Shards of the cluster; only when managed."""
    replicas_per_shard: Count | None = None
    """Replicas beside each shard's primary; only when managed."""
    storage_gib: Gibibytes | None = None
    """Volume; only in the cluster."""

    @property
    def managed_node_type(self) -> str:
        """The node type of a managed Redis."""
        return present(self.node_type, "redis.nodeType")

    @property
    def managed_shards(self) -> int:
        """The shards of a managed Redis."""
        return present(self.shards, "redis.shards")

    @property
    def managed_replicas(self) -> int:
        """The replicas of each shard of a managed Redis."""
        return present(self.replicas_per_shard, "redis.replicasPerShard")

    @property
    def volume(self) -> Storage:
        """The volume of an in-cluster Redis."""
        return present(self.storage_gib, "redis.storageGib")

    @field_validator("placement")
    @classmethod
    def _placed(cls, placement: Placement, info: ValidationInfo) -> Placement:
        return _placed(placement, info)

    @field_validator("node_type")
    @classmethod
    def _node(cls, node_type: str | None, info: ValidationInfo) -> str | None:
        _only_when(Placement.MANAGED, node_type, info, example="cache.t4g.medium")
        if node_type is not None and not on_aws(info):
            refuse(store_limits.tair_class(node_type))
        return node_type

    @field_validator("shards")
    @classmethod
    def _enough_shards(cls, shards: int | None, info: ValidationInfo) -> int | None:
        _only_when(Placement.MANAGED, shards, info, example="3")
        if shards is not None:
            rule = store_limits.elasticache_shards if on_aws(info) else store_limits.tair_shards
            refuse(rule(shards))
            if shards < 3 and in_production(info):
                msg = f"{shards} are too few; production has six nodes (M§2): 3 shards with 1 replica each at least"
                raise problem(msg)
        return shards

    @field_validator("replicas_per_shard")
    @classmethod
    def _enough_replicas(cls, replicas: int | None, info: ValidationInfo) -> int | None:
        _only_when(Placement.MANAGED, replicas, info, example="1")
        if replicas is None:
            return replicas
        if not on_aws(info):
            if replicas != 1:
                msg = f"{replicas} is not on offer; a shard of Tair is a primary with 1 replica, so write 1"
                raise problem(msg)
            return replicas
        shards = info.data.get("shards")
        refuse(
            store_limits.elasticache_replicas(replicas, shards if isinstance(shards, int) else 1),
            store_limits.production_replicas(replicas) if in_production(info) else None,
        )
        return replicas

    @field_validator("storage_gib")
    @classmethod
    def _disk(cls, storage: Storage | None, info: ValidationInfo) -> Storage | None:
        _only_when(Placement.IN_CLUSTER, storage, info, example="8")
        return storage


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
    backup_days: Count | None = None
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

    @field_validator("placement")
    @classmethod
    def _placed(cls, placement: Placement, info: ValidationInfo) -> Placement:
        return _placed(placement, info)

    @field_validator("version")
    @classmethod
    def _offered(cls, version: str, info: ValidationInfo) -> str:
        placement = info.data.get("placement")
        if placement is Placement.IN_CLUSTER:
            refuse(pod_mongodb_version(version))
        elif placement is Placement.MANAGED:
            rule = store_limits.atlas_version if on_aws(info) else store_limits.apsara_mongodb_version
            refuse(rule(version))
        return version

    @field_validator("tier")
    @classmethod
    def _large_enough(cls, tier: str | None, info: ValidationInfo) -> str | None:
        _only_when(Placement.MANAGED, tier, info, example="M30")
        if tier is not None and on_aws(info):
            refuse(store_limits.atlas_tier(tier, is_production=in_production(info)))
        elif tier is not None:
            refuse(store_limits.apsara_mongodb_class(tier))
        return tier

    @field_validator("organization")
    @classmethod
    def _an_organization(cls, organization: str | None, info: ValidationInfo) -> str | None:
        _only_with_atlas(organization, info, example="the 24 hexadecimal digits of your Atlas organisation")
        refuse(store_limits.atlas_organization(organization) if organization is not None else None)
        return organization

    @field_validator("storage_gib")
    @classmethod
    def _disk(cls, storage: Storage | None, info: ValidationInfo) -> Storage | None:
        if on_aws(info):
            _only_when(Placement.IN_CLUSTER, storage, info, example="10")
        else:
            _only_when(Placement.MANAGED, storage, info, example="40")
            refuse(store_limits.apsara_mongodb_storage(storage) if storage is not None else None)
        return storage

    @field_validator("backup_days")
    @classmethod
    def _kept_long_enough(cls, days: int | None, info: ValidationInfo) -> int | None:
        _only_with_atlas(days, info, example="35")
        refuse(store_limits.atlas_backup_days(days) if days is not None else None)
        return days


def _only_with_atlas(value: object, info: ValidationInfo, *, example: str) -> None:
    if on_aws(info):
        _only_when(Placement.MANAGED, value, info, example=example)
    elif value is not None:
        raise problem("is read by Atlas only, which Beijing has not; remove it")
