from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal import DeploymentError, EngineChoice, Faults, Op, ProgramError, SchemaError, destroy, values
from tests.rehearsal.projects import HEADER, SECRETS, SHOP, by_name, named, resources, sample, shop

VPC = (
    HEADER
    + "aws.ec2.Vpc('v', cidr_block={cidr!r}, tags={tags!r}, opts=pulumi.ResourceOptions(provider=cloud{options}))\n"
)


def vpc(*, cidr: str = "10.0.0.0/16", tags: dict[str, str] | None = None, options: str = "") -> str:
    return VPC.format(cidr=cidr, tags=tags or {}, options=f", {options}" if options else "")


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    project = shop(tmp_path)
    first = project.rehearse(placeholder_secrets=SECRETS)
    assert first.counts == {Op.CREATE: 16}
    assert first.engine is EngineChoice.EMBEDDED
    assert first.changed == 16
    second = project.rehearse(placeholder_secrets=SECRETS)
    assert second.counts == {Op.SAME: 16}
    assert second.changed == 0
    assert second.deployment == first.deployment
    assert second.outputs == first.outputs
    assert first.outputs["password"] == "[secret]"
    assert first.outputs["endpoint"].endswith(".ap-southeast-1.rds.amazonaws.com:3306")


def test_nothing_is_unknown_after_a_deployment(tmp_path: Path) -> None:
    deployment = shop(tmp_path).rehearse(placeholder_secrets=SECRETS).deployment
    assert not values.holds_unknown(deployment)


def test_an_edited_configuration_is_exactly_that_update(tmp_path: Path) -> None:
    project = shop(tmp_path)
    project.rehearse(placeholder_secrets=SECRETS)
    project.config({"class": "db.t4g.large", "tier": "gold"})
    result = project.rehearse(placeholder_secrets=SECRETS)
    assert by_name(result) == {"db": "update"}
    step = next(step for step in result.steps if step.op is Op.UPDATE)
    assert [(c.path, c.old, c.new, c.forces_replacement) for c in step.changes] == [
        ("instanceClass", "db.t4g.micro", "db.t4g.large", False),
        ("tags.Tier", "data", "gold", False),
    ]
    database = resources(result.deployment)["urn:pulumi:dev::shop::aws:rds/instance:Instance::db"]
    assert database["outputs"]["instanceClass"] == "db.t4g.large"
    assert database["outputs"]["endpoint"] == result.outputs["endpoint"]


def test_a_changed_secret_is_an_update_that_does_not_show_it(tmp_path: Path) -> None:
    project = shop(tmp_path)
    project.rehearse(placeholder_secrets=SECRETS)
    result = project.rehearse(placeholder_secrets={"shop:password": "another"})
    assert by_name(result) == {"db": "update"}
    change = next(step for step in result.steps if step.op is Op.UPDATE).changes[0]
    assert (change.path, change.old, change.new) == ("password", "[secret]", "[secret]")


def test_an_update_keeps_identity(tmp_path: Path) -> None:
    project = sample(tmp_path, vpc(tags={"a": "1"}))
    before = named(project.rehearse().deployment, "v")
    after = named(project.program(vpc(tags={"a": "2"})).rehearse().deployment, "v")
    assert before["id"] == after["id"]
    assert before["outputs"] | {"tags": {"a": "2"}, "tagsAll": {"a": "2"}} == after["outputs"]


def test_what_the_program_no_longer_names_is_deleted_dependents_first(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        vpc()
        + "aws.ec2.Subnet('s', vpc_id=aws.ec2.Vpc('w', cidr_block='10.1.0.0/16', opts=here).id, opts=here)\n",
    )
    project.rehearse()
    result = project.program(vpc()).rehearse()
    assert [(step.op, step.name) for step in result.steps if step.op is not Op.SAME] == [
        (Op.DELETE, "s"),
        (Op.DELETE, "w"),
    ]
    assert len(resources(result.deployment)) == 3


def test_a_replacement_makes_another_resource_and_updates_what_depends_on_it(tmp_path: Path) -> None:
    subnet = "aws.ec2.Subnet('s', vpc_id=v.id, cidr_block='10.0.0.0/24', opts=here)\n"
    project = sample(tmp_path, vpc().replace("aws.ec2.Vpc(", "v = aws.ec2.Vpc(") + subnet)
    before = named(project.rehearse().deployment, "v")
    result = project.program(
        vpc(cidr="10.9.0.0/16").replace("aws.ec2.Vpc(", "v = aws.ec2.Vpc(") + subnet
    ).rehearse()
    after = named(result.deployment, "v")
    assert by_name(result) == {"v": "replace", "s": "replace"}
    assert before["id"] != after["id"]
    assert named(result.deployment, "s")["inputs"]["vpcId"] == after["id"]
    change = next(step for step in result.steps if step.name == "v").changes[0]
    assert (change.path, change.forces_replacement) == ("cidrBlock", True)
    assert len(resources(result.deployment)) == len(result.deployment["deployment"]["resources"]) == 4


@pytest.mark.parametrize("program", [vpc(cidr="10.9.0.0/16", options="protect=True"), HEADER])
def test_a_protected_resource_is_neither_replaced_nor_deleted(tmp_path: Path, program: str) -> None:
    project = sample(tmp_path, vpc(options="protect=True"))
    before = project.rehearse().deployment
    with pytest.raises(DeploymentError, match="it is protected and would be") as caught:
        project.program(program).rehearse()
    assert caught.value.failures[0].urn.endswith("::v")
    result = caught.value.result
    assert result is not None
    assert named(result.deployment, "v") == named(before, "v")


def test_options_of_the_engine(tmp_path: Path) -> None:
    project = sample(tmp_path, vpc(tags={"a": "1"}))
    project.rehearse()
    ignored = project.program(
        vpc(cidr="10.9.0.0/16", tags={"a": "2"}, options="ignore_changes=['cidrBlock', 'tags']")
    )
    assert by_name(ignored.rehearse()) == {}
    replaced = project.program(vpc(tags={"a": "3"}, options="replace_on_changes=['tags']")).rehearse()
    assert by_name(replaced) == {"v": "replace"}
    renamed = vpc(tags={"a": "3"}, options="aliases=[pulumi.Alias(name='v')]").replace("Vpc('v'", "Vpc('w'")
    result = project.program(renamed).rehearse()
    assert by_name(result) == {}
    assert named(result.deployment, "w")["id"] == named(replaced.deployment, "v")["id"]
    assert not any(urn.endswith("::v") for urn in resources(result.deployment))


def test_a_renamed_parent_takes_its_children_along(tmp_path: Path) -> None:
    program = HEADER + (
        "class Net(pulumi.ComponentResource):\n"
        "    def __init__(self, name, opts=None):\n"
        "        super().__init__('shop:aws:Net', name, {}, opts)\n"
        "        aws.ec2.Vpc(f'{name}-vpc', cidr_block='10.0.0.0/16',\n"
        "                    opts=pulumi.ResourceOptions(parent=self, provider=cloud))\n"
    )
    project = sample(tmp_path, program + "Net('old')\n")
    project.rehearse()
    result = project.program(
        program + "Net('new', pulumi.ResourceOptions(aliases=[pulumi.Alias(name='old')]))\n"
    ).rehearse()
    assert by_name(result) == {}
    assert {urn.rpartition("::")[2] for urn in resources(result.deployment)} == {
        "shop-dev",
        "cloud",
        "new",
        "new-vpc",
    }


def test_delete_before_replace_never_has_both(tmp_path: Path) -> None:
    project = sample(tmp_path, vpc(options="delete_before_replace=True"))
    project.rehearse()
    project.program(vpc(cidr="10.9.0.0/16", options="delete_before_replace=True"))
    with pytest.raises(DeploymentError):
        project.rehearse(faults=Faults(fail={"v": "quota"}))
    assert by_name(project.rehearse()) == {"v": "replace"}


def test_a_resource_that_is_only_read_is_external(tmp_path: Path) -> None:
    project = sample(
        tmp_path, HEADER + "pulumi.export('arn', aws.ec2.Vpc.get('v', 'vpc-123', opts=here).arn)\n"
    )
    result = project.rehearse()
    assert result.counts[Op.READ] == 1
    assert result.outputs["arn"] == "arn:aws:ec2:ap-southeast-1:123456789012:vpc/vpc-123"
    assert named(result.deployment, "v")["external"] is True
    assert by_name(project.program(HEADER).rehearse()) == {"v": "delete"}


def test_an_imported_resource_keeps_the_id_it_is_imported_by(tmp_path: Path) -> None:
    project = sample(tmp_path, vpc(options="import_='vpc-0abc'"))
    result = project.rehearse()
    assert by_name(result)["v"] == "import"
    assert named(result.deployment, "v")["id"] == "vpc-0abc"
    assert by_name(project.program(vpc()).rehearse()) == {}


def test_what_is_retained_or_dies_with_another_is_dropped_without_a_call(tmp_path: Path) -> None:
    program = (
        vpc(options="retain_on_delete=True").replace("aws.ec2.Vpc(", "v = aws.ec2.Vpc(")
        + "w = aws.ec2.Vpc('w', cidr_block='10.1.0.0/16', opts=here)\n"
        + "aws.ec2.Subnet('s', vpc_id=w.id, opts=pulumi.ResourceOptions(provider=cloud, deleted_with=w))\n"
    )
    project = sample(tmp_path, program)
    project.rehearse()
    project.program(HEADER)
    # Any call for these two would fail.
    result = project.rehearse(faults=Faults(fail={"v": "called", "s": "called"}))
    assert by_name(result) == {"s": "delete", "v": "delete", "w": "delete"}


def test_a_timeout_that_is_none(tmp_path: Path) -> None:
    project = sample(tmp_path, vpc(options="custom_timeouts=pulumi.CustomTimeouts(create='soon')"))
    with pytest.raises(ProgramError, match="'soon' is not a duration"):
        project.rehearse()


def test_a_failing_call_leaves_the_rest_done_and_is_made_up_for_later(tmp_path: Path) -> None:
    project = shop(tmp_path)
    with pytest.raises(DeploymentError) as caught:
        project.rehearse(
            placeholder_secrets=SECRETS,
            faults=Faults(fail={"aws:rds/subnetGroup:SubnetGroup": "quota exceeded"}),
        )
    assert str(caught.value) == "urn:pulumi:dev::shop::aws:rds/subnetGroup:SubnetGroup::db: quota exceeded"
    result = caught.value.result
    assert result is not None
    done = set(by_name(result))
    assert {"archive", "shop-net-a", "generated"} <= done
    assert not {"db", "cluster", "settings"} & done
    assert set(by_name(project.rehearse(placeholder_secrets=SECRETS))) == {
        "db",
        "cluster",
        "settings",
        "login",
        "kafka",
    }


def test_a_failed_deletion_keeps_what_it_needs(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + "aws.ec2.Subnet('s', vpc_id=aws.ec2.Vpc('v', cidr_block='10.1.0.0/16', opts=here).id, opts=here)\n",
    )
    project.rehearse()
    project.program(HEADER)
    with pytest.raises(DeploymentError) as caught:
        project.rehearse(faults=Faults(fail={"s": "in use"}))
    assert caught.value.result is not None
    assert {urn.rpartition("::")[2] for urn in resources(caught.value.result.deployment)} == {
        "shop-dev",
        "cloud",
        "v",
        "s",
    }
    assert by_name(project.rehearse()) == {"s": "delete", "v": "delete"}


def test_failing_after_a_number_of_operations(tmp_path: Path) -> None:
    project = shop(tmp_path)
    with pytest.raises(DeploymentError, match="stopped after 3 operations"):
        project.rehearse(placeholder_secrets=SECRETS, faults=Faults(fail_after=3))
    assert project.rehearse(placeholder_secrets=SECRETS).counts[Op.CREATE] > 3


def test_a_schema_mistake_is_never_deployed(tmp_path: Path) -> None:
    project = sample(tmp_path, vpc() + "aws.ec2.Subnet('s', vpc_id=4, opts=here)\n")
    with pytest.raises(SchemaError) as caught:
        project.rehearse()
    assert [v.path for v in caught.value.violations] == ["vpcId"]
    assert caught.value.result is not None
    assert not any(urn.endswith("::s") for urn in resources(caught.value.result.deployment))


def test_destroy_takes_everything_down(tmp_path: Path) -> None:
    project = shop(tmp_path)
    project.rehearse(placeholder_secrets=SECRETS)
    result = destroy(project.project, engine=EngineChoice.EMBEDDED)
    assert result.counts == {Op.DELETE: 16}
    assert resources(result.deployment) == {}
    assert project.rehearse(placeholder_secrets=SECRETS).counts == {Op.CREATE: 16}


def test_no_file_holds_a_secret(tmp_path: Path) -> None:
    secret: dict[str, Any] = {}
    project = shop(tmp_path).program(SHOP + "\ngenerated.secret.apply(lambda v: print('PLAIN', v))\n")
    for message in project.rehearse(placeholder_secrets=SECRETS).messages:
        if message.text.startswith("PLAIN"):
            secret["generated"] = message.text.removeprefix("PLAIN ")
    secret["given"] = SECRETS["shop:password"]
    assert len(secret["generated"]) == 40
    result = project.rehearse(placeholder_secrets=SECRETS)
    files = [path for path in (tmp_path / ".smp").rglob("*") if path.is_file()]
    assert project.state / "state.json" in files
    haystack = [path.read_text() for path in files] + [
        json.dumps(result.deployment),
        repr(result.outputs),
        repr(result.steps),
    ]
    for name, value in secret.items():
        assert not any(value in text for text in haystack), name
    assert (project.state / "key").stat().st_mode & 0o777 == 0o600
    assert "hmac-sha256:" in (project.state / "state.json").read_text()


def test_two_regions_and_accounts_in_one_stack(tmp_path: Path) -> None:
    deployment = shop(tmp_path).rehearse(placeholder_secrets=SECRETS).deployment
    assert named(deployment, "archive")["outputs"]["region"] == "us-east-1"
    assert named(deployment, "shop-net-a")["outputs"]["arn"].startswith(
        "arn:aws:ec2:ap-southeast-1:123456789012:subnet/subnet-"
    )
