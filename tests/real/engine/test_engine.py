"""The real Pulumi engine against the stand-in, held against the embedded host."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal import (
    DeploymentError,
    EngineChoice,
    Faults,
    Op,
    ProgramError,
    ProgramFailedError,
    RehearsalError,
    RehearsalResult,
    SchemaError,
    destroy,
)
from rehearsal.engine_cli import find_cli
from rehearsal.steps import ResourceFinished
from rehearsal.values import SIGNATURE
from tests.rehearsal.projects import HEADER, SECRETS, Sample, by_name, named, resources, sample, shop
from tests.rehearsal.test_updates import DATABASE, NODES

pytestmark = pytest.mark.skipif(
    find_cli() is None, reason="the Pulumi CLI (pulumi and pulumi-language-python) is not on PATH"
)


def engine(project: Sample, **options: Any) -> RehearsalResult:
    return project.rehearse(engine=EngineChoice.PULUMI, **options)


def comparable(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """An export without what is drawn at random: ids of providers, and how secrets are sealed."""
    text = json.dumps(deployment)
    for entry in resources(deployment).values():
        if entry["type"].startswith("pulumi:providers:"):
            text = text.replace(entry["id"], f"id of {entry['urn']}")
    found = resources(json.loads(re.sub(r'"ciphertext": "[^"]*"', '"ciphertext": ""', text)))
    for entry in found.values():
        for urns in (entry.get("dependencies", []), *entry.get("propertyDependencies", {}).values()):
            urns.sort()
    return found


def test_both_hosts_make_the_same_of_a_program(tmp_path: Path) -> None:
    """Resources, inputs, outputs, parents, dependencies, property dependencies, providers, protection, secrets."""
    project = shop(tmp_path)
    before = (tmp_path / "Pulumi.dev.yaml").read_bytes()
    real = engine(project, placeholder_secrets=SECRETS)
    embedded = project.rehearse(placeholder_secrets=SECRETS)
    assert comparable(real.deployment) == comparable(embedded.deployment)
    assert real.engine is EngineChoice.PULUMI
    assert real.counts == embedded.counts
    assert real.outputs == embedded.outputs
    assert {(s.op, s.urn, s.parent) for s in real.steps} == {(s.op, s.urn, s.parent) for s in embedded.steps}
    assert any(SIGNATURE in json.dumps(entry) for entry in resources(real.deployment).values())

    # A second run, an update, and taking it down again.
    assert engine(project, placeholder_secrets=SECRETS).counts == {Op.SAME: 16}
    project.config({"class": "db.t4g.large", "tier": "gold"})
    secrets = {"shop:password": "another"}
    real, embedded = (
        engine(project, placeholder_secrets=secrets),
        project.rehearse(placeholder_secrets=secrets),
    )
    assert by_name(real) == by_name(embedded) == {"db": "update"}
    changed = [next(s.changes for s in result.steps if s.op is Op.UPDATE) for result in (real, embedded)]
    assert changed[0] == changed[1]
    assert comparable(real.deployment) == comparable(embedded.deployment)
    for text in secrets["shop:password"], SECRETS["shop:password"]:
        files = [path for path in (tmp_path / ".smp").rglob("*") if path.is_file()]
        assert not [path for path in files if text.encode() in path.read_bytes()]
    assert (tmp_path / ".smp/dev/pulumi/passphrase").stat().st_mode & 0o777 == 0o600
    assert destroy(project.project, engine=EngineChoice.PULUMI).counts == {Op.DELETE: 16}
    written = yaml.safe_load(before)
    written["config"] |= {"class": "db.t4g.large", "tier": "gold"}
    assert yaml.safe_load((tmp_path / "Pulumi.dev.yaml").read_text()) == written
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".smp",
        "Pulumi.dev.yaml",
        "Pulumi.yaml",
        "stacks",
    ]


def test_schema_mistakes_are_the_same_in_both_hosts(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + "aws.ec2.Subnet('a', vpc_id=3, cidr_block='10.0.0.0/24', opts=here)\n"
        + "aws.ec2.SecurityGroup('b', opts=here,\n"
        + "    ingress=[{'protocol': 'tcp', 'from_port': 'x', 'to_port': 1, 'cidr': 'x'}])\n"
        + "aws.eks.NodeGroup('c', cluster_name='x', node_role_arn='r', subnet_ids=[], opts=here,\n"
        + "    scaling_config={'min_size': 1})\n"
        + "aws.s3.Bucket('fine', bucket='fine', opts=here)\n",
    )
    with pytest.raises(SchemaError) as embedded:
        project.rehearse()
    with pytest.raises(SchemaError) as real:
        engine(project)
    assert str(real.value) == str(embedded.value)
    assert len(real.value.violations) == 5
    for caught in (real, embedded):
        assert caught.value.result is not None
        assert named(caught.value.result.deployment, "fine")


def test_a_wrong_provider_configuration_is_the_same_in_both_hosts(tmp_path: Path) -> None:
    project = sample(tmp_path, HEADER + "aws.Provider('p', allowed_account_ids=[1])\n")
    with pytest.raises(SchemaError, match="allowedAccountIds") as embedded:
        project.rehearse()
    with pytest.raises(SchemaError) as real:
        engine(project)
    assert str(real.value) == str(embedded.value)


def test_replacement_and_deletion(tmp_path: Path) -> None:
    program = HEADER + (
        "v = aws.ec2.Vpc('v', cidr_block='{cidr}', opts=here)\n"
        "aws.ec2.Subnet('s', vpc_id=v.id, cidr_block='10.0.0.0/24', opts=here)\n"
        "k = kubernetes.Provider('k', kubeconfig='x')\n"
        "kubernetes.core.v1.ConfigMap('c', metadata={{'name': 'c'}}, data={{'a': '{cidr}'}},\n"
        "    opts=pulumi.ResourceOptions(provider=k))\n"
    )
    project = sample(
        tmp_path, program.format(cidr="10.0.0.0/16") + "aws.s3.Bucket('b', bucket='b', opts=here)\n"
    )
    engine(project)
    project.rehearse()
    project.program(program.format(cidr="10.9.0.0/16"))
    real, embedded = engine(project), project.rehearse()
    assert (
        by_name(real) == by_name(embedded) == {"v": "replace", "s": "replace", "c": "replace", "b": "delete"}
    )
    assert comparable(real.deployment) == comparable(embedded.deployment)


def test_a_protected_resource(tmp_path: Path) -> None:
    protected = "aws.s3.Bucket('b', bucket='b', opts=pulumi.ResourceOptions(provider=cloud, protect=True))\n"
    project = sample(tmp_path, HEADER + protected)
    engine(project)
    with pytest.raises(DeploymentError, match="it is protected and would be deleted") as caught:
        engine(project.program(HEADER))
    assert caught.value.failures[0].urn.endswith("::b")
    assert destroy(project.project, engine=EngineChoice.PULUMI).counts[Op.DELETE] == 3


def test_a_failing_call_leaves_the_rest_to_the_next_run(tmp_path: Path) -> None:
    project = shop(tmp_path)
    with pytest.raises(DeploymentError) as caught:
        engine(
            project,
            placeholder_secrets=SECRETS,
            faults=Faults(fail={"aws:rds/subnetGroup:SubnetGroup": "quota exceeded"}),
        )
    assert str(caught.value) == "urn:pulumi:dev::shop::aws:rds/subnetGroup:SubnetGroup::db: quota exceeded"
    assert caught.value.result is not None
    assert {"archive", "shop-net-a", "generated"} <= set(by_name(caught.value.result))
    assert set(by_name(engine(project, placeholder_secrets=SECRETS))) == {
        "db",
        "cluster",
        "settings",
        "login",
        "kafka",
    }


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        ("raise pulumi.RunError('set smp:budget')\n", ProgramError, "^set smp:budget$"),
        ("{}['here']\n", ProgramFailedError, "KeyError: 'here'"),
        ("aws.ec2.Vpc('v')\n", RehearsalError, "Default provider for 'aws' disabled"),
        (
            "aws.ec2.Vpc('v', opts=here)\naws.ec2.Vpc('v', opts=here)\n",
            RehearsalError,
            "Duplicate resource URN",
        ),
    ],
)
def test_mistakes_of_a_program_are_said_as_by_the_embedded_host(
    tmp_path: Path, program: str, kind: type[RehearsalError], message: str
) -> None:
    project = sample(tmp_path, HEADER + program)
    found: list[type[BaseException]] = []
    for choice in (EngineChoice.PULUMI, EngineChoice.EMBEDDED):
        with pytest.raises(kind, match=message) as caught:
            project.rehearse(engine=choice)
        found.append(caught.type)
    assert found[0] is found[1]


def test_options_are_recorded_alike(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + """
v = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(
    provider=cloud, ignore_changes=["tags"], retain_on_delete=True, replace_on_changes=["cidrBlock"],
    custom_timeouts=pulumi.CustomTimeouts(create="1h30m"), delete_before_replace=True,
    aliases=[pulumi.Alias(name="w")], additional_secret_outputs=["arn"]))
aws.ec2.Subnet("s", vpc_id=v.id, opts=pulumi.ResourceOptions(provider=cloud, deleted_with=v, parent=v))
pulumi.export("read", aws.ec2.Vpc.get("r", "vpc-123", opts=here).arn)
pulumi.export("region", aws.get_region(opts=pulumi.InvokeOptions(provider=cloud)).region)
""",
    )
    real, embedded = engine(project), project.rehearse()
    assert comparable(real.deployment) == comparable(embedded.deployment)
    assert named(real.deployment, "v")["customTimeouts"] == {"create": 5400}
    assert real.outputs == embedded.outputs


def test_what_children_inherit_and_components_without_outputs(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + """
class Part(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("shop:index:Part", name, {}, opts)

w = aws.ec2.Vpc("w", opts=here)
part = Part("part", pulumi.ResourceOptions(protect=True, deleted_with=w, retain_on_delete=True))
aws.ec2.Vpc("a", opts=pulumi.ResourceOptions(provider=cloud, parent=part))
aws.ec2.Vpc("b", opts=pulumi.ResourceOptions(provider=cloud, parent=part, protect=False, retain_on_delete=False))
""",
    )
    real, embedded = engine(project), project.rehearse()
    assert comparable(real.deployment) == comparable(embedded.deployment)
    assert by_name(real) == by_name(embedded)
    assert named(real.deployment, "a")["retainOnDelete"] is True


def test_an_import_is_refused_by_name(tmp_path: Path) -> None:
    program = "aws.ec2.Vpc('v', opts=pulumi.ResourceOptions(provider=cloud, import_='vpc-0abc'))\n"
    with pytest.raises(DeploymentError, match="use the embedded host"):
        engine(sample(tmp_path, HEADER + program))


def test_a_run_that_was_killed_does_not_block_the_next(tmp_path: Path) -> None:
    project = sample(tmp_path, HEADER + "aws.s3.Bucket('b', bucket='b', opts=here)\n")
    engine(project)
    locks = tmp_path / ".smp/dev/pulumi/backend/.pulumi/locks/organization/shop/dev"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "x.json").write_text(
        '{"pid": 1, "username": "x", "hostname": "y", "timestamp": "2026-01-01T00:00:00Z"}'
    )
    assert engine(project).changed == 0


def test_what_a_killed_run_had_begun_is_cleared_and_done_again(tmp_path: Path) -> None:
    """The engine keeps a mark of each operation that never ended, and warns of it for ever."""
    project = sample(tmp_path, HEADER + "aws.s3.Bucket('b', bucket='b', opts=here)\n")
    state = engine(project).state_path
    checkpoint = json.loads(state.read_text(encoding="utf-8"))
    latest = checkpoint["checkpoint"]["latest"]
    (bucket,) = [entry for entry in latest["resources"] if entry["urn"].endswith("::b")]
    never_made = {**bucket, "urn": bucket["urn"] + "-never-made"}
    latest["pending_operations"] = [
        {"resource": never_made, "type": "creating"},
        {"resource": bucket, "type": "updating"},
    ]
    state.write_text(json.dumps(checkpoint), encoding="utf-8")
    said = [message.text for message in engine(project).messages]
    assert [text for text in said if "interrupted while creating" in text]
    assert [text for text in said if "interrupted while updating" in text]
    after = engine(project)
    assert after.counts == {Op.SAME: 3}
    assert after.messages == ()


def test_updates_that_are_refused_or_roll_nodes_are_alike(tmp_path: Path) -> None:
    project = sample(tmp_path, NODES.format(size=50, tag="x"))
    engine(project)
    project.rehearse()
    project.program(NODES.format(size=80, tag="x"))
    real, embedded = engine(project), project.rehearse()
    assert by_name(real) == by_name(embedded) == {"t": "update", "g": "update"}
    assert comparable(real.deployment) == comparable(embedded.deployment)
    database = DATABASE.format(size=100, version="8.4.7")
    engine(project.program(database))
    project.rehearse()
    project.program(DATABASE.format(size=50, version="8.4.7"))
    refused: list[str] = []
    for choice in (EngineChoice.PULUMI, EngineChoice.EMBEDDED):
        with pytest.raises(DeploymentError) as caught:
            project.rehearse(engine=choice)
        refused.append(str(caught.value))
    assert refused[0] == refused[1]
    assert "storage never shrinks" in refused[0]


def test_auto_takes_the_cli_and_says_so(tmp_path: Path) -> None:
    project = sample(tmp_path, "import pulumi\n")
    assert project.rehearse(engine=EngineChoice.AUTO).engine is EngineChoice.PULUMI


def processes_of(folder: Path) -> list[str]:
    """What runs with an environment that names the folder, such as the CLI and its language host."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text(encoding="utf-8").replace("\0", " "))
    return found


def test_an_interrupted_run_waits_for_the_cli_which_leaves_nothing_behind(tmp_path: Path) -> None:
    project = shop(tmp_path)

    def interrupt(event: object) -> None:
        if isinstance(event, ResourceFinished):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine(project, placeholder_secrets=SECRETS, on_event=interrupt)
    assert processes_of(tmp_path) == []
    assert engine(project, placeholder_secrets=SECRETS).deployment is not None
    assert engine(project, placeholder_secrets=SECRETS).counts == {Op.SAME: 16}
