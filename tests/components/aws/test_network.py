"""The VPC on AWS: what may pass its endpoint of S3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.stack_facts import Stack
from tests.contracts.examples_network import EXAMPLES
from tests.contracts.harness import ACCOUNT, record

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def _statements(stack: Stack) -> dict[str, dict[str, Any]]:
    (example,) = [example for example in EXAMPLES if example.id == "aws-network"]
    gateways = [
        r for r in record(example, stack).of_type(ENDPOINT) if r.inputs["vpcEndpointType"] == "Gateway"
    ]
    (gateway,) = gateways
    document = json.loads(gateway.inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


@pytest.mark.parametrize(
    ("stack", "batches"), [(Stack.DEV, []), (Stack.PROD_GLOBAL, []), (Stack.PROD_US, ["AuditBatches"])]
)
def test_nothing_is_written_outside_the_account_but_audit_batches(stack: Stack, batches: list[str]) -> None:
    """A gateway endpoint leads to its own region only, and of the clusters Virginia shares the archive's."""
    statements = _statements(stack)
    writing = {
        sid: statement for sid, statement in statements.items() if statement["Action"] != ["s3:GetObject"]
    }
    assert writing.keys() == {"OwnBuckets", *batches}
    assert writing["OwnBuckets"]["Condition"] == {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}
    for sid in batches:
        assert writing[sid]["Action"] == ["s3:PutObject"]
        assert writing[sid]["Resource"] == ["arn:aws:s3:::smp-global-audit-archive/smp-us/daily/*"]
