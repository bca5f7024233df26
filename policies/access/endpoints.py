"""What passes a network's own way to the object store: nobody writes to buckets of others through it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.policy_documents import Statement, statements
from policies.relations import explained
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque
from policies.views import StackView

_GATEWAYS = (
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"),
    ("alicloud:vpc/gatewayEndpoint:GatewayEndpoint", "policyDocument"),
)
_NETWORKS = ("aws:ec2/vpc:Vpc", "alicloud:vpc/network:Network")
_WRITING = re.compile(r"^(?:\*|(?:s3|oss):(?:\*|Put\w*\*?))$", re.IGNORECASE)


def _endpoints(stack: StackView) -> Iterator[Violation]:
    whole = any(stack.of_type(*_NETWORKS))
    for token, path in _GATEWAYS:
        for endpoint in stack.of_type(token):
            if not str(endpoint.get("serviceName")).endswith((".s3", ".oss")):
                continue
            document = endpoint.get(path)
            found = statements(document)
            if isinstance(found, Opaque):
                if not explained(stack, endpoint, path):
                    yield unproven(endpoint, path, found)
            elif document in (None, ""):
                # A part of a stack may leave the policy to a resource of its own.
                attached = any(stack.of_type("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"))
                if whole and not attached:
                    yield on(endpoint, "has no policy: whoever holds any credential may write to any bucket")
            elif any(_is_open(statement) for statement in found or ()):
                yield on(endpoint, f"{path} lets everybody write to any bucket")


def _is_open(statement: Statement) -> bool:
    writes = any(_WRITING.match(action) for action in statement.actions) or bool(statement.not_actions)
    limited = statement.is_narrowed or bool(statement.condition("resourceaccount"))
    return statement.allows and writes and statement.is_everywhere and not limited


RULES = (
    Rule(
        id="access-endpoints",
        family=Family.ACCESS,
        sentence="Nobody writes to buckets of others through a network's own way to the object store.",
        source="M§14.3; M§9",
        level=Level.MANDATORY,
        remedy="allow writing where aws:ResourceAccount is our own (on Alibaba Cloud, in the resource's account)",
        judge=_endpoints,
    ),
)
