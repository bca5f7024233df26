"""What the RAM role of the audit batches' job may do: keep them in the region's own bucket, no more (M§14.3)."""

from __future__ import annotations

import pulumi

from catalog.hostnames import audit_batches, audit_log_bucket
from components.alicloud.ram import Statement, key_use
from components.core.scope import Scope


def keeping_statements(scope: Scope, key_id: pulumi.Output[str]) -> tuple[Statement, ...]:
    """Let the job list, read and add below its prefix; the bucket's retention refuses to write over anything."""
    bucket, prefix = audit_log_bucket(scope.cluster), audit_batches(scope.cluster.id)
    arn = f"acs:oss:*:{scope.account}:{bucket}"
    return (
        Statement(
            actions=("oss:ListObjects",),
            resources=(arn,),
            conditions={"StringLike": {"oss:Prefix": [f"{prefix}*"]}},
        ),
        Statement(actions=("oss:GetObject", "oss:PutObject"), resources=(f"{arn}/{prefix}*",)),
        key_use(scope, key_id),
    )
