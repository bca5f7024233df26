"""`smp plan`, on a small project."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from insight.snapshot_reading import read_snapshot
from tests.insight.conftest import FIXTURES, Smp

GOLDEN = FIXTURES / "plan-dev.txt"
PLACEHOLDER = "Rehearsal0redisPassword000000000"


def test_the_report_is_the_reviewed_one(smp: Smp) -> None:
    """Run with SMP_UPDATE_GOLDEN=1 to write it anew, and review the difference."""
    result = smp("plan", "dev")
    assert result.exit_code == 0, result.stderr
    if os.environ.get("SMP_UPDATE_GOLDEN"):
        GOLDEN.write_text(result.stdout, encoding="utf-8")
    assert result.stdout == GOLDEN.read_text(encoding="utf-8")
    assert result.stderr == ""


def test_a_pipe_gets_no_colour_and_no_blanks_at_line_ends(smp: Smp) -> None:
    text = smp("plan", "dev").stdout
    assert "\x1b" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_json_has_the_same_facts(smp: Smp) -> None:
    result = smp("plan", "dev", "--json")
    document = json.loads(result.stdout)
    assert document["stack"] == "dev"
    assert document["findings"] == []
    assert document["cost"]["budget"]["monthly"] == "150.00"
    assert document["capacity"]["pools"][0]["instanceType"] == "t3.2xlarge"
    assert document["messages"] == [{"severity": "warning", "text": "a small warning", "urn": None}]
    assert document["outputs"]["database"] == {"address": "[unknown]", "password": "[secret]"}
    by_name = {item["name"]: item for item in document["resources"]}
    assert by_name["smp-asia-dev-mysql"]["protect"] is True
    assert by_name["network"]["kind"] == "component"


def test_a_broken_mandatory_rule_fails_the_plan(smp: Smp, project: Path) -> None:
    program = project / "program" / "__main__.py"
    program.write_text(program.read_text().replace("storage_encrypted=True", "storage_encrypted=False"))
    result = smp("plan", "dev")
    assert result.exit_code == 1
    assert "mandatory encryption-at-rest" in result.stdout
    assert "smp-asia-dev-mysql aws:rds:Instance: storageEncrypted is False, not on" in result.stdout


def test_a_secret_that_loses_its_mark_is_found_and_not_shown(smp: Smp, project: Path) -> None:
    program = project / "program" / "__main__.py"
    leaking = '\npulumi.export("leak", pulumi.Output.unsecret(password).apply(lambda value: f"redis://:{value}@x"))\n'
    program.write_text(program.read_text() + leaking)
    result = smp("plan", "dev")
    assert result.exit_code == 1
    assert "secrets-keep-their-mark" in result.stdout
    assert PLACEHOLDER not in result.stdout


def test_the_export_is_pulumis_own_form_and_always_the_same(smp: Smp, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert smp("plan", "dev", "--out", str(first)).exit_code == 0
    assert smp("plan", "dev", "--out", str(second)).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    assert PLACEHOLDER not in first.read_text()
    document = json.loads(first.read_text())
    assert document["version"] == 3
    assert read_snapshot(first).stack == "dev"
    assert stat.S_IMODE(first.stat().st_mode) & 0o077 == 0o777 & ~_umask() & 0o066


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def test_out_replaces_a_file_whole_and_leaves_nothing_beside_it(smp: Smp, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "plan.json").write_text("what was there")
    assert smp("plan", "dev", "--out", str(folder / "plan.json")).exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(
    ("target", "message"), [(".", "is a directory"), ("no/where.json", "does not exist")]
)
def test_out_refuses_what_is_no_file_before_it_runs_anything(smp: Smp, target: str, message: str) -> None:
    result = smp("plan", "dev", "--out", target)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_without_placeholders_the_program_names_what_is_missing(smp: Smp) -> None:
    result = smp("plan", "dev", "--require-secrets")
    assert result.exit_code == 1
    assert "redisPassword" in result.stderr
    assert "Traceback" not in result.stderr


def test_secrets_that_are_set_are_not_missing_though_only_their_owner_can_read_them(
    smp: Smp, project: Path
) -> None:
    program = project / "program" / "__main__.py"
    checking = '\nassert pulumi.Config("smp").require("redisPassword").isalnum()\n'
    program.write_text(program.read_text(encoding="utf-8") + checking, encoding="utf-8")
    stack_file = project / "Pulumi.dev.yaml"
    encrypted = "  smp:redisPassword:\n    secure: v1:AAAA:BBBB\n"
    stack_file.write_text(stack_file.read_text(encoding="utf-8") + encrypted, encoding="utf-8")
    result = smp("plan", "dev", "--require-secrets")
    assert result.exit_code == 0, result.stderr


def test_an_unknown_stack_lists_those_that_exist(smp: Smp) -> None:
    result = smp("plan", "prod")
    assert result.exit_code == 1
    assert "there is no stack 'prod'" in result.stderr
    assert "dev" in result.stderr.split("Stacks with a file:")[1]


def test_a_program_that_fails_is_one_message(smp: Smp, project: Path) -> None:
    (project / "program" / "__main__.py").write_text('raise KeyError("what is missing")\n')
    result = smp("plan", "dev")
    assert result.exit_code == 1
    assert "what is missing" in result.stderr
    assert "Traceback" not in result.stderr
