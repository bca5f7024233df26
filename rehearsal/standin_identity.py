"""Who owns a resource in the stand-in cloud: the account and region that its provider is configured for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from rehearsal import values
from rehearsal.values import Properties, Value

# Accounts for providers that do not name theirs; digits that no one mistakes for a real account.
_DEFAULT_AWS_ACCOUNT: Final = "000000000000"
_DEFAULT_ALIBABA_ACCOUNT: Final = "1000000000000000"
_DEFAULT_REGIONS: Final[Mapping[str, str]] = {"aws": "us-east-1", "alicloud": "cn-beijing"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderFacts:
    """What a configured provider says about where its resources are.

    `account` is the first of `allowedAccountIds` (AWS) or `accountId` (Alibaba Cloud); `region` is the provider's own,
    which a resource's `region` property overrides.
    """

    package: str
    account: str
    region: str

    @property
    def partition(self) -> str:
        """The AWS partition of the region: `aws`, `aws-cn` or `aws-us-gov`."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def dns_suffix(self) -> str:
        """The domain of AWS endpoints in the partition."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


def provider_facts(package: str, config: Properties) -> ProviderFacts:
    """Read a provider's configuration; JSON text, secrets and unknown values are all taken as they come."""
    account = _DEFAULT_ALIBABA_ACCOUNT if package == "alicloud" else _DEFAULT_AWS_ACCOUNT
    allowed = _decoded(config.get("allowedAccountIds"))
    if isinstance(allowed, list) and allowed:
        account = str(cast("list[Any]", allowed)[0])
    own = _decoded(config.get("accountId"))
    if isinstance(own, (str, int)):
        account = str(own)
    region = values.reveal(config.get("region"))
    return ProviderFacts(
        package=package,
        account=account,
        region=region
        if isinstance(region, str) and region != values.UNKNOWN
        else _DEFAULT_REGIONS.get(package, ""),
    )


def effective_region(facts: ProviderFacts, inputs: Properties) -> ProviderFacts:
    """The facts for one resource: its own `region` property comes before its provider's."""
    region = values.reveal(inputs.get("region"))
    if facts.package != "aws" or not isinstance(region, str) or region in {"", values.UNKNOWN}:
        return facts
    return ProviderFacts(package=facts.package, account=facts.account, region=region)


def _decoded(value: Value) -> Value:
    plain = values.reveal_all(value)
    if isinstance(plain, str) and plain != values.UNKNOWN:
        try:
            return json.loads(plain)
        except ValueError:
            return plain
    return None if plain == values.UNKNOWN else plain
