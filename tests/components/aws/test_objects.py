from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from catalog.stack_facts import Stack
from components.aws.objects import BucketPurpose, bucket_name
from components.aws.objects_lifecycle import ColderStorage, Lifecycle, Transition
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_data import objects, objects_args
from tests.contracts.harness import ACCOUNT, Recording, World, record_build

KEYS = f"arn:aws:kms:ap-southeast-1:{ACCOUNT}:key"
AUDIT = {Stack.DEV: "smp-asia-dev-audit-log", Stack.PROD_ASIA: "smp-asia-audit-log"}
BOTH = pytest.mark.parametrize("stack", [Stack.DEV, Stack.PROD_ASIA])
EVERYBODY = {"AWS": "*"}


@cache
def _record(stack: Stack) -> Recording:
    return record_build(objects, stack)


def _of(stack: Stack, kind: str) -> dict[str, dict[str, Any]]:
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return {found.inputs["bucket"]: dict(found.inputs) for found in _record(stack).of_type(token)}


def _statements(stack: Stack, bucket: str) -> dict[str, dict[str, Any]]:
    policy = json.loads(_of(stack, "BucketPolicy")[bucket]["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def _life(stack: Stack, bucket: str) -> dict[str, Any]:
    return next(
        rule
        for rule in _of(stack, "BucketLifecycleConfiguration")[bucket]["rules"]
        if "noncurrentVersionExpiration" in rule
    )


@BOTH
def test_the_four_buckets_have_the_names_others_rely_on(stack: Stack) -> None:
    prefix = f"smp-asia-{stack.facts.environment}"
    assert set(_of(stack, "Bucket")) == {
        f"{prefix}-personal",
        f"{prefix}-logs",
        f"{prefix}-access",
        AUDIT[stack],
    }
    outputs = _record(stack).registered_outputs[_record(stack).root.urn]["buckets"]
    assert set(outputs) == {"personal", "logs", "audit", "access"}
    assert outputs["audit"]["arn"] == f"arn:aws:s3:::{AUDIT[stack]}"
    assert outputs["personal"]["dataClass"] == ("personal" if stack is Stack.PROD_ASIA else "pseudo")


def test_no_two_stacks_share_a_name() -> None:
    names = [
        bucket_name(World(stack).scope, purpose)
        for stack in (Stack.DEV, Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US)
        for purpose in BucketPurpose
    ]
    assert len(set(names)) == 16


@BOTH
def test_every_bucket_is_closed_versioned_encrypted_and_cleans_up(stack: Stack) -> None:
    buckets = set(_of(stack, "Bucket"))
    for kind in (
        "BucketPolicy",
        "BucketOwnershipControls",
        "BucketPublicAccessBlock",
        "BucketVersioning",
        "BucketServerSideEncryptionConfiguration",
        "BucketLifecycleConfiguration",
    ):
        assert set(_of(stack, kind)) == buckets, kind
    for block in _of(stack, "BucketPublicAccessBlock").values():
        assert all(
            block[name] is True
            for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        )
    for versioning in _of(stack, "BucketVersioning").values():
        assert versioning["versioningConfiguration"]["status"] == "Enabled"
    for controls in _of(stack, "BucketOwnershipControls").values():
        assert controls["rule"]["objectOwnership"] == "BucketOwnerEnforced"
    for bucket in buckets:
        assert _life(stack, bucket)["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_no_bucket_of_production_empties_itself() -> None:
    assert not any(bucket.get("forceDestroy") for bucket in _of(Stack.PROD_ASIA, "Bucket").values())


def test_each_bucket_has_the_key_of_its_purpose() -> None:
    keys: dict[str, tuple[str, str | None, bool]] = {}
    for bucket, config in _of(Stack.PROD_ASIA, "BucketServerSideEncryptionConfiguration").items():
        (rule,) = config["rules"]
        default = rule["applyServerSideEncryptionByDefault"]
        keys[bucket] = (
            default["sseAlgorithm"],
            default.get("kmsMasterKeyId"),
            bool(rule.get("bucketKeyEnabled")),
        )
    assert keys == {
        "smp-asia-prod-personal": ("aws:kms", f"{KEYS}/objects", True),
        "smp-asia-prod-logs": ("aws:kms", f"{KEYS}/objects", True),
        "smp-asia-audit-log": ("aws:kms", f"{KEYS}/audit", True),
        # S3 delivers access logs under its own key only.
        "smp-asia-prod-access": ("AES256", None, False),
    }


@BOTH
def test_every_policy_refuses_plain_http_and_old_tls_for_the_bucket_and_its_objects(stack: Stack) -> None:
    for bucket in _of(stack, "Bucket"):
        statements = _statements(stack, bucket)
        for sid, condition in (
            ("DenyPlainHttp", {"Bool": {"aws:SecureTransport": "false"}}),
            ("DenyOldTls", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        ):
            assert statements[sid]["Effect"] == "Deny"
            assert statements[sid]["Principal"] == EVERYBODY
            assert statements[sid]["Action"] == ["s3:*"]
            assert statements[sid]["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
            assert statements[sid]["Condition"] == condition


@BOTH
def test_no_policy_allows_anything_but_the_delivery_of_access_logs(stack: Stack) -> None:
    for bucket in _of(stack, "Bucket"):
        allowed = [s["Sid"] for s in _statements(stack, bucket).values() if s["Effect"] == "Allow"]
        assert allowed == (["DeliverAccessLogs"] if bucket.endswith("-access") else []), bucket


@BOTH
def test_no_other_account_comes_in_whatever_is_granted_later(stack: Stack) -> None:
    for bucket in _of(stack, "Bucket"):
        deny = _statements(stack, bucket)["DenyOtherAccounts"]
        assert deny["Effect"] == "Deny"
        assert deny["Condition"] == {
            "StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT]},
            # The delivery of access logs comes from a service, which has no account.
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        }


@BOTH
def test_an_upload_under_another_key_is_refused_where_there_is_a_key(stack: Stack) -> None:
    for bucket in _of(stack, "Bucket"):
        statements = _statements(stack, bucket)
        if bucket.endswith("-access"):
            assert "DenyOtherKey" not in statements
            continue
        purpose = "audit" if bucket == AUDIT[stack] else "objects"
        key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        assert statements["DenyOtherKey"]["Effect"] == "Deny"
        assert statements["DenyOtherKey"]["Action"] == ["s3:PutObject"]
        assert statements["DenyOtherKey"]["Condition"] == {
            "StringNotEquals": {key: f"{KEYS}/{purpose}"},
            "Null": {key: "false"},
        }
        algorithm = "s3:x-amz-server-side-encryption"
        assert statements["DenyOtherEncryption"]["Condition"] == {
            "StringNotEquals": {algorithm: "aws:kms"},
            "Null": {algorithm: "false"},
        }
        assert statements["DenyUnnamedKey"]["Effect"] == "Deny"
        assert statements["DenyUnnamedKey"]["Condition"] == {
            "StringEquals": {algorithm: "aws:kms"},
            "Null": {key: "true"},
        }


@BOTH
def test_access_to_the_three_is_logged_into_the_fourth_and_s3_alone_writes_there(stack: Stack) -> None:
    access = f"smp-asia-{stack.facts.environment}-access"
    logging = _of(stack, "BucketLogging")
    assert set(logging) == set(_of(stack, "Bucket")) - {access}
    assert {entry["targetBucket"] for entry in logging.values()} == {access}
    deliver = _statements(stack, access)["DeliverAccessLogs"]
    assert deliver["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert deliver["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert set(deliver["Condition"]["ArnEquals"]["aws:SourceArn"]) == {f"arn:aws:s3:::{b}" for b in logging}


@pytest.mark.parametrize(
    ("stack", "mode", "days"), [(Stack.PROD_ASIA, "COMPLIANCE", 2555), (Stack.DEV, "GOVERNANCE", 1)]
)
def test_only_the_audit_log_is_locked_and_outlives_its_lock(stack: Stack, mode: str, days: int) -> None:
    audit = AUDIT[stack]
    locked = {name for name, bucket in _of(stack, "Bucket").items() if bucket.get("objectLockEnabled")}
    assert locked == {audit}
    (lock,) = _of(stack, "BucketObjectLockConfiguration").values()
    assert lock["rule"]["defaultRetention"] == {"mode": mode, "days": days}
    assert _life(stack, audit)["expiration"]["days"] > days
    deny = _statements(stack, audit)["DenyDeletion"]
    assert deny["Effect"] == "Deny"
    assert deny["Principal"] == EVERYBODY
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"} <= set(
        deny["Action"]
    )


def test_logs_cool_and_expire_as_configured() -> None:
    production = _life(Stack.PROD_ASIA, "smp-asia-prod-logs")
    assert production["transitions"] == [{"storageClass": "GLACIER_IR", "days": 90}]
    assert production["expiration"]["days"] == 365
    dev = _life(Stack.DEV, "smp-asia-dev-logs")
    assert not dev.get("transitions")
    assert dev["expiration"]["days"] == 14


@pytest.mark.parametrize(("expiry", "moves"), [(179, 0), (180, 1)])
def test_a_move_too_late_to_pay_is_left_out(expiry: int, moves: int) -> None:
    life = Lifecycle(
        noncurrent_days=1,
        expiry_days=expiry,
        transition=Transition(to=ColderStorage.GLACIER_INSTANT, after_days=90),
    )
    rule: Any = life.rules()[0]
    assert len(rule.transitions or []) == moves


def test_old_versions_of_personal_objects_and_their_markers_go_after_a_month() -> None:
    bucket = "smp-asia-prod-personal"
    assert _life(Stack.PROD_ASIA, bucket)["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert "expiration" not in _life(Stack.PROD_ASIA, bucket)
    rules = _of(Stack.PROD_ASIA, "BucketLifecycleConfiguration")[bucket]["rules"]
    assert any(rule.get("expiration") == {"expiredObjectDeleteMarker": True} for rule in rules)


def test_wrong_periods_are_all_named() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        replace(objects_args(World(Stack.DEV)), audit_retention_days=0, log_retention_days=0)
    assert len(caught.value.problems) == 2


def test_the_control_plane_has_no_such_buckets() -> None:
    with pytest.raises(InvalidArgumentsError, match="holds no personal data"):
        objects_args(World(Stack.PROD_GLOBAL))
