"""Redis on Tair (Redis OSS-compatible), cloud-native cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from catalog import store_limits
from catalog.addresses import Cidr
from catalog.data_classes import DataClass
from components.alicloud.billing import SUBSCRIPTION_MONTHS, Billing
from components.alicloud.placement import EVERY_DAY, placement_problems
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.outputs import DataStoreOutputs

PORT = 6379

PARAMETERS: Mapping[str, str] = {
    "EvictionPolicy": "volatile-lru",
    "appendonly": "yes",
    "lazyfree-lazy-eviction": "yes",
    "notify-keyspace-events": "",
    "timeout": "0",
}
"""Keys without an expiry are never evicted: they are locks and queues, not cache."""


@dataclass(frozen=True, kw_only=True)
class RedisArgs(Args):
    """What the cache needs to know.

    ``shard_class`` is the class of one shard, such as ``redis.shard.small.2.ce`` (1 GB, a master and its replica).
    """

    engine_version: str
    shard_class: str
    shards: int
    """Each a master in the primary and a replica in the secondary zone: 3 shards are 6 nodes."""
    data_subnets: Mapping[str, pulumi.Output[str]]
    primary_zone: str
    secondary_zone: str
    allowed_ranges: tuple[Cidr, ...]
    password: pulumi.Output[str]
    """A secret: 8 to 32 characters of at least three kinds."""
    credentials: str
    """Where the password is kept; published."""
    billing: Billing

    def problems(self) -> Iterator[str]:
        """Check version, class, shards and placement."""
        if self.engine_version != "7.0":
            yield f"engine_version {self.engine_version} must be 7.0, the newest offered"
        yield from about("shard_class", store_limits.tair_class(self.shard_class))
        yield from about("shards", store_limits.tair_shards(self.shards))
        yield from placement_problems(
            {"primary_zone": self.primary_zone, "secondary_zone": self.secondary_zone},
            self.data_subnets,
            self.allowed_ranges,
        )


class Redis(Component[DataStoreOutputs]):
    """A cluster of shards, each with a replica in another zone (M§2). TLS and a password, no public address.

    Not encrypted at rest with a key of ours: TDE exists for Tair's Enterprise edition only, at several times the
    price. What must not be found on a disk does not belong into Redis.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Redis"

    def __init__(
        self,
        name: str,
        args: RedisArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        instance = self._create_instance()
        self.publish(
            DataStoreOutputs(
                engine="redis",
                version=args.engine_version,
                placement="managed",
                data_class=self._data_class,
                host=instance.connection_domain,
                port=PORT,
                reader_hosts={},
                credentials=pulumi.Output.from_input(args.credentials),
            )
        )

    @property
    def _data_class(self) -> DataClass:
        return DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO

    def _create_instance(self) -> alicloud.kvstore.Instance:
        args = self._args
        name = self.scope.name("redis", NameLimit.ALICLOUD)
        is_subscription = args.billing is Billing.SUBSCRIPTION
        return alicloud.kvstore.Instance(
            name,
            db_instance_name=name,
            instance_type="Redis",
            engine_version=args.engine_version,
            instance_class=args.shard_class,
            node_type="MASTER_SLAVE",
            shard_count=args.shards,
            payment_type=args.billing.charge_type,
            period=str(SUBSCRIPTION_MONTHS) if is_subscription else None,
            auto_renew=True if is_subscription else None,
            auto_renew_period=SUBSCRIPTION_MONTHS if is_subscription else None,
            instance_release_protection=None if is_subscription else self.scope.is_production,
            zone_id=args.primary_zone,
            secondary_zone_id=args.secondary_zone,
            vswitch_id=args.data_subnets[args.primary_zone],
            security_ips=[str(cidr) for cidr in args.allowed_ranges],
            vpc_auth_mode="Open",
            password=pulumi.Output.secret(args.password),
            ssl_enable="Enable",
            config=dict(PARAMETERS),
            backup_periods=list(EVERY_DAY),
            backup_time="20:00Z-21:00Z",
            maintain_start_time="18:00Z",
            maintain_end_time="20:00Z",
            tags=self.scope.tags(name, self._data_class),
            opts=self.stateful_child(),
        )
