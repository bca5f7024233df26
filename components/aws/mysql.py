"""MySQL on RDS: a primary, perhaps its standby, and read replicas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pulumi
import pulumi_aws as aws

from catalog import store_limits
from catalog.data_classes import DataClass
from catalog.quantities import Storage
from catalog.quiet_hours import QUIET_HOURS
from components.aws.iam import service_trust
from components.aws.log_groups import create_log_group
from components.aws.mysql_parameters import (
    AUDIT_EVENTS,
    INSIGHTS_DAYS,
    LONGEST_BINLOG_HOURS,
    PARAMETER_FAMILY,
    PARAMETERS,
    Log,
    binlog_retention_statement,
    supports_insights,
)
from components.aws.mysql_password import AdministratorPassword, GeneratedPassword, GivenPassword
from components.aws.store_access import Ports, access_problems, admit_clients
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.outputs import DataStoreOutputs

PORT = 3306

ADMINISTRATOR = "smp_admin"
"""Grants the services' accounts; used by Vault only."""

CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
"""Valid until 2061; clients trust the bundle of the region."""

MONITORING_SECONDS = 60


class Availability(StrEnum):
    """How the primary survives the loss of its zone."""

    SINGLE_ZONE = "single-zone"
    """It does not: it is restored from a backup."""
    MULTI_ZONE = "multi-zone"
    """A standby in another zone takes over, with nothing lost; it serves no reads."""


@dataclass(frozen=True, kw_only=True)
class ReadReplica:
    """A copy that serves reads, seconds behind the primary. Always in the primary's own region."""

    zone: str
    instance_type: str


@dataclass(frozen=True, kw_only=True)
class MysqlArgs(Args):
    """What the database needs to know.

    ``engine_version`` is exact, such as ``8.4.7``: a minor release comes by configuration, dev first. ``storage``
    grows by itself up to ``storage_limit``. ``read_replicas`` are keyed by name, which becomes the end of theirs.
    ``clients`` are the security groups that may connect, keyed by name.
    """

    engine_version: str
    instance_type: str
    storage: Storage
    storage_limit: Storage
    availability: Availability
    primary_zone: str | None = None
    """Zone of a single-zone primary, for good: another one means another instance."""
    read_replicas: Mapping[str, ReadReplica] = field(default_factory=dict[str, ReadReplica])
    administrator_password: AdministratorPassword
    backup_days: int
    """Days of point-in-time recovery, 1 to 35; without backups RDS writes no binary log."""
    network_id: pulumi.Output[str]
    data_subnets: Mapping[str, pulumi.Output[str]]
    clients: Mapping[str, pulumi.Output[str]]
    database_key_arn: pulumi.Output[str]
    logs_key_arn: pulumi.Output[str]

    def problems(self) -> Iterator[str]:
        """Check version, sizes, placement and the password's source."""
        yield from about("engine_version", store_limits.rds_mysql_version(self.engine_version))
        yield from about("storage", store_limits.rds_storage(self.storage))
        yield from about("storage_limit", store_limits.rds_storage_limit(self.storage_limit, self.storage))
        yield from about("backup_days", store_limits.rds_backup_days(self.backup_days))
        if self.scope.is_production and self.availability is not Availability.MULTI_ZONE:
            yield from about("availability", store_limits.SINGLE_ZONE_IN_PRODUCTION)
        yield from self._placement_problems()
        if self.read_replicas and isinstance(self.administrator_password, GeneratedPassword):
            yield (
                "read_replicas of an instance with a GeneratedPassword are refused by RDS; give a GivenPassword"
                " or no replicas"
            )
        yield from access_problems(self.scope, self.data_subnets, self.clients)

    def _placement_problems(self) -> Iterator[str]:
        zones = ", ".join(self.data_subnets) or "none"
        if self.availability is Availability.SINGLE_ZONE:
            if self.primary_zone not in self.data_subnets:
                yield f"primary_zone {self.primary_zone} has no data subnet; name one of {zones}"
        elif self.primary_zone is not None:
            yield f"primary_zone {self.primary_zone} cannot be kept: RDS places a multi-zone primary; leave it out"
        for name, replica in self.read_replicas.items():
            if replica.zone not in self.data_subnets:
                yield f"read replica {name}: zone {replica.zone} has no data subnet; name one of {zones}"
            if replica.zone == self.primary_zone:
                yield f"read replica {name} is in the primary's zone {replica.zone}; name another of {zones}"
            try:
                self.scope.name(f"mysql-{name}", NameLimit.RDS_INSTANCE)
            except ValueError as error:
                yield f"read replica {name}: {error}"
        taken = [replica.zone for replica in self.read_replicas.values()]
        if self.scope.is_production and len(set(taken)) != len(taken):
            yield f"read replicas share a zone ({', '.join(taken)}); production puts each into its own"


@dataclass(frozen=True, kw_only=True)
class MysqlOutputs(DataStoreOutputs):
    """A data store, and what its operators need beside it."""

    instance_ids: Mapping[str, pulumi.Output[str]]
    """``primary`` and the replicas by name -> RDS identifier."""
    binlog_retention_statement: str
    """SQL the administrator runs once after the first deployment, before change data capture starts."""


class Mysql(Component[MysqlOutputs]):
    """RDS for MySQL 8.4 (M§2, M§14.2): encrypted, backed up, reachable by its clients over TLS only.

    The administrator's password is never in plain text: RDS keeps it, or it is a secret throughout. People connect
    with IAM, without a password. Binary logs are complete rows with transaction ids, for change data capture; their
    retention is the one thing RDS takes only as SQL (see ``binlog_retention_statement``).

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Mysql"

    def __init__(
        self, name: str, args: MysqlArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._data_class = DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO
        self._access = admit_clients(
            self, thing="mysql", network_id=args.network_id, clients=args.clients, ports=Ports.only(PORT)
        )
        self._subnets = self._create_subnet_group()
        self._parameters = self._create_parameter_group()
        self._options = self._create_option_group()
        self._monitoring = self._create_monitoring_role()
        primary = self._create_primary()
        replicas = {
            replica: self._create_replica(replica, spec, primary)
            for replica, spec in args.read_replicas.items()
        }
        self.publish(
            MysqlOutputs(
                engine="mysql",
                version=args.engine_version,
                placement="managed",
                data_class=self._data_class,
                host=primary.address,
                port=PORT,
                reader_hosts={replica: instance.address for replica, instance in replicas.items()},
                credentials=self._credentials(primary),
                instance_ids={
                    "primary": primary.identifier,
                    **{replica: instance.identifier for replica, instance in replicas.items()},
                },
                binlog_retention_statement=binlog_retention_statement(LONGEST_BINLOG_HOURS),
            )
        )

    def _create_subnet_group(self) -> aws.rds.SubnetGroup:
        name = self.scope.name("mysql", NameLimit.RDS_GROUP)
        return aws.rds.SubnetGroup(
            name,
            name=name,
            description="Data subnets, without a route out",
            subnet_ids=list(self._args.data_subnets.values()),
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _create_parameter_group(self) -> aws.rds.ParameterGroup:
        name = self.scope.name("mysql", NameLimit.RDS_GROUP)
        return aws.rds.ParameterGroup(
            name,
            name=name,
            family=PARAMETER_FAMILY,
            description="Change data capture, TLS, UTC",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(
                    name=key, value=parameter.value, apply_method=parameter.apply
                )
                for key, parameter in PARAMETERS.items()
            ],
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _create_option_group(self) -> aws.rds.OptionGroup:
        name = self.scope.name("mysql", NameLimit.RDS_GROUP)
        return aws.rds.OptionGroup(
            name,
            name=name,
            engine_name="mysql",
            major_engine_version=store_limits.MYSQL_SERIES,
            option_group_description="Audit trail of connections, schema changes and grants",
            options=[
                aws.rds.OptionGroupOptionArgs(
                    option_name="MARIADB_AUDIT_PLUGIN",
                    option_settings=[
                        aws.rds.OptionGroupOptionOptionSettingArgs(
                            name="SERVER_AUDIT_EVENTS", value=AUDIT_EVENTS
                        ),
                    ],
                )
            ],
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _create_monitoring_role(self) -> aws.iam.Role | None:
        if not self.scope.is_production:
            return None
        name = self.scope.name("mysql-monitoring", NameLimit.IAM_ROLE)
        role = aws.iam.Role(
            name,
            name=name,
            description="Lets RDS report the operating system's figures to CloudWatch",
            assume_role_policy=service_trust(
                "monitoring.rds.amazonaws.com",
                # Confused deputy: only this account's databases may use the role.
                {"StringEquals": {"aws:SourceAccount": self.scope.account}},
            ),
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        aws.iam.RolePolicyAttachment(
            name,
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=self.child(),
        )
        return role

    def _create_log_groups(self, identifier: str, thing: str) -> list[pulumi.Resource]:
        """Make the groups RDS will write to; slow queries are quoted with their literals, so they are data."""
        return [
            create_log_group(
                self,
                thing=f"{thing}-{log}",
                path=f"/aws/rds/instance/{identifier}/{log}",
                key_arn=self._args.logs_key_arn,
                data_class=self._data_class if log is Log.SLOW_QUERY else DataClass.LOGS,
            )
            for log in Log
        ]

    def _create_primary(self) -> aws.rds.Instance:
        args = self._args
        production = self.scope.is_production
        hours = QUIET_HOURS[self.scope.region]
        name = self.scope.name("mysql", NameLimit.RDS_INSTANCE)
        generated = isinstance(args.administrator_password, GeneratedPassword)
        insights = supports_insights(args.instance_type)
        return aws.rds.Instance(
            name,
            identifier=name,
            engine="mysql",
            engine_version=args.engine_version,
            # Extended support is on unless refused, and costs more than the instance.
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            auto_minor_version_upgrade=False,
            allow_major_version_upgrade=False,
            instance_class=args.instance_type,
            storage_type="gp3",
            allocated_storage=args.storage.gibibytes,
            max_allocated_storage=args.storage_limit.gibibytes,
            storage_encrypted=True,
            kms_key_id=args.database_key_arn,
            username=ADMINISTRATOR,
            manage_master_user_password=True if generated else None,
            master_user_secret_kms_key_id=args.database_key_arn if generated else None,
            password=_given(args.administrator_password),
            iam_database_authentication_enabled=True,
            multi_az=args.availability is Availability.MULTI_ZONE,
            availability_zone=args.primary_zone,
            db_subnet_group_name=self._subnets.name,
            vpc_security_group_ids=[self._access.id],
            publicly_accessible=False,
            port=PORT,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            parameter_group_name=self._parameters.name,
            option_group_name=self._options.name,
            backup_retention_period=args.backup_days,
            backup_window=hours.backup_window,
            maintenance_window=hours.maintenance_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not production,
            deletion_protection=production,
            skip_final_snapshot=not production,
            final_snapshot_identifier=f"{name}-final" if production else None,
            apply_immediately=not production,
            enabled_cloudwatch_logs_exports=list(Log),
            performance_insights_enabled=insights,
            performance_insights_kms_key_id=args.database_key_arn if insights else None,
            performance_insights_retention_period=INSIGHTS_DAYS if insights else None,
            monitoring_interval=MONITORING_SECONDS if self._monitoring else 0,
            monitoring_role_arn=self._monitoring.arn if self._monitoring else None,
            tags=self.scope.tags(name, self._data_class),
            opts=self.stateful_child(depends_on=self._create_log_groups(name, "mysql")),
        )

    def _create_replica(self, replica: str, spec: ReadReplica, primary: aws.rds.Instance) -> aws.rds.Instance:
        production = self.scope.is_production
        name = self.scope.name(f"mysql-{replica}", NameLimit.RDS_INSTANCE)
        insights = supports_insights(spec.instance_type)
        return aws.rds.Instance(
            name,
            identifier=name,
            # By identifier, not ARN: that is a replica in the same region, which RDS puts into the primary's
            # subnet group and encrypts with the primary's key; it refuses to be told either.
            replicate_source_db=primary.identifier,
            auto_minor_version_upgrade=False,
            instance_class=spec.instance_type,
            storage_type="gp3",
            max_allocated_storage=self._args.storage_limit.gibibytes,
            storage_encrypted=True,
            iam_database_authentication_enabled=True,
            multi_az=False,
            availability_zone=spec.zone,
            vpc_security_group_ids=[self._access.id],
            publicly_accessible=False,
            port=PORT,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            parameter_group_name=self._parameters.name,
            option_group_name=self._options.name,
            # The primary's backups are enough, and RDS takes no final snapshot of a replica.
            backup_retention_period=0,
            skip_final_snapshot=True,
            maintenance_window=QUIET_HOURS[self.scope.region].maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=production,
            apply_immediately=not production,
            enabled_cloudwatch_logs_exports=list(Log),
            performance_insights_enabled=insights,
            performance_insights_kms_key_id=self._args.database_key_arn if insights else None,
            performance_insights_retention_period=INSIGHTS_DAYS if insights else None,
            monitoring_interval=MONITORING_SECONDS if self._monitoring else 0,
            monitoring_role_arn=self._monitoring.arn if self._monitoring else None,
            tags=self.scope.tags(name, self._data_class),
            opts=self.stateful_child(depends_on=self._create_log_groups(name, f"mysql-{replica}")),
        )

    def _credentials(self, primary: aws.rds.Instance) -> pulumi.Output[str]:
        password = self._args.administrator_password
        if isinstance(password, GivenPassword):
            return pulumi.Output.from_input(password.kept_at)
        return primary.master_user_secrets.apply(
            lambda secrets: (secrets[0].secret_arn or "") if secrets else ""
        )


def _given(password: AdministratorPassword) -> pulumi.Output[str] | None:
    return pulumi.Output.secret(password.value) if isinstance(password, GivenPassword) else None
