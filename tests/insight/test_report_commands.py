"""`smp check` and `smp cost`, and the command line itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insight.cli import app
from insight.running import placeholder_secrets, stack_names
from tests.insight.conftest import Smp
from tests.insight.snapshots import export, provider, resource, root

CLUSTER = "aws:eks/cluster:Cluster"


def _file(path: Path, *, budget: str = "300", stack: str = "dev") -> str:
    region = {"region": "ap-southeast-1", "allowedAccountIds": '["111122223333"]'}
    document = export(
        root(stack, budget={"monthlyUsd": budget}), provider(stack, **region), resource(stack, CLUSTER, "x")
    )
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_check_judges_a_file_without_a_program(smp: Smp, tmp_path: Path) -> None:
    result = smp("check", "--from", _file(tmp_path / "stack.json"))
    assert result.exit_code == 1
    assert "mandatory tags-required" in result.stdout
    assert "to do:" in result.stdout


def test_check_as_json_says_rule_place_and_remedy(smp: Smp, tmp_path: Path) -> None:
    result = smp("check", "--from", _file(tmp_path / "stack.json"), "--format", "json")
    (stack,) = json.loads(result.stdout)["stacks"]
    found = {item["rule"]: item for item in stack["findings"]}
    assert found["exposure-control-plane"]["urn"].endswith("::x")
    assert found["exposure-control-plane"]["level"] == "mandatory"
    assert found["exposure-control-plane"]["remedy"]


def test_check_all_reports_every_stack_even_when_one_fails(smp: Smp, project: Path) -> None:
    (project / "Pulumi.staging.yaml").write_text("config:\n  pulumi:disable-default-providers: ['*']\n")
    result = smp("check", "--all")
    assert result.exit_code == 1
    assert "Policies: nothing found" in result.stdout
    assert "budget" in result.stderr or "backupDays" in result.stderr


def test_check_of_a_clean_plan_succeeds(smp: Smp) -> None:
    result = smp("check", "dev")
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(("budget", "code"), [("73", 0), ("67", 0), ("66", 1)])
def test_cost_fails_over_110_percent_and_not_before(smp: Smp, tmp_path: Path, budget: str, code: int) -> None:
    result = smp("cost", "--from", _file(tmp_path / "stack.json", budget=budget))
    assert result.exit_code == code
    assert "73.00 USD a month" in result.stdout


def test_cost_in_its_other_formats(smp: Smp, tmp_path: Path) -> None:
    file = _file(tmp_path / "stack.json")
    (stack,) = json.loads(smp("cost", "--from", file, "--format", "json").stdout)["stacks"]
    assert stack["monthly"]["expected"] == "73.00"
    (line,) = stack["lines"]
    assert (line["item"], line["confidence"]) == ("EKS control plane standard support", "exact")
    assert "| dev | smp-asia | 73.00 |" in smp("cost", "--from", file, "--format", "markdown").stdout


def test_cost_tells_a_machine_what_changed(smp: Smp, tmp_path: Path) -> None:
    file, base = _file(tmp_path / "stack.json"), tmp_path / "base.json"
    assert smp("cost", "--from", file, "--format", "json", "--out", str(base)).exit_code == 0
    result = smp("cost", "--from", file, "--format", "json", "--base", str(base))
    same = {"name": "dev", "before": "73.00", "after": "73.00", "change": "0.00", "components": []}
    assert json.loads(result.stdout)["changes"] == [same]


@pytest.mark.parametrize("style", ["csv", "html"])
def test_a_format_without_a_place_for_changes_refuses_a_base(smp: Smp, tmp_path: Path, style: str) -> None:
    file = _file(tmp_path / "stack.json")
    result = smp("cost", "--from", file, "--format", style, "--base", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{style} has no place for changes; take text, markdown or json" in result.stderr


@pytest.mark.parametrize("style", ["json", "csv", "markdown", "html"])
def test_a_report_is_written_whole(smp: Smp, tmp_path: Path, style: str) -> None:
    file, target = _file(tmp_path / "stack.json"), tmp_path / "report"
    printed = smp("cost", "--from", file, "--format", style).stdout
    result = smp("cost", "--from", file, "--format", style, "--out", str(target))
    assert (result.exit_code, result.stdout) == (0, "")
    assert target.read_text(encoding="utf-8") == printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "missing/cost.html", "--format", "html"), "the folder missing does not exist"),
        (("--out", ".", "--format", "csv"), "is a directory"),
        (("--out", "cost.txt"), "text is for a terminal"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_first(
    smp: Smp, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = smp("cost", "--from", _file(tmp_path / "stack.json"), *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


@pytest.mark.parametrize("style", ["json", "csv", "markdown", "html"])
def test_a_report_that_would_lack_a_stack_is_not_written(smp: Smp, project: Path, style: str) -> None:
    (project / "Pulumi.staging.yaml").write_text("config:\n  pulumi:disable-default-providers: ['*']\n")
    (project / "report").write_text("of yesterday")
    result = smp("cost", "--all", "--format", style, "--out", "report")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"no {style} is written: 1 stack could not be planned" in result.stderr
    assert (project / "report").read_text() == "of yesterday"


def test_cost_of_a_plan(smp: Smp) -> None:
    result = smp("cost", "dev")
    assert result.exit_code == 0
    assert "node t3.2xlarge spot" in result.stdout


def test_a_file_of_another_stack_is_refused(smp: Smp, tmp_path: Path) -> None:
    result = smp("cost", "staging", "--from", _file(tmp_path / "stack.json"))
    assert result.exit_code == 1
    assert "is of the stack dev, not staging" in result.stderr


def test_a_stack_the_catalogue_does_not_know(smp: Smp, tmp_path: Path) -> None:
    result = smp("check", "--from", _file(tmp_path / "stack.json", stack="qa"))
    assert result.exit_code == 1
    assert "there is no stack 'qa'" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("cost",),
        ("check", "dev", "--all"),
        ("plan",),
        ("rehearse", "dev", "--fail", "nothing"),
        ("rehearse", "dev", "--engine", "steam"),
        ("cost", "dev", "--format", "pdf"),
        ("cost", "dev", "--outputs", "dev.json", "--all"),
        ("nonsense",),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(smp: Smp, arguments: tuple[str, ...]) -> None:
    assert smp(*arguments).exit_code == 2


def test_a_fault_of_smp_itself_is_one_message(smp: Smp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        msg = "a bug"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("insight.commands.plan.judge", broken)
    result = smp("plan", "dev")
    assert result.exit_code == 1
    assert "smp itself failed: ZeroDivisionError: a bug" in result.stderr
    assert "Traceback" not in result.stderr


def test_test_passes_everything_to_pytest(smp: Smp, project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "test_one.py").write_text("def test_one():\n    assert False\n")
    assert smp("test", "-q", "-p", "no:cacheprovider", "test_one.py").exit_code == 1
    assert smp("test", "--help").exit_code == 0
    assert "usage: " in capfd.readouterr().out  # pytest's own help


def test_help_has_examples() -> None:
    for command in ("plan", "rehearse", "check", "cost"):
        assert f"./smp {command}" in CliRunner().invoke(app, [command, "--help"]).stdout


def test_help_brings_neither_pulumi_nor_yaml() -> None:
    code = (
        "import sys\n"
        "from insight.cli import main\n"
        "sys.argv = ['smp', '--help']\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "print(sorted({'pulumi', 'rehearsal', 'yaml', 'pydantic', 'grpc'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_stack_names_are_completed(project: Path) -> None:
    environment = {
        "COMP_WORDS": f"smp --project {project} plan d",
        "COMP_CWORD": "4",
        "_SMP_COMPLETE": "complete_bash",
    }
    assert CliRunner().invoke(app, [], env=environment, prog_name="smp").stdout.split() == ["dev"]


def test_stacks_are_listed_in_the_order_of_a_release(tmp_path: Path) -> None:
    for name in ("prod-asia", "dev", "zebra", "staging"):
        (tmp_path / f"Pulumi.{name}.yaml").touch()
    assert stack_names(tmp_path) == ("dev", "staging", "prod-asia", "zebra")


def test_placeholders_say_what_they_are() -> None:
    from catalog.deploy_secrets import is_acceptable

    secrets = placeholder_secrets("prod-china")
    assert set(secrets) == {
        "smp:redisPassword",
        "smp:mongodbPassword",
        "smp:mysqlPassword",
        "smp:searchSinkPassword",
        "smp:searchReaderPassword",
    }
    for key, value in secrets.items():
        assert is_acceptable(value)
        assert len(value) == 32
        assert value.startswith(f"Rehearsal0{key.removeprefix('smp:')}")
    assert placeholder_secrets("no-such-stack") == {}
