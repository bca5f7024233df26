"""Network, keys, roles: what is specific to Alibaba Cloud."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from catalog.stack_facts import Stack
from components.alicloud.keys import KeyPurpose, Keys, KeysArgs
from components.alicloud.network import NatGateways, NetworkArgs
from components.alicloud.ram import ServiceAccountRoleArgs, Statement
from components.core.component import InvalidArgumentsError
from components.core.scope import Scope
from tests.contracts.examples_alicloud import (
    ISSUER,
    NETWORK,
    keys,
    network,
    service_account_role,
    service_roles,
)
from tests.contracts.harness import ACCOUNT, Recording, known, record_build

SCOPE = Scope(stack=Stack.PROD_CHINA, account=ACCOUNT)
SWITCH = "alicloud:vpc/switch:Switch"
NAT = "alicloud:vpc/natGateway:NatGateway"


def _policy(text: str) -> list[dict[str, Any]]:
    return json.loads(text)["Statement"]


@pytest.fixture(scope="module")
def built() -> Recording:
    return record_build(network, Stack.PROD_CHINA)


class TestNetwork:
    def test_three_tiers_in_three_zones(self, built: Recording) -> None:
        tiers = {(s.name.split("-")[3], s.inputs["zoneId"]) for s in built.of_type(SWITCH)}
        assert len(tiers) == 9
        assert {tier for tier, _ in tiers} == {"public", "private", "data"}

    def test_one_gateway_over_zones_serves_every_private_zone(self, built: Recording) -> None:
        gateway = built.one(NAT)
        assert gateway.inputs["availabilityMode"] == "CrossAZ"
        assert gateway.inputs["paymentType"] == "PayAsYouGo"
        assert built.one("alicloud:ecs/eipAddress:EipAddress").inputs["internetChargeType"] == "PayByTraffic"
        assert len(built.of_type("alicloud:vpc/snatEntry:SnatEntry")) == 3

    def test_per_zone_each_zone_leaves_through_its_own(self) -> None:
        recording = record_build(lambda world: network(world, NatGateways.PER_ZONE), Stack.PROD_CHINA)
        assert {g.inputs["availabilityMode"] for g in recording.of_type(NAT)} == {"SingleAZ"}
        routes = recording.of_type("alicloud:vpc/routeEntry:RouteEntry")
        assert len({route.inputs["nexthopId"] for route in routes}) == 3

    def test_only_private_zones_have_a_way_out(self, built: Recording) -> None:
        routed = {r.inputs["routeTableId"] for r in built.of_type("alicloud:vpc/routeEntry:RouteEntry")}
        assert routed == {f"smp-china-prod-private-cn-beijing-{zone}-id" for zone in "hkl"}

    def test_nothing_is_joined_to_another_network(self, built: Recording) -> None:
        kinds = {r.type.split(":")[1].split("/")[0] for r in built.resources}
        assert not kinds & {"cen", "expressconnect", "vpn", "cloudconnect"}
        assert not built.of_type("alicloud:vpc/peerConnection:PeerConnection")

    def test_objects_are_written_to_this_account_only(self, built: Recording) -> None:
        read, write = _policy(
            built.one("alicloud:vpc/gatewayEndpoint:GatewayEndpoint").inputs["policyDocument"]
        )
        assert read["Action"] == ["oss:GetObject"]
        assert write["Resource"] == [f"acs:oss:*:{ACCOUNT}:*"]

    def test_flow_logs_are_encrypted_and_kept_for_a_year(self, built: Recording) -> None:
        store = built.one("alicloud:log/store:Store").inputs
        assert store["retentionPeriod"] == 365
        assert store["encryptConf"]["userCmkInfo"]["regionId"] == "cn-beijing"
        flow = built.one("alicloud:vpc/flowLog:FlowLog").inputs
        assert (flow["resourceType"], flow["trafficType"]) == ("VPC", "All")

    def test_the_private_zone_is_attached_to_this_vpc_alone(self, built: Recording) -> None:
        assert built.one("alicloud:pvtz/zone:Zone").inputs["zoneName"] == "prod.smp.local"
        vpcs = built.one("alicloud:pvtz/zoneAttachment:ZoneAttachment").inputs["vpcs"]
        assert [vpc["regionId"] for vpc in vpcs] == ["cn-beijing"]

    def test_all_problems_at_once(self) -> None:
        with pytest.raises(InvalidArgumentsError) as error:
            NetworkArgs(
                scope=SCOPE,
                cidr=NETWORK,
                zones=("cn-shanghai-b", "cn-shanghai-b"),
                nat_gateways=NatGateways.SINGLE,
                key_id=known("k"),
            )
        text = str(error.value)
        assert "name one twice" in text
        assert "production needs three" in text
        assert "cn-shanghai-b is not in cn-beijing" in text


class TestKeys:
    def test_without_an_instance_one_key_carries_every_alias(self) -> None:
        recording = record_build(keys, Stack.PROD_CHINA)
        key = recording.one("alicloud:kms/key:Key")
        assert key.inputs["automaticRotation"] == "Enabled"
        assert key.inputs["rotationInterval"] == "365d"
        assert key.inputs["deletionProtection"] == "Enabled"
        assert "dkmsInstanceId" not in key.inputs
        aliases = {a.inputs["aliasName"] for a in recording.of_type("alicloud:kms/alias:Alias")}
        assert aliases == {f"alias/smp-china-prod-{purpose}" for purpose in KeyPurpose}

    def test_with_an_instance_every_purpose_has_its_own(self) -> None:
        recording = record_build(lambda world: keys(world, "kst-bj123"), Stack.PROD_CHINA)
        found = recording.of_type("alicloud:kms/key:Key")
        assert len(found) == len(KeyPurpose)
        assert {key.inputs["rotationInterval"] for key in found} == {"90d"}
        assert isinstance(recording.component, Keys)
        assert set(recording.component.outputs.ids) == set(KeyPurpose)

    def test_an_instance_is_known_by_its_prefix(self) -> None:
        with pytest.raises(InvalidArgumentsError, match="starts with kst-"):
            KeysArgs(scope=SCOPE, kms_instance_id="i-123")


class TestRoles:
    def test_service_roles_have_the_names_the_services_look_for(self) -> None:
        recording = record_build(service_roles, Stack.PROD_CHINA)
        roles = {r.inputs["roleName"] for r in recording.of_type("alicloud:ram/role:Role")}
        assert {"AliyunRDSInstanceEncryptionDefaultRole", "AliyunCSManagedCsiRole"} <= roles
        policies = {
            (a.inputs["roleName"], a.inputs["policyName"])
            for a in recording.of_type("alicloud:ram/rolePolicyAttachment:RolePolicyAttachment")
        }
        rds = ("AliyunRDSInstanceEncryptionDefaultRole", "AliyunRDSInstanceEncryptionRolePolicy")
        assert rds in policies

    def test_one_service_account_of_one_cluster_takes_the_role(self) -> None:
        recording = record_build(service_account_role, Stack.PROD_CHINA)
        (trust,) = _policy(recording.one("alicloud:ram/role:Role").inputs["assumeRolePolicyDocument"])
        assert trust["Principal"] == {
            "Federated": [f"acs:ram::{ACCOUNT}:oidc-provider/ack-rrsa-{ISSUER.rsplit('/', 1)[1]}"]
        }
        assert trust["Condition"]["StringEquals"] == {
            "oidc:aud": ["sts.aliyuncs.com"],
            "oidc:iss": [ISSUER],
            "oidc:sub": ["system:serviceaccount:smp-prod:audit-writer"],
        }

    def test_wildcards_are_refused(self) -> None:
        with pytest.raises(InvalidArgumentsError) as error:
            ServiceAccountRoleArgs(
                scope=SCOPE,
                thing="x",
                namespace="*",
                service_account="a",
                oidc_issuer=known(ISSUER),
                statements=(Statement(actions=("oss:*",), resources=("*",)),),
            )
        assert len(error.value.problems) == 3


def test_arguments_can_be_copied_with_a_change() -> None:
    args = KeysArgs(scope=SCOPE)
    assert dataclasses.replace(args, kms_instance_id="kst-1").kms_instance_id == "kst-1"
