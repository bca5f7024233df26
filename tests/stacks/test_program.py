"""The whole program, in-process: layers, refusals, secrets, determinism, and what changes when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.audit_batches import reach_archive, writer_role
from catalog.clusters import Cluster
from catalog.deploy_secrets import required_secrets
from catalog.environments import Environment
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET
from catalog.stack_facts import Stack
from rehearsal import EngineChoice, Op, ProgramError, RehearsalResult, destroy, plan, rehearse
from tests.stacks.programs import ROOT, placeholders, planned, project_with, resources

STACKS = [pytest.param(stack, id=stack.facts.name) for stack in Stack]
ON_AWS = [pytest.param(s, id=s.facts.name) for s in Stack if s is not Stack.PROD_CHINA]
PRINTS_A_PLAN = """
import json
from pathlib import Path
from insight.running import placeholder_secrets
from rehearsal import Project, plan

project = Project(root=Path.cwd(), stack="prod-global")
print(json.dumps(plan(project, placeholder_secrets=placeholder_secrets(project.stack)).deployment))
"""
CRON_JOB = "kubernetes:batch/v1:CronJob"
PERSONAL_STORES = (":rds/", ":elasticache/", ":kvstore/", ":mongodb/", "mongodbatlas:", ":dynamodb/")


def _types(found: list[dict[str, Any]]) -> list[str]:
    return [resource["type"] for resource in found]


def _of_type(stack: Stack, token: str) -> list[dict[str, Any]]:
    return [resource for resource in resources(stack) if resource["type"] == token]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("layer", ["cloud", "platform"])
def test_every_layer_alone_plans(stack: Stack, layer: str, tmp_path: Path) -> None:
    """The last layer alone is the whole stack (test_config_mistakes), which is planned as it is committed."""
    project = project_with(tmp_path, stack, {"smp:layers": [layer]})
    built = plan(project, placeholder_secrets=placeholders(stack)).deployment["deployment"]["resources"]
    whole = {resource["urn"] for resource in resources(stack)}
    assert {resource["urn"] for resource in built} <= whole
    in_cluster = any(kind.startswith("kubernetes:") for kind in _types(built))
    assert in_cluster is (layer != "cloud")


@pytest.mark.parametrize("stack", [Stack.DEV, Stack.PROD_CHINA], ids=lambda stack: stack.facts.name)
def test_all_missing_secrets_are_listed_with_their_commands(stack: Stack) -> None:
    from rehearsal import Project

    with pytest.raises(ProgramError) as caught:
        plan(Project(root=ROOT, stack=stack.facts.name), placeholder_secrets={})
    for secret in required_secrets(stack):
        assert f"pulumi config set --secret smp:{secret.key} -s {stack.facts.name}" in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_secret_in_plain_text_or_of_the_wrong_form_is_refused(tmp_path: Path) -> None:
    project = project_with(tmp_path, Stack.DEV, {"smp:redisPassword": "Aa1" * 8})
    with pytest.raises(ProgramError, match="smp:redisPassword: is in plain text"):
        plan(project, placeholder_secrets=placeholders(Stack.DEV))
    project = project_with(tmp_path, Stack.DEV, {})
    short = {"smp:redisPassword": "short", "smp:edgeSessionKey": "short"}
    with pytest.raises(ProgramError, match="smp:redisPassword: is not 16 to 32 letters") as caught:
        plan(project, placeholder_secrets=placeholders(Stack.DEV) | short)
    assert "smp:edgeSessionKey: is not 32 letters" in str(caught.value)


def test_keys_nothing_reads_are_refused(tmp_path: Path) -> None:
    project = project_with(
        tmp_path, Stack.DEV, {"aws:region": "us-east-1", "pulumi:disable-default-providers": None}
    )
    with pytest.raises(ProgramError) as caught:
        plan(project, placeholder_secrets=placeholders(Stack.DEV))
    assert "aws:region: nothing reads this key" in str(caught.value)
    assert 'pulumi:disable-default-providers: must be ["*"]' in str(caught.value)


def test_two_plans_are_byte_equal_whatever_the_hash_seed() -> None:
    """Another process with another seed writes what whoever made the kept plan has: key by key, in order."""
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", PRINTS_A_PLAN]
    written = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT
    ).stdout
    assert written.strip() == json.dumps(planned(Stack.PROD_GLOBAL).deployment)


@pytest.mark.parametrize("stack", STACKS)
def test_stack_outputs_say_what_reports_and_runbooks_need(stack: Stack) -> None:
    outputs = planned(stack).outputs
    assert {"stack", "budget", "network", "kubernetes", "keys", "objects", "dataStores"} <= outputs.keys()
    assert outputs["budget"]["monthlyUsd"] == str(stack.facts.approved_budget.amount)
    stores = {"mysql", "redis", "mongodb"} if stack.facts.cluster.holds_personal_data else set()
    assert outputs["dataStores"].keys() == stores
    assert all("dataClass" in store for store in outputs["dataStores"].values())


@pytest.mark.parametrize("stack", STACKS)
def test_no_placeholder_secret_is_in_a_plan(stack: Stack) -> None:
    text = json.dumps(planned(stack).deployment)
    assert [s.key for s in required_secrets(stack) if s.placeholder in text] == []


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_of_another_cluster_is_in_a_stack(stack: Stack) -> None:
    inputs = [(r["type"], json.dumps(r.get("inputs", {}))) for r in resources(stack)]
    # The names of archive and writers are a contract (M§14.3): batches are sent there, which is all that S3 lets out.
    senders = {kind for kind, text in inputs if AUDIT_ARCHIVE_BUCKET in text}
    text = "".join(text for _, text in inputs).replace(AUDIT_ARCHIVE_BUCKET, "")
    for writer in Cluster:
        text = text.replace(writer_role(writer), "")
    cluster = stack.facts.cluster
    foreign = [other.id for other in Cluster if other is not cluster and f"{other.id}-" in text]
    assert foreign == []
    assert "pulumi:pulumi:StackReference" not in _types(resources(stack))
    regions = {other.home for other in Cluster} - {cluster.home}
    if reach_archive(cluster, stack.facts.environment):
        assert CRON_JOB in senders
        assert senders <= {CRON_JOB, "aws:ec2/vpcEndpoint:VpcEndpoint"}
        text = "".join(text for _, text in inputs if AUDIT_ARCHIVE_BUCKET not in text)
    else:
        assert not senders or cluster is Cluster.GLOBAL
    assert [region for region in regions if region in text] == []


def test_the_control_plane_has_no_store_of_persons() -> None:
    found = [kind for kind in _types(resources(Stack.PROD_GLOBAL)) if any(s in kind for s in PERSONAL_STORES)]
    assert found == []


@pytest.mark.parametrize("stack", ON_AWS)
def test_nothing_joins_two_networks(stack: Stack) -> None:
    joining = ("VpcPeering", "TransitGateway", "vpnConnection", "RouteServer")
    assert not [
        kind for kind in _types(resources(stack)) if any(word.lower() in kind.lower() for word in joining)
    ]


@pytest.mark.parametrize("stack", ON_AWS)
def test_the_aws_provider_refuses_any_other_account(stack: Stack) -> None:
    (provider,) = _of_type(stack, "pulumi:providers:aws")
    assert len(json.loads(provider["inputs"]["allowedAccountIds"])) == 1


@pytest.mark.parametrize(
    ("stack", "gateways"), [(Stack.DEV, 0), (Stack.STAGING, 1), (Stack.PROD_ASIA, 3), (Stack.PROD_GLOBAL, 1)]
)
def test_nat_gateways_follow_the_environment(stack: Stack, gateways: int) -> None:
    assert len(_of_type(stack, "aws:ec2/natGateway:NatGateway")) == gateways


def test_databases_have_the_shape_of_the_matrix() -> None:
    shapes = {
        stack: (
            len(_of_type(stack, "aws:rds/instance:Instance")),
            _of_type(stack, "aws:rds/instance:Instance")[0]["inputs"].get("multiAz", False),
        )
        for stack in (Stack.DEV, Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US)
    }
    assert shapes == {
        Stack.DEV: (1, False),
        Stack.STAGING: (2, False),
        Stack.PROD_ASIA: (3, True),
        Stack.PROD_US: (3, True),
    }
    for stack, (shards, replicas) in {Stack.STAGING: (3, 0), Stack.PROD_ASIA: (3, 1)}.items():
        (cache,) = _of_type(stack, "aws:elasticache/replicationGroup:ReplicationGroup")
        assert (cache["inputs"]["numNodeGroups"], cache["inputs"]["replicasPerNodeGroup"]) == (
            shards,
            replicas,
        )


@pytest.mark.parametrize("stack", STACKS)
def test_protection_is_for_production_only(stack: Stack) -> None:
    protected = [r["urn"] for r in resources(stack) if r.get("protect")]
    assert bool(protected) is (stack.facts.environment is Environment.PROD)


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """A stack deployed into the stand-in, then with another budget, then taken down."""

    created: RehearsalResult
    edited: RehearsalResult
    destroyed: RehearsalResult
    files: Mapping[str, bytes]
    """Everything that was on disk after the edit, by path."""


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    folder = tmp_path_factory.mktemp("rehearsed")

    def run(changes: Mapping[str, object]) -> RehearsalResult:
        project = project_with(folder, Stack.DEV, changes)
        return rehearse(project, engine=EngineChoice.EMBEDDED, placeholder_secrets=placeholders(Stack.DEV))

    return Rehearsed(
        created=run({}),
        edited=run({"smp:budget/monthlyUsd": 250}),
        files={str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()},
        destroyed=destroy(project_with(folder, Stack.DEV, {}), engine=EngineChoice.EMBEDDED),
    )


def test_a_rehearsal_creates_every_resource_of_the_plan(rehearsed: Rehearsed) -> None:
    assert rehearsed.created.counts.keys() == {Op.CREATE}
    assert {step.urn for step in rehearsed.created.steps} == {r["urn"] for r in resources(Stack.DEV)}


def test_a_deployed_stack_exports_the_same_estimate_as_its_plan(rehearsed: Rehearsed) -> None:
    assert rehearsed.created.outputs["estimate"] == planned(Stack.DEV).outputs["estimate"]


def test_a_second_run_changes_exactly_what_was_edited(rehearsed: Rehearsed) -> None:
    """Whatever a run changes of its own accord would be here, too: in another resource, or in another property."""
    changed = {step.type: step for step in rehearsed.edited.steps if step.op is not Op.SAME}
    changed.pop("pulumi:pulumi:Stack", None)
    assert {step.op for step in changed.values()} == {Op.UPDATE}
    assert {kind: [change.path for change in step.changes] for kind, step in changed.items()} == {
        "aws:budgets/budget:Budget": ["limitAmount"],
        # It reports from a share of the budget on.
        "aws:costexplorer/anomalySubscription:AnomalySubscription": [
            "thresholdExpression.dimension.values[0]"
        ],
    }
    assert rehearsed.edited.counts.keys() == {Op.SAME, Op.UPDATE}
    assert sum(rehearsed.edited.counts.values()) == len(rehearsed.created.steps)


def test_no_file_of_a_rehearsal_holds_a_placeholder_secret(rehearsed: Rehearsed) -> None:
    assert any(path.endswith("/state.json") for path in rehearsed.files)
    for path, content in rehearsed.files.items():
        assert not [s.key for s in required_secrets(Stack.DEV) if s.placeholder.encode() in content], path


def test_destroying_leaves_nothing(rehearsed: Rehearsed) -> None:
    assert rehearsed.destroyed.counts == {Op.DELETE: len(rehearsed.created.steps)}
    assert rehearsed.destroyed.deployment["deployment"]["resources"] == []
    assert rehearsed.destroyed.state_path is not None
    assert json.loads(rehearsed.destroyed.state_path.read_bytes())["deployment"]["resources"] == []
