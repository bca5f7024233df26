"""A VPC that nothing joins to another: vSwitches, NAT, OSS endpoint, flow logs, private DNS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_alicloud as alicloud

from catalog.addresses import KUBERNETES_SERVICES, LARGEST_NETWORK, SMALLEST_NETWORK, Cidr, ZoneRanges, divide
from catalog.data_classes import DataClass
from catalog.retention import INVESTIGATION_LOG_DAYS
from components.alicloud.log_store import create_log_store
from components.core.component import Args, Component
from components.core.outputs import NetworkOutputs


class NatGateways(StrEnum):
    """How private vSwitches reach the internet."""

    SINGLE = "single"
    """One gateway that the service itself deploys across zones and fails over; one address to allow."""
    PER_ZONE = "per-zone"
    """Each zone through its own: no traffic between zones, three times the price."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs(Args):
    """What a network needs to know.

    ``zones`` are zone ids such as ``cn-beijing-h``, at most four; three at least in production (M§14.6).
    """

    cidr: Cidr
    zones: tuple[str, ...]
    nat_gateways: NatGateways
    key_id: pulumi.Output[str]
    """Id of the KMS key for the flow logs."""

    def problems(self) -> Iterator[str]:
        """Check sizes, zones and overlaps."""
        if not LARGEST_NETWORK <= self.cidr.prefix_length <= SMALLEST_NETWORK:
            yield f"cidr {self.cidr} must be a /{LARGEST_NETWORK} to /{SMALLEST_NETWORK}"
        if self.cidr.overlaps(KUBERNETES_SERVICES):
            yield f"cidr {self.cidr} overlaps the service addresses {KUBERNETES_SERVICES}"
        if len(set(self.zones)) != len(self.zones):
            yield f"zones {', '.join(self.zones)} name one twice"
        if len(self.zones) < 2 or (self.scope.is_production and len(self.zones) < 3):
            yield f"{len(self.zones)} zone(s) are too few; an ALB needs two, production needs three (M§14.6)"
        if len(self.zones) > 4:
            yield f"{len(self.zones)} zones do not fit; name at most four"
        for zone in self.zones:
            if not zone.startswith(f"{self.scope.region}-"):
                yield f"zone {zone} is not in {self.scope.region}"


class Network(Component[NetworkOutputs]):
    """VPC with public, private and data vSwitches per zone (M§14.1). No CEN, no peering, no VPN.

    Every vSwitch has a route table of its tier, so the VPC's system table, which a NAT gateway may change by
    itself, routes nothing. Alibaba Cloud makes no default security group that could be adopted and closed; this
    project's groups are made without access inside the group.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:Network"

    def __init__(
        self,
        name: str,
        args: NetworkArgs,
        *,
        provider: alicloud.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        ranges = divide(args.cidr, args.zones)
        self._create_vpc()
        public, public_table = self._create_tier("public", {zone: own.public for zone, own in ranges.items()})
        data, data_table = self._create_tier("data", {zone: own.data for zone, own in ranges.items()})
        private, private_tables = self._create_private_tier(ranges)
        self._create_nat_gateways(public, private, private_tables)
        self._create_oss_endpoint([public_table, data_table, *private_tables.values()])
        self._create_flow_logs()
        zone = self._create_private_zone()
        private_ids = {key: switch.id for key, switch in private.items()}
        self.publish(
            NetworkOutputs(
                network_id=self._vpc.id,
                cidr=str(args.cidr),
                node_subnets=private_ids,
                private_subnets=private_ids,
                public_subnets={key: switch.id for key, switch in public.items()},
                data_subnets={key: switch.id for key, switch in data.items()},
                private_zone_id=zone.id,
                private_domain=self.scope.private_domain,
            )
        )

    def _create_vpc(self) -> None:
        name = self.scope.name("network")
        self._vpc = alicloud.vpc.Network(
            name,
            vpc_name=name,
            description=f"Private network of {self.scope.cluster.id} {self.scope.environment}",
            cidr_block=str(self._args.cidr),
            tags=self.scope.tags(name),
            # Everything stands in it (docs/decisions/0025).
            opts=self.stateful_child(),
        )

    def _switch(self, tier: str, zone: str, cidr: Cidr) -> alicloud.vpc.Switch:
        name = self.scope.name(f"{tier}-{zone}")
        return alicloud.vpc.Switch(
            name,
            vswitch_name=name,
            vpc_id=self._vpc.id,
            zone_id=zone,
            cidr_block=str(cidr),
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _route_table(self, thing: str) -> alicloud.vpc.RouteTable:
        name = self.scope.name(thing)
        return alicloud.vpc.RouteTable(
            name,
            route_table_name=name,
            vpc_id=self._vpc.id,
            associate_type="VSwitch",
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _attach(self, switch: alicloud.vpc.Switch, table: alicloud.vpc.RouteTable, thing: str) -> None:
        alicloud.vpc.RouteTableAttachment(
            self.scope.name(thing), vswitch_id=switch.id, route_table_id=table.id, opts=self.child()
        )

    def _create_tier(
        self, tier: str, ranges: Mapping[str, Cidr]
    ) -> tuple[dict[str, alicloud.vpc.Switch], alicloud.vpc.RouteTable]:
        """Make the vSwitches of a tier without a way out: load balancers have addresses of their own."""
        table = self._route_table(tier)
        switches = {zone: self._switch(tier, zone, cidr) for zone, cidr in ranges.items()}
        for zone, switch in switches.items():
            self._attach(switch, table, f"{tier}-{zone}")
        return switches, table

    def _create_private_tier(
        self, ranges: Mapping[str, ZoneRanges]
    ) -> tuple[dict[str, alicloud.vpc.Switch], dict[str, alicloud.vpc.RouteTable]]:
        switches: dict[str, alicloud.vpc.Switch] = {}
        tables: dict[str, alicloud.vpc.RouteTable] = {}
        for zone, cidr in ranges.items():
            switches[zone] = self._switch("private", zone, cidr.private)
            tables[zone] = self._route_table(f"private-{zone}")
            self._attach(switches[zone], tables[zone], f"private-{zone}")
        return switches, tables

    def _create_nat_gateways(
        self,
        public: Mapping[str, alicloud.vpc.Switch],
        private: Mapping[str, alicloud.vpc.Switch],
        tables: Mapping[str, alicloud.vpc.RouteTable],
    ) -> None:
        is_single = self._args.nat_gateways is NatGateways.SINGLE
        homes = self._args.zones[:1] if is_single else self._args.zones
        gateways = {zone: self._nat_gateway(zone, public[zone]) for zone in homes}
        for zone, switch in private.items():
            gateway, address, association = gateways.get(zone) or gateways[homes[0]]
            alicloud.vpc.SnatEntry(
                self.scope.name(f"snat-{zone}"),
                snat_entry_name=self.scope.name(f"snat-{zone}"),
                snat_table_id=gateway.snat_table_ids,
                source_vswitch_id=switch.id,
                snat_ip=address.ip_address,
                opts=self.child(depends_on=[association]),
            )
            route_name = self.scope.name(f"private-{zone}-internet")
            alicloud.vpc.RouteEntry(
                route_name,
                name=route_name,
                route_table_id=tables[zone].id,
                destination_cidrblock="0.0.0.0/0",
                nexthop_type="NatGateway",
                nexthop_id=gateway.id,
                opts=self.child(),
            )

    def _nat_gateway(
        self, zone: str, switch: alicloud.vpc.Switch
    ) -> tuple[alicloud.vpc.NatGateway, alicloud.ecs.EipAddress, alicloud.ecs.EipAssociation]:
        is_single = self._args.nat_gateways is NatGateways.SINGLE
        name = self.scope.name("nat" if is_single else f"nat-{zone}")
        gateway = alicloud.vpc.NatGateway(
            name,
            nat_gateway_name=name,
            vpc_id=self._vpc.id,
            vswitch_id=switch.id,
            nat_type="Enhanced",
            network_type="internet",
            availability_mode="CrossAZ" if is_single else "SingleAZ",
            payment_type="PayAsYouGo",
            internet_charge_type="PayByLcu",
            deletion_protection=self.scope.is_production,
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        address = alicloud.ecs.EipAddress(
            name,
            address_name=name,
            payment_type="PayAsYouGo",
            internet_charge_type="PayByTraffic",
            bandwidth="100",
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        association = alicloud.ecs.EipAssociation(
            name, allocation_id=address.id, instance_id=gateway.id, instance_type="Nat", opts=self.child()
        )
        return gateway, address, association

    def _create_oss_endpoint(self, tables: list[alicloud.vpc.RouteTable]) -> None:
        """Keep object traffic off the NAT gateway for free, and let nothing be written outside this account.

        Reading stays open: the layers of ACK's own images lie in Alibaba Cloud's buckets.
        """
        name = self.scope.name("endpoint-oss")
        alicloud.vpc.GatewayEndpoint(
            name,
            gateway_endpoint_name=name,
            gateway_endpoint_descrption="OSS of this region; writes to buckets of this account only",
            service_name=f"com.aliyun.{self.scope.region}.oss",
            vpc_id=self._vpc.id,
            route_tables=[table.id for table in tables],
            policy_document=json.dumps(
                {
                    "Version": "1",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": ["*"],
                            "Action": ["oss:GetObject"],
                            "Resource": ["*"],
                        },
                        {
                            "Effect": "Allow",
                            "Principal": ["*"],
                            "Action": ["oss:*"],
                            "Resource": [f"acs:oss:*:{self.scope.account}:*"],
                        },
                    ],
                }
            ),
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _create_flow_logs(self) -> None:
        store = create_log_store(
            self,
            thing="flow-logs",
            description="Every connection of the VPC",
            key_id=self._args.key_id,
            retention_days=INVESTIGATION_LOG_DAYS[self.scope.environment],
            data_class=DataClass.LOGS,
        )
        name = self.scope.name("flow-logs")
        alicloud.vpc.FlowLog(
            name,
            flow_log_name=name,
            description="Every connection of the VPC",
            resource_type="VPC",
            resource_id=self._vpc.id,
            traffic_type="All",
            aggregation_interval="10",
            project_name=store.project_name,
            log_store_name=store.store_name,
            tags=self.scope.tags(name),
            opts=self.child(depends_on=[store.store]),
        )

    def _create_private_zone(self) -> alicloud.pvtz.Zone:
        name = self.scope.name("private-zone")
        zone = alicloud.pvtz.Zone(
            name,
            zone_name=self.scope.private_domain,
            remark=f"Internal names of {self.scope.cluster.id} {self.scope.environment}",
            # A name this zone does not hold is not asked elsewhere: internal names never leave the VPC.
            proxy_pattern="ZONE",
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        alicloud.pvtz.ZoneAttachment(
            name,
            zone_id=zone.id,
            vpcs=[{"vpc_id": self._vpc.id, "region_id": self.scope.region}],
            opts=self.child(),
        )
        return zone
