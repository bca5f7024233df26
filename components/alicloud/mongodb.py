"""MongoDB on ApsaraDB for MongoDB, a replica set of three."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from catalog import store_limits
from catalog.addresses import Cidr
from catalog.data_classes import DataClass
from catalog.quantities import Storage
from components.alicloud.billing import SUBSCRIPTION_MONTHS, Billing
from components.alicloud.placement import EVERY_DAY, placement_problems
from components.alicloud.ram import RDS_ENCRYPTION_ROLE, account_role_arn
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.outputs import DataStoreOutputs

PORT = 3717
"""ApsaraDB's port; MongoDB's own is 27017."""


@dataclass(frozen=True, kw_only=True)
class MongodbArgs(Args):
    """What the database needs to know.

    ``instance_class`` is a dedicated class such as ``mdb.shard.4x.large.d`` (2 cores, 8 GB; ``2x`` has 4 GB):
    the general-purpose ones (``.c``) cannot encrypt their disks.
    """

    engine_version: str
    instance_class: str
    storage: Storage
    """Of each node, in steps of 10 GB."""
    network_id: pulumi.Output[str]
    data_subnets: Mapping[str, pulumi.Output[str]]
    primary_zone: str
    secondary_zone: str
    hidden_zone: str
    """Where the third member stands; it votes and takes over, but serves no reads."""
    allowed_ranges: tuple[Cidr, ...]
    key_id: pulumi.Output[str]
    administrator_password: pulumi.Output[str]
    """A secret: 8 to 32 characters of at least three kinds."""
    credentials: str
    """Where the password is kept; published."""
    billing: Billing

    def problems(self) -> Iterator[str]:
        """Check version, class, size and placement."""
        yield from about("engine_version", store_limits.apsara_mongodb_version(self.engine_version))
        yield from about("instance_class", store_limits.apsara_mongodb_class(self.instance_class))
        yield from about("storage", store_limits.apsara_mongodb_storage(self.storage))
        yield from placement_problems(
            {
                "primary_zone": self.primary_zone,
                "secondary_zone": self.secondary_zone,
                "hidden_zone": self.hidden_zone,
            },
            self.data_subnets,
            self.allowed_ranges,
        )


class Mongodb(Component[DataStoreOutputs]):
    """A three-node replica set over three zones, in place of Atlas, which Alibaba Cloud does not have.

    ``depends_on`` takes the account's service roles, without which the service cannot use the key.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Mongodb"

    def __init__(
        self,
        name: str,
        args: MongodbArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent, depends_on=depends_on)
        self._args = args
        instance = self._create_instance()
        self.publish(
            DataStoreOutputs(
                engine="mongodb",
                version=args.engine_version,
                placement="managed",
                data_class=self._data_class,
                host=self._create_seed_address(instance),
                port=PORT,
                reader_hosts={},
                credentials=pulumi.Output.from_input(args.credentials),
            )
        )

    @property
    def _data_class(self) -> DataClass:
        return DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO

    def _create_instance(self) -> alicloud.mongodb.Instance:
        args = self._args
        name = self.scope.name("mongodb", NameLimit.ALICLOUD)
        is_subscription = args.billing is Billing.SUBSCRIPTION
        return alicloud.mongodb.Instance(
            name,
            name=name,
            engine_version=args.engine_version,
            db_instance_class=args.instance_class,
            db_instance_storage=args.storage.gibibytes,
            storage_engine="WiredTiger",
            storage_type="cloud_essd1",
            replication_factor=3,
            readonly_replicas=0,
            instance_charge_type=args.billing.charge_type,
            period=SUBSCRIPTION_MONTHS if is_subscription else None,
            auto_renew=True if is_subscription else None,
            auto_renew_duration=SUBSCRIPTION_MONTHS if is_subscription else None,
            db_instance_release_protection=None if is_subscription else self.scope.is_production,
            network_type="VPC",
            vpc_id=args.network_id,
            vswitch_id=args.data_subnets[args.primary_zone],
            zone_id=args.primary_zone,
            secondary_zone_id=args.secondary_zone,
            hidden_zone_id=args.hidden_zone,
            security_ip_lists=[str(cidr) for cidr in args.allowed_ranges],
            account_password=pulumi.Output.secret(args.administrator_password),
            encrypted=True,
            cloud_disk_encryption_key=args.key_id,
            role_arn=account_role_arn(self.scope, RDS_ENCRYPTION_ROLE),
            ssl_action="Open",
            force_encryption="1",
            backup_periods=list(EVERY_DAY),
            backup_time="21:00Z-22:00Z",
            backup_retention_period=30,
            enable_backup_log=1,
            log_backup_retention_period=7,
            # Releasing the instance takes a last backup and keeps it.
            backup_retention_policy_on_cluster_deletion=1,
            maintain_start_time="18:00Z",
            maintain_end_time="19:00Z",
            tags=self.scope.tags(name, self._data_class),
            opts=self.stateful_child(),
        )

    def _create_seed_address(self, instance: alicloud.mongodb.Instance) -> pulumi.Output[str]:
        """Give the name whose SRV record lists all members, so that a client survives the loss of any."""
        address = alicloud.mongodb.PrivateSrvNetworkAddress(
            self.scope.name("mongodb-seed"), db_instance_id=instance.id, opts=self.child()
        )
        return address.private_srv_connection_string_uri.apply(_host_of)


def _host_of(uri: str) -> str:
    """Take the host from ``mongodb+srv://user:****@host/admin?options``."""
    return uri.removeprefix("mongodb+srv://").rsplit("@", maxsplit=1)[-1].split("/", maxsplit=1)[0]
