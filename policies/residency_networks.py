"""Nothing joins the networks of two clusters (M§14.6, docs/decisions/0007)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.unknowns import is_explained
from policies.values import Opaque, Value, as_flag, as_list, as_map
from policies.views import ResourceView, StackView

_JOINS = {
    "aws:ec2transitgateway/": "a transit gateway joins networks",
    "aws:networkmanager/": "a global network joins networks of several regions",
    "aws:directconnect/": "a private line leads out of the cluster",
    "aws:ec2/vpnConnection:": "a tunnel leads out of the cluster",
    "aws:ec2/vpnConnectionRoute:": "a tunnel leads out of the cluster",
    "aws:ec2/vpnGateway:": "a gateway for tunnels out of the cluster",
    "aws:ec2/vpnGatewayAttachment:": "a gateway for tunnels out of the cluster",
    "aws:ec2/customerGateway:": "the far end of a tunnel out of the cluster",
    "aws:ec2/vpcPeeringConnectionAccepter:": "accepts a peering that somebody else asked for",
    "alicloud:cen/": "a cloud enterprise network joins networks",
    "alicloud:expressconnect/": "a private line leads out of the cluster",
    "alicloud:vpc/routerInterface": "joins two routers",
    "alicloud:vpc/peerConnectionAccepter:": "accepts a peering that somebody else asked for",
    "alicloud:vpn/gateway:": "a gateway for tunnels out of the cluster",
    "alicloud:vpn/connection:": "a tunnel leads out of the cluster",
    "alicloud:vpn/customerGateway:": "the far end of a tunnel out of the cluster",
    "alicloud:vpn/gatewayVpnAttachment:": "a tunnel leads out of the cluster",
    "alicloud:sag/": "a smart access gateway joins networks",
    "alicloud:cloudfirewall/firewallVpcFirewallCen:": "a firewall between joined networks",
    "cloudflare:index/magicWan": "a wide area network joins networks",
    "cloudflare:index/magicTransit": "a wide area network joins networks",
}


_JOINING_KINDS = frozenset(
    {
        *("ServiceExport", "ServiceImport", "Link", "Gslb", "GlobalService", "CiliumClusterwideEnvoyConfig"),
        *(
            "Submariner",
            "Broker",
            "ClusterSet",
            "ForeignCluster",
            "ClusterLink",
            "Peering",
            "PeeringAcceptor",
        ),
        *("PeeringDialer", "ExportedServices", "SamenessGroup", "MultiClusterService", "MultiClusterIngress"),
        *("FederatedDeployment", "ServiceNameExportPolicy", "PropagationPolicy", "ClusterPropagationPolicy"),
    }
) - {"Broker", "CiliumClusterwideEnvoyConfig"}
"""Kinds of the multi-cluster API, Linkerd, Cilium, Submariner, Liqo, Consul, Karmada and k8gb."""
_JOINING_VALUES = frozenset(
    {"clustermesh", "clusterMesh", "meshNetworks", "multicluster", "federation", "meshGateway"}
)
"""Values of charts that join the networks or meshes of clusters."""


def _meshes(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        if resource.package != "kubernetes":
            continue
        kind = resource.type.rsplit(":", maxsplit=1)[-1]
        if kind in _JOINING_KINDS:
            yield on(resource, f"a {kind} joins several clusters")
        for path, block in resource.mappings:
            for name in _JOINING_VALUES & block.keys():
                if _is_on(block[name]):
                    yield on(resource, f"{path}.{name} joins several clusters".lstrip("."))
        labels = as_map(as_map(resource.get("metadata")).get("labels"))
        if str(labels.get("istio/multiCluster")).lower() == "true":
            yield on(resource, "lets a mesh reach another cluster")


def _is_on(value: Value) -> bool:
    """Whether a part of a chart's values is in use: switched on, or with clusters or networks in it."""
    block = as_map(value)
    if not block:
        return value is True
    if as_flag(block.get("enabled")) is not None:
        return as_flag(block.get("enabled")) is True
    return any(
        _is_on(item) or (name in {"clusters", "datacenters", "primaryGateways"} and bool(as_list(item)))
        for name, item in block.items()
    ) or any(isinstance(item, Mapping) and "endpoints" in item for item in block.values())


def _joined(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        for start, why in _JOINS.items():
            if resource.type.startswith(start):
                yield on(resource, why)
                break
        if resource.type.startswith("aws:ec2/vpcPeeringConnection:"):
            yield from _peering(stack, resource, "peerRegion", "peerOwnerId", "peerVpcId")
        elif resource.type.startswith("alicloud:vpc/peerConnection:"):
            yield from _peering(stack, resource, "acceptingRegionId", "acceptingAliUid", "acceptingVpcId")
        elif resource.type.startswith("mongodbatlas:index/networkPeering:"):
            yield from _peering(stack, resource, "accepterRegionName", "awsAccountId", "vpcId")


def _peering(
    stack: StackView, resource: ResourceView, region: str, account: str, network: str
) -> Iterator[Violation]:
    there, owner = resource.get(region), resource.get(account)
    if isinstance(there, Opaque):
        yield unproven(resource, region, there)
    elif isinstance(there, str) and there.lower().replace("_", "-") != stack.facts.cluster.home:
        yield on(resource, f"peers with a network in {there}")
    elif isinstance(owner, str | int) and resource.accounts and str(owner) not in resource.accounts:
        yield on(resource, f"peers with a network of account {owner}")
    elif not _is_own_network(stack, resource, network):
        yield on(resource, f"cannot be proven: {network} is not seen to be a network of this stack")


def _is_own_network(stack: StackView, resource: ResourceView, name: str) -> bool:
    if is_explained(stack, resource, name):
        return True
    value = resource.get(name)
    return isinstance(value, str) and any(
        value in (item.id, item.outputs.get("id"))
        for item in stack.of_type("aws:ec2/vpc:Vpc", "alicloud:vpc/network:Network")
    )


_SERVICE_REGION = re.compile(r"^com\.amazonaws\.(?:vpce\.)?([\w-]+?-\d)\.")


def _private_endpoints(stack: StackView) -> Iterator[Violation]:
    home = stack.facts.cluster.home
    for endpoint in stack.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        name = endpoint.get("serviceName")
        match = _SERVICE_REGION.match(name) if isinstance(name, str) else None
        if match and match[1] != home:
            yield on(endpoint, f"reaches a service in {match[1]}")
    for service in stack.of_type("aws:ec2/vpcEndpointService:VpcEndpointService"):
        yield from _elsewhere(service, "supportedRegions", service.get("supportedRegions"), home)
    for service in stack.of_type("alicloud:privatelink/vpcEndpointService:VpcEndpointService"):
        yield from _elsewhere(service, "supportedRegionLists", service.get("supportedRegionLists"), home)


def _elsewhere(resource: ResourceView, what: str, value: Value, home: str) -> Iterator[Violation]:
    if isinstance(value, Opaque):
        yield unproven(resource, what, value)
    for item in as_list(value):
        if isinstance(item, Opaque):
            yield unproven(resource, what, item)
        elif isinstance(item, str) and item != home:
            yield on(resource, f"{what} offers it in {item}")


def _hybrid(stack: StackView) -> Iterator[Violation]:
    for cluster in stack.of_type("aws:eks/cluster:Cluster"):
        if as_map(cluster.get("remoteNetworkConfig")) or as_list(cluster.get("remoteNetworkConfig")):
            yield on(cluster, "remoteNetworkConfig lets nodes outside the home region join")


def _judge(stack: StackView) -> Iterator[Violation]:
    yield from _joined(stack)
    yield from _meshes(stack)
    yield from _private_endpoints(stack)
    yield from _hybrid(stack)


RULES = (
    Rule(
        id="residency-joined-networks",
        family=Family.RESIDENCY,
        sentence="No peering, transit network, tunnel or private line joins a cluster to another network.",
        source="M§14.3, M§14.6; docs/decisions/0007",
        level=Level.MANDATORY,
        remedy="remove it; the flows that may cross use public TLS listeners with mutual authentication",
        judge=_judge,
    ),
)
