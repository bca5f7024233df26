"""Nothing is open to the internet that does not have to be (M§9)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_flag, as_int, as_list, dig
from policies.views import ResourceView, StackView

_PUBLIC_PORTS = frozenset({80, 443})
"""What a public load balancer may listen on."""
_WIDEST_PREFIX = {4: 16, 6: 32}
"""Ranges of public addresses wider than this are as good as everybody."""


def _is_everybody(value: Value) -> bool:
    if not isinstance(value, str):
        return False
    try:
        network = ip_network(value.strip(), strict=False)
    except ValueError:
        return False
    return not network.is_private and network.prefixlen < _WIDEST_PREFIX[network.version]


def _ranges(block: Value, *names: str) -> Iterator[Value]:
    for name in names:
        value = dig(block, name)
        if isinstance(value, str | Opaque):
            yield value
        else:
            yield from as_list(value)


def _open_ports(resource: ResourceView, block: Value, names: tuple[str, ...]) -> Iterator[Violation]:
    protocol = str(dig(block, "protocol") or dig(block, "ipProtocol") or "-1")
    low, high = as_int(dig(block, "fromPort")), as_int(dig(block, "toPort"))
    ports = (
        "every port"
        if protocol in {"-1", "all"} or low is None or high is None or low < 0
        else f"{low}-{high}"
    )
    harmless = ports != "every port" and low == high and low in _PUBLIC_PORTS
    for value in _ranges(block, *names):
        if isinstance(value, Opaque):
            yield unproven(resource, "who may connect", value)
        elif _is_everybody(value) and not harmless:
            yield on(resource, f"{value} may connect to {ports} ({protocol})")


_AWS_RANGES = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")


def _network(stack: StackView) -> Iterator[Violation]:
    for group in stack.of_type(
        "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    ):
        for block in as_list(group.get("ingress")):
            yield from _open_ports(group, block, _AWS_RANGES)
    for rule in stack.of_type("aws:ec2/securityGroupRule:SecurityGroupRule"):
        if rule.get("type") != "egress":
            yield from _open_ports(rule, rule.inputs, _AWS_RANGES)
    for rule in stack.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        yield from _open_ports(rule, rule.inputs, _AWS_RANGES)
    for rule in stack.of_type("alicloud:ecs/securityGroupRule:SecurityGroupRule"):
        if rule.get("type") == "egress":
            continue
        text = rule.get("portRange")
        low, _, high = text.partition("/") if isinstance(text, str) else ("-1", "", "-1")
        block: Value = {
            "protocol": rule.get("ipProtocol"),
            "fromPort": low,
            "toPort": high,
            "ranges": [rule.get("cidrIp"), rule.get("ipv6CidrIp")],
        }
        yield from _open_ports(rule, block, ("ranges",))


def _stores(stack: StackView) -> Iterator[Violation]:
    for database in stack.of_type("aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"):
        value = as_flag(database.get("publiclyAccessible"))
        if isinstance(value, Opaque):
            yield unproven(database, "publiclyAccessible", value)
        elif value is True:
            yield on(database, "publiclyAccessible is on")
    lists = {
        "alicloud:rds/instance:Instance": "securityIps",
        "alicloud:kvstore/instance:Instance": "securityIps",
        "alicloud:mongodb/instance:Instance": "securityIpLists",
        "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList": "cidrBlock",
    }
    for token, name in lists.items():
        for store in stack.of_type(token):
            for value in _ranges(store.inputs, name):
                if isinstance(value, Opaque):
                    yield unproven(store, name, value)
                elif _is_everybody(value):
                    yield on(store, f"{name} lets {value} in")


_ACL_TYPES = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:s3/bucketAcl:BucketAcl",
    "aws:s3/bucketAclV2:BucketAclV2",
    "alicloud:oss/bucket:Bucket",
    "alicloud:oss/bucketAcl:BucketAcl",
)
_BLOCK_TYPE = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _buckets(stack: StackView) -> Iterator[Violation]:
    for bucket in stack.of_type(*_ACL_TYPES):
        acl = bucket.get("acl")
        if isinstance(acl, Opaque):
            yield unproven(bucket, "acl", acl)
        elif isinstance(acl, str) and acl.startswith("public"):
            yield on(bucket, f"the access list {acl} opens it to everybody")
    blocked: set[str] = set()
    for block in stack.of_type(_BLOCK_TYPE):
        blocked.update(block.property_dependencies.get("bucket", ()) or block.dependencies)
        off = [name for name in _BLOCKS if as_flag(block.get(name)) is not True]
        if off:
            yield on(block, f"not set: {', '.join(off)}")
    for bucket in stack.of_type("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"):
        if bucket.urn not in blocked:
            yield on(bucket, "no BucketPublicAccessBlock belongs to it")


def _control_planes(stack: StackView) -> Iterator[Violation]:
    for cluster in stack.of_type("aws:eks/cluster:Cluster"):
        block = dig(as_list(cluster.get("vpcConfig")), 0)
        public = as_flag(dig(block, "endpointPublicAccess"))
        if isinstance(public, Opaque):
            yield unproven(cluster, "vpcConfig.endpointPublicAccess", public)
        elif public is not False:  # EKS opens it when nothing is said
            ranges = list(_ranges(block, "publicAccessCidrs"))
            if not ranges:
                yield on(
                    cluster, "the API server is open to everybody: public access without publicAccessCidrs"
                )
            for value in ranges:
                if isinstance(value, Opaque):
                    yield unproven(cluster, "vpcConfig.publicAccessCidrs", value)
                elif _is_everybody(value):
                    yield on(cluster, f"the API server is open to {value}")
    for cluster in stack.of_type("alicloud:cs/managedKubernetes:ManagedKubernetes"):
        if as_flag(cluster.get("slbInternetEnabled")) is not False:  # ACK opens it when nothing is said
            yield on(cluster, "the API server has a public address: slbInternetEnabled is not false")


RULES = (
    Rule(
        id="exposure-network",
        family=Family.EXPOSURE,
        sentence="No security group lets the internet in, but for ports 80 and 443.",
        source="M§9, M§11",
        level=Level.MANDATORY,
        remedy="name the source's range or its security group",
        judge=_network,
    ),
    Rule(
        id="exposure-stores",
        family=Family.EXPOSURE,
        sentence="No database or cache can be reached from the internet.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="keep it in the data subnets and let in only the network's own range",
        judge=_stores,
    ),
    Rule(
        id="exposure-buckets",
        family=Family.EXPOSURE,
        sentence="No bucket of the clusters is public, and S3 buckets block public access wholly.",
        source="M§9, M§14.3",
        level=Level.MANDATORY,
        remedy="remove the public access list and give the bucket a BucketPublicAccessBlock with all four set",
        judge=_buckets,
    ),
    Rule(
        id="exposure-control-plane",
        family=Family.EXPOSURE,
        sentence="A Kubernetes API server has a private endpoint; a public one only for named ranges.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="turn the public endpoint off, or name ranges in smp:kubernetes.publicAccess",
        judge=_control_planes,
    ),
)
