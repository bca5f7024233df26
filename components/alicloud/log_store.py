"""A log store of Log Service (SLS), encrypted with our key; part of the components that write logs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_alicloud as alicloud

from catalog.data_classes import DataClass
from components.core.component import Component
from components.core.naming import NameLimit

LONGEST_RETENTION_DAYS = 3000
"""SLS keeps up to 3000 days; 3650 would mean for ever."""


@dataclass(frozen=True, kw_only=True)
class LogStore:
    """A log project with its one store."""

    project_name: str
    store_name: str
    store: alicloud.log.Store


def create_log_store(
    owner: Component[Any],
    *,
    thing: str,
    description: str,
    key_id: pulumi.Output[str],
    retention_days: int,
    data_class: DataClass,
) -> LogStore:
    """Create a project and a store in it as children of ``owner``.

    The store is encrypted from its first record: SLS does not encrypt afterwards, nor change the key.

    Raises:
        ValueError: ``retention_days`` is not between 1 and 3000.

    """
    if not 1 <= retention_days <= LONGEST_RETENTION_DAYS:
        msg = f"{thing}: logs are kept 1 to {LONGEST_RETENTION_DAYS} days, not {retention_days}"
        raise ValueError(msg)
    scope = owner.scope
    name = scope.name(thing, NameLimit.SLS_PROJECT)
    role = _create_encryption_role(owner, thing)
    project = alicloud.log.Project(
        name,
        project_name=name,
        description=description,
        tags=scope.tags(name, data_class),
        opts=owner.child(),
    )
    store = alicloud.log.Store(
        name,
        project_name=project.project_name,
        logstore_name=thing,
        retention_period=retention_days,
        # One shard takes 5 MB/s; SLS splits it under load and we pay for what is used.
        shard_count=1,
        auto_split=True,
        max_split_shard_count=8,
        append_meta=True,
        encrypt_conf={
            "enable": True,
            "encrypt_type": "default",
            "user_cmk_info": {"cmk_key_id": key_id, "arn": role.arn, "region_id": scope.region},
        },
        opts=owner.child(),
    )
    alicloud.log.StoreIndex(
        name,
        project=project.project_name,
        logstore=store.logstore_name,
        full_text={"case_sensitive": False, "include_chinese": True, "token": ", '\";=()[]{}?@&<>/:\n\t\r"},
        opts=owner.child(),
    )
    return LogStore(project_name=name, store_name=thing, store=store)


def _create_encryption_role(owner: Component[Any], thing: str) -> alicloud.ram.Role:
    scope = owner.scope
    name = scope.name(f"{thing}-encryption", NameLimit.RAM_ROLE)
    role = alicloud.ram.Role(
        name,
        role_name=name,
        description=f"Lets Log Service use the key of {thing}",
        assume_role_policy_document=json.dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"Service": ["log.aliyuncs.com"]},
                    }
                ],
            }
        ),
        tags=scope.tags(name),
        opts=owner.child(),
    )
    policy = alicloud.ram.Policy(
        name,
        policy_name=scope.name(f"{thing}-encryption", NameLimit.RAM_POLICY),
        description=f"The keys of {scope.region} that {thing} may be encrypted with",
        policy_document=json.dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": [
                            "kms:ListKeys",
                            "kms:ListAliases",
                            "kms:DescribeKey",
                            "kms:GenerateDataKey",
                            "kms:Decrypt",
                        ],
                        "Resource": [
                            f"acs:kms:{scope.region}:{scope.account}:key",
                            f"acs:kms:{scope.region}:{scope.account}:key/*",
                            f"acs:kms:{scope.region}:{scope.account}:alias",
                        ],
                    }
                ],
            }
        ),
        rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded",
        tags=scope.tags(name),
        opts=owner.child(),
    )
    alicloud.ram.RolePolicyAttachment(
        name,
        role_name=role.role_name,
        policy_name=policy.policy_name,
        policy_type="Custom",
        opts=owner.child(),
    )
    return role
