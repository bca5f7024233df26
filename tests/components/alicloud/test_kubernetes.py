"""ACK: private, encrypted, and nodes that are paid for in the way they scale."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.alicloud.kubernetes import ADD_ONS, KubernetesClusterArgs
from components.core.component import InvalidArgumentsError
from components.core.scope import Scope
from tests.contracts.examples_alicloud import NETWORK, POOL, kubernetes
from tests.contracts.harness import ACCOUNT, Recording, known, record_build

CLUSTER = "alicloud:cs/managedKubernetes:ManagedKubernetes"
POOLS = "alicloud:cs/nodePool:NodePool"


@pytest.fixture(scope="module")
def built() -> Recording:
    return record_build(kubernetes, Stack.PROD_CHINA)


def _pools(recording: Recording) -> dict[str, Any]:
    return {pool.name.removeprefix("smp-china-prod-pool-"): pool.inputs for pool in recording.of_type(POOLS)}


def test_the_control_plane_is_private_encrypted_and_logged(built: Recording) -> None:
    cluster = built.one(CLUSTER).inputs
    assert cluster["version"] == "1.35.7-aliyun.1"
    assert cluster["slbInternetEnabled"] is False
    assert cluster["newNatGateway"] is False
    assert cluster["disableEncryption"] is False
    assert cluster["encryptionProviderKey"]
    assert cluster["enableRrsa"] is True
    assert "apiserver" in cluster["controlPlaneLogComponents"]
    assert cluster["auditLogConfig"]["enabled"] is True


def test_only_production_is_protected() -> None:
    for stack, wanted in ((Stack.PROD_CHINA, True), (Stack.DEV, False)):
        cluster = record_build(kubernetes, stack).one(CLUSTER)
        assert (cluster.inputs["deletionProtection"], cluster.protect) == (wanted, wanted)


def test_add_ons_are_pinned_and_the_retired_ingress_stays_out(built: Recording) -> None:
    pinned = {
        a.inputs["name"]: a.inputs["version"]
        for a in built.of_type("alicloud:cs/kubernetesAddon:KubernetesAddon")
    }
    assert pinned == dict(ADD_ONS)
    added = {a["name"]: a.get("disabled", False) for a in built.one(CLUSTER).inputs["addons"]}
    assert added["nginx-ingress-controller"] is True


def test_network_policies_are_kept(built: Recording) -> None:
    (at_creation,) = (a for a in built.one(CLUSTER).inputs["addons"] if a["name"] == "terway-eniip")
    (later,) = (
        a.inputs
        for a in built.of_type("alicloud:cs/kubernetesAddon:KubernetesAddon")
        if a.inputs["name"] == "terway-eniip"
    )
    for settings in (at_creation, later):
        assert json.loads(settings["config"])["NetworkPolicy"] == "true"


def test_a_subscription_pool_bursts_by_the_hour(built: Recording) -> None:
    pools = _pools(built)
    assert set(pools) == {"app", "app-burst"}
    base, burst = pools["app"], pools["app-burst"]
    assert (base["instanceChargeType"], base["desiredSize"], base["autoRenew"]) == ("PrePaid", "3", True)
    assert "scalingConfig" not in base
    assert burst["instanceChargeType"] == "PostPaid"
    assert (burst["scalingConfig"]["minSize"], burst["scalingConfig"]["maxSize"]) == (0, 1)


def test_a_fixed_subscription_pool_has_no_burst() -> None:
    pool = dataclasses.replace(POOL, maximum=3)
    assert set(_pools(record_build(lambda world: kubernetes(world, pool), Stack.PROD_CHINA))) == {"app"}


def test_an_on_demand_pool_scales_between_its_bounds() -> None:
    pool = dataclasses.replace(POOL, capacity=Capacity.ON_DEMAND)
    pools = _pools(record_build(lambda world: kubernetes(world, pool), Stack.PROD_CHINA))
    assert pools["app"]["scalingConfig"] == {"enable": True, "minSize": 3, "maxSize": 4, "type": "cpu"}


def test_every_node_is_hardened_encrypted_labelled_and_spread(built: Recording) -> None:
    for pool in _pools(built).values():
        assert pool["systemDiskEncrypted"] is True
        assert pool["systemDiskKmsKey"]
        assert pool["systemDiskSize"] == 60
        assert pool["instanceMetadataOptions"] == {"httpTokens": "required"}
        assert pool["securityHardeningOs"] is True
        assert len(pool["vswitchIds"]) == 3
        assert pool["multiAzPolicy"] == "BALANCE"
        assert {"key": "smp.vn/pool", "value": "app"} in pool["labels"]
        assert "password" not in pool
        assert "keyName" not in pool


def test_a_data_pool_keeps_the_services_out() -> None:
    data = dataclasses.replace(POOL, purpose=PoolPurpose.DATA, capacity=Capacity.ON_DEMAND)
    pools = _pools(record_build(lambda world: kubernetes(world, data=data), Stack.PROD_CHINA))
    assert pools["data"]["taints"] == [{"key": "smp.vn/pool", "value": "data", "effect": "PreferNoSchedule"}]
    assert "taints" not in pools["app"]


def test_the_kubeconfig_is_secret_and_holds_no_credential(built: Recording) -> None:
    registered = built.registered_outputs[built.root.urn]
    config = json.loads(registered["kubeconfig"])
    user = config["users"][0]["user"]
    assert set(user) == {"exec"}
    assert config["clusters"][0]["cluster"]["server"].endswith(":6443")
    assert registered["oidcIssuer"].startswith("https://oidc-ack-cn-beijing.oss-cn-beijing.aliyuncs.com/")


def test_all_problems_at_once() -> None:
    with pytest.raises(InvalidArgumentsError) as error:
        KubernetesClusterArgs(
            scope=Scope(stack=Stack.PROD_CHINA, account=ACCOUNT),
            version="1.29",
            network_id=known("vpc"),
            network_cidr=NETWORK,
            node_subnets={"cn-beijing-h": known("vsw")},
            secrets_key_id=known("k"),
            disk_key_id=known("k"),
            node_pools={"app": dataclasses.replace(POOL, disk=Storage(20), instance_type="ecs.none")},
        )
    assert len(error.value.problems) == 4
