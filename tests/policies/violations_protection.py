"""Violations of exposure, encryption, secrets, availability and deletion."""

from __future__ import annotations

from tests.policies.builders import Thing
from tests.policies.parts import (
    ACK,
    ALI_RDS,
    ASIA,
    CACHE,
    CHINA,
    CONFIG_MAP,
    EKS,
    GOOD_ALI_RDS,
    GOOD_CACHE,
    GOOD_EKS,
    GOOD_RDS,
    GROUP,
    INGRESS,
    KEY,
    RDS,
    TAIR,
    TEMPLATE,
    UNKNOWN,
    Case,
    block,
    bucket,
    pod,
    subnets,
    template,
)

VIOLATIONS: list[Case] = [
    (
        "exposure-network",
        ASIA,
        "ssh for everybody",
        (
            Thing(
                type=GROUP,
                inputs={
                    "ingress": [
                        {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
                    ]
                },
            ),
        ),
    ),
    (
        "exposure-network",
        ASIA,
        "everybody in halves",
        (
            Thing(
                type=INGRESS,
                inputs={"ipProtocol": "tcp", "fromPort": 3306, "toPort": 3306, "cidrIpv4": "128.0.0.0/1"},
            ),
        ),
    ),
    (
        "exposure-network",
        ASIA,
        "IPv6",
        (Thing(type=INGRESS, inputs={"ipProtocol": "-1", "cidrIpv6": "::/0"}),),
    ),
    (
        "exposure-network",
        ASIA,
        "443 within a range of ports",
        (
            Thing(
                type=INGRESS,
                inputs={"ipProtocol": "tcp", "fromPort": 400, "toPort": 443, "cidrIpv4": "0.0.0.0/0"},
            ),
        ),
    ),
    (
        "exposure-network",
        ASIA,
        "more than 443",
        (
            Thing(
                type=INGRESS,
                inputs={"ipProtocol": "tcp", "fromPort": 443, "toPort": 65535, "cidrIpv4": "0.0.0.0/0"},
            ),
        ),
    ),
    (
        "exposure-network",
        ASIA,
        "who is not known",
        (
            Thing(
                type=INGRESS, inputs={"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": UNKNOWN}
            ),
        ),
    ),
    (
        "exposure-network",
        CHINA,
        "Alibaba's form",
        (
            Thing(
                type="alicloud:ecs/securityGroupRule:SecurityGroupRule",
                inputs={
                    "type": "ingress",
                    "ipProtocol": "tcp",
                    "portRange": "6379/6379",
                    "cidrIp": "0.0.0.0/0",
                },
            ),
        ),
    ),
    (
        "exposure-stores",
        ASIA,
        "public database",
        (Thing(type=RDS, inputs={**GOOD_RDS, "publiclyAccessible": True}),),
    ),
    (
        "exposure-whitelists",
        CHINA,
        "everybody's database",
        (Thing(type=ALI_RDS, inputs={**GOOD_ALI_RDS, "securityIps": ["0.0.0.0/0"]}),),
    ),
    (
        "exposure-whitelists",
        ASIA,
        "Atlas for everybody",
        (
            Thing(
                type="mongodbatlas:index/projectIpAccessList:ProjectIpAccessList",
                inputs={"cidrBlock": "0.0.0.0/0"},
            ),
        ),
    ),
    ("exposure-buckets", ASIA, "public list", (bucket(acl="public-read"), block(bucket()))),
    ("exposure-buckets", ASIA, "no block", (bucket(),)),
    ("exposure-buckets", ASIA, "block of another bucket", (bucket("a"), block(bucket("b")))),
    ("exposure-buckets", ASIA, "block with a gap", (bucket(), block(bucket(), ignorePublicAcls=None))),
    (
        "exposure-control-plane",
        ASIA,
        "public by silence",
        (Thing(type=EKS, inputs={**GOOD_EKS, "vpcConfig": {"subnetIds": []}}),),
    ),
    (
        "exposure-control-plane",
        ASIA,
        "public for everybody",
        (
            Thing(
                type=EKS,
                inputs={
                    **GOOD_EKS,
                    "vpcConfig": [{"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}],
                },
            ),
        ),
    ),
    ("exposure-control-plane", CHINA, "public by silence", (Thing(type=ACK),)),
    (
        "encryption-at-rest",
        ASIA,
        "database",
        (Thing(type=RDS, inputs={**GOOD_RDS, "storageEncrypted": None}),),
    ),
    (
        "encryption-at-rest",
        ASIA,
        "cache, not known",
        (Thing(type=CACHE, inputs={**GOOD_CACHE, "atRestEncryptionEnabled": UNKNOWN}),),
    ),
    ("encryption-at-rest", ASIA, "node's disk", (template("instance", "volume", encrypted="false"),)),
    (
        "encryption-at-rest",
        ASIA,
        "no envelope",
        (Thing(type=EKS, inputs={**GOOD_EKS, "encryptionConfig": None}),),
    ),
    ("encryption-buckets", CHINA, "bucket", (Thing(type="alicloud:oss/bucket:Bucket"),)),
    (
        "encryption-in-transit",
        ASIA,
        "cache",
        (Thing(type=CACHE, inputs={**GOOD_CACHE, "transitEncryptionEnabled": False}),),
    ),
    (
        "encryption-in-transit",
        ASIA,
        "TLS offered, not required",
        (
            Thing(
                type="aws:rds/parameterGroup:ParameterGroup",
                inputs={
                    "family": "mysql8.4",
                    "parameters": [{"name": "require_secure_transport", "value": "0"}],
                },
            ),
        ),
    ),
    (
        "encryption-in-transit",
        CHINA,
        "database",
        (Thing(type=ALI_RDS, inputs={**GOOD_ALI_RDS, "sslAction": "Close"}),),
    ),
    ("encryption-keys", ASIA, "does not rotate", (Thing(type=KEY),)),
    (
        "encryption-keys",
        ASIA,
        "multi-region",
        (Thing(type=KEY, inputs={"enableKeyRotation": True, "multiRegion": True}),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "password property",
        (Thing(type=RDS, inputs={**GOOD_RDS, "password": "hunter2hunter2"}),),
    ),
    ("secrets-plain-text", ASIA, "environment", (pod([{"name": "REDIS_PASSWORD", "value": "hunter2"}]),)),
    (
        "secrets-plain-text",
        ASIA,
        "config map",
        (Thing(type=CONFIG_MAP, inputs={"data": {"API_TOKEN": "abc123"}}),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "connection URL",
        (pod([{"name": "DSN", "value": "mysql://app:s3cretpw@db:3306/x"}]),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "access key in a script",
        (
            Thing(
                type=TEMPLATE,
                inputs={
                    **template("instance", "volume").inputs,
                    "userData": "export X=AKIA" + "IOSFODNN7EXAMPLE",
                },
            ),
        ),
    ),
    (
        "secrets-stores",
        ASIA,
        "Kubernetes secret",
        (Thing(type="kubernetes:core/v1:Secret", inputs={"stringData": {"a": "b"}}),),
    ),
    (
        "availability-zones",
        ASIA,
        "two zones",
        subnets("ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1b"),
    ),
    ("availability-zones", ASIA, "one not known", subnets("ap-southeast-1a", "ap-southeast-1b", UNKNOWN)),
    (
        "availability-databases",
        ASIA,
        "single zone",
        (Thing(type=RDS, inputs={**GOOD_RDS, "multiAz": False}),),
    ),
    (
        "availability-databases",
        ASIA,
        "no replica",
        (Thing(type=CACHE, inputs={**GOOD_CACHE, "replicasPerNodeGroup": 0}),),
    ),
    (
        "availability-databases",
        CHINA,
        "one zone",
        (Thing(type=ALI_RDS, inputs={**GOOD_ALI_RDS, "zoneIdSlaveA": None}),),
    ),
    ("stateful-protected", ASIA, "database", (Thing(type=RDS, inputs=GOOD_RDS, protect=False),)),
    (
        "stateful-protected",
        ASIA,
        "key",
        (Thing(type=KEY, inputs={"enableKeyRotation": True}, protect=False),),
    ),
    (
        "stateful-deletion-protection",
        ASIA,
        "database",
        (Thing(type=RDS, inputs={**GOOD_RDS, "deletionProtection": None}),),
    ),
    (
        "stateful-deletion-protection",
        CHINA,
        "pay-as-you-go",
        (Thing(type=TAIR, inputs={"sslEnable": "Enable", "paymentType": "PostPaid"}),),
    ),
    ("stateful-no-shredding", ASIA, "bucket", (bucket(forceDestroy=True), block(bucket()))),
    (
        "stateful-no-shredding",
        ASIA,
        "last snapshot",
        (Thing(type=RDS, inputs={**GOOD_RDS, "skipFinalSnapshot": True}),),
    ),
]
