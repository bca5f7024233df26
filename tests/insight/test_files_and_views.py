"""Files that are written, and what the reports show of single values and changes."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from insight.errors import OutputFileError
from insight.files import export_text, write_atomically
from insight.findings import judge
from insight.rendering.changes import change_tree, show_value
from insight.terminal import short_type
from rehearsal import Op, PropertyChange, Step
from tests.insight.snapshots import UNKNOWN, resource, snapshot, urn

VPC = "aws:ec2/vpc:Vpc"
MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def test_a_secret_in_plain_text_is_sealed_on_writing() -> None:
    text = export_text({"a": [{**MARK, "plaintext": "hunter2"}], "b": {**MARK, "value": "hunter2"}})
    assert "hunter2" not in text
    assert json.loads(text)["b"] == {**MARK, "ciphertext": "[secret]"}


def test_a_sealed_secret_keeps_its_ciphertext() -> None:
    assert json.loads(export_text({"a": {**MARK, "ciphertext": "v1:x"}}))["a"]["ciphertext"] == "v1:x"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputFileError, match="No space left on device"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_what_is_only_read_is_not_judged() -> None:
    assert judge(snapshot("dev", resource("dev", VPC, "x"))) != ()
    assert judge(snapshot("dev", resource("dev", VPC, "x", external=True))) == ()


def _step(op: Op, token: str, name: str, parent: str | None, *changes: PropertyChange) -> Step:
    return Step(op=op, urn=urn("dev", token, name), type=token, name=name, parent=parent, changes=changes)


def _shown(*steps: Step) -> str:
    stream = io.StringIO()
    tree = change_tree(steps, stack="dev", prefix="smp-asia-dev")
    assert tree is not None
    Console(file=stream, width=100).print(tree)
    return stream.getvalue()


def test_changes_stand_under_their_components_with_old_and_new() -> None:
    top = _step(Op.SAME, "pulumi:pulumi:Stack", "smp-dev", None)
    part = _step(Op.SAME, "smp:test:Part", "network", top.urn)
    change = PropertyChange(path="cidrBlock", old="10.0.0.0/16", new="10.1.0.0/16", forces_replacement=True)
    secret = PropertyChange(path="password", old="[secret]", new="[secret]")
    replaced = _step(Op.REPLACE, VPC, "smp-asia-dev-network", part.urn, change, secret)
    untouched = _step(Op.SAME, VPC, "smp-asia-dev-other", part.urn)
    text = _shown(top, part, replaced, untouched)
    assert "network  smp:test:Part" in text
    assert "+- network  aws:ec2:Vpc  replace" in text
    assert 'cidrBlock: "10.0.0.0/16" -> "10.1.0.0/16"  forces replacement' in text
    assert "password: [secret] -> [secret]" in text
    assert "other" not in text


def test_no_changes_make_no_tree() -> None:
    steps = [_step(Op.SAME, "pulumi:pulumi:Stack", "smp-dev", None)]
    assert change_tree(steps, stack="dev", prefix="") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "(none)"),
        ("a", '"a"'),
        (UNKNOWN, "[unknown]"),
        ({"b": [UNKNOWN], "a": 1}, '{"a": 1, "b": [[unknown]]}'),
        ("[secret]", "[secret]"),
        (True, "true"),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert show_value(value) == text


def test_types_are_shortened_without_losing_their_meaning() -> None:
    assert short_type("aws:ec2/vpc:Vpc") == "aws:ec2:Vpc"
    assert short_type("cloudflare:index/r2Bucket:R2Bucket") == "cloudflare:R2Bucket"
    assert short_type("kubernetes:core/v1:Pod") == "kubernetes:core:Pod"
    assert short_type("smp:aws:Network") == "smp:aws:Network"


def test_a_file_is_put_in_place_and_never_written_over(tmp_path: Path) -> None:
    file, reader = tmp_path / "plan.json", tmp_path / "reader"
    file.write_text("old")
    reader.hardlink_to(file)  # who has the old file open keeps it whole
    write_atomically(file, "new")
    assert (file.read_text(), reader.read_text()) == ("new", "old")
