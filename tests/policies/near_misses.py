"""What nearly is a violation."""

from __future__ import annotations

from policies.views import ProviderView
from tests.policies.builders import Thing
from tests.policies.parts import (
    ALI_RDS,
    ASIA,
    CHINA,
    CONFIG_MAP,
    DEV,
    EKS,
    GOOD_ALI_RDS,
    GOOD_EKS,
    GOOD_RDS,
    GROUP,
    INGRESS,
    KEY,
    R2,
    RDS,
    SECRET,
    STAGING,
    SUBNET,
    TAGGING,
    TAGS,
    UNKNOWN,
    US,
    VIRGINIA,
    VPC,
    Case,
    atlas,
    block,
    bucket,
    pod,
    subnets,
    template,
)

NEAR_MISSES: list[Case] = [
    (
        "tags-required",
        ASIA,
        "more tags are allowed",
        (Thing(type=VPC, inputs={"tags": {**TAGS, "Name": "x"}}),),
    ),
    ("tags-required", ASIA, "not taggable", (Thing(type="aws:ec2/route:Route"),)),
    (
        "tags-required",
        ASIA,
        "half from the provider",
        (
            Thing(
                type=VPC,
                provider=TAGGING,
                inputs={"tags": {k: TAGS[k] for k in ("CountryGroup", "CostCenter", "Compliance")}},
            ),
        ),
    ),
    ("tags-required", ASIA, "a component", (Thing(type="smp:aws:Network", custom=False, provider=None),)),
    (
        "tags-required",
        ASIA,
        "list of a scaling group",
        (
            Thing(
                type="aws:autoscaling/group:Group",
                inputs={"tags": [{"key": k, "value": v, "propagateAtLaunch": True} for k, v in TAGS.items()]},
            ),
        ),
    ),
    ("tags-propagated", ASIA, "machines and disks", (template("instance", "volume", "network-interface"),)),
    (
        "home-region",
        ASIA,
        "own region is home",
        (Thing(type=VPC, provider=VIRGINIA, inputs={"region": "ap-southeast-1"}),),
    ),
    (
        "home-region",
        ASIA,
        "budgets are reached through Virginia",
        (Thing(type="aws:budgets/budget:Budget", provider=VIRGINIA),),
    ),
    ("home-region", ASIA, "no regions in Kubernetes", (Thing(type=CONFIG_MAP),)),
    ("home-region", US, "Virginia is home", (Thing(type=VPC),)),
    ("home-region-atlas", ASIA, "home twice", (atlas("AP_SOUTHEAST_1", "AP_SOUTHEAST_1"),)),
    (
        "home-region-r2",
        ASIA,
        "hint in capitals, as the API answers",
        (Thing(type=R2, inputs={"location": "APAC", "jurisdiction": "default"}),),
    ),
    ("home-region-r2", US, "jurisdiction", (Thing(type=R2, inputs={"jurisdiction": "us"}),)),
    (
        "provider-explicit",
        ASIA,
        "named default-looking",
        (
            Thing(
                type=VPC,
                provider=ProviderView(
                    package="aws", name="defaulting", inputs=VIRGINIA.inputs | {"region": "ap-southeast-1"}
                ),
            ),
        ),
    ),
    ("provider-explicit", ASIA, "engine's own", (Thing(type="pulumi:pulumi:StackReference"),)),
    (
        "exposure-network",
        ASIA,
        "443 for everybody",
        (
            Thing(
                type=INGRESS,
                inputs={"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0"},
            ),
        ),
    ),
    (
        "exposure-network",
        ASIA,
        "all of a private range",
        (Thing(type=INGRESS, inputs={"ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"}),),
    ),
    (
        "exposure-network",
        ASIA,
        "one public address",
        (
            Thing(
                type=INGRESS,
                inputs={"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "203.0.113.7/32"},
            ),
        ),
    ),
    (
        "exposure-network",
        ASIA,
        "outwards",
        (
            Thing(
                type=GROUP,
                inputs={
                    "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
                },
            ),
        ),
    ),
    (
        "exposure-network",
        CHINA,
        "outwards",
        (
            Thing(
                type="alicloud:ecs/securityGroupRule:SecurityGroupRule",
                inputs={"type": "egress", "ipProtocol": "all", "portRange": "-1/-1", "cidrIp": "0.0.0.0/0"},
            ),
        ),
    ),
    ("exposure-stores", ASIA, "private by silence", (Thing(type=RDS, inputs=GOOD_RDS),)),
    ("exposure-buckets", ASIA, "private and blocked", (bucket(acl="private"), block(bucket()))),
    (
        "exposure-control-plane",
        ASIA,
        "named ranges",
        (
            Thing(
                type=EKS,
                inputs={
                    **GOOD_EKS,
                    "vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]},
                },
            ),
        ),
    ),
    (
        "encryption-at-rest",
        ASIA,
        "a replica inherits it",
        (Thing(type=RDS, inputs={"replicateSourceDb": UNKNOWN}, protect=False),),
    ),
    (
        "encryption-in-transit",
        ASIA,
        "not MySQL",
        (Thing(type="aws:rds/parameterGroup:ParameterGroup", inputs={"family": "postgres17"}),),
    ),
    (
        "encryption-keys",
        ASIA,
        "asymmetric keys do not rotate",
        (Thing(type=KEY, inputs={"customerMasterKeySpec": "RSA_2048"}),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "marked secret",
        (Thing(type=RDS, inputs={**GOOD_RDS, "password": SECRET}),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "names that only sound so",
        (
            pod(
                [
                    {"name": "TOKEN_TTL", "value": "3600"},
                    {"name": "PASSWORD_FILE", "value": "/vault/secrets/x"},
                    {"name": "DB_PASSWORD", "value": "/vault/secrets/mysql"},
                    {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "x"}}},
                ]
            ),
        ),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "a URL without a password",
        (pod([{"name": "ISSUER", "value": "https://user@host.example/x"}]),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "a placeholder in a URL",
        (pod([{"name": "DSN", "value": "mysql://app:${DB_PASSWORD}@db/x"}]),),
    ),
    (
        "secrets-plain-text",
        CHINA,
        "punctuation",
        (Thing(type="alicloud:log/storeIndex:StoreIndex", inputs={"fullText": {"token": ', ";='}}),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "sealed Kubernetes secret",
        (Thing(type="kubernetes:core/v1:Secret", inputs={"stringData": {"a": SECRET}}),),
    ),
    (
        "availability-zones",
        ASIA,
        "three zones",
        subnets("ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"),
    ),
    ("availability-zones", STAGING, "two are enough", subnets("ap-southeast-1a", "ap-southeast-1b")),
    (
        "availability-databases",
        ASIA,
        "a replica has no standby",
        (Thing(type=RDS, inputs={"replicateSourceDb": "x", "multiAz": False}, protect=False),),
    ),
    ("availability-databases", DEV, "dev has one", (Thing(type=RDS, inputs={"storageEncrypted": True}),)),
    (
        "stateful-protected",
        DEV,
        "dev may go",
        (Thing(type=RDS, inputs={"storageEncrypted": True}, protect=False),),
    ),
    (
        "stateful-protected",
        ASIA,
        "networks hold nothing",
        (Thing(type=SUBNET, inputs={"availabilityZone": "a"}, protect=False),),
    ),
    (
        "stateful-deletion-protection",
        CHINA,
        "a subscription stays to its term",
        (
            Thing(
                type=ALI_RDS,
                inputs={**GOOD_ALI_RDS, "deletionProtection": None, "instanceChargeType": "Prepaid"},
            ),
        ),
    ),
    ("stateful-no-shredding", DEV, "dev may go", (bucket(forceDestroy=True), block(bucket()))),
]
