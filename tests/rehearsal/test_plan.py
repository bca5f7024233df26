from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime.config import CONFIG

from rehearsal import (
    ProgramError,
    ProgramFailedError,
    Project,
    ProjectError,
    RehearsalError,
    SchemaError,
    UnknownStackError,
    UnsupportedError,
    ViolationKind,
    plan,
    values,
)
from tests.rehearsal.projects import HEADER, SECRETS, Sample, named, resources, sample, shop


def test_a_plan_has_the_program_s_resources_in_pulumi_s_export_form(tmp_path: Path) -> None:
    planned = plan(shop(tmp_path).project, placeholder_secrets=SECRETS)
    assert planned.deployment["version"] == 3
    found = resources(planned.deployment)
    vpc = "urn:pulumi:dev::shop::shop:index:Shop$shop:aws:Network$aws:ec2/vpc:Vpc::shop-net"
    assert found[vpc]["parent"] == "urn:pulumi:dev::shop::shop:index:Shop$shop:aws:Network::shop-net"
    assert found[vpc]["inputs"] == {"cidrBlock": "10.0.0.0/16", "tags": {"Environment": "dev"}}
    subnet = named(planned.deployment, "shop-net-a")
    assert subnet["propertyDependencies"]["vpcId"] == [vpc]
    assert subnet["provider"].startswith("urn:pulumi:dev::shop::pulumi:providers:aws::cloud::")
    database = found["urn:pulumi:dev::shop::aws:rds/instance:Instance::db"]
    assert database["protect"] is True
    assert vpc in database["dependencies"]
    assert database["additionalSecretOutputs"] == ["password", "passwordWo"]


def test_what_only_the_cloud_can_say_is_unknown_and_nothing_else(tmp_path: Path) -> None:
    planned = plan(shop(tmp_path).project, placeholder_secrets=SECRETS)
    vpc = named(planned.deployment, "shop-net-a")
    assert vpc["id"] == values.UNKNOWN
    assert vpc["inputs"]["vpcId"] == values.UNKNOWN
    assert vpc["outputs"]["arn"] == values.UNKNOWN
    assert vpc["outputs"]["cidrBlock"] == "10.0.0.0/24"
    assert planned.outputs == {"endpoint": values.UNKNOWN, "password": "[secret]", "given": "[secret]"}


def test_dependencies_come_first(tmp_path: Path) -> None:
    entries = plan(shop(tmp_path).project, placeholder_secrets=SECRETS).deployment["deployment"]["resources"]
    seen: set[str] = set()
    for entry in entries:
        needed = {
            entry.get("parent"),
            entry.get("provider", "").rpartition("::")[0],
            *entry.get("dependencies", []),
        }
        assert needed - {None, ""} <= seen, entry["urn"]
        seen.add(entry["urn"])


def test_two_plans_are_byte_equal_whatever_the_hash_seed(tmp_path: Path) -> None:
    project = shop(tmp_path)
    script = (
        "import json, sys, pathlib, rehearsal\n"
        "p = rehearsal.Project(root=pathlib.Path(sys.argv[1]), stack='dev')\n"
        f"print(json.dumps(rehearsal.plan(p, placeholder_secrets={SECRETS!r}).deployment))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, str(project.root)],
        env={"PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    here = json.dumps(plan(project.project, placeholder_secrets=SECRETS).deployment)
    assert other.strip() == here == json.dumps(plan(project.project, placeholder_secrets=SECRETS).deployment)


def test_several_stacks_follow_each_other_in_one_process(tmp_path: Path) -> None:
    first = sample(
        tmp_path,
        "import pulumi, helper\n"
        "pulumi.export('size', pulumi.Config().require_int('size'))\n"
        "pulumi.export('where', [pulumi.get_stack(), pulumi.get_project(), pulumi.get_organization(), helper.NAME])\n",
        config={"size": 3},
    )
    (tmp_path / "stacks" / "helper.py").write_text("NAME = 'one'\n")
    assert plan(first.project).outputs == {"size": 3, "where": ["dev", "shop", "organization", "one"]}
    second = Sample(root=tmp_path, stack="prod").config({"size": 5})
    (tmp_path / "stacks" / "helper.py").write_text("NAME = 'another'\n")

    def process() -> tuple[object, ...]:
        runtime = (pulumi.get_stack(), pulumi.get_project(), pulumi.runtime.is_dry_run(), dict(CONFIG.get()))
        return (Path.cwd(), list(sys.path), sys.modules["__main__"], runtime)

    before = process()
    assert plan(second.project).outputs == {"size": 5, "where": ["prod", "shop", "organization", "another"]}
    assert process() == before
    assert "helper" not in sys.modules
    assert plan(first.project).outputs["size"] == 3


def test_the_program_gets_its_configuration_as_the_engine_gives_it(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        """
        import json, pulumi
        from pulumi.runtime.config import CONFIG
        pulumi.export("config", json.dumps(CONFIG.get(), sort_keys=True))
        pulumi.export("secret", pulumi.Config().require_secret("token"))
        """,
        config={
            "size": 3,
            "on": True,
            "aws:region": "x",
            "deep": {"b": [1, "2"], "a": {"c": None}},
            "token": {"secure": "v1:x"},
        },
    )
    stack_file = tmp_path / "Pulumi.dev.yaml"
    stack_file.write_text(stack_file.read_text().replace("a:\n      c: null", "z: 1\n    a:\n      c: null"))
    config = json.loads(plan(project.project, placeholder_secrets={"shop:token": "t0p"}).outputs["config"])
    assert config == {
        "aws:region": "x",
        "pulumi:disable-default-providers": '["*"]',
        "shop:deep": '{"a":{"c":null},"b":[1,"2"],"z":1}',
        "shop:on": "true",
        "shop:size": "3",
        "shop:token": "t0p",
    }
    assert plan(project.project, placeholder_secrets={"shop:token": "t0p"}).outputs["secret"] == "[secret]"


def test_what_the_program_prints_is_a_message_not_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = sample(tmp_path, "import pulumi\nprint('hello')\npulumi.log.warn('careful')\n")
    assert [(m.severity.value, m.text) for m in plan(project.project).messages] == [
        ("info", "hello"),
        ("warning", "careful"),
    ]
    assert capsys.readouterr().out == ""


def test_a_run_error_is_its_message_only(tmp_path: Path) -> None:
    project = sample(tmp_path, "import pulumi\nraise pulumi.RunError('set smp:budget')\n")
    with pytest.raises(ProgramError) as caught:
        plan(project.project)
    assert str(caught.value) == "set smp:budget"


def test_any_other_exception_shows_the_project_s_own_lines(tmp_path: Path) -> None:
    project = sample(tmp_path, "import broken\n")
    (tmp_path / "stacks" / "broken.py").write_text("def f():\n    return {}['here']\nf()\n")
    with pytest.raises(ProgramFailedError) as caught:
        plan(project.project)
    text = str(caught.value)
    assert "stacks/broken.py, line 2, in f" in text
    assert "KeyError: 'here'" in text
    assert "runpy" not in text


def test_a_missing_configuration_value_is_said_in_the_sdk_s_words(tmp_path: Path) -> None:
    project = sample(tmp_path, "import pulumi\npulumi.Config().require('size')\n")
    with pytest.raises(ProgramError, match="shop:size"):
        plan(project.project)


def test_project_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no Pulumi\.yaml"):
        plan(Project(root=tmp_path, stack="dev"))
    project = sample(tmp_path, "import pulumi\n")
    Sample(root=tmp_path, stack="prod-asia").config()
    with pytest.raises(UnknownStackError) as caught:
        plan(Project(root=tmp_path, stack="prod"))
    assert caught.value.known == ("dev", "prod-asia")
    assert "dev, prod-asia" in str(caught.value)
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  a: [1\n  b: 2\n")
    with pytest.raises(ProjectError, match=r"Pulumi\.dev\.yaml line 3"):
        plan(project.project)
    (tmp_path / "Pulumi.dev.yaml").write_text("- a\n")
    with pytest.raises(ProjectError, match="must be a map"):
        plan(project.project)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nmain: nowhere\n")
    with pytest.raises(ProjectError, match="'main' points to"):
        plan(project.project)


def test_all_schema_mistakes_of_all_resources_at_once(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + """
subnet = aws.ec2.Subnet("a", vpc_id=3, cidr_block="10.0.0.0/24", opts=here)
group = aws.ec2.SecurityGroup("b", opts=here,
    ingress=[{"protocol": "tcp", "from_port": "x", "to_port": 1, "cidr_block": "0.0.0.0/0"}])
aws.eks.NodeGroup("c", cluster_name="x", node_role_arn=group.arn, subnet_ids=[subnet.id], opts=here,
    scaling_config={"min_size": 1})
""",
    )
    with pytest.raises(SchemaError) as caught:
        plan(project.project)
    found = {(v.urn.rpartition("::")[2], v.path, v.kind) for v in caught.value.violations}
    assert found == {
        ("a", "vpcId", ViolationKind.WRONG_TYPE),
        ("b", "ingress[0].fromPort", ViolationKind.WRONG_TYPE),
        ("b", "ingress[0].cidr_block", ViolationKind.UNKNOWN_PROPERTY),
        ("c", "scalingConfig.desiredSize", ViolationKind.MISSING),
        ("c", "scalingConfig.maxSize", ViolationKind.MISSING),
    }
    assert "vpcId: wrong type: expected text, found a whole number" in str(caught.value)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\n", "Default provider for 'aws' disabled"),
        ("aws.ec2.Vpc('v', opts=here)\naws.ec2.Vpc('v', opts=here)\n", "Duplicate resource URN"),
        (
            "aws.ec2.get_ami(owners=['x'], opts=pulumi.InvokeOptions(provider=cloud))\n",
            "cannot answer aws:ec2/getAmi:getAmi",
        ),
        (
            "pulumi.runtime.register_resource_transform(lambda a: None)\n",
            "embedded host cannot run this program",
        ),
        (
            "aws.ec2.Vpc('v', opts=pulumi.ResourceOptions(provider=cloud, transforms=[lambda a: None]))\n",
            "embedded host cannot run this program",
        ),
    ],
)
def test_what_cannot_run_is_refused_by_name(tmp_path: Path, program: str, message: str) -> None:
    project = sample(tmp_path, HEADER + program)
    with pytest.raises(RehearsalError, match=message):
        plan(project.project)


def test_functions_with_a_known_answer(tmp_path: Path) -> None:
    project = sample(
        tmp_path,
        HEADER
        + """
call = pulumi.InvokeOptions(provider=cloud)
pulumi.export("account", aws.get_caller_identity(opts=call).account_id)
pulumi.export("region", aws.get_region(opts=call).region)
pulumi.export("zones", aws.get_availability_zones(opts=call).names)
pulumi.export("policy", aws.iam.get_policy_document(
    statements=[{"actions": ["s3:GetObject"], "resources": ["*"],
                 "principals": [{"type": "AWS", "identifiers": ["1"]}]}], opts=call).json)
""",
    )
    outputs = plan(project.project).outputs
    assert outputs["account"] == "123456789012"
    assert outputs["region"] == "ap-southeast-1"
    assert outputs["zones"] == ["ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"]
    assert json.loads(outputs["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"AWS": "1"}}
    ]


def test_without_the_setting_a_package_gets_its_default_provider(tmp_path: Path) -> None:
    project = sample(
        tmp_path, "import pulumi_aws as aws\naws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\n"
    ).config({"aws:region": "eu-west-1"}, defaults=True)
    planned = plan(project.project)
    default = next(e for e in resources(planned.deployment).values() if e["type"] == "pulumi:providers:aws")
    assert default["inputs"]["region"] == "eu-west-1"
    assert named(planned.deployment, "v")["provider"] == f"{default['urn']}::{default['id']}"


def test_refusal_is_an_error_of_its_own_kind(tmp_path: Path) -> None:
    project = sample(tmp_path, HEADER + "pulumi.runtime.register_resource_transform(lambda a: None)\n")
    with pytest.raises(UnsupportedError, match="--engine pulumi"):
        plan(project.project)


def test_a_package_the_host_has_imported_does_not_bring_back_modules_of_the_plan_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`from package import module` looks at the package first; what was forgotten must be gone from there too."""
    folder = tmp_path / "stacks" / "kept_by_the_host"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "part.py").write_text("class Kind: ...\n", encoding="utf-8")
    program = (
        HEADER + "from kept_by_the_host import part\nfrom kept_by_the_host.part import Kind\n"
        "pulumi.export('same', part.Kind is Kind)\n"
    )
    project = sample(tmp_path, program)
    monkeypatch.syspath_prepend(str(tmp_path / "stacks"))
    __import__("kept_by_the_host")
    try:
        assert [plan(project.project).outputs["same"] for _ in range(2)] == [True, True]
    finally:
        del sys.modules["kept_by_the_host"]
