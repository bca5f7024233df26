"""`smp diff`: created, updated, replaced, deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.insight.conftest import Smp
from tests.insight.snapshots import SECRET, export, provider, resource, root

VPC, BUCKET = "aws:ec2/vpc:Vpc", "aws:s3/bucket:Bucket"


def _write(path: Path, *states: dict[str, Any], stack: str = "dev") -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(export(root(stack), provider(stack, region="ap-southeast-1"), *states)))
    return str(path)


def _both(folder: Path) -> tuple[str, str]:
    same = resource("dev", BUCKET, "same", {"bucket": "x", "tags": SECRET})
    base = _write(
        folder / "base.json",
        same,
        resource("dev", VPC, "net", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}, protect=True),
        resource("dev", BUCKET, "tagged", {"bucket": "b", "tags": {"a": "1"}}),
        resource("dev", BUCKET, "gone", {"bucket": "g"}, protect=True),
    )
    head = _write(
        folder / "head.json",
        same,
        resource("dev", VPC, "net", {"cidrBlock": "10.9.0.0/16", "tags": {"a": "1"}}, protect=True),
        resource("dev", BUCKET, "tagged", {"bucket": "b", "tags": {"a": "2"}}),
        resource("dev", BUCKET, "new", {"bucket": "n"}),
    )
    return base, head


def test_each_kind_of_change_is_told(smp: Smp, tmp_path: Path) -> None:
    result = smp("diff", *_both(tmp_path / "files"), "--json")
    assert result.exit_code == 0
    (stack,) = json.loads(result.stdout)["stacks"]
    found = {item["name"]: (item["change"], item["wasProtected"]) for item in stack["changes"]}
    assert found == {
        "net": ("replaced", True),
        "tagged": ("updated", False),
        "new": ("created", False),
        "gone": ("deleted", True),
    }
    net = next(item for item in stack["changes"] if item["name"] == "net")
    assert net["properties"] == [
        {"path": "cidrBlock", "old": "10.0.0.0/16", "new": "10.9.0.0/16", "forcesReplacement": True}
    ]


def test_text_and_markdown_show_the_same(smp: Smp, tmp_path: Path) -> None:
    files = _both(tmp_path / "files")
    text = smp("diff", *files).stdout
    assert "dev  1 created, 1 updated, 1 replaced, 1 deleted" in text
    assert 'cidrBlock: "10.0.0.0/16" -> "10.9.0.0/16"  forces replacement' in text
    markdown = smp("diff", *files, "--format", "markdown").stdout
    assert "| dev | 1 | 1 | 1 | 1 |" in markdown
    assert "| deleted | `gone` aws:s3:Bucket **protected** |  |" in markdown


def test_nothing_changed(smp: Smp, tmp_path: Path) -> None:
    base, _ = _both(tmp_path / "files")
    assert "dev  no changes" in smp("diff", base, base).stdout


def test_folders_are_compared_stack_by_stack(smp: Smp, tmp_path: Path) -> None:
    for folder, stacks in (("base", ("dev", "staging")), ("head", ("dev", "prod-us"))):
        for stack in stacks:
            _write(
                tmp_path / folder / f"{stack}.json",
                resource(stack, VPC, "v", {"cidrBlock": "x"}),
                stack=stack,
            )
    result = smp("diff", str(tmp_path / "base"), str(tmp_path / "head"), "--format", "json")
    counts = {item["stack"]: item["counts"] for item in json.loads(result.stdout)["stacks"]}
    assert counts["dev"] == {"created": 0, "updated": 0, "replaced": 0, "deleted": 0}
    assert counts["prod-us"]["created"] == 2
    assert counts["staging"]["deleted"] == 2


def test_a_missing_file_is_said(smp: Smp, tmp_path: Path) -> None:
    result = smp("diff", str(tmp_path / "no.json"), str(tmp_path / "no.json"))
    assert result.exit_code == 1
    assert "does not exist" in result.stderr
