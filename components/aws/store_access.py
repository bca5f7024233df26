"""Who may connect to a data store: one security group with one rule per client, and no other way in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.core.component import Component
from components.core.naming import NameLimit
from components.core.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Ports:
    """A range of TCP ports, both ends included."""

    first: int
    last: int

    @classmethod
    def only(cls, port: int) -> Ports:
        """One port."""
        return cls(first=port, last=port)


def admit_clients(
    component: Component[Any],
    *,
    thing: str,
    network_id: pulumi.Output[str],
    clients: Mapping[str, pulumi.Output[str]],
    ports: Ports,
    provider: pulumi.ProviderResource | None = None,
) -> aws.ec2.SecurityGroup:
    """Create the security group of a store.

    ``clients`` are security group ids keyed by name. Addresses are never admitted: a group follows its nodes. The
    group lets nothing out, since a store answers and does not call.
    """
    scope = component.scope
    name = scope.name(thing, NameLimit.SECURITY_GROUP)
    group = aws.ec2.SecurityGroup(
        name,
        name=name,
        description=f"{thing}: from its clients only",
        vpc_id=network_id,
        tags=scope.tags(name),
        opts=component.child(provider=provider),
    )
    for client, security_group_id in clients.items():
        rule_name = scope.name(f"{thing}-from-{client}")
        aws.vpc.SecurityGroupIngressRule(
            rule_name,
            security_group_id=group.id,
            referenced_security_group_id=security_group_id,
            description=f"{thing} from {client}",
            ip_protocol="tcp",
            from_port=ports.first,
            to_port=ports.last,
            tags=scope.tags(rule_name),
            opts=component.child(provider=provider),
        )
    return group


def access_problems(
    scope: Scope, subnets: Mapping[str, pulumi.Output[str]], clients: Mapping[str, pulumi.Output[str]]
) -> Iterator[str]:
    """Yield what is wrong with where a store stands and who may reach it."""
    least = 3 if scope.is_production else 2
    if len(subnets) < least:
        yield f"data_subnets in {len(subnets)} zone(s) are too few; give one in each of at least {least} zones"
    for zone in subnets:
        if not zone.startswith(scope.region):
            yield f"data_subnets: zone {zone} is not in {scope.region}; take the subnets of this stack's network"
    if not clients:
        yield "clients are empty; nobody could connect, so name at least the nodes' security group"
