from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.stack_facts import Stack
from components.aws.keys import KeyPurpose, Keys, KeysArgs, KeySeparation, alias_name
from components.core.component import InvalidArgumentsError
from tests.contracts.harness import ACCOUNT, Recording, World, record_build

KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"


def _record(
    stack: Stack, *purposes: KeyPurpose, separation: KeySeparation = KeySeparation.PER_PURPOSE
) -> Recording:
    return record_build(
        lambda world: Keys(
            "keys",
            KeysArgs(scope=world.scope, purposes=frozenset(purposes), separation=separation),
            provider=world.aws,
        ),
        stack,
    )


def _statements(recording: Recording) -> dict[str, dict[str, Any]]:
    policy = json.loads(recording.one(KEY).inputs["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_every_purpose_has_its_own_rotating_regional_key_and_alias() -> None:
    recording = _record(Stack.PROD_ASIA, *KeyPurpose)
    keys = recording.of_type(KEY)
    assert len(keys) == len(KeyPurpose)
    for key in keys:
        assert key.inputs["enableKeyRotation"] is True
        assert key.inputs["multiRegion"] is False
        assert key.inputs["deletionWindowInDays"] == 30
    aliases = {alias.inputs["name"]: alias.inputs["targetKeyId"] for alias in recording.of_type(ALIAS)}
    assert "alias/smp-asia-prod-database" in aliases
    assert len(set(aliases.values())) == len(KeyPurpose)


def test_a_shared_key_answers_to_every_alias() -> None:
    recording = _record(Stack.DEV, KeyPurpose.VOLUMES, KeyPurpose.LOGS, separation=KeySeparation.SHARED)
    recording.one(KEY)
    names = {alias.inputs["name"] for alias in recording.of_type(ALIAS)}
    assert names == {"alias/smp-asia-dev-volumes", "alias/smp-asia-dev-logs"}
    assert {"UseByAutoScaling", "EncryptLogGroups"} <= _statements(recording).keys()


def test_production_refuses_a_shared_key_and_says_what_to_do() -> None:
    with pytest.raises(InvalidArgumentsError, match="production takes the separation per-purpose") as caught:
        KeysArgs(scope=World(Stack.PROD_US).scope, purposes=frozenset(), separation=KeySeparation.SHARED)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "purpose", [KeyPurpose.DATABASE, KeyPurpose.OBJECTS, KeyPurpose.AUDIT, KeyPurpose.CACHE]
)
def test_data_is_decrypted_only_through_the_service_that_keeps_it(purpose: KeyPurpose) -> None:
    statements = _statements(_record(Stack.PROD_US, purpose))
    for statement in statements.values():
        if any(
            action.startswith(("kms:Decrypt", "kms:GenerateDataKey", "kms:*"))
            for action in statement["Action"]
        ):
            through = statement["Condition"]["StringEquals"]["kms:ViaService"]
            assert through
            assert all(service.endswith(".us-east-1.amazonaws.com") for service in through)


def test_no_statement_gives_a_whole_account_or_everybody_every_action() -> None:
    for purpose in KeyPurpose:
        for statement in _statements(_record(Stack.PROD_ASIA, purpose)).values():
            assert "kms:*" not in statement["Action"]
            if statement["Principal"] == {"AWS": "*"}:
                assert statement["Condition"]["StringEquals"] == {"kms:CallerAccount": ACCOUNT}
                assert "aws:PrincipalArn" in statement["Condition"]["ArnEquals"]


def test_auto_scaling_may_start_nodes_with_encrypted_disks_and_grant_nothing_else() -> None:
    statements = _statements(_record(Stack.PROD_ASIA, KeyPurpose.VOLUMES))
    role = (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
    grant = statements["GrantByAutoScaling"]
    assert grant["Action"] == ["kms:CreateGrant"]
    assert grant["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role}
    assert grant["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_the_log_key_serves_the_log_groups_of_its_own_stack_only() -> None:
    statement = _statements(_record(Stack.DEV, KeyPurpose.LOGS))["EncryptLogGroups"]
    assert statement["Principal"] == {"Service": "logs.ap-southeast-1.amazonaws.com"}
    pattern = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert pattern == f"arn:aws:logs:ap-southeast-1:{ACCOUNT}:log-group:*smp-asia-dev*"


def test_alias_names_are_a_convention() -> None:
    assert alias_name(World(Stack.STAGING).scope, KeyPurpose.CACHE) == "alias/smp-asia-staging-cache"
