from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from catalog.clusters import Cluster
from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_data import archive, archive_args
from tests.contracts.harness import ACCOUNT, Recording, World, record_build

BUCKET = "smp-global-audit-archive"
ARN = f"arn:aws:s3:::{BUCKET}"
ROLES = [
    "arn:aws:iam::333333333333:role/smp-asia-prod-audit-batches",
    "arn:aws:iam::444444444444:role/smp-us-prod-audit-batches",
]


@cache
def _record() -> Recording:
    return record_build(archive, Stack.PROD_GLOBAL)


def _of(kind: str) -> dict[str, Any]:
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return next(dict(found.inputs) for found in _record().of_type(token) if found.inputs["bucket"] == BUCKET)


def _statements(document: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(document)["Statement"]}


def test_the_archive_is_immutable() -> None:
    assert _of("Bucket")["objectLockEnabled"] is True
    assert _of("BucketObjectLockConfiguration")["rule"]["defaultRetention"] == {
        "mode": "COMPLIANCE",
        "days": 2555,
    }
    assert _of("BucketVersioning")["versioningConfiguration"]["status"] == "Enabled"
    deny = _statements(_of("BucketPolicy")["policy"])["DenyDeletion"]
    assert deny["Effect"] == "Deny"
    assert deny["Principal"] == {"AWS": "*"}
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion"} <= set(deny["Action"])
    for rule in _of("BucketLifecycleConfiguration")["rules"]:
        assert rule.get("expiration", {}).get("days", 2556) > 2555


def test_the_job_of_each_account_writes_below_its_own_cluster_and_does_nothing_else() -> None:
    statements = _statements(_of("BucketPolicy")["policy"])
    allowed = [statement for statement in statements.values() if statement["Effect"] == "Allow"]
    assert {
        statement["Principal"]["AWS"]: (statement["Action"], statement["Resource"]) for statement in allowed
    } == {
        "arn:aws:iam::333333333333:root": (["s3:PutObject"], [f"{ARN}/smp-asia/daily/*"]),
        "arn:aws:iam::444444444444:root": (["s3:PutObject"], [f"{ARN}/smp-us/daily/*"]),
    }
    assert [statement["Condition"] for statement in allowed] == [
        {"ArnEquals": {"aws:PrincipalArn": role}} for role in ROLES
    ]
    others = statements["DenyOtherAccounts"]["Condition"]["StringNotEquals"]["aws:PrincipalAccount"]
    assert others == [ACCOUNT, "333333333333", "444444444444"]


def test_plain_http_is_refused() -> None:
    deny = _statements(_of("BucketPolicy")["policy"])["DenyPlainHttp"]
    assert deny["Effect"] == "Deny"
    assert deny["Resource"] == [ARN, f"{ARN}/*"]


def test_its_key_rotates_and_lets_writers_encrypt_but_not_read() -> None:
    key = _record().one("aws:kms/key:Key").inputs
    assert key["enableKeyRotation"] is True
    assert key["multiRegion"] is False
    writers = _statements(key["policy"])["EncryptByWriters"]
    assert "kms:GenerateDataKey" in writers["Action"]
    assert not {"kms:Decrypt", "kms:*", "kms:ReEncrypt*"} & set(writers["Action"])
    assert writers["Condition"]["StringEquals"] == {
        "kms:CallerAccount": ["333333333333", "444444444444"],
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
    }
    assert writers["Condition"]["ArnEquals"] == {"aws:PrincipalArn": ROLES}


def test_who_touches_the_archive_is_recorded() -> None:
    assert _of("BucketLogging")["targetBucket"] == "smp-global-prod-access"


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        replace(
            archive_args(World(Stack.PROD_GLOBAL)),
            scope=World(Stack.PROD_ASIA).scope,
            retention_days=30,
            writers={Cluster.GLOBAL: ACCOUNT, Cluster.ASIA: "33333333333x"},
        )
    assert len(caught.value.problems) == 5
    with pytest.raises(InvalidArgumentsError, match="writers are empty"):
        replace(archive_args(World(Stack.PROD_GLOBAL)), writers={})
