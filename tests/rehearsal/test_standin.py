from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from rehearsal import standin, values
from rehearsal.schema import schema_of
from rehearsal.schema_check import check_inputs
from rehearsal.schema_types import Field
from rehearsal.standin_identity import ProviderFacts, provider_facts
from rehearsal.standin_replace import deletes_before_replacing, forces_replacement

SINGAPORE = provider_facts("aws", {"region": "ap-southeast-1", "allowedAccountIds": '["123456789012"]'})
BEIJING = provider_facts("alicloud", {"region": "cn-beijing", "accountId": "1234567890123456"})
OTHER = provider_facts("cloudflare", {})


def request(
    token: str, facts: ProviderFacts = SINGAPORE, *, logical: str = "thing", **inputs: Any
) -> standin.Request:
    return standin.Request(
        token=token, urn=f"urn:pulumi:dev::shop::{token}::{logical}", inputs=inputs, facts=facts
    )


@pytest.mark.parametrize(
    ("token", "facts", "inputs", "pattern", "arn"),
    [
        (
            "aws:ec2/vpc:Vpc",
            SINGAPORE,
            {},
            r"vpc-[0-9a-f]{17}",
            "arn:aws:ec2:ap-southeast-1:123456789012:vpc/{id}",
        ),
        (
            "aws:ec2/subnet:Subnet",
            SINGAPORE,
            {},
            r"subnet-[0-9a-f]{17}",
            "arn:aws:ec2:ap-southeast-1:123456789012:subnet/{id}",
        ),
        ("aws:s3/bucket:Bucket", SINGAPORE, {"bucket": "b"}, "b", "arn:aws:s3:::b"),
        ("aws:iam/role:Role", SINGAPORE, {"name": "r"}, "r", "arn:aws:iam::123456789012:role/r"),
        ("aws:iam/policy:Policy", SINGAPORE, {"name": "p"}, "arn:aws:iam::123456789012:policy/p", "{id}"),
        (
            "aws:eks/cluster:Cluster",
            SINGAPORE,
            {"name": "c"},
            "c",
            "arn:aws:eks:ap-southeast-1:123456789012:cluster/c",
        ),
        (
            "aws:rds/instance:Instance",
            SINGAPORE,
            {"identifier": "d"},
            r"db-[A-Z0-9]{26}",
            "arn:aws:rds:ap-southeast-1:123456789012:db:d",
        ),
        (
            "aws:kms/key:Key",
            SINGAPORE,
            {},
            r"[0-9a-f]{8}-.*",
            "arn:aws:kms:ap-southeast-1:123456789012:key/{id}",
        ),
        (
            "aws:kms/key:Key",
            SINGAPORE,
            {"region": "us-east-1"},
            r"[0-9a-f]{8}-.*",
            "arn:aws:kms:us-east-1:123456789012:key/{id}",
        ),
        (
            "aws:guardduty/filter:Filter",
            SINGAPORE,
            {"name": "f"},
            "f",
            "arn:aws:guardduty:ap-southeast-1:123456789012:filter/f",
        ),
        ("alicloud:vpc/network:Network", BEIJING, {}, r"vpc-2ze[0-9a-z]{19}", ""),
        ("alicloud:rds/instance:Instance", BEIJING, {}, r"rm-2ze[0-9a-z]{14}", ""),
        ("alicloud:cs/managedKubernetes:ManagedKubernetes", BEIJING, {}, r"c[0-9a-f]{32}", ""),
        (
            "alicloud:kms/key:Key",
            BEIJING,
            {},
            r"key-2ze[0-9a-f]{16}",
            "acs:kms:cn-beijing:1234567890123456:key/{id}",
        ),
        ("cloudflare:index/dnsRecord:DnsRecord", OTHER, {}, r"[0-9a-f]{32}", ""),
        ("mongodbatlas:index/project:Project", OTHER, {}, r"[0-9a-f]{24}", ""),
        ("kubernetes:core/v1:ConfigMap", OTHER, {"metadata": {"name": "a", "namespace": "n"}}, "n/a", ""),
        ("vault:index/policy:Policy", OTHER, {"name": "p"}, "p", ""),
    ],
)
def test_ids_and_arns_have_their_service_s_form(
    token: str, facts: ProviderFacts, inputs: dict[str, Any], pattern: str, arn: str
) -> None:
    made = standin.create(request(token, facts, **inputs))
    assert re.fullmatch(pattern, made.id)
    if arn:
        assert made.outputs["arn"] == arn.format(id=made.id)


@pytest.mark.parametrize(
    "token",
    [
        "aws:ec2/vpc:Vpc",
        "aws:eks/cluster:Cluster",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:rds/instance:Instance",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:s3/bucket:Bucket",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:lb/loadBalancer:LoadBalancer",
        "alicloud:cs/managedKubernetes:ManagedKubernetes",
        "alicloud:mongodb/instance:Instance",
        "mongodbatlas:index/advancedCluster:AdvancedCluster",
        "cloudflare:index/zone:Zone",
        "kubernetes:helm.sh/v3:Release",
    ],
)
def test_every_output_that_the_class_promises_is_there_with_its_type(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = standin.create(request(token))
    schema = schema_of(token)
    promised = {name for name, field in schema.outputs.items() if field.required}
    assert promised <= made.outputs.keys()

    # The same checker that judges inputs, told that the outputs are what is declared.
    declared = {name: Field(type=field.type, required=False) for name, field in schema.outputs.items()}
    from rehearsal import schema_check

    monkeypatch.setattr(
        schema_check, "schema_of", lambda _: schema_check.ResourceSchema(token=token, inputs=declared)
    )
    assert check_inputs(token=token, urn="urn", inputs=made.outputs) == ()


def test_endpoints_are_plausible() -> None:
    cluster = standin.create(
        request("aws:eks/cluster:Cluster", logical="c", vpcConfig={"subnetIds": ["s"]})
    ).outputs
    assert re.fullmatch(
        r"https://[A-Z0-9]{32}\.gr7\.ap-southeast-1\.eks\.amazonaws\.com", cluster["endpoint"]
    )
    assert base64.b64decode(cluster["certificateAuthority"]["data"]).startswith(
        b"-----BEGIN CERTIFICATE-----"
    )
    assert cluster["identities"][0]["oidcs"][0]["issuer"].startswith(
        "https://oidc.eks.ap-southeast-1.amazonaws.com/id/"
    )
    assert cluster["vpcConfig"]["subnetIds"] == ["s"]
    assert cluster["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
    origin = standin.create(request("cloudflare:index/originCaCertificate:OriginCaCertificate", csr="c"))
    assert origin.outputs["certificate"].startswith("-----BEGIN CERTIFICATE-----\n")
    redis = standin.create(
        request("aws:elasticache/replicationGroup:ReplicationGroup", replicationGroupId="r", numNodeGroups=3)
    ).outputs
    assert redis["configurationEndpointAddress"].startswith("clustercfg.r.")
    mysql = standin.create(request("alicloud:rds/instance:Instance", BEIJING))
    assert mysql.outputs["connectionString"] == f"{mysql.id}.mysql.rds.aliyuncs.com"


def test_everything_is_a_function_of_urn_inputs_account_and_region() -> None:
    base = request("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16")
    assert standin.create(base) == standin.create(base)
    others = [
        request("aws:ec2/vpc:Vpc", logical="other", cidrBlock="10.0.0.0/16"),
        request("aws:ec2/vpc:Vpc", cidrBlock="10.1.0.0/16"),
        request("aws:ec2/vpc:Vpc", provider_facts("aws", {"region": "us-east-1"}), cidrBlock="10.0.0.0/16"),
    ]
    assert len({standin.create(each).id for each in [base, *others]}) == 4


def test_an_id_tells_nothing_of_a_secret() -> None:
    ids = {
        standin.create(request("aws:rds/instance:Instance", password=values.secret(word))).id
        for word in ("a", "b")
    }
    assert len(ids) == 1


def test_an_update_keeps_what_the_cloud_assigned() -> None:
    before = standin.create(
        request("aws:eks/nodeGroup:NodeGroup", clusterName="c", nodeGroupName="n", tags={"a": "1"})
    )
    after = standin.update(
        request("aws:eks/nodeGroup:NodeGroup", clusterName="c", nodeGroupName="n", tags={"a": "2"}),
        resource_id=before.id,
    )
    assert after.outputs["arn"] == before.outputs["arn"]
    assert after.outputs["tagsAll"] == {"a": "2"}


def test_a_preview_knows_inputs_and_after_creation_the_old_outputs() -> None:
    wanted = request("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16")
    preview = standin.preview_create(wanted)
    assert preview.id == values.UNKNOWN
    assert preview.outputs["arn"] == values.UNKNOWN
    assert preview.outputs["cidrBlock"] == "10.0.0.0/16"
    made = standin.create(wanted)
    again = standin.preview_update(
        wanted, resource_id=made.id, before=standin.Before(inputs=wanted.inputs, outputs=made.outputs)
    )
    assert not values.holds_unknown(again.outputs)


@pytest.mark.parametrize(
    ("token", "path", "forces"),
    [
        ("aws:ec2/vpc:Vpc", "cidrBlock", True),
        ("aws:ec2/vpc:Vpc", "tags.a", False),
        ("aws:ec2/subnet:Subnet", "availabilityZone", True),
        ("aws:s3/bucket:Bucket", "bucket", True),
        ("aws:s3/bucket:Bucket", "region", True),
        ("aws:ec2/instance:Instance", "enablePrimaryIpv6", True),  # said by the docstring
        ("aws:backup/vault:Vault", "name", True),
        ("aws:iam/user:User", "name", False),
        ("aws:dynamodb/table:Table", "billingMode", False),
        ("kubernetes:apps/v1:Deployment", "spec.selector.matchLabels.app", True),
        ("kubernetes:apps/v1:Deployment", "spec.replicas", False),
        ("kubernetes:apps/v1:Deployment", "metadata.labels.a", False),
        ("kubernetes:apps/v1:Deployment", "metadata.namespace", True),
        ("pulumi:providers:aws", "region", False),
        ("cloudflare:index/r2Bucket:R2Bucket", "location", True),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId", True),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "referencedSecurityGroupId", False),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", True),
        ("aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId", False),
        ("aws:ec2/internetGateway:InternetGateway", "vpcId", False),
        ("aws:ec2/flowLog:FlowLog", "maxAggregationInterval", True),
        ("aws:eks/nodeGroup:NodeGroup", "launchTemplate.id", True),
        ("aws:eks/nodeGroup:NodeGroup", "launchTemplate.version", False),
        ("aws:eks/cluster:Cluster", "kubernetesNetworkConfig.serviceIpv4Cidr", True),
        ("aws:eks/cluster:Cluster", "version", False),
        ("aws:rds/instance:Instance", "allocatedStorage", False),
        ("alicloud:vpc/snatEntry:SnatEntry", "snatIp", False),
        ("alicloud:vpc/snatEntry:SnatEntry", "sourceVswitchId", True),
        ("alicloud:cs/nodePool:NodePool", "instanceMetadataOptions.httpTokens", True),
        ("cloudflare:index/workersScript:WorkersScript", "content", False),
        ("cloudflare:index/originCaCertificate:OriginCaCertificate", "csr", True),
        ("mongodbatlas:index/databaseUser:DatabaseUser", "password", False),
    ],
)
def test_what_makes_another_resource(token: str, path: str, forces: bool) -> None:
    assert forces_replacement(token, path) is forces


def test_another_kind_of_source_makes_another_rule() -> None:
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    assert forces_replacement(token, "cidrIpv4", old="10.0.0.0/8", new=None)
    assert forces_replacement(token, "prefixListId", old=None, new="pl-1")
    assert not forces_replacement(token, "cidrIpv4", old="10.0.0.0/8", new="10.0.0.0/16")


def test_a_named_kubernetes_object_cannot_stand_beside_its_successor() -> None:
    assert deletes_before_replacing("kubernetes:core/v1:ConfigMap", {"metadata": {"name": "a"}})
    assert not deletes_before_replacing("kubernetes:core/v1:ConfigMap", {"metadata": {}})
    assert not deletes_before_replacing("aws:ec2/vpc:Vpc", {})
