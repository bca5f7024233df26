from __future__ import annotations

import json

import pytest

from catalog.stack_facts import Stack
from components.aws.cluster_autoscaler import autoscaler_statements
from components.aws.iam import Statement, key_use
from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.core.component import InvalidArgumentsError
from components.core.scope import Scope
from tests.contracts.harness import ACCOUNT, Recording, World, known, record_build

READ = Statement(sid="Read", actions=("s3:GetObject",), resources=("arn:aws:s3:::smp-asia-prod-objects/*",))


def _args(scope: Scope, *statements: Statement, service_account: str = "order-svc") -> WorkloadIdentityArgs:
    return WorkloadIdentityArgs(
        scope=scope,
        cluster_name=known("smp-asia-prod-kubernetes"),
        namespace="smp-prod",
        service_account=service_account,
        statements=statements,
    )


def _record(*statements: Statement) -> Recording:
    return record_build(
        lambda world: WorkloadIdentity("identity", _args(world.scope, *statements), provider=world.aws),
        Stack.PROD_ASIA,
    )


def test_the_role_belongs_to_one_service_account_of_one_cluster() -> None:
    recording = _record(READ)
    (trust,) = json.loads(recording.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:RequestTag/eks-cluster-name": "smp-asia-prod-kubernetes",
        "aws:RequestTag/kubernetes-namespace": "smp-prod",
        "aws:RequestTag/kubernetes-service-account": "order-svc",
    }
    association = recording.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("smp-prod", "order-svc")


def test_the_policy_is_what_was_given_with_outputs_resolved() -> None:
    recording = _record(READ, key_use(known("arn:aws:kms:ap-southeast-1:111122223333:key/objects")))
    read, use = json.loads(recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert read == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::smp-asia-prod-objects/*"],
    }
    assert use["Resource"] == ["arn:aws:kms:ap-southeast-1:111122223333:key/objects"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement(sid="S", actions=("s3:GetObject",)), "names no resources"),
        (Statement(sid="S", actions=("*",), resources=("*",)), "allows every action"),
        (
            Statement(sid="S", actions=("s3:GetObject",), resources=("*",), principals={"AWS": "*"}),
            "names principals",
        ),
    ],
)
def test_statements_that_are_none_of_a_role_are_refused(statement: Statement, expected: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=expected):
        _args(World(Stack.DEV).scope, statement)


def test_names_and_emptiness_are_checked_together() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        _args(World(Stack.DEV).scope, service_account="Order Service")
    assert len(caught.value.problems) == 3


def test_the_autoscaler_resizes_groups_of_its_own_cluster_only() -> None:
    statements = {s.sid: s for s in autoscaler_statements(World(Stack.PROD_US).scope)}
    assert statements["ResizeOwnGroups"].conditions == {
        "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/smp-us-prod-kubernetes": "owned"}
    }
    for statement in statements.values():
        if statement.resources == ("*",):
            assert all(action.split(":")[1].startswith(("Describe", "Get")) for action in statement.actions)
