"""Violations of tags, home and providers."""

from __future__ import annotations

from policies.views import ProviderView
from tests.policies.builders import Thing
from tests.policies.parts import (
    ASIA,
    BUCKET,
    CHINA,
    DEFAULT,
    R2,
    SHANGHAI,
    STAGING,
    TAGS,
    UNKNOWN,
    US,
    VIRGINIA,
    VPC,
    Case,
    atlas,
    template,
)

VIOLATIONS: list[Case] = [
    ("tags-required", ASIA, "no tags at all", (Thing(type=VPC, inputs={"tags": None}),)),
    (
        "tags-required",
        ASIA,
        "one missing",
        (Thing(type=VPC, inputs={"tags": {k: v for k, v in TAGS.items() if k != "region"}}),),
    ),
    (
        "tags-required",
        ASIA,
        "region means the cluster",
        (Thing(type=VPC, inputs={"tags": {**TAGS, "region": "ap-southeast-1"}}),),
    ),
    (
        "tags-required",
        ASIA,
        "keys are exact",
        (
            Thing(
                type=VPC,
                inputs={"tags": {**{k: v for k, v in TAGS.items() if k != "Cluster"}, "cluster": "smp-asia"}},
            ),
        ),
    ),
    (
        "tags-required",
        STAGING,
        "another environment's",
        (Thing(type=VPC, inputs={"tags": {**TAGS, "Environment": "dev"}}),),
    ),
    (
        "tags-required",
        ASIA,
        "value not known",
        (Thing(type=VPC, inputs={"tags": {**TAGS, "CostCenter": UNKNOWN}}),),
    ),
    ("tags-required", ASIA, "all not known", (Thing(type=VPC, inputs={"tags": UNKNOWN}),)),
    (
        "tags-required",
        ASIA,
        "list with one missing",
        (
            Thing(
                type="aws:autoscaling/group:Group",
                inputs={
                    "tags": [
                        {"key": k, "value": v, "propagateAtLaunch": True}
                        for k, v in TAGS.items()
                        if k != "Cluster"
                    ]
                },
            ),
        ),
    ),
    ("tags-propagated", ASIA, "only the machines", (template("instance"),)),
    ("tags-propagated", ASIA, "empty", (template("instance", "volume", tags={}),)),
    (
        "tags-propagated",
        ASIA,
        "stays on the group",
        (
            Thing(
                type="aws:autoscaling/group:Group",
                inputs={
                    "tags": [
                        {"key": k, "value": v, "propagateAtLaunch": k != "Cluster"} for k, v in TAGS.items()
                    ]
                },
            ),
        ),
    ),
    ("home-region", ASIA, "provider elsewhere", (Thing(type=VPC, provider=VIRGINIA),)),
    (
        "home-region",
        ASIA,
        "own region beats the provider's",
        (Thing(type=VPC, inputs={"region": "us-east-1"}),),
    ),
    ("home-region", ASIA, "storage is not a global service", (Thing(type=BUCKET, provider=VIRGINIA),)),
    ("home-region", ASIA, "region not known", (Thing(type=VPC, inputs={"region": UNKNOWN}),)),
    (
        "home-region",
        ASIA,
        "global service elsewhere",
        (Thing(type="aws:iam/role:Role", inputs={"region": "eu-west-1"}),),
    ),
    (
        "home-region",
        ASIA,
        "nobody says where",
        (Thing(type=VPC, provider=ProviderView(package="aws", name="x", inputs={})),),
    ),
    (
        "home-region",
        CHINA,
        "mainland, but not Beijing",
        (Thing(type="alicloud:vpc/network:Network", provider=SHANGHAI),),
    ),
    ("home-region-atlas", ASIA, "second region", (atlas("AP_SOUTHEAST_1", "US_EAST_1"),)),
    ("home-region-atlas", ASIA, "region not known", (atlas(UNKNOWN),)),
    ("home-region-atlas", ASIA, "no region", (atlas(),)),
    ("home-region-r2", CHINA, "any bucket", (Thing(type=R2, inputs={"location": "apac"}),)),
    ("home-region-r2", ASIA, "no hint", (Thing(type=R2),)),
    (
        "home-region-r2",
        ASIA,
        "jurisdiction of another",
        (Thing(type=R2, inputs={"location": "apac", "jurisdiction": "us"}),),
    ),
    ("home-region-r2", US, "a hint is no promise", (Thing(type=R2, inputs={"location": "enam"}),)),
    ("home-region-r2", US, "not known", (Thing(type=R2, inputs={"jurisdiction": UNKNOWN}),)),
    ("provider-explicit", ASIA, "default provider", (Thing(type=VPC, provider=DEFAULT),)),
    ("provider-explicit", ASIA, "none", (Thing(type=VPC, provider=None), Thing(type=VPC, name="other"))),
    (
        "provider-account",
        ASIA,
        "any account",
        (Thing(type="pulumi:providers:aws", inputs={"region": "ap-southeast-1"}),),
    ),
    (
        "provider-account",
        ASIA,
        "two accounts",
        (Thing(type="pulumi:providers:aws", inputs={"allowedAccountIds": '["1", "2"]'}),),
    ),
    ("provider-account", CHINA, "any account", (Thing(type="pulumi:providers:alicloud", inputs={}),)),
]
