"""The real bill. Its SDK is in the job's image only (requirements/bill.txt)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from jobs.bill.pages import LARGEST_PAGE, PageRequest
from jobs.failures import JobError

ENDPOINT = "business.aliyuncs.com"
"""Of the billing service for accounts of mainland China; it knows amounts, not data."""


class AlibabaBill:
    """Asks as the pod's own RAM role, with the token that RRSA mounts."""

    def __init__(self) -> None:
        try:
            openapi = importlib.import_module("alibabacloud_tea_openapi.models")
            credentials = importlib.import_module("alibabacloud_credentials.client")
            kinds = importlib.import_module("alibabacloud_credentials.models")
            billing = importlib.import_module("alibabacloud_bssopenapi20171214.client")
            self._models = importlib.import_module("alibabacloud_bssopenapi20171214.models")
        except ImportError as error:
            msg = f"{error.name} is not installed; the job's image installs requirements/bill.txt"
            raise JobError(msg) from error
        try:
            # By name, so that no other credential is ever looked for; RRSA sets the variables it reads.
            credential = credentials.Client(kinds.Config(type="oidc_role_arn"))
            self._client: Any = billing.Client(openapi.Config(credential=credential, endpoint=ENDPOINT))
        except Exception as error:  # the SDK raises whatever it likes
            msg = f"the pod has no role ({error}); is RRSA on, and the injection label on the pod?"
            raise JobError(msg) from error

    def page(self, request: PageRequest) -> Mapping[str, Any]:
        """Ask for one page.

        Raises:
            JobError: the service cannot be reached, or refuses.

        """
        asked = self._models.DescribeInstanceBillRequest(
            billing_cycle=f"{request.day:%Y-%m}",
            billing_date=f"{request.day:%Y-%m-%d}",
            granularity="DAILY",
            is_hide_zero_charge=True,
            max_results=LARGEST_PAGE,
            next_token=request.token,
        )
        try:
            return self._client.describe_instance_bill(asked).body.to_map()
        except Exception as error:  # the SDK raises whatever its transport does
            msg = f"the bill of {request.day} cannot be read: {error}"
            raise JobError(msg) from error
