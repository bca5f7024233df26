"""Who may open a connection: security groups, prefix lists, network policies."""

from __future__ import annotations

from collections.abc import Iterator

from policies.addresses import DATA_PORTS, PUBLIC_PORTS, is_everybody
from policies.demands import is_off
from policies.kubernetes_objects import kubernetes_objects
from policies.relations import explained, named_by, texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_int, as_list, as_map, dig
from policies.views import ResourceView, StackView

_AWS_RANGES = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
_PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
_PING = frozenset({"icmp", "icmpv6", "1", "58"})
_POD_PORTS = frozenset({80, 443, 8080, 8443})
"""What a pod behind the load balancer listens on."""


def _open_ports(
    stack: StackView, resource: ResourceView, block: Value, where: str, names: tuple[str, ...]
) -> Iterator[Violation]:
    protocol = str(dig(block, "protocol") or dig(block, "ipProtocol") or "-1").lower()
    if protocol in _PING:
        return
    low, high = as_int(dig(block, "fromPort")), as_int(dig(block, "toPort"))
    every = protocol in {"-1", "all"} or low is None or high is None or low < 0
    ports = "every port" if every else f"{low}" if low == high else f"{low}-{high}"
    if not every and low == high and low in PUBLIC_PORTS:
        return
    held = [] if every else [name for port, name in DATA_PORTS.items() if (low or 0) <= port <= (high or 0)]
    what = f" ({', '.join(dict.fromkeys(held))})" if held else ""
    for name in names:
        for value in texts_of(dig(block, name)):
            path = f"{where}{name}"
            if isinstance(value, Opaque):
                if not explained(stack, resource, path):
                    yield unproven(resource, f"who may connect ({path})", value)
            elif is_everybody(value):
                yield on(resource, f"{value} may connect to {ports}{what}, protocol {protocol}")
    for name in ("prefixListIds", "prefixListId"):
        holder = resource if resource.get(name) is not None else None
        for prefixes in named_by(stack, holder, name, _PREFIX_LIST) if holder else ():
            for text in _prefixes(prefixes):
                if is_everybody(text):
                    yield on(
                        resource,
                        f"{text}, of the prefix list {prefixes.name}, may connect to {ports}{what}",
                    )


def _prefixes(resource: ResourceView) -> Iterator[Value]:
    for entry in as_list(resource.get("entries")):
        yield dig(entry, "cidr")


def _groups(stack: StackView) -> Iterator[Violation]:
    for group in stack.of_type(
        "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    ):
        ingress = group.get("ingress")
        if isinstance(ingress, Opaque) and not explained(stack, group, "ingress"):
            yield unproven(group, "ingress", ingress)
        for place, block in enumerate(as_list(ingress)):
            yield from _open_ports(stack, group, block, f"ingress[{place}].", _AWS_RANGES)
    for rule in stack.of_type("aws:ec2/securityGroupRule:SecurityGroupRule"):
        if rule.get("type") != "egress":
            yield from _open_ports(stack, rule, rule.inputs, "", _AWS_RANGES)
    for rule in stack.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        yield from _open_ports(stack, rule, rule.inputs, "", _AWS_RANGES)
    for rule in stack.of_type("alicloud:ecs/securityGroupRule:SecurityGroupRule"):
        if rule.get("type") == "egress" or str(rule.get("policy") or "accept").lower() != "accept":
            continue
        text = rule.get("portRange")
        low, _, high = text.partition("/") if isinstance(text, str) else ("-1", "", "-1")
        ports: dict[str, Value] = {
            "protocol": rule.get("ipProtocol"),
            "fromPort": low,
            "toPort": high or low,
            "cidrIp": rule.get("cidrIp"),
            "ipv6CidrIp": rule.get("ipv6CidrIp"),
        }
        yield from _open_ports(stack, rule, ports, "", ("cidrIp", "ipv6CidrIp"))


def _lists(stack: StackView) -> Iterator[Violation]:
    for prefixes in stack.of_type(
        _PREFIX_LIST, "alicloud:ecs/prefixList:PrefixList", "alicloud:vpc/prefixList"
    ):
        for text in _prefixes(prefixes):
            if is_everybody(text) and text == "0.0.0.0/0":
                yield on(prefixes, "holds 0.0.0.0/0: every rule that names it opens to everybody")
    for entry in stack.of_type("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"):
        if is_everybody(entry.get("cidr")):
            yield on(entry, f"adds {entry.get('cidr')}: every rule that names the list opens to everybody")
    for ports in stack.of_type("aws:lightsail/instancePublicPorts:InstancePublicPorts"):
        for block in as_list(ports.get("portInfos")):
            yield from _open_ports(stack, ports, block, "portInfos.", ("cidrs", "ipv6Cidrs"))
    for rule in stack.of_type("alicloud:nas/accessRule:AccessRule"):
        if is_everybody(rule.get("sourceCidrIp")):
            yield on(rule, f"sourceCidrIp {rule.get('sourceCidrIp')} may mount the file system")
    yield from _acls(stack)


def _acls(stack: StackView) -> Iterator[Violation]:
    for acl in stack.of_type("aws:ec2/networkAclRule:NetworkAclRule"):
        allowed = str(acl.get("ruleAction") or "").lower() == "allow" and is_off(acl.get("egress") or False)
        named = _named_ports(acl.get("fromPort"), acl.get("toPort"))
        if allowed and named and is_everybody(acl.get("cidrBlock") or acl.get("ipv6CidrBlock")):
            yield on(acl, f"lets everybody reach {named}")
    for acl in stack.of_type("aws:ec2/networkAcl:NetworkAcl"):
        for block in as_list(acl.get("ingress")):
            named = _named_ports(dig(block, "fromPort"), dig(block, "toPort"))
            ranges = (dig(block, "cidrBlock"), dig(block, "ipv6CidrBlock"))
            if named and dig(block, "action") == "allow" and any(is_everybody(item) for item in ranges):
                yield on(acl, f"lets everybody reach {named}")


def _named_ports(low: Value, high: Value) -> str | None:
    """Name what a range of ports is about; a list without memory must let answers to high ports in."""
    first, last = as_int(low), as_int(high)
    if first is None or last is None or first <= 0 or (first >= 1024 and last - first > 10_000):
        return None
    return (
        ", ".join(dict.fromkeys(name for port, name in DATA_PORTS.items() if first <= port <= last)) or None
    )


def _network_policies(stack: StackView) -> Iterator[Violation]:
    for policy in kubernetes_objects(stack, "NetworkPolicy"):
        for entry in as_list(policy.spec.get("ingress")):
            ports = {as_int(dig(port, "port")) for port in as_list(dig(entry, "ports"))}
            sources = as_list(dig(entry, "from"))
            if not sources and not ports and not as_map(policy.spec.get("podSelector")):
                yield on(policy.view, "an ingress rule without a source admits everybody to every pod")
            for source in sources:
                cidr = dig(source, "ipBlock", "cidr")
                if is_everybody(cidr) and not (ports and ports <= _POD_PORTS):
                    said = (
                        ", ".join(str(port) for port in sorted(port or 0 for port in ports)) or "every port"
                    )
                    yield on(policy.view, f"{cidr} may connect to {said}")


RULES = (
    Rule(
        id="exposure-network",
        family=Family.EXPOSURE,
        sentence="No security group lets the internet in, but for ports 80 and 443.",
        source="M§9, M§11",
        level=Level.MANDATORY,
        remedy="name the source's range or its security group",
        judge=_groups,
    ),
    Rule(
        id="exposure-ranges",
        family=Family.EXPOSURE,
        sentence="No list of addresses that other rules name holds everybody.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="list the ranges that are meant",
        judge=_lists,
    ),
    Rule(
        id="exposure-network-policies",
        family=Family.EXPOSURE,
        sentence="No network policy admits the internet, or everybody, to pods that do not serve the edge.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="name the pods or namespaces that may connect, and the port",
        judge=_network_policies,
        alone=True,
    ),
)
