"""Resources that the cases are made of; right unless a case says otherwise."""

from __future__ import annotations

import json
from typing import Any

from catalog.stack_facts import Stack
from policies.values import Opaque
from policies.views import ProviderView
from tests.policies.builders import Thing, urn_of

ASIA, US, CHINA, GLOBAL = Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA, Stack.PROD_GLOBAL
DEV, STAGING = Stack.DEV, Stack.STAGING

TAGS = {
    "Environment": "prod",
    "Cluster": "smp-asia",
    "region": "smp-asia",
    "CountryGroup": "VN-TH-SG-ID-MY-PH",
    "CostCenter": "engineering",
    "Compliance": "PDPA",
}
VIRGINIA = ProviderView(
    package="aws", name="virginia", inputs={"region": "us-east-1", "allowedAccountIds": '["1"]'}
)
SHANGHAI = ProviderView(package="alicloud", name="sh", inputs={"region": "cn-shanghai", "accountId": "1"})
DEFAULT = ProviderView(package="aws", name="default_7_51_1", inputs={"region": "ap-southeast-1"})
TAGGING = ProviderView(
    package="aws",
    name="tagging",
    inputs={
        "region": "ap-southeast-1",
        "allowedAccountIds": '["1"]',
        "defaultTags": '{"tags": {"Environment": "prod", "Cluster": "smp-asia", "region": "smp-asia"}}',
    },
)
VPC, SUBNET, GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
RDS, CACHE, KEY = (
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:kms/key:Key",
)
BUCKET, BLOCK = "aws:s3/bucket:Bucket", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
TEMPLATE, EKS = "aws:ec2/launchTemplate:LaunchTemplate", "aws:eks/cluster:Cluster"
ATLAS, R2 = "mongodbatlas:index/advancedCluster:AdvancedCluster", "cloudflare:index/r2Bucket:R2Bucket"
ALI_RDS, TAIR, ACK = (
    "alicloud:rds/instance:Instance",
    "alicloud:kvstore/instance:Instance",
    "alicloud:cs/managedKubernetes:ManagedKubernetes",
)
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
POD = "kubernetes:apps/v1:Deployment"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
UNKNOWN, SECRET = Opaque.UNKNOWN, Opaque.SECRET

GOOD_RDS: dict[str, Any] = {"storageEncrypted": True, "multiAz": True, "deletionProtection": True}
GOOD_CACHE: dict[str, Any] = {
    "atRestEncryptionEnabled": True,
    "transitEncryptionEnabled": True,
    "automaticFailoverEnabled": True,
    "multiAzEnabled": True,
    "numNodeGroups": 3,
    "replicasPerNodeGroup": 1,
}
GOOD_ALI_RDS: dict[str, Any] = {
    "encryptionKey": UNKNOWN,
    "sslAction": "Open",
    "deletionProtection": True,
    "zoneIdSlaveA": "cn-beijing-k",
}
GOOD_EKS: dict[str, Any] = {
    "encryptionConfig": {"provider": {"keyArn": UNKNOWN}},
    "vpcConfig": {"endpointPublicAccess": False, "endpointPrivateAccess": True},
}


def bucket(name: str = "b", **inputs: Any) -> Thing:
    return Thing(type=BUCKET, name=name, inputs=inputs)


def block(of: Thing, **changes: Any) -> Thing:
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    return Thing(
        type=BLOCK,
        name=f"{of.name}-block",
        inputs={**dict.fromkeys(flags, True), **changes},
        depends={"bucket": (urn_of(of),)},
    )


def subnets(*zones: Any) -> tuple[Thing, ...]:
    return (
        Thing(type=VPC, name="vpc"),
        *(
            Thing(type=SUBNET, name=f"s{place}", inputs={"availabilityZone": zone})
            for place, zone in enumerate(zones)
        ),
    )


def atlas(*regions: Any, protected: bool = True) -> Thing:
    specs = [{"regionConfigs": [{"regionName": region} for region in regions]}]
    return Thing(
        type=ATLAS,
        inputs={"replicationSpecs": specs, "terminationProtectionEnabled": True},
        protect=protected,
    )


def pod(env: list[dict[str, Any]]) -> Thing:
    spec = {"template": {"spec": {"containers": [{"name": "app", "env": env}]}}}
    return Thing(type=POD, inputs={"spec": spec})


def template(*kinds: str, encrypted: Any = "true", tags: Any = None) -> Thing:
    return Thing(
        type=TEMPLATE,
        inputs={
            "tagSpecifications": [
                {"resourceType": kind, "tags": TAGS if tags is None else tags} for kind in kinds
            ],
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": encrypted}}],
        },
    )


Case = tuple[str, Stack, str, tuple[Thing, ...]]


def made(kind: str, name: str = "thing", /, **inputs: Any) -> Thing:
    """A resource by its token, with some inputs."""
    return Thing(type=kind, name=name, inputs=inputs)


def kube(kind: str, name: str = "thing", namespace: str = "smp-prod", /, **body: Any) -> Thing:
    """A Kubernetes object by ``group/version:Kind``; annotations are given as ``annotations``."""
    metadata = {"name": name, "namespace": namespace, "labels": {"smp.vn/cluster": "smp-asia"}}
    metadata["annotations"] = body.pop("annotations", {})
    return Thing(type=f"kubernetes:{kind}", name=name, inputs={"metadata": metadata, **body})


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
