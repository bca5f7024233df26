"""An update shows what really happens: versions that rise, what a cloud refuses, secrets that are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal import DeploymentError, Faults, Op, Severity, plan
from rehearsal.standin_updates import counted, refusal
from rehearsal.values import UNKNOWN
from tests.rehearsal.projects import HEADER, by_name, named, sample

NODES = (
    HEADER
    + """
t = aws.ec2.LaunchTemplate("t", name="t", update_default_version=True, tags={{"a": "{tag}"}},
    block_device_mappings=[{{"device_name": "/dev/xvda", "ebs": {{"volume_size": {size}}}}}], opts=here)
aws.eks.NodeGroup("g", cluster_name="c", node_role_arn="arn:aws:iam::123456789012:role/n", subnet_ids=["subnet-1"],
    scaling_config={{"min_size": 1, "max_size": 1, "desired_size": 1}},
    launch_template={{"id": t.id, "version": pulumi.Output.format("{{0}}", t.latest_version)}}, opts=here)
"""
)


def test_another_disk_rolls_the_nodes_as_well(tmp_path: Path) -> None:
    project = sample(tmp_path, NODES.format(size=50, tag="x"))
    project.rehearse()
    result = project.program(NODES.format(size=80, tag="x")).rehearse()
    assert by_name(result) == {"t": "update", "g": "update"}
    (change,) = next(step for step in result.steps if step.name == "g").changes
    assert (change.path, change.old, change.new) == ("launchTemplate.version", "1", "2")
    again = project.program(NODES.format(size=50, tag="x")).rehearse()
    assert named(again.deployment, "t")["outputs"]["latestVersion"] == 3
    assert named(again.deployment, "t")["outputs"]["defaultVersion"] == 3
    assert project.rehearse().counts == {Op.SAME: 4}


def test_another_tag_of_the_template_rolls_nothing(tmp_path: Path) -> None:
    project = sample(tmp_path, NODES.format(size=50, tag="x"))
    project.rehearse()
    assert by_name(project.program(NODES.format(size=50, tag="y")).rehearse()) == {"t": "update"}


def test_a_default_version_follows_only_where_it_was_asked_to() -> None:
    outputs = {"latestVersion": 4, "defaultVersion": 2}
    token = "aws:ec2/launchTemplate:LaunchTemplate"
    assert counted(token, {"description": "a"}, outputs, {"description": "b"}) == {
        "latestVersion": 5,
        "defaultVersion": 2,
    }


DATABASE = (
    HEADER
    + """
aws.rds.Instance("db", identifier="db", instance_class="db.t4g.micro", engine="mysql", engine_version="{version}",
    username="root", manage_master_user_password=True, allocated_storage={size}, opts=here)
aws.s3.Bucket("b", bucket="b", opts=here)
"""
)


@pytest.mark.parametrize(
    ("size", "version", "words"),
    [
        (50, "8.4.7", "allocatedStorage: 50 is less than the 100 that it has, and storage never shrinks"),
        (100, "8.4.6", "engineVersion: 8.4.6 is older than 8.4.7"),
    ],
)
def test_what_rds_refuses_is_refused_and_the_rest_is_done(
    tmp_path: Path, size: int, version: str, words: str
) -> None:
    project = sample(tmp_path, DATABASE.format(size=100, version="8.4.7"))
    before = named(project.rehearse().deployment, "db")
    changed = DATABASE.format(size=size, version=version).replace(
        'bucket="b"', 'bucket="b", force_destroy=True'
    )
    with pytest.raises(DeploymentError, match=words) as caught:
        project.program(changed).rehearse()
    assert caught.value.result is not None
    assert named(caught.value.result.deployment, "db") == before
    assert by_name(caught.value.result) == {"b": "update"}
    larger = DATABASE.format(size=200, version="8.4.10")
    assert by_name(project.program(larger).rehearse()) == {"db": "update", "b": "update"}


def test_a_claim_does_not_shrink_whatever_its_unit() -> None:
    def claim(size: str) -> dict[str, object]:
        return {"spec": {"resources": {"requests": {"storage": size}}}}

    token = "kubernetes:core/v1:PersistentVolumeClaim"
    assert refusal(token, claim("2Gi"), claim("1025Mi")) is not None
    assert refusal(token, claim("1Gi"), claim("1024Mi")) is None
    assert refusal(token, claim("1Gi"), claim(UNKNOWN)) is None


def test_a_secret_whose_changes_are_ignored_is_left_alone(tmp_path: Path) -> None:
    program = HEADER + (
        "aws.rds.Instance('db', instance_class='x', engine='mysql', password=config.require_secret('password'),\n"
        "    opts=pulumi.ResourceOptions(provider=cloud, ignore_changes=['password']))\n"
    )
    project = sample(tmp_path, program)
    before = project.rehearse(placeholder_secrets={"shop:password": "one"})
    after = project.rehearse(placeholder_secrets={"shop:password": "two"})
    assert after.counts == {Op.SAME: 3}
    assert after.deployment == before.deployment


def test_a_plan_says_unknown_where_a_cloud_adds_to_a_block(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + "c = aws.eks.Cluster('c', role_arn='arn:aws:iam::123456789012:role/c', opts=here,\n"
        + "    vpc_config={'subnet_ids': ['subnet-1'], 'endpoint_public_access': False})\n"
        + "aws.vpc.SecurityGroupIngressRule('r', security_group_id='sg-1', ip_protocol='tcp', opts=here,\n"
        + "    referenced_security_group_id=c.vpc_config.cluster_security_group_id)\n",
    )
    found = plan(project.project).deployment
    assert named(found, "r")["inputs"]["referencedSecurityGroupId"] == UNKNOWN
    assert named(found, "c")["outputs"]["vpcConfig"] == {
        "subnetIds": ["subnet-1"],
        "endpointPublicAccess": False,
        "clusterSecurityGroupId": UNKNOWN,
        "vpcId": UNKNOWN,
    }


def test_a_failure_that_was_asked_for_and_met_nothing_is_said(tmp_path: Path) -> None:
    project = sample(tmp_path, HEADER + "aws.s3.Bucket('b', bucket='b', opts=here)\n")
    result = project.rehearse(faults=Faults(fail={"buckett": "no"}))
    assert [(m.severity, "'buckett'" in m.text) for m in result.messages] == [(Severity.WARNING, True)]
    with pytest.raises(DeploymentError) as caught:
        project.program(HEADER + "aws.s3.Bucket('b', bucket='c', opts=here)\n").rehearse(
            faults=Faults(fail={"b": "no"})
        )
    assert caught.value.result is not None
    assert caught.value.result.messages == ()
