"""A VPC that nothing joins to another: subnets, NAT, endpoints, flow logs, private DNS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_aws as aws

from catalog.addresses import KUBERNETES_SERVICES, LARGEST_NETWORK, SMALLEST_NETWORK, Cidr, ZoneRanges, divide
from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET, audit_batches
from catalog.retention import INVESTIGATION_LOG_DAYS
from components.aws.iam import Statement, policy_document
from components.core.component import Args, Component
from components.core.naming import NameLimit
from components.core.outputs import NetworkOutputs
from components.core.scope import Scope


class NatGateways(StrEnum):
    """How private subnets reach the internet."""

    NONE = "none"
    """Not at all; nodes stand in public subnets (dev)."""
    SINGLE = "single"
    """Through one zone: cheaper, and gone with that zone (staging)."""
    PER_ZONE = "per-zone"
    """Each zone through its own, so that losing a zone costs the others nothing (prod)."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs(Args):
    """What a network needs to know.

    ``zones`` are availability zone names, at most four; three at least in production (M§14.6).
    ``interface_endpoints`` are AWS service names such as ``ecr.api``; each costs an hourly price per zone and pays
    from about 580 GB a month on in Singapore (NAT 0.059 USD/GB against 0.013 USD/h and zone).
    """

    cidr: Cidr
    zones: tuple[str, ...]
    nat_gateways: NatGateways
    interface_endpoints: frozenset[str] = frozenset()
    key_arn: pulumi.Output[str]
    """KMS key for the flow logs."""

    def problems(self) -> Iterator[str]:
        """Check sizes, zones and overlaps."""
        if not LARGEST_NETWORK <= self.cidr.prefix_length <= SMALLEST_NETWORK:
            yield f"cidr {self.cidr} must be a /{LARGEST_NETWORK} to /{SMALLEST_NETWORK}"
        if self.cidr.overlaps(KUBERNETES_SERVICES):
            yield f"cidr {self.cidr} overlaps the service addresses {KUBERNETES_SERVICES}"
        if len(set(self.zones)) != len(self.zones):
            yield f"zones {', '.join(self.zones)} name one twice"
        if len(self.zones) < 2 or (self.scope.is_production and len(self.zones) < 3):
            yield f"{len(self.zones)} zone(s) are too few; EKS and RDS need two, production needs three (M§14.6)"
        for zone in self.zones:
            if not zone.startswith(self.scope.region):
                yield f"zone {zone} is not in {self.scope.region}"


def storage_statements(scope: Scope) -> tuple[Statement, ...]:
    """Write what may pass the gateway endpoint of S3: nothing is written outside this account but audit batches.

    Reading stays open: the layers of EKS' own images and the packages of its nodes lie in AWS' buckets. Whoever
    calls, a bucket's own policy and IAM must allow it as well.
    """
    everybody = {"AWS": "*"}
    # A gateway endpoint leads to buckets of its own region only: whoever else sends batches does so past it.
    sends_batches = scope.cluster.holds_personal_data and scope.region is Cluster.GLOBAL.home
    batches = Statement(
        sid="AuditBatches",
        actions=("s3:PutObject",),
        resources=(f"arn:aws:s3:::{AUDIT_ARCHIVE_BUCKET}/{audit_batches(scope.cluster.id)}*",),
        principals=everybody,
    )
    return (
        Statement(sid="Read", actions=("s3:GetObject",), resources=("*",), principals=everybody),
        Statement(
            sid="OwnBuckets",
            actions=("s3:*",),
            resources=("*",),
            principals=everybody,
            conditions={"StringEquals": {"aws:ResourceAccount": scope.account}},
        ),
        *((batches,) if sends_batches else ()),
    )


class Network(Component[NetworkOutputs]):
    """VPC with public, private and data subnets per zone (M§14.1). No peering, no transit gateway.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Network"

    def __init__(
        self, name: str, args: NetworkArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        ranges = divide(args.cidr, args.zones)
        self._create_vpc()
        public = self._create_public_subnets(ranges)
        nat = self._create_nat_gateways(public)
        private, private_tables = self._create_private_subnets(ranges, nat)
        data, data_table = self._create_data_subnets(ranges)
        self._create_endpoints(private, [self._public_table, *private_tables, data_table])
        self._create_flow_logs()
        zone = self._create_private_zone()
        public_ids = {key: subnet.id for key, subnet in public.items()}
        private_ids = {key: subnet.id for key, subnet in private.items()}
        self.publish(
            NetworkOutputs(
                network_id=self._vpc.id,
                cidr=str(args.cidr),
                node_subnets=public_ids if args.nat_gateways is NatGateways.NONE else private_ids,
                private_subnets=private_ids,
                public_subnets=public_ids,
                data_subnets={key: subnet.id for key, subnet in data.items()},
                private_zone_id=zone.zone_id,
                private_domain=self.scope.private_domain,
            )
        )

    def _create_vpc(self) -> None:
        name = self.scope.name("network")
        self._vpc = aws.ec2.Vpc(
            name,
            cidr_block=str(self._args.cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self.scope.tags(name),
            # Another range would be another network, with everything that stands in it (docs/decisions/0025).
            opts=self.stateful_child(),
        )
        # Adopting the default group with no rule at all closes it: nothing may rely on it by accident.
        default_name = self.scope.name("default-closed")
        aws.ec2.DefaultSecurityGroup(
            default_name,
            vpc_id=self._vpc.id,
            ingress=[],
            egress=[],
            tags=self.scope.tags(default_name),
            opts=self.child(),
        )

    def _subnet(self, kind: str, zone: str, cidr: Cidr, role: Mapping[str, str]) -> aws.ec2.Subnet:
        name = self.scope.name(f"{kind}-{zone}")
        return aws.ec2.Subnet(
            name,
            vpc_id=self._vpc.id,
            availability_zone=zone,
            cidr_block=str(cidr),
            # Nodes without NAT need an address of their own; nothing else gets one by default.
            map_public_ip_on_launch=kind == "public" and self._args.nat_gateways is NatGateways.NONE,
            tags={**self.scope.tags(name), **role},
            opts=self.child(),
        )

    def _route_table(self, thing: str) -> aws.ec2.RouteTable:
        name = self.scope.name(thing)
        return aws.ec2.RouteTable(name, vpc_id=self._vpc.id, tags=self.scope.tags(name), opts=self.child())

    def _associate(self, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable, thing: str) -> None:
        aws.ec2.RouteTableAssociation(
            self.scope.name(thing), subnet_id=subnet.id, route_table_id=table.id, opts=self.child()
        )

    def _create_public_subnets(self, ranges: Mapping[str, ZoneRanges]) -> dict[str, aws.ec2.Subnet]:
        name = self.scope.name("internet")
        gateway = aws.ec2.InternetGateway(
            name, vpc_id=self._vpc.id, tags=self.scope.tags(name), opts=self.child()
        )
        self._public_table = self._route_table("public")
        aws.ec2.Route(
            self.scope.name("public-internet"),
            route_table_id=self._public_table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child(),
        )
        subnets = {
            zone: self._subnet("public", zone, cidr.public, {"kubernetes.io/role/elb": "1"})
            for zone, cidr in ranges.items()
        }
        for zone, subnet in subnets.items():
            self._associate(subnet, self._public_table, f"public-{zone}")
        return subnets

    def _create_nat_gateways(self, public: Mapping[str, aws.ec2.Subnet]) -> dict[str, aws.ec2.NatGateway]:
        zones = {
            NatGateways.NONE: (),
            NatGateways.SINGLE: self._args.zones[:1],
            NatGateways.PER_ZONE: self._args.zones,
        }[self._args.nat_gateways]
        gateways: dict[str, aws.ec2.NatGateway] = {}
        for zone in zones:
            name = self.scope.name(f"nat-{zone}")
            address = aws.ec2.Eip(name, domain="vpc", tags=self.scope.tags(name), opts=self.child())
            gateways[zone] = aws.ec2.NatGateway(
                name,
                allocation_id=address.id,
                subnet_id=public[zone].id,
                tags=self.scope.tags(name),
                opts=self.child(),
            )
        return gateways

    def _create_private_subnets(
        self, ranges: Mapping[str, ZoneRanges], nat: Mapping[str, aws.ec2.NatGateway]
    ) -> tuple[dict[str, aws.ec2.Subnet], list[aws.ec2.RouteTable]]:
        subnets: dict[str, aws.ec2.Subnet] = {}
        tables: list[aws.ec2.RouteTable] = []
        for zone, cidr in ranges.items():
            subnets[zone] = self._subnet(
                "private", zone, cidr.private, {"kubernetes.io/role/internal-elb": "1"}
            )
            table = self._route_table(f"private-{zone}")
            tables.append(table)
            self._associate(subnets[zone], table, f"private-{zone}")
            gateway = nat.get(zone) or next(iter(nat.values()), None)
            if gateway is not None:
                aws.ec2.Route(
                    self.scope.name(f"private-{zone}-internet"),
                    route_table_id=table.id,
                    destination_cidr_block="0.0.0.0/0",
                    nat_gateway_id=gateway.id,
                    opts=self.child(),
                )
        return subnets, tables

    def _create_data_subnets(
        self, ranges: Mapping[str, ZoneRanges]
    ) -> tuple[dict[str, aws.ec2.Subnet], aws.ec2.RouteTable]:
        table = self._route_table("data")
        subnets = {zone: self._subnet("data", zone, cidr.data, {}) for zone, cidr in ranges.items()}
        for zone, subnet in subnets.items():
            self._associate(subnet, table, f"data-{zone}")
        return subnets, table

    def _create_endpoints(
        self, private: Mapping[str, aws.ec2.Subnet], tables: list[aws.ec2.RouteTable]
    ) -> None:
        region = self.scope.region
        name = self.scope.name("endpoint-s3")
        # The gateway endpoint is free and keeps object traffic, image layers among it, off the NAT gateways.
        aws.ec2.VpcEndpoint(
            name,
            vpc_id=self._vpc.id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{region}.s3",
            route_table_ids=[table.id for table in tables],
            policy=policy_document(*storage_statements(self.scope)),
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        if not self._args.interface_endpoints:
            return
        group_name = self.scope.name("endpoints", NameLimit.SECURITY_GROUP)
        group = aws.ec2.SecurityGroup(
            group_name,
            name=group_name,
            description="HTTPS from inside the VPC to interface endpoints",
            vpc_id=self._vpc.id,
            tags=self.scope.tags(group_name),
            opts=self.child(),
        )
        aws.vpc.SecurityGroupIngressRule(
            self.scope.name("endpoints-https"),
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=str(self._args.cidr),
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags=self.scope.tags(self.scope.name("endpoints-https")),
            opts=self.child(),
        )
        for service in sorted(self._args.interface_endpoints):
            name = self.scope.name(f"endpoint-{service.replace('.', '-')}")
            aws.ec2.VpcEndpoint(
                name,
                vpc_id=self._vpc.id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{region}.{service}",
                subnet_ids=[subnet.id for subnet in private.values()],
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags=self.scope.tags(name),
                opts=self.child(),
            )

    def _create_flow_logs(self) -> None:
        name = self.scope.name("flow-logs", NameLimit.LOG_GROUP)
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/smp/{name}",
            retention_in_days=INVESTIGATION_LOG_DAYS[self.scope.environment],
            kms_key_id=self._args.key_arn,
            tags=self.scope.tags(name, DataClass.LOGS),
            opts=self.child(),
        )
        role_name = self.scope.name(f"flow-logs-{self.scope.region}", NameLimit.IAM_ROLE)
        role = aws.iam.Role(
            role_name,
            name=role_name,
            description="Lets VPC flow logs write to their log group",
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                            # Confused deputy: only flow logs of this account may use the role.
                            "Condition": {"StringEquals": {"aws:SourceAccount": self.scope.account}},
                        }
                    ],
                }
            ),
            tags=self.scope.tags(role_name),
            opts=self.child(),
        )
        log_group_arn = f"arn:aws:logs:{self.scope.region}:{self.scope.account}:log-group:/smp/{name}"
        aws.iam.RolePolicy(
            role_name,
            name="write-flow-logs",
            role=role.name,
            policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": [
                                "logs:CreateLogStream",
                                "logs:DescribeLogStreams",
                                "logs:PutLogEvents",
                            ],
                            "Resource": [log_group_arn, f"{log_group_arn}:*"],
                        }
                    ],
                }
            ),
            opts=self.child(),
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=self._vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _create_private_zone(self) -> aws.route53.Zone:
        name = self.scope.name("private-zone")
        return aws.route53.Zone(
            name,
            name=self.scope.private_domain,
            comment=f"Internal names of {self.scope.cluster.id} {self.scope.environment}",
            vpcs=[{"vpc_id": self._vpc.id, "vpc_region": self.scope.region}],
            tags=self.scope.tags(name),
            opts=self.child(),
        )
