"""How a pod on Alibaba Cloud is given the RAM role of its service account (RRSA): the webhook mounts a token for it."""

from __future__ import annotations

from collections.abc import Mapping

ROLE_ANNOTATION = "pod-identity.alibabacloud.com/role-name"
"""Of the service account; the value is the role's name."""

INJECTED: Mapping[str, str] = {"pod-identity.alibabacloud.com/injection": "on"}
"""Label of the pod."""
