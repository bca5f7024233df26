"""Keys rotate, and stay in their region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.demands import OFF, ON, Absent, Demand, Wanted, broken, one_of
from policies.rules import Family, Level, Rule, Violation, on
from policies.values import Value, as_int
from policies.views import ResourceView, StackView

_LONGEST_DAYS = 366


def _is_asymmetric(key: ResourceView) -> bool:
    spec = key.get("customerMasterKeySpec") or key.get("keySpec")
    symmetric = {None, "SYMMETRIC_DEFAULT", "Aliyun_AES_256", "Aliyun_SM4"}
    return not isinstance(spec, str | type(None)) or spec not in symmetric


def _within_a_year(value: Value) -> bool:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+)\s*([dhs]?)", value.strip())):
        days = {"d": 1.0, "": 1.0, "h": 1 / 24, "s": 1 / 86_400}[found[2]]
        return int(found[1]) * days <= _LONGEST_DAYS
    return (as_int(value) or 0) <= _LONGEST_DAYS


_YEARLY = Wanted(said="a year or less", holds=_within_a_year)
_DEMANDS = (
    Demand(types=("aws:kms/key:Key",), path="enableKeyRotation", wanted=ON, unless=_is_asymmetric),
    Demand(types=("aws:kms/key:Key",), path="rotationPeriodInDays", wanted=_YEARLY, absent=Absent.HOLDS),
    Demand(
        types=("aws:kms/key:Key", "aws:kms/externalKey:ExternalKey"),
        path="multiRegion",
        wanted=OFF,
        absent=Absent.HOLDS,
        because="its copies could read the data anywhere",
    ),
    Demand(types=("aws:kms/key:Key",), path="isEnabled", wanted=ON, absent=Absent.HOLDS),
    Demand(
        types=("alicloud:kms/key:Key",),
        path="automaticRotation",
        wanted=one_of("Enabled"),
        unless=_is_asymmetric,
    ),
    Demand(types=("alicloud:kms/key:Key",), path="rotationInterval", wanted=_YEARLY, absent=Absent.HOLDS),
    *(
        Demand(
            types=("vault:transit/secretBackendKey:SecretBackendKey",),
            path=path,
            wanted=OFF,
            absent=Absent.HOLDS,
            because="the key could be taken out of Vault",
        )
        for path in ("exportable", "allowPlaintextBackup")
    ),
    Demand(
        types=("alicloud:kms/secret:Secret",),
        path="enableAutomaticRotation",
        wanted=ON,
        absent=Absent.HOLDS,
    ),
)


def _rotation(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for replica in stack.of_type(
        "aws:kms/replicaKey:ReplicaKey", "aws:kms/replicaExternalKey:ReplicaExternalKey"
    ):
        yield on(replica, "is a copy of a key of another region: data encrypted there could be read here")


RULES = (
    Rule(
        id="encryption-keys",
        family=Family.ENCRYPTION,
        sentence="Keys rotate at least once a year and stay in their region.",
        source="M§14.3: encrypted with key rotation",
        level=Level.MANDATORY,
        remedy="turn rotation on, and make no multi-region key",
        judge=_rotation,
        alone=True,
    ),
)
