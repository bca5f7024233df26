"""One name for a type that has several: Pulumi keeps old tokens beside new ones, and files hold either."""

from __future__ import annotations

import re
from functools import cache

_RENAMED_MODULES = (
    ("aws:alb/", "aws:lb/"),
    ("aws:elasticloadbalancingv2/", "aws:lb/"),
    ("aws:applicationloadbalancing/", "aws:lb/"),
    ("aws:elasticloadbalancing/", "aws:elb/"),
)
_RENAMED = {
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": "aws:ec2/networkAcl:NetworkAcl",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    ),
    "alicloud:cs/kubernetesNodePool:KubernetesNodePool": "alicloud:cs/nodePool:NodePool",
    "alicloud:log/machineGroup:MachineGroup": "alicloud:sls/machineGroup:MachineGroup",
    "alicloud:rds/account:Account": "alicloud:rds/rdsAccount:RdsAccount",
    "alicloud:vpc/subnet:Subnet": "alicloud:vpc/switch:Switch",
    "cloudflare:index/accessApplication:AccessApplication": (
        "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication"
    ),
    "cloudflare:index/accessPolicy:AccessPolicy": (
        "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy"
    ),
    "cloudflare:index/accessGroup:AccessGroup": "cloudflare:index/zeroTrustAccessGroup:ZeroTrustAccessGroup",
    "cloudflare:index/record:Record": "cloudflare:index/dnsRecord:DnsRecord",
    "cloudflare:index/workerScript:WorkerScript": "cloudflare:index/workersScript:WorkersScript",
    "cloudflare:index/workerRoute:WorkerRoute": "cloudflare:index/workersRoute:WorkersRoute",
}
_SECOND_VERSION = re.compile(r"^(aws:s3/\w+?)[Vv]2:(\w+?)[Vv]2$")


@cache
def canonical(token: str) -> str:
    """Give the token that rules use for a type; most types have only that one."""
    for old, new in _RENAMED_MODULES:
        if token.startswith(old):
            return new + token.removeprefix(old)
    second = _SECOND_VERSION.match(token)
    return f"{second[1]}:{second[2]}" if second else _RENAMED.get(token, token)
