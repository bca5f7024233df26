"""Redis on ElastiCache: a cluster of shards, each with its replicas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_aws as aws

from catalog import store_limits
from catalog.data_classes import DataClass
from catalog.quiet_hours import QUIET_HOURS
from catalog.retention import CACHE_SNAPSHOT_DAYS
from components.aws.log_groups import create_log_group
from components.aws.store_access import Ports, access_problems, admit_clients
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.outputs import DataStoreOutputs

PORT = 6379

PARAMETER_FAMILY = "redis7"

PARAMETERS: Mapping[str, str] = {
    "cluster-enabled": "yes",
    # What has an expiry may go when memory is short; what has none is not a cache entry and stays.
    "maxmemory-policy": "volatile-lru",
}
"""What differs from, or must not drift to, ElastiCache's defaults. Keyspace events stay off: nobody reads them."""


class Log(StrEnum):
    """What ElastiCache delivers to CloudWatch."""

    SLOW = "slow-log"
    """Slow commands with their arguments, so it is as personal as the data."""
    ENGINE = "engine-log"


@dataclass(frozen=True, kw_only=True)
class RedisArgs(Args):
    """What the cluster needs to know.

    ``shards`` times (1 + ``replicas_per_shard``) is the number of nodes: 3 x (1 + 0) in staging, 3 x (1 + 1) in
    production (M§2). ``password`` must be a secret of 16 to 128 printable characters without slash, quotation mark
    and at sign. ``credentials`` names where it is kept and is published; the password is not.
    """

    engine_version: str = "7.1"
    node_type: str
    shards: int
    replicas_per_shard: int
    network_id: pulumi.Output[str]
    data_subnets: Mapping[str, pulumi.Output[str]]
    clients: Mapping[str, pulumi.Output[str]]
    """Security groups that may connect, keyed by name."""
    password: pulumi.Output[str]
    credentials: str
    cache_key_arn: pulumi.Output[str]
    logs_key_arn: pulumi.Output[str]

    def problems(self) -> Iterator[str]:
        """Check version, shape and placement."""
        if not self.engine_version.startswith("7."):
            yield f"engine_version {self.engine_version} must be 7.x, to which the parameter group belongs"
        yield from about("shards", store_limits.elasticache_shards(self.shards))
        yield from about(
            "replicas_per_shard",
            store_limits.elasticache_replicas(self.replicas_per_shard, self.shards),
            store_limits.production_replicas(self.replicas_per_shard) if self.scope.is_production else None,
        )
        yield from access_problems(self.scope, self.data_subnets, self.clients)


class Redis(Component[DataStoreOutputs]):
    """An encrypted Redis cluster (M§2), reachable by its clients over TLS with a password.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Redis"

    def __init__(
        self, name: str, args: RedisArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._data_class = DataClass.PERSONAL if self.scope.is_production else DataClass.PSEUDO
        self._name = self.scope.name("redis", NameLimit.ELASTICACHE)
        self._access = admit_clients(
            self, thing="redis", network_id=args.network_id, clients=args.clients, ports=Ports.only(PORT)
        )
        self._subnets = self._create_subnet_group()
        self._parameters = self._create_parameter_group()
        self._logs = self._create_log_groups()
        cluster = self._create_cluster()
        self.publish(
            DataStoreOutputs(
                engine="redis",
                version=args.engine_version,
                placement="managed",
                data_class=self._data_class,
                host=cluster.configuration_endpoint_address,
                port=PORT,
                # A cluster's client learns of the replicas from the cluster.
                reader_hosts={},
                credentials=pulumi.Output.from_input(args.credentials),
            )
        )

    def _create_subnet_group(self) -> aws.elasticache.SubnetGroup:
        return aws.elasticache.SubnetGroup(
            self._name,
            name=self._name,
            description="Data subnets, without a route out",
            subnet_ids=list(self._args.data_subnets.values()),
            tags=self.scope.tags(self._name),
            opts=self.child(),
        )

    def _create_parameter_group(self) -> aws.elasticache.ParameterGroup:
        return aws.elasticache.ParameterGroup(
            self._name,
            name=self._name,
            family=PARAMETER_FAMILY,
            description="Cluster mode",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name=key, value=value)
                for key, value in PARAMETERS.items()
            ],
            tags=self.scope.tags(self._name),
            opts=self.child(),
        )

    def _create_log_groups(self) -> dict[Log, aws.cloudwatch.LogGroup]:
        return {
            log: create_log_group(
                self,
                thing=f"redis-{log}",
                # Under this prefix AWS needs no entry in the account's small log resource policy.
                path=f"/aws/vendedlogs/elasticache/{self._name}/{log}",
                key_arn=self._args.logs_key_arn,
                data_class=self._data_class if log is Log.SLOW else DataClass.LOGS,
            )
            for log in Log
        }

    def _create_cluster(self) -> aws.elasticache.ReplicationGroup:
        args = self._args
        production = self.scope.is_production
        hours = QUIET_HOURS[self.scope.region]
        return aws.elasticache.ReplicationGroup(
            self._name,
            replication_group_id=self._name,
            description=f"Redis of {self.scope.cluster.id} {self.scope.environment}",
            engine="redis",
            engine_version=args.engine_version,
            auto_minor_version_upgrade=False,
            parameter_group_name=self._parameters.name,
            node_type=args.node_type,
            cluster_mode="enabled",
            num_node_groups=args.shards,
            replicas_per_node_group=args.replicas_per_shard,
            # Cluster mode demands automatic failover even where no replica could take over; placing the nodes of a
            # shard in different zones is refused where there is only one.
            automatic_failover_enabled=True,
            multi_az_enabled=args.replicas_per_shard > 0,
            subnet_group_name=self._subnets.name,
            security_group_ids=[self._access.id],
            port=PORT,
            at_rest_encryption_enabled=True,
            kms_key_id=args.cache_key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=pulumi.Output.secret(args.password),
            # The old password stays valid beside the new one until the next change: no client is cut off.
            auth_token_update_strategy="ROTATE",  # noqa: S106 - a strategy, not a token
            snapshot_retention_limit=CACHE_SNAPSHOT_DAYS[self.scope.environment],
            snapshot_window=hours.backup_window,
            final_snapshot_identifier=f"{self._name}-final" if production else None,
            maintenance_window=hours.maintenance_window,
            apply_immediately=not production,
            log_delivery_configurations=[
                aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=group.name,
                    destination_type="cloudwatch-logs",
                    log_format="json",
                    log_type=log,
                )
                for log, group in self._logs.items()
            ],
            tags=self.scope.tags(self._name, self._data_class),
            opts=self.stateful_child(),
        )
