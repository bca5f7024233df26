"""Public addresses: machines and tasks have none, and only public subnets hand them out."""

from __future__ import annotations

from collections.abc import Iterator

from policies.demands import OFF, Absent, Demand, Wanted, broken, is_on
from policies.relations import named_by
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, as_map, dig
from policies.views import ResourceView, StackView

_NO_BANDWIDTH = Wanted(said="0", holds=lambda value: (as_int(value) or 0) == 0)
_SUBNET = "aws:ec2/subnet:Subnet"
_NATS_AND_BALANCERS = frozenset(
    {"nat", "slbinstance", "haviip", "ipaddress", "networkinterface", "alb", "nlb"}
)


def is_bastion(resource: ResourceView) -> bool:
    """Whether it is the one machine people reach from outside (M§9)."""
    names = (resource.name, resource.get("name"), resource.get("instanceName"), resource.get("tags", "Name"))
    return any(isinstance(name, str) and "bastion" in name.lower() for name in names)


def _flag(token: str, path: str, *, absent: Absent = Absent.HOLDS) -> Demand:
    return Demand(
        types=(token,),
        path=path,
        wanted=OFF,
        absent=absent,
        because="it would have an address of the internet",
        unless=is_bastion,
    )


_DEMANDS = (
    _flag("aws:ec2/instance:Instance", "associatePublicIpAddress"),
    _flag("aws:ec2/spotInstanceRequest:SpotInstanceRequest", "associatePublicIpAddress"),
    _flag("aws:ec2/launchConfiguration:LaunchConfiguration", "associatePublicIpAddress"),
    _flag("aws:ec2/launchTemplate:LaunchTemplate", "networkInterfaces?.associatePublicIpAddress"),
    _flag("aws:ecs/service:Service", "networkConfiguration?.assignPublicIp"),
    _flag("aws:ecs/taskSet:TaskSet", "networkConfiguration?.assignPublicIp"),
    _flag("aws:cloudwatch/eventTarget:EventTarget", "ecsTarget?.networkConfiguration?.assignPublicIp"),
    _flag("aws:scheduler/schedule:Schedule", "target?.ecsParameters?.networkConfiguration?.assignPublicIp"),
    _flag("aws:sagemaker/notebookInstance:NotebookInstance", "directInternetAccess", absent=Absent.BREAKS),
    _flag("alicloud:ecs/instance:Instance", "allocatePublicIp"),
    _flag("alicloud:eci/containerGroup:ContainerGroup", "autoCreateEip"),
    *(
        Demand(
            types=(token,),
            path="internetMaxBandwidthOut",
            wanted=_NO_BANDWIDTH,
            absent=Absent.HOLDS,
            because="any bandwidth outwards brings an address of the internet",
            unless=is_bastion,
        )
        for token in (
            "alicloud:ecs/instance:Instance",
            "alicloud:ecs/ecsLaunchTemplate:EcsLaunchTemplate",
            "alicloud:ecs/launchTemplate:LaunchTemplate",
            "alicloud:ess/scalingConfiguration:ScalingConfiguration",
            "alicloud:ess/eciScalingConfiguration:EciScalingConfiguration",
            "alicloud:cs/nodePool:NodePool",
        )
    ),
    Demand(
        types=("aws:sagemaker/domain:Domain",),
        path="appNetworkAccessType",
        wanted=Wanted(said="VpcOnly", holds=lambda value: value == "VpcOnly"),
    ),
)


def _machines(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for address in stack.of_type("aws:ec2/eip:Eip", "aws:ec2/eipAssociation:EipAssociation"):
        for name in ("instance", "instanceId"):
            if address.get(name) is not None and not is_bastion(address):
                if not any(
                    is_bastion(item) for item in named_by(stack, address, name, "aws:ec2/instance:Instance")
                ):
                    yield on(address, "gives a machine an address of the internet")
                break
    for address in stack.of_type("alicloud:ecs/eipAssociation:EipAssociation"):
        kind = address.get("instanceType")
        if isinstance(kind, str) and kind.lower() not in _NATS_AND_BALANCERS and not is_bastion(address):
            yield on(address, f"gives a machine ({kind}) an address of the internet")


def _subnets(stack: StackView) -> Iterator[Violation]:
    for subnet in stack.of_type(_SUBNET):
        value = subnet.get("mapPublicIpOnLaunch")
        if isinstance(value, Opaque):
            yield unproven(subnet, "mapPublicIpOnLaunch", value)
        elif is_on(value) and not _is_public(stack, subnet):
            yield on(subnet, "mapPublicIpOnLaunch is on, and nothing says that the subnet is a public one")


def _is_public(stack: StackView, subnet: ResourceView) -> bool:
    tags = as_map(subnet.get("tags"))
    names = (subnet.name, tags.get("Name"), tags.get("Tier"), tags.get("tier"), tags.get("type"))
    text = " ".join(name.lower() for name in names if isinstance(name, str))
    if any(word in text for word in ("private", "data", "intra", "isolated")):
        return False
    if "kubernetes.io/role/elb" in tags or "public" in text:
        return True
    return any(
        subnet.urn in entry.property_dependencies.get("subnetId", ())
        and any(
            is_gateway(stack, table)
            for table in named_by(stack, entry, "routeTableId", "aws:ec2/routeTable:RouteTable")
        )
        for entry in stack.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    )


def is_gateway(stack: StackView, table: ResourceView) -> bool:
    """Whether a route table leads to an internet gateway."""
    if any(dig(route, "gatewayId") is not None for route in as_list(table.get("routes"))):
        return True
    return any(
        table.urn in route.property_dependencies.get("routeTableId", ())
        and route.get("gatewayId") is not None
        for route in stack.of_type("aws:ec2/route:Route")
    )


RULES = (
    Rule(
        id="exposure-addresses",
        family=Family.EXPOSURE,
        sentence="No machine, task or function has an address of the internet; the bastion alone does.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="leave it in the private subnets, and let a load balancer or the NAT gateway stand before it",
        judge=_machines,
    ),
    Rule(
        id="exposure-subnets",
        family=Family.EXPOSURE,
        sentence="Only public subnets give machines an address of the internet.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="turn mapPublicIpOnLaunch off",
        judge=_subnets,
    ),
)
