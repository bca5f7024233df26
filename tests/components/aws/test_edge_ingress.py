"""The door of an origin: Cloudflare's addresses and nobody else's."""

from __future__ import annotations

import pytest

from catalog.addresses import Cidr
from catalog.edge import CLOUDFLARE_IPV4
from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import ingress, ingress_args
from tests.contracts.harness import World, record_build

PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def test_only_cloudflare_comes_in() -> None:
    recording = record_build(ingress, Stack.PROD_ASIA)
    listed = recording.one(PREFIX_LIST)
    assert [entry["cidr"] for entry in listed.inputs["entries"]] == [str(cidr) for cidr in CLOUDFLARE_IPV4]
    rule = recording.one(INGRESS).inputs
    assert (rule["prefixListId"], rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (
        f"{listed.name}-id",
        443,
        443,
        "tcp",
    )
    assert not {"cidrIpv4", "cidrIpv6", "referencedSecurityGroupId"} & rule.keys()


def test_it_reaches_its_own_network_only() -> None:
    assert record_build(ingress, Stack.PROD_ASIA).one(EGRESS).inputs["cidrIpv4"] == "10.20.0.0/16"


def test_the_published_ranges_do_not_overlap() -> None:
    assert len(CLOUDFLARE_IPV4) == 15
    for one in CLOUDFLARE_IPV4:
        assert not any(one is not other and one.overlaps(other) for other in CLOUDFLARE_IPV4)


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ((), "sources are empty"),
        ((Cidr.parse("0.0.0.0/0"),), "no range of Cloudflare's"),
        ((Cidr.parse("10.0.0.0/16"),), "no range of Cloudflare's"),
        (CLOUDFLARE_IPV4 * 2, "30 sources"),
    ],
)
def test_wrong_sources_are_refused(sources: tuple[Cidr, ...], words: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=words):
        ingress_args(World(Stack.PROD_ASIA), sources=sources)
