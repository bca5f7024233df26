"""The door of an origin: open to Cloudflare's addresses and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from catalog.addresses import Cidr
from catalog.edge import ADDRESSES_AS_OF, CLOUDFLARE_IPV4
from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit

PREFIX_LIST_ROOM = 20
"""Entries the list may grow to. A rule with the list counts as so many of a group's sixty."""

_HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class EdgeIngressArgs(Args):
    """Where the origin's load balancer stands."""

    network_id: pulumi.Output[str]
    network: Cidr
    """The whole private network: the load balancer reaches nodes and pods in it, and nothing beyond."""
    sources: tuple[Cidr, ...] = CLOUDFLARE_IPV4

    def problems(self) -> Iterator[str]:
        """Check that the list is one, and fits."""
        if not self.sources:
            yield "sources are empty; nobody could reach the origin"
        if len(self.sources) > PREFIX_LIST_ROOM:
            yield f"{len(self.sources)} sources; the list has room for {PREFIX_LIST_ROOM}"
        for source in self.sources:
            if source.prefix_length < 12 or source.network.is_private:
                yield f"source {source} is no range of Cloudflare's; take those of catalog/edge.py"


@dataclass(frozen=True, kw_only=True)
class EdgeIngressOutputs(Outputs):
    """What the load balancer of the origin is given."""

    security_group_id: pulumi.Output[str]
    security_group_name: str
    """By this name the load balancer controller finds the group."""
    prefix_list_id: pulumi.Output[str]
    addresses_as_of: str


class EdgeIngress(Component[EdgeIngressOutputs]):
    """A prefix list of Cloudflare's addresses and the security group of the origin's load balancer.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:EdgeIngress"

    def __init__(
        self,
        name: str,
        args: EdgeIngressArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        prefix_list = self._create_prefix_list()
        group = self._create_group(prefix_list)
        self.publish(
            EdgeIngressOutputs(
                security_group_id=group.id,
                security_group_name=self.scope.name("origin"),
                prefix_list_id=prefix_list.id,
                addresses_as_of=ADDRESSES_AS_OF,
            )
        )

    def _create_prefix_list(self) -> aws.ec2.ManagedPrefixList:
        name = self.scope.name("cloudflare")
        return aws.ec2.ManagedPrefixList(
            name,
            name=name,
            address_family="IPv4",
            max_entries=PREFIX_LIST_ROOM,
            entries=[
                aws.ec2.ManagedPrefixListEntryArgs(cidr=str(source), description=f"as of {ADDRESSES_AS_OF}")
                for source in self._args.sources
            ],
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _create_group(self, prefix_list: aws.ec2.ManagedPrefixList) -> aws.ec2.SecurityGroup:
        name = self.scope.name("origin", NameLimit.SECURITY_GROUP)
        group = aws.ec2.SecurityGroup(
            name,
            name=name,
            description="Load balancer of the origin: from Cloudflare, to the cluster",
            vpc_id=self._args.network_id,
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        inwards = self.scope.name("origin-from-cloudflare")
        aws.vpc.SecurityGroupIngressRule(
            inwards,
            security_group_id=group.id,
            prefix_list_id=prefix_list.id,
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            description="HTTPS from Cloudflare",
            tags=self.scope.tags(inwards),
            opts=self.child(),
        )
        outwards = self.scope.name("origin-to-cluster")
        aws.vpc.SecurityGroupEgressRule(
            outwards,
            security_group_id=group.id,
            cidr_ipv4=str(self._args.network),
            ip_protocol="tcp",
            from_port=1024,
            to_port=65_535,
            description="Nodes and pods of this network",
            tags=self.scope.tags(outwards),
            opts=self.child(),
        )
        return group
