"""MongoDB on Atlas, in the cluster's own AWS region, reached through PrivateLink only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_mongodbatlas as atlas

from catalog import store_limits
from catalog.data_classes import DataClass
from catalog.databases import APPLICATION_USER, database_of
from catalog.places import Cloud, Region
from catalog.quiet_hours import QUIET_HOURS
from catalog.services import Service
from components.aws.store_access import Ports, access_problems, admit_clients
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.outputs import DataStoreOutputs

PORT = 27017
"""What a connection string without a port means; behind PrivateLink the SRV records name others."""

PRIVATE_LINK_PORTS = Ports(first=1024, last=65535)
"""Atlas gives each node behind an endpoint a port of its own from this range."""

ATLAS_REGIONS: Mapping[Region, str] = {
    Region.SINGAPORE: "AP_SOUTHEAST_1",
    Region.VIRGINIA: "US_EAST_1",
}
"""Atlas' own spelling of the AWS regions."""

NODES = 3
"""One in each zone of the region; Atlas places them."""

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

AUDITED = (
    "authenticate",
    "authCheck",
    "createUser",
    "dropUser",
    "updateUser",
    "grantRolesToUser",
    "revokeRolesFromUser",
    "createRole",
    "updateRole",
    "dropRole",
    "createCollection",
    "dropCollection",
    "dropDatabase",
    "createIndex",
    "dropIndex",
)
"""Who came or was refused, who was given rights, what changed the schema. Not the queries: those quote people."""


@dataclass(frozen=True, kw_only=True)
class AtlasMongodbArgs(Args):
    """What the cluster needs to know.

    ``password`` must be a secret of 8 characters or more. ``credentials`` names where it is kept and is published;
    the password is not. ``clients`` are the security groups that may connect, keyed by name.
    """

    organization: str
    """Id of the Atlas organisation: 24 hexadecimal digits."""
    version: str = "8.0"
    """Major release; Atlas applies patches in the maintenance window."""
    tier: str
    """``M10`` (staging), ``M30`` (production) or their like (M§2)."""
    backup_days: int
    """How long daily snapshots are kept."""
    network_id: pulumi.Output[str]
    data_subnets: Mapping[str, pulumi.Output[str]]
    clients: Mapping[str, pulumi.Output[str]]
    password: pulumi.Output[str]
    credentials: str

    def problems(self) -> Iterator[str]:
        """Check organisation, version, tier and placement."""
        if self.scope.cluster.cloud is not Cloud.AWS:
            yield f"Atlas does not run where {self.scope.cluster.id} does; take ApsaraDB for MongoDB"
        if not self.scope.cluster.holds_personal_data:
            yield f"{self.scope.cluster.id} holds no personal data and so has no document store; leave it out"
        yield from about("organization", store_limits.atlas_organization(self.organization))
        yield from about("version", store_limits.atlas_version(self.version))
        yield from about("tier", store_limits.atlas_tier(self.tier, is_production=self.scope.is_production))
        yield from about("backup_days", store_limits.atlas_backup_days(self.backup_days))
        yield from access_problems(self.scope, self.data_subnets, self.clients)


class AtlasMongodb(Component[DataStoreOutputs]):
    """A three-node replica set in a project of its own (M§2), without any public way in.

    The project has no IP access list, so nothing reaches the cluster but the interface endpoint in the data subnets.
    Snapshots stay in the region: no copy to another is configured. Atlas encrypts disks and snapshots with keys of
    its own. Needs the AWS provider as well, for the endpoint.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:atlas:AtlasMongodb"

    def __init__(
        self,
        name: str,
        args: AtlasMongodbArgs,
        *,
        provider: atlas.Provider,
        aws_provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._aws = aws_provider
        self._data_class = DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO
        self._name = self.scope.name("mongo", NameLimit.ATLAS_CLUSTER)
        self._project = self._create_project()
        self._create_project_settings()
        connected = self._create_private_link()
        cluster = self._create_cluster(connected)
        self._create_backup_schedule(cluster)
        self._create_user(cluster)
        self.publish(
            DataStoreOutputs(
                engine="mongodb",
                version=args.version,
                placement="atlas",
                data_class=self._data_class,
                host=cluster.connection_strings.apply(private_host),
                port=PORT,
                reader_hosts={},
                credentials=pulumi.Output.from_input(args.credentials),
            )
        )

    def _create_project(self) -> atlas.Project:
        name = self.scope.name("mongo", NameLimit.ATLAS_PROJECT)
        return atlas.Project(
            name,
            name=name,
            org_id=self._args.organization,
            # Atlas' people and its assistant see no documents, nor samples of them.
            is_data_explorer_enabled=False,
            is_data_explorer_gen_ai_features_enabled=False,
            is_data_explorer_gen_ai_sample_document_passing_enabled=False,
            is_cluster_ai_assistant_enabled=False,
            is_collect_database_specifics_statistics_enabled=True,
            with_default_alerts_settings=True,
            tags=self.scope.tags(name, self._data_class),
            opts=self.stateful_child(),
        )

    def _create_project_settings(self) -> None:
        hours = QUIET_HOURS[self.scope.region]
        atlas.MaintenanceWindow(
            self.scope.name("mongo-maintenance"),
            project_id=self._project.id,
            day_of_week=_WEEKDAYS.index(hours.maintenance_day) + 1,
            hour_of_day=hours.maintenance_hour,
            auto_defer_once_enabled=self.scope.is_production,
            opts=self.child(),
        )
        if not self.scope.is_production:
            # Auditing adds a tenth to the price of every cluster in the project.
            return
        atlas.Auditing(
            self.scope.name("mongo-auditing"),
            project_id=self._project.id,
            enabled=True,
            audit_authorization_success=False,
            audit_filter=json.dumps({"atype": {"$in": list(AUDITED)}}),
            opts=self.child(),
        )

    def _create_private_link(self) -> atlas.PrivateLinkEndpointService:
        name = self.scope.name("mongo-endpoint")
        link = atlas.PrivateLinkEndpoint(
            name,
            project_id=self._project.id,
            provider_name="AWS",
            region=ATLAS_REGIONS[self.scope.region],
            opts=self.child(),
        )
        access = admit_clients(
            self,
            thing="mongo",
            network_id=self._args.network_id,
            clients=self._args.clients,
            ports=PRIVATE_LINK_PORTS,
            provider=self._aws,
        )
        endpoint = aws.ec2.VpcEndpoint(
            name,
            vpc_id=self._args.network_id,
            vpc_endpoint_type="Interface",
            service_name=link.endpoint_service_name,
            subnet_ids=list(self._args.data_subnets.values()),
            security_group_ids=[access.id],
            tags=self.scope.tags(name),
            opts=self.child(provider=self._aws),
        )
        return atlas.PrivateLinkEndpointService(
            name,
            project_id=self._project.id,
            private_link_id=link.private_link_id,
            endpoint_service_id=endpoint.id,
            provider_name="AWS",
            opts=self.child(),
        )

    def _create_cluster(self, connected: pulumi.Resource) -> atlas.AdvancedCluster:
        production = self.scope.is_production
        return atlas.AdvancedCluster(
            self._name,
            name=self._name,
            project_id=self._project.id,
            cluster_type="REPLICASET",
            mongo_db_major_version=self._args.version,
            version_release_system="LTS",
            replication_specs=[
                atlas.AdvancedClusterReplicationSpecArgs(
                    region_configs=[
                        atlas.AdvancedClusterReplicationSpecRegionConfigArgs(
                            provider_name="AWS",
                            region_name=ATLAS_REGIONS[self.scope.region],
                            priority=7,
                            electable_specs=atlas.AdvancedClusterReplicationSpecRegionConfigElectableSpecsArgs(
                                instance_size=self._args.tier, node_count=NODES
                            ),
                            # The tier is priced and approved; only the disk grows by itself.
                            auto_scaling=atlas.AdvancedClusterReplicationSpecRegionConfigAutoScalingArgs(
                                compute_enabled=False, disk_gb_enabled=True
                            ),
                        )
                    ]
                )
            ],
            advanced_configuration=atlas.AdvancedClusterAdvancedConfigurationArgs(
                minimum_enabled_tls_protocol="TLS1_2",
                javascript_enabled=False,
                default_write_concern="majority",
            ),
            backup_enabled=True,
            pit_enabled=production,
            retain_backups_enabled=production,
            termination_protection_enabled=production,
            # Query literals in Atlas' own logs are replaced by marks.
            redact_client_log_data=True,
            tags=self.scope.tags(self._name, self._data_class),
            # Atlas lists the private connection string only for a cluster that finds its endpoint in place.
            opts=self.stateful_child(depends_on=[connected]),
        )

    def _create_backup_schedule(self, cluster: atlas.AdvancedCluster) -> None:
        production = self.scope.is_production
        atlas.CloudBackupSchedule(
            self.scope.name("mongo-backup"),
            project_id=self._project.id,
            cluster_name=cluster.name,
            reference_hour_of_day=QUIET_HOURS[self.scope.region].backup_hour,
            reference_minute_of_hour=0,
            restore_window_days=store_limits.ATLAS_RECOVERY_WINDOW_DAYS if production else None,
            # Recovery to a second replays from the nearest snapshot, so these reach back as far.
            policy_item_hourly=atlas.CloudBackupSchedulePolicyItemHourlyArgs(
                frequency_interval=6,
                retention_unit="days",
                retention_value=store_limits.ATLAS_RECOVERY_WINDOW_DAYS,
            )
            if production
            else None,
            policy_item_daily=atlas.CloudBackupSchedulePolicyItemDailyArgs(
                frequency_interval=1, retention_unit="days", retention_value=self._args.backup_days
            ),
            opts=self.child(),
        )

    def _create_user(self, cluster: atlas.AdvancedCluster) -> None:
        atlas.DatabaseUser(
            self.scope.name("mongo-user"),
            project_id=self._project.id,
            username=APPLICATION_USER,
            password=pulumi.Output.secret(self._args.password),
            auth_database_name="admin",
            roles=[
                atlas.DatabaseUserRoleArgs(database_name=database_of(service), role_name="readWrite")
                for service in Service
            ],
            scopes=[atlas.DatabaseUserScopeArgs(type="CLUSTER", name=cluster.name)],
            opts=self.child(),
        )


def private_host(strings: Any) -> str:
    """Take the SRV name of the private endpoint from a cluster's connection strings.

    Atlas lists it some time after the endpoint is up; until then this is the public name, which answers nobody
    because no address is admitted. The next refresh has the private one.
    """
    endpoints = strings.private_endpoints or () if strings else ()
    names = [endpoint.srv_connection_string for endpoint in endpoints if endpoint.srv_connection_string]
    address = names[0] if names else (strings.standard_srv if strings else None) or ""
    return address.removeprefix("mongodb+srv://").partition("/")[0]
