"""Log groups whose name a service dictates: made before the service writes, so that they are encrypted and expire."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from catalog.data_classes import DataClass
from catalog.retention import FAULT_LOG_DAYS
from components.core.component import Component
from components.core.naming import NameLimit


def create_log_group(
    component: Component[Any],
    *,
    thing: str,
    path: str,
    key_arn: pulumi.Output[str],
    data_class: DataClass,
) -> aws.cloudwatch.LogGroup:
    """Create ``path`` as a log group; a service that finds none makes one that never expires.

    ``data_class`` is that of the store itself where its log quotes what it was asked, literals included.
    """
    scope = component.scope
    name = scope.name(thing)
    return aws.cloudwatch.LogGroup(
        name,
        name=NameLimit.LOG_GROUP.check(path),
        retention_in_days=FAULT_LOG_DAYS[scope.environment],
        kms_key_id=key_arn,
        tags=scope.tags(name, data_class),
        opts=component.child(),
    )
