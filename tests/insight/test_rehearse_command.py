"""`smp rehearse`, by the embedded engine, on a small project."""

from __future__ import annotations

import json
from pathlib import Path

from tests.insight.conftest import Smp
from tests.insight.test_plan_command import PLACEHOLDER


def _rehearse(smp: Smp, *more: str) -> tuple[int, str, str]:
    result = smp("rehearse", "dev", "--engine", "embedded", *more)
    return result.exit_code, result.stdout, result.stderr


def test_first_everything_then_nothing_then_the_change(smp: Smp, project: Path) -> None:
    code, text, errors = _rehearse(smp)
    assert (code, errors) == (0, "")
    assert "by the embedded engine (as --engine asks)" in text
    assert "+ network  smp:test:Part  create" in text
    assert "database.password: [secret]" in text
    assert "State: .smp/dev/embedded/" in text

    _, text, _ = _rehearse(smp)
    assert "no changes" in text
    assert "create" not in text

    stack = project / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text().replace("backupDays: 1", "backupDays: 7"))
    _, text, _ = _rehearse(smp)
    assert "~ mysql  aws:rds:Instance  update" in text
    assert "backupRetentionPeriod: 1 -> 7" in text
    assert "1 updated" in text
    assert "network" not in text.split("Outputs")[0]


def test_a_failure_is_told_and_the_next_run_continues(smp: Smp) -> None:
    code, text, errors = _rehearse(smp, "--fail", "smp-asia-dev-mysql=no capacity")
    assert code == 1
    assert "smp-asia-dev-mysql: no capacity" in errors
    assert "the same command continues" in errors
    assert "+ public-a  aws:ec2:Subnet  create" in text
    code, text, _ = _rehearse(smp)
    assert code == 0
    assert "+ mysql  aws:rds:Instance  create" in text
    assert "aws:ec2:Subnet" not in text


def test_destroy_takes_down_what_is_protected_too(smp: Smp) -> None:
    _rehearse(smp)
    code, text, _ = _rehearse(smp, "--destroy")
    assert code == 0
    assert "- mysql  aws:rds:Instance  delete" in text
    _, text, _ = _rehearse(smp)
    assert "+ mysql" in text


def test_json_and_file_hold_no_secret(smp: Smp, project: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    code, text, _ = _rehearse(smp, "--json", "--out", str(file))
    assert code == 0
    document = json.loads(text)
    assert document["engine"] == "embedded"
    assert document["counts"]["create"] == document["changed"]
    assert document["outputs"]["database"]["password"] == "[secret]"
    assert json.loads(file.read_text())["version"] == 3
    written = [path for path in (file, *project.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    assert [path for path in written if PLACEHOLDER.encode() in path.read_bytes()] == []
