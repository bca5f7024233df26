"""The section ``smp:kafka``: what differs between the stacks' Kafka clusters."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from catalog import kafka_limits
from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.kafka_limits import Rebalancing
from catalog.kafka_rollout import rollout_problem
from catalog.mirrors import mirrors_of
from catalog.quantities import Storage
from catalog.services import Service
from components.cloudflare.origin_target import OriginTarget
from stacks.config_edge import Target
from stacks.config_section import Section, present
from stacks.config_types import CidrText, Count, Gibibytes, problem, refuse, stack_of


class KafkaConfig(Section):
    """Kafka in the cluster (M§2, P 3)."""

    brokers: Count
    """1, 3 or 5; one in the control plane."""
    storage_gib: Gibibytes
    """Disk of each broker."""
    rebalancing: Rebalancing = Rebalancing.MANUAL
    """cruise-control where there is room for one more pod, else manual."""
    connect_workers: Count | None = None
    """Workers of Kafka Connect; product clusters only."""
    global_address: Target | None = None
    """What kafka-bootstrap.smp-global.prod.smp.local leads to: Global's load balancer; production regions only."""
    mirror_clients: dict[str, tuple[CidrText, ...]] | None = None
    """Addresses each region's mirror comes from: cluster id -> its NAT gateways; the control plane only."""
    use_kafka_events: tuple[str, ...] = ()
    """Services that use events instead of calls: dispatch-engine first, then notification-svc, then others."""

    @property
    def workers(self) -> int:
        """Connect workers of a product cluster."""
        return present(self.connect_workers, "kafka.connectWorkers")

    @property
    def address_of_global(self) -> OriginTarget:
        """Where a region's mirrors find Global."""
        return present(self.global_address, "kafka.globalAddress")

    @property
    def clients(self) -> dict[Cluster, tuple[Cidr, ...]]:
        """Where mirrors come from, by region."""
        return {
            Cluster.with_id(cluster): ranges
            for cluster, ranges in present(self.mirror_clients, "kafka.mirrorClients").items()
        }

    @property
    def services_on_events(self) -> tuple[Service, ...]:
        """The services that are switched on."""
        return tuple(service for service in Service if service.id in self.use_kafka_events)

    @field_validator("brokers")
    @classmethod
    def _fits_the_cluster(cls, brokers: int, info: ValidationInfo) -> int:
        facts = stack_of(info).facts
        refuse(kafka_limits.brokers(brokers, facts.cluster, facts.environment))
        return brokers

    @field_validator("storage_gib")
    @classmethod
    def _is_a_disk(cls, storage: Storage, info: ValidationInfo) -> Storage:
        refuse(kafka_limits.volume(storage.gibibytes, stack_of(info).facts.cluster))
        return storage

    @field_validator("rebalancing")
    @classmethod
    def _has_something_to_balance(cls, rebalancing: Rebalancing, info: ValidationInfo) -> Rebalancing:
        brokers = info.data.get("brokers")
        if rebalancing is Rebalancing.CRUISE_CONTROL and isinstance(brokers, int):
            refuse(kafka_limits.balanced_by_itself(brokers))
        return rebalancing

    @field_validator("connect_workers")
    @classmethod
    def _where_databases_are(cls, workers: int | None, info: ValidationInfo) -> int | None:
        facts = stack_of(info).facts
        if facts.cluster is Cluster.GLOBAL:
            if workers is not None:
                raise problem("the control plane has no database to read; remove the key")
        elif workers is None:
            raise problem("is missing; write how many workers, such as 2")
        else:
            refuse(kafka_limits.connect_workers(workers, facts.environment))
        return workers

    @field_validator("global_address")
    @classmethod
    def _where_mirrors_are(cls, address: OriginTarget | None, info: ValidationInfo) -> OriginTarget | None:
        facts = stack_of(info).facts
        if not mirrors_of(facts.cluster, facts.environment):
            if address is not None:
                msg = f"{facts.name} runs no mirror; remove the key"
                raise problem(msg)
        elif address is None:
            raise problem("is missing; write the address or host name of Global's Kafka load balancer")
        return address

    @field_validator("mirror_clients")
    @classmethod
    def _where_mirrors_arrive(
        cls, clients: dict[str, tuple[Cidr, ...]] | None, info: ValidationInfo
    ) -> dict[str, tuple[Cidr, ...]] | None:
        if stack_of(info).facts.cluster is not Cluster.GLOBAL:
            if clients is not None:
                raise problem("mirrors arrive at the control plane alone; remove the key")
            return clients
        if clients is None:
            raise problem("is missing; write for each region the addresses of its NAT gateways")
        known = {cluster.id for cluster in Cluster}
        if unknown := sorted(clients.keys() - known):
            msg = f"{unknown[0]} is no cluster; those are {', '.join(sorted(known))}"
            raise problem(msg)
        refuse(*kafka_limits.mirror_clients({Cluster.with_id(key): value for key, value in clients.items()}))
        return clients

    @field_validator("use_kafka_events")
    @classmethod
    def _in_order(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if names and stack_of(info).facts.cluster is Cluster.GLOBAL:
            raise problem("the control plane runs no service; remove the key")
        by_id = {service.id: service for service in Service}
        for name in names:
            if name not in by_id:
                msg = f"{name!r} is no service; those are {', '.join(by_id)}"
                raise problem(msg)
        refuse(rollout_problem(by_id[name] for name in names))
        return names
