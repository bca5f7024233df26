from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from catalog.addresses import Cidr
from catalog.stack_facts import Stack
from catalog.tags import required_tags
from components.aws.kubernetes import KubernetesCluster
from components.aws.kubernetes_access import AccessLevel, ClusterAccess
from components.aws.kubernetes_addons import ADDON_VERSIONS, AFTER_NODES, BEFORE_NODES, Addon
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_aws_platform import KEY_ARN, cluster_args
from tests.contracts.harness import ACCOUNT, Recorded, Recording, World, known, record_build

CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROLE = "aws:iam/role:Role"


@cache
def _record(stack: Stack, public: tuple[Cidr, ...] = ()) -> Recording:
    return record_build(
        lambda world: KubernetesCluster(
            "kubernetes", cluster_args(world, public_access=public), provider=world.aws
        ),
        stack,
    )


def _problems(stack: Stack, **changes: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidArgumentsError) as caught:
        cluster_args(World(stack), **changes)
    return caught.value.problems


def _role(recording: Recording, name: str) -> dict[str, Any]:
    (role,) = [r for r in recording.of_type(ROLE) if r.name.endswith(name)]
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    return statement


def test_the_control_plane_is_private_logged_encrypted_and_in_standard_support() -> None:
    recording = _record(Stack.PROD_ASIA)
    cluster = recording.one(CLUSTER).inputs
    assert cluster["vpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["vpcConfig"]["endpointPublicAccess"] is False
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["encryptionConfig"] == {"provider": {"keyArn": KEY_ARN}, "resources": ["secrets"]}
    assert set(cluster["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }
    assert cluster["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert cluster["bootstrapSelfManagedAddons"] is False


def test_the_log_group_is_there_before_eks_would_make_its_own() -> None:
    recording = _record(Stack.PROD_ASIA)
    (group,) = recording.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs["name"] == "/aws/eks/smp-asia-prod-kubernetes/cluster"
    assert group.inputs["kmsKeyId"] == KEY_ARN
    assert group.urn in recording.one(CLUSTER).dependencies


def test_only_production_cannot_be_deleted() -> None:
    assert _record(Stack.PROD_ASIA).one(CLUSTER).inputs["deletionProtection"] is True
    assert _record(Stack.PROD_ASIA).one(CLUSTER).protect
    assert _record(Stack.DEV).one(CLUSTER).inputs["deletionProtection"] is False


def test_the_public_endpoint_opens_to_the_named_ranges_only() -> None:
    office = Cidr.parse("203.113.0.0/24")
    config = _record(Stack.DEV, (office,)).one(CLUSTER).inputs["vpcConfig"]
    assert config["endpointPublicAccess"] is True
    assert config["publicAccessCidrs"] == [str(office)]


def test_roles_enter_by_access_entries_with_their_level() -> None:
    associations = {
        r.inputs["principalArn"]: r.inputs["policyArn"]
        for r in _record(Stack.PROD_ASIA).of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    }
    assert associations == {
        f"arn:aws:iam::{ACCOUNT}:role/smp-deploy": (
            "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
        ),
        f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/engineers": (
            "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
        ),
    }


def test_add_ons_are_pinned_and_ordered_around_the_nodes() -> None:
    recording = _record(Stack.PROD_ASIA)
    addons = {Addon(r.inputs["addonName"]): r for r in recording.of_type(ADDON)}
    assert {addon: r.inputs["addonVersion"] for addon, r in addons.items()} == ADDON_VERSIONS["1.35"]
    groups = recording.of_type(GROUP)
    for addon in BEFORE_NODES:
        assert all(addons[addon].urn in group.dependencies for group in groups), addon
    for addon in AFTER_NODES:
        assert {group.urn for group in groups} <= set(addons[addon].dependencies), addon


def test_the_network_add_on_enforces_policies_and_gives_prefixes() -> None:
    (addon,) = [r for r in _record(Stack.DEV).of_type(ADDON) if r.inputs["addonName"] == "vpc-cni"]
    settings = json.loads(addon.inputs["configurationValues"])
    assert settings["enableNetworkPolicy"] == "true"
    assert settings["env"]["ENABLE_PREFIX_DELEGATION"] == "true"


@pytest.mark.parametrize("stack", [Stack.DEV, Stack.PROD_ASIA])
def test_volumes_that_the_driver_makes_carry_the_tags_of_the_stack(stack: Stack) -> None:
    (addon,) = [r for r in _record(stack).of_type(ADDON) if r.inputs["addonName"] == "aws-ebs-csi-driver"]
    tags = json.loads(addon.inputs["configurationValues"])["controller"]["extraVolumeTags"]
    assert tags == {str(key): str(value) for key, value in required_tags(stack.facts).items()}


def test_an_add_on_role_is_for_its_own_service_account_in_its_own_cluster() -> None:
    trust = _role(_record(Stack.PROD_ASIA), "aws-ebs-csi-driver")
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:RequestTag/eks-cluster-name": "smp-asia-prod-kubernetes",
        "aws:RequestTag/kubernetes-namespace": "kube-system",
        "aws:RequestTag/kubernetes-service-account": "ebs-csi-controller-sa",
    }


def test_nodes_may_join_and_pull_and_nothing_else() -> None:
    recording = _record(Stack.PROD_ASIA)
    attached = {
        r.inputs["policyArn"].rsplit("/", maxsplit=1)[1]
        for r in recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if r.inputs["role"] == "smp-asia-prod-kubernetes-node"
    }
    assert attached == {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}


def _templates(recording: Recording) -> list[Recorded]:
    return recording.of_type(TEMPLATE)


def test_pods_cannot_reach_the_metadata_and_with_it_the_role_of_the_node() -> None:
    for template in _templates(_record(Stack.PROD_ASIA)):
        options = template.inputs["metadataOptions"]
        assert options["httpTokens"] == "required"
        assert options["httpPutResponseHopLimit"] == 1
        assert "keyName" not in template.inputs


def test_node_disks_are_encrypted_gp3_of_the_pools_size() -> None:
    for template in _templates(_record(Stack.PROD_ASIA)):
        (mapping,) = template.inputs["blockDeviceMappings"]
        assert mapping["ebs"]["volumeType"] == "gp3"
        assert mapping["ebs"]["encrypted"] == "true"
        assert mapping["ebs"]["kmsKeyId"] == KEY_ARN
        assert mapping["ebs"]["volumeSize"] == 50


def test_tags_reach_whatever_a_node_brings_along() -> None:
    wanted = {str(key): str(value) for key, value in required_tags(Stack.DEV.facts).items()}
    (template,) = _templates(_record(Stack.DEV))
    specifications = {s["resourceType"]: s["tags"] for s in template.inputs["tagSpecifications"]}
    assert specifications.keys() == {"instance", "volume", "network-interface"}
    for tags in specifications.values():
        assert wanted.items() <= tags.items()


def test_a_data_pool_is_tainted_and_has_nodes_in_every_zone() -> None:
    found = [g for g in _record(Stack.PROD_ASIA).of_type(GROUP) if "-data-" in g.name]
    groups = sorted(found, key=lambda group: group.name)
    assert [g.inputs["subnetIds"] for g in groups] == [[f"subnet-ap-southeast-1{zone}"] for zone in "abc"]
    assert sum(g.inputs["scalingConfig"]["minSize"] for g in groups) == 3
    assert sum(g.inputs["scalingConfig"]["maxSize"] for g in groups) == 4
    for group in groups:
        assert group.inputs["taints"] == [
            {"effect": "PREFER_NO_SCHEDULE", "key": "smp.vn/pool", "value": "data"}
        ]
        assert group.inputs["labels"] == {"smp.vn/pool": "data"}


def test_an_app_pool_beside_a_data_pool_is_one_group_over_all_zones() -> None:
    (group,) = [g for g in _record(Stack.PROD_ASIA).of_type(GROUP) if "-app-" in g.name]
    assert len(group.inputs["subnetIds"]) == 3
    assert "taints" not in group.inputs


def test_the_autoscaler_may_move_the_desired_size() -> None:
    for group in _record(Stack.PROD_ASIA).of_type(GROUP):
        assert group.ignore_changes == ("scalingConfig.desiredSize",)
        assert group.inputs["scalingConfig"]["desiredSize"] == group.inputs["scalingConfig"]["minSize"]


def test_a_spot_pool_takes_other_types_of_its_size_after_the_priced_one() -> None:
    (group,) = _record(Stack.DEV).of_type(GROUP)
    assert group.inputs["capacityType"] == "SPOT"
    assert group.inputs["instanceTypes"][0] == "t3.2xlarge"
    assert len(group.inputs["instanceTypes"]) > 1


def test_the_private_endpoint_admits_the_named_ranges() -> None:
    (rule,) = _record(Stack.PROD_ASIA).of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert (rule.inputs["cidrIpv4"], rule.inputs["fromPort"], rule.inputs["toPort"]) == (
        "10.99.0.0/24",
        443,
        443,
    )


def test_the_kubeconfig_fetches_a_token_and_holds_none() -> None:
    registered = _record(Stack.PROD_ASIA)
    text = registered.registered_outputs[registered.root.urn]["kubeconfig"]
    config = json.loads(text)
    user = config["users"][0]["user"]
    assert user.keys() == {"exec"}
    assert user["exec"]["args"] == [
        "--region",
        "ap-southeast-1",
        "eks",
        "get-token",
        "--cluster-name",
        "smp-asia-prod-kubernetes",
        "--output",
        "json",
    ]
    assert config["clusters"][0]["cluster"]["certificate-authority-data"] == "Y2VydGlmaWNhdGU="


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"version": "1.34"}, "take 1.35 or newer"),
        ({"version": "1.99"}, "has no pinned add-ons"),
        ({"version": "latest"}, "no Kubernetes version"),
        ({"public_access": (Cidr.parse("0.0.0.0/0"),)}, "half the internet"),
        ({"public_access": (Cidr.parse("10.0.0.0/24"),)}, "private range"),
        ({"access": {}}, "access names no admin"),
    ],
)
def test_wrong_arguments_are_refused_with_what_to_do(changes: dict[str, Any], expected: str) -> None:
    assert any(expected in problem for problem in _problems(Stack.PROD_ASIA, **changes))


def test_two_zones_are_too_few_in_production() -> None:
    subnets = {zone: known(zone) for zone in ("ap-southeast-1a", "ap-southeast-1b")}
    assert any("production three" in problem for problem in _problems(Stack.PROD_ASIA, node_subnets=subnets))


def test_edit_and_users_have_no_place_in_production_and_every_problem_is_told() -> None:
    found = _problems(
        Stack.PROD_ASIA,
        access={
            "deploy": ClusterAccess(
                principal_arn=f"arn:aws:iam::{ACCOUNT}:role/deploy", level=AccessLevel.ADMIN
            ),
            "again": ClusterAccess(
                principal_arn=f"arn:aws:iam::{ACCOUNT}:role/deploy", level=AccessLevel.EDIT
            ),
            "Bob": ClusterAccess(principal_arn=f"arn:aws:iam::{ACCOUNT}:user/bob", level=AccessLevel.VIEW),
        },
    )
    assert len(found) == 4
    assert any("a role has one entry" in problem for problem in found)
    assert any("edit is for dev and staging" in problem for problem in found)
    assert any("users and wildcards have no access" in problem for problem in found)
    assert any("lower-case letters" in problem for problem in found)


def test_a_name_that_aws_would_refuse_is_found_before_anything_is_made() -> None:
    pools = {"a" * 60: next(iter(cluster_args(World(Stack.DEV)).node_pools.values()))}
    assert any("shorter or plainer name" in problem for problem in _problems(Stack.DEV, node_pools=pools))
