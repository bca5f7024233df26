"""Length and character limits of physical names, by the service that sets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What one service accepts as a name."""

    longest: int
    pattern: str
    """Regular expression for the whole name."""
    source: str
    """Where the provider documents it."""


_DASHED = r"[a-z][a-z0-9-]*[a-z0-9]"


class NameLimit(Enum):
    """Name rules of the services this project names things in."""

    TAG = NameRule(longest=128, pattern=_DASHED, source="EC2 tagging limits; our own lower-case form")
    S3_BUCKET = NameRule(longest=63, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="S3 bucket naming rules")
    OSS_BUCKET = NameRule(longest=63, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="OSS bucket naming rules")
    R2_BUCKET = NameRule(longest=63, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="R2 bucket naming rules")
    EKS_CLUSTER = NameRule(longest=100, pattern=r"[0-9A-Za-z][A-Za-z0-9_-]*", source="EKS CreateCluster API")
    EKS_NODE_GROUP = NameRule(
        longest=63, pattern=r"[0-9A-Za-z][A-Za-z0-9_-]*", source="EKS CreateNodegroup API"
    )
    LAUNCH_TEMPLATE = NameRule(
        longest=128, pattern=r"[A-Za-z0-9()./_-]+", source="EC2 CreateLaunchTemplate API"
    )
    SECURITY_GROUP = NameRule(longest=255, pattern=r"(?!sg-).+", source="EC2 CreateSecurityGroup API")
    IAM_ROLE = NameRule(longest=64, pattern=r"[\w+=,.@-]+", source="IAM CreateRole API")
    IAM_POLICY = NameRule(longest=128, pattern=r"[\w+=,.@-]+", source="IAM CreatePolicy API")
    KMS_ALIAS = NameRule(
        longest=250, pattern=r"[A-Za-z0-9/_-]+", source="KMS CreateAlias API, without alias/"
    )
    RDS_INSTANCE = NameRule(
        longest=63, pattern=r"[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]", source="RDS CreateDBInstance API"
    )
    RDS_GROUP = NameRule(longest=255, pattern=_DASHED, source="RDS CreateDBParameterGroup API")
    ELASTICACHE = NameRule(
        longest=40,
        pattern=r"[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]",
        source="ElastiCache CreateReplicationGroup API",
    )
    ECR_REPOSITORY = NameRule(
        longest=256, pattern=r"[a-z0-9]+(?:[._/-][a-z0-9]+)*", source="ECR CreateRepository API"
    )
    LOG_GROUP = NameRule(
        longest=512, pattern=r"[A-Za-z0-9._/#-]+", source="CloudWatch Logs CreateLogGroup API"
    )
    BUDGET = NameRule(longest=100, pattern=r"[^:\\]+", source="AWS Budgets CreateBudget API")
    SNS_TOPIC = NameRule(longest=256, pattern=r"[A-Za-z0-9_-]+", source="SNS CreateTopic API")
    SCHEDULE = NameRule(
        longest=64, pattern=r"[0-9a-zA-Z._-]+", source="EventBridge Scheduler CreateSchedule API"
    )
    ATLAS_PROJECT = NameRule(
        longest=64, pattern=r"[A-Za-z0-9 ()@&+:._',-]+", source="Atlas CreateProject API"
    )
    ATLAS_CLUSTER = NameRule(
        longest=23,
        pattern=r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
        source="Atlas cluster names: 23 visible characters",
    )
    ALICLOUD = NameRule(
        longest=63, pattern=_DASHED, source="the narrowest of ECS, ACK, RDS, Tair and VPC names"
    )
    RAM_ROLE = NameRule(longest=64, pattern=r"[A-Za-z0-9.-]+", source="RAM CreateRole API")
    RAM_POLICY = NameRule(longest=128, pattern=r"[A-Za-z0-9-]+", source="RAM CreatePolicy API")
    SLS_PROJECT = NameRule(longest=63, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="SLS CreateProject API")
    ACR_INSTANCE = NameRule(
        longest=30, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="ACR CreateInstance API"
    )
    KUBERNETES = NameRule(longest=63, pattern=r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", source="RFC 1123 label")
    WORKERS_SCRIPT = NameRule(
        longest=63, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="Workers script names"
    )
    PAGES_PROJECT = NameRule(longest=58, pattern=r"[a-z0-9][a-z0-9-]*[a-z0-9]", source="Pages project names")

    def check(self, name: str) -> str:
        """Return ``name`` if the service accepts it.

        Raises:
            ValueError: too long, or characters the service refuses.

        """
        rule = self.value
        if len(name) > rule.longest:
            msg = f"{name!r} has {len(name)} characters; {rule.source} allows {rule.longest}"
            raise ValueError(msg)
        if re.fullmatch(rule.pattern, name) is None:
            msg = f"{name!r} has characters or an order of them that {rule.source} refuses"
            raise ValueError(msg)
        return name
