"""MySQL on ApsaraDB RDS, the two-node high-availability edition."""

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

PORT = 3306

BINLOG_HOURS = 168
"""A week on the instance itself, the most RDS keeps: a connector may be down that long and miss nothing."""

ADMINISTRATOR = "smp_admin"

PARAMETERS: Mapping[str, str] = {
    # Change data capture reads whole rows; the format itself is ROW and not open to change.
    "binlog_row_image": "full",
    "binlog_rows_query_log_events": "OFF",
    "character_set_server": "utf8mb4",
    "innodb_flush_log_at_trx_commit": "1",
    "sync_binlog": "1",
    "long_query_time": "1",
    "default_time_zone": "+00:00",
}
"""What differs from, or must not drift to, RDS' defaults."""


@dataclass(frozen=True, kw_only=True)
class MysqlArgs(Args):
    """What the database needs to know.

    ``instance_class`` is one of the high-availability edition, such as ``mysql.x4.medium.2c``. ``credentials``
    names where the password is kept and is published; the password is not.
    """

    engine_version: str
    instance_class: str
    storage: Storage
    storage_limit: Storage
    """Storage grows up to here by itself when less than a tenth is free."""
    backup_days: int
    """Days of point-in-time recovery: 7 to 730."""
    data_subnets: Mapping[str, pulumi.Output[str]]
    network_id: pulumi.Output[str]
    primary_zone: str
    secondary_zone: str
    allowed_ranges: tuple[Cidr, ...]
    key_id: pulumi.Output[str]
    administrator_password: pulumi.Output[str]
    """A secret: 8 to 32 characters of at least three kinds."""
    credentials: str
    billing: Billing

    def problems(self) -> Iterator[str]:
        """Check version, edition, sizes and placement."""
        yield from about("engine_version", store_limits.apsara_mysql_version(self.engine_version))
        yield from about("instance_class", store_limits.apsara_mysql_class(self.instance_class))
        yield from about("storage", store_limits.apsara_mysql_storage(self.storage))
        yield from about(
            "storage_limit", store_limits.apsara_mysql_storage_limit(self.storage_limit, self.storage)
        )
        yield from about("backup_days", store_limits.apsara_backup_days(self.backup_days))
        yield from placement_problems(
            {"primary_zone": self.primary_zone, "secondary_zone": self.secondary_zone},
            self.data_subnets,
            self.allowed_ranges,
        )


class Mysql(Component[DataStoreOutputs]):
    """RDS for MySQL 8.4: a primary and a standby in two zones (M§14.2), without read replicas.

    ``depends_on`` takes the account's service roles, without which RDS cannot use the key.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Mysql"

    def __init__(
        self,
        name: str,
        args: MysqlArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent, depends_on=depends_on)
        self._args = args
        instance = self._create_instance()
        self._create_backup_policy(instance)
        self._create_administrator(instance)
        self.publish(
            DataStoreOutputs(
                engine="mysql",
                version=args.engine_version,
                placement="managed",
                data_class=DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO,
                host=instance.connection_string,
                port=PORT,
                reader_hosts={},
                credentials=pulumi.Output.from_input(args.credentials),
            )
        )

    def _create_instance(self) -> alicloud.rds.Instance:
        args = self._args
        name = self.scope.name("mysql", NameLimit.ALICLOUD)
        data_class = DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO
        is_subscription = args.billing is Billing.SUBSCRIPTION
        return alicloud.rds.Instance(
            name,
            instance_name=name,
            engine="MySQL",
            engine_version=args.engine_version,
            category="HighAvailability",
            instance_type=args.instance_class,
            instance_storage=args.storage.gibibytes,
            db_instance_storage_type="cloud_essd",
            storage_auto_scale="Enable",
            storage_threshold=10,
            storage_upper_bound=args.storage_limit.gibibytes,
            instance_charge_type="Prepaid" if is_subscription else "Postpaid",
            period=SUBSCRIPTION_MONTHS if is_subscription else None,
            auto_renew=True if is_subscription else None,
            auto_renew_period=SUBSCRIPTION_MONTHS if is_subscription else None,
            # A subscription cannot be deleted before its end, and RDS takes the flag only without one.
            deletion_protection=None if is_subscription else self.scope.is_production,
            zone_id=args.primary_zone,
            zone_id_slave_a=args.secondary_zone,
            vpc_id=args.network_id,
            vswitch_id=pulumi.Output.concat(
                args.data_subnets[args.primary_zone], ",", args.data_subnets[args.secondary_zone]
            ),
            port=str(PORT),
            security_ips=[str(cidr) for cidr in args.allowed_ranges],
            encryption_key=args.key_id,
            role_arn=account_role_arn(self.scope, RDS_ENCRYPTION_ROLE),
            ssl_action="Open",
            force_encryption=1,
            ha_config="Auto",
            auto_upgrade_minor_version="Manual",
            maintain_time="18:00Z-19:00Z",
            released_keep_policy="All",
            monitoring_period=60,
            parameters=[
                alicloud.rds.InstanceParameterArgs(name=key, value=value) for key, value in PARAMETERS.items()
            ],
            tags=self.scope.tags(name, data_class),
            opts=self.stateful_child(),
        )

    def _create_backup_policy(self, instance: alicloud.rds.Instance) -> None:
        alicloud.rds.BackupPolicy(
            self.scope.name("mysql-backup"),
            instance_id=instance.id,
            preferred_backup_periods=list(EVERY_DAY),
            preferred_backup_time="19:00Z-20:00Z",
            backup_retention_period=self._args.backup_days,
            enable_backup_log=True,
            log_backup_retention_period=self._args.backup_days,
            local_log_retention_hours=BINLOG_HOURS,
            local_log_retention_space=50,
            # A full disk stops all writing; the oldest binary logs go first, and storage grows before that.
            high_space_usage_protection="Enable",
            released_keep_policy="All",
            opts=self.child(),
        )

    def _create_administrator(self, instance: alicloud.rds.Instance) -> None:
        alicloud.rds.RdsAccount(
            self.scope.name("mysql-administrator"),
            db_instance_id=instance.id,
            account_name=ADMINISTRATOR,
            account_type="Super",
            account_description="Grants the services' accounts; used by Vault only",
            account_password=pulumi.Output.secret(self._args.administrator_password),
            opts=self.child(),
        )
