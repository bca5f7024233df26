"""What `smp check` writes for people, for machines, for code scanning and for a pull request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.insight.conftest import Smp
from tests.insight.snapshots import export, provider, resource, root

KEY = "aws:kms/key:Key"
HOME = {"region": "ap-southeast-1", "allowedAccountIds": '["111122223333"]'}


def _file(path: Path, *, stack: str = "dev", name: str = "key") -> Path:
    state = resource(stack, KEY, name, {"tags": {}})
    state["urn"] = state["urn"].replace(KEY, f"smp:aws:Keys${KEY}")
    path.write_text(json.dumps(export(root(stack), provider(stack, **HOME), state)), encoding="utf-8")
    return path


def _sarif(smp: Smp, *arguments: str) -> dict[str, Any]:
    result = smp("check", *arguments, "--format", "sarif")
    assert result.exit_code == 1
    (run,) = json.loads(result.stdout)["runs"]
    return run


def test_sarif_says_rule_level_place_and_remedy(smp: Smp, project: Path, tmp_path: Path) -> None:
    """The fields code scanning needs: an artifact, a line, a rule that is described, a fingerprint."""
    (project / "components").mkdir()
    (project / "components" / "keys.py").write_text('class Keys:\n\n    token = "smp:aws:Keys"\n')
    run = _sarif(smp, "--from", str(_file(tmp_path / "dev.json")))
    rules = run["tool"]["driver"]["rules"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    found = next(item for item in run["results"] if item["ruleId"] == "encryption-keys")
    assert rules[found["ruleIndex"]]["id"] == "encryption-keys"
    assert found["level"] == "error"
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "components/keys.py"
    assert place["region"] == {"startLine": 3}
    assert "enableKeyRotation" in found["message"]["text"]
    prints = [item["partialFingerprints"]["smpFinding/v1"] for item in run["results"]]
    assert len(set(prints)) == len(prints)
    again = _sarif(smp, "--from", str(tmp_path / "dev.json"))
    assert [item["partialFingerprints"]["smpFinding/v1"] for item in again["results"]] == prints


def test_sarif_points_to_the_stacks_file_where_no_component_is_known(smp: Smp, tmp_path: Path) -> None:
    run = _sarif(smp, "--from", str(_file(tmp_path / "dev.json")))
    places = {item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in run["results"]}
    assert places == {"Pulumi.dev.yaml"}


def test_an_excepted_finding_is_suppressed_and_shown(
    smp: Smp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = datetime.now(UTC).date() + timedelta(days=1)
    entries = "".join(
        f"  - rule: {rule}\n    stack: dev\n    resource: {KEY}::key\n    reason: It is replaced this week.\n"
        f"    owner: a@b.example\n    expires: {ends}\n"
        for rule in ("encryption-keys", "tags-required")
    )
    exceptions = tmp_path / "exceptions.yaml"
    exceptions.write_text(f"exceptions:\n{entries}")
    monkeypatch.setattr("policies.waiver_file.PATH", exceptions)
    file = str(_file(tmp_path / "dev.json"))
    documents = json.loads(smp("check", "--from", file, "--json").stdout)["stacks"][0]["findings"]
    excepted = [item for item in documents if item["exception"]]
    assert {item["rule"] for item in excepted} == {"encryption-keys", "tags-required"}
    assert not any(item["blocks"] for item in excepted)
    text = smp("check", "--from", file).stdout
    assert "2 excepted" in text
    assert "a@b.example: It is replaced this week." in text
    assert (
        "a&#64;b.example: It is replaced this week."
        in smp("check", "--from", file, "--format", "markdown").stdout
    )
    sarif = json.loads(smp("check", "--from", file, "--format", "sarif").stdout)["runs"][0]["results"]
    suppressed = [item for item in sarif if "suppressions" in item]
    assert {item["ruleId"] for item in suppressed} == {"encryption-keys", "tags-required"}


def test_markdown_links_to_the_line_and_stays_in_its_cells(smp: Smp, tmp_path: Path) -> None:
    file = _file(tmp_path / "dev.json", name="a|b`<i>@all")
    links = "https://example.test/blob/abc"
    result = smp("check", "--from", str(file), "--format", "markdown", "--links", links)
    assert f"[Pulumi.dev.yaml:1]({links}/Pulumi.dev.yaml#L1)" in result.stdout
    rows = [line for line in result.stdout.splitlines() if line.startswith("| **mandatory**")]
    assert rows
    assert all(line.replace("\\|", "").count("|") == 5 for line in rows)
    assert "**mandatory** | tags-required |" in result.stdout


def test_a_folder_of_files_is_one_report_in_the_order_of_a_release(smp: Smp, tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    for stack in ("prod-asia", "dev", "staging"):
        _file(folder / f"{stack}.json", stack=stack)
    stacks = json.loads(smp("check", "--from", str(folder), "--format", "json").stdout)["stacks"]
    assert [item["stack"] for item in stacks] == ["dev", "staging", "prod-asia"]


def test_an_empty_folder_is_refused(smp: Smp, tmp_path: Path) -> None:
    result = smp("check", "--from", str(tmp_path))
    assert result.exit_code == 1
    assert "holds no .json file" in result.stderr


def test_a_stack_that_cannot_be_planned_is_in_every_report(smp: Smp, project: Path) -> None:
    (project / "Pulumi.staging.yaml").write_text("config:\n  pulumi:disable-default-providers: ['*']\n")
    run = _sarif(smp, "staging")
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert "**Not judged:**" in smp("check", "staging", "--format", "markdown").stdout
