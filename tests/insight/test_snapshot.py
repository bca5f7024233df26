"""Where a snapshot comes from, what it knows, and how bad files are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from insight.errors import IncompletePreviewError, SnapshotError, SnapshotVersionError
from insight.snapshot_reading import parse_snapshot, read_snapshot
from policies.values import Opaque
from tests.insight.snapshots import SECRET, UNKNOWN, export, provider, resource, root, snapshot, urn

VPC = "aws:ec2/vpc:Vpc"


def _preview(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"steps": list(steps), "changeSummary": {}, **more}


def _step(op: str, state: dict[str, Any]) -> dict[str, Any]:
    return {"op": op, "urn": state["urn"], "newState": None if op.startswith("delete") else state}


def test_an_export_and_a_preview_of_the_same_stack_are_the_same() -> None:
    states = [root("dev"), provider("dev"), resource("dev", VPC, "a", {"cidrBlock": "10.0.0.0/16"})]
    first = parse_snapshot(export(*states), origin="x")
    second = parse_snapshot(_preview(*(_step("create", state) for state in states)), origin="x")
    assert first == second
    assert first.stack == "dev"
    assert first.project == "smp"


def test_secrets_are_opaque_and_unknown_values_are_known_to_be() -> None:
    inputs = {"password": SECRET, "vpcId": UNKNOWN, "nested": [{"a": SECRET}], "masked": "[secret]"}
    (found,) = snapshot("dev", resource("dev", VPC, "a", inputs)).of_type(VPC)
    assert found.get("password") is Opaque.SECRET
    assert found.get("vpcId") is Opaque.UNKNOWN
    assert found.get("vpcId", "deeper") is Opaque.UNKNOWN
    assert found.get("nested", 0, "a") is Opaque.SECRET
    assert found.get("masked") is Opaque.SECRET


def test_a_secret_exported_in_plain_text_is_forgotten_on_reading() -> None:
    shown = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2"'}
    assert "hunter2" not in repr(snapshot("dev", resource("dev", VPC, "a", {"password": shown})))


def test_a_resources_own_region_beats_its_providers() -> None:
    found = snapshot(
        "dev",
        provider("dev", region="ap-southeast-1", allowedAccountIds='["111122223333"]'),
        resource("dev", VPC, "home"),
        resource("dev", VPC, "away", {"region": "us-east-1"}),
        resource("dev", "kubernetes:core/v1:ConfigMap", "none"),
    )
    home, away = found.of_type(VPC)
    assert found.region_of(home) == "ap-southeast-1"
    assert found.region_of(away) == "us-east-1"
    assert found.account_of(home) == "111122223333"
    assert found.region_of(found.of_type("kubernetes:core/v1:ConfigMap")[0]) is None


def test_the_tree_and_the_component_of_a_resource() -> None:
    part = {**resource("dev", "smp:test:Part", "part"), "custom": False}
    inner = resource("dev", VPC, "a", parent=part["urn"])
    deeper = resource("dev", "aws:ec2/subnet:Subnet", "b", parent=inner["urn"])
    found = snapshot("dev", part, inner, deeper)
    assert [child.name for child in found.children(found.root)] == ["part"]
    component = found.component_of(found.by_urn[deeper["urn"]])
    assert component is not None
    assert component.name == "part"
    assert found.component_of(component) is None


def test_what_waits_for_deletion_is_not_in_the_stack() -> None:
    old = {**resource("dev", VPC, "a"), "delete": True}
    assert len(snapshot("dev", old, resource("dev", VPC, "a")).of_type(VPC)) == 1
    preview = _preview(_step("create", resource("dev", VPC, "a")), _step("delete", resource("dev", VPC, "b")))
    assert [item.name for item in parse_snapshot(preview, origin="x").resources] == ["a"]


def test_replacement_steps_of_one_urn_are_one_resource() -> None:
    new = resource("dev", VPC, "a", {"cidrBlock": "10.1.0.0/16"})
    preview = _preview(_step("create-replacement", new), _step("replace", new), _step("delete-replaced", new))
    (found,) = parse_snapshot(preview, origin="x").resources
    assert found.get("cidrBlock") == "10.1.0.0/16"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", SnapshotError, "it is empty"),
        ("{", SnapshotError, "not JSON"),
        ("[" * 100_000, SnapshotError, "nested too deeply"),
        ("[]", SnapshotError, "the top must be a mapping, but is a list"),
        ("{}", SnapshotError, "neither `deployment`"),
        ('{"version": 3, "deployment": []}', SnapshotError, "deployment must be a mapping"),
        (
            '{"version": 3, "deployment": {"resources": {}}}',
            SnapshotError,
            "must be a list, but is a mapping",
        ),
        ('{"version": 3, "deployment": {"resources": [5]}}', SnapshotError, "resources[0] must be a mapping"),
        ('{"version": 3, "deployment": {"resources": [{"urn": "x"}]}}', SnapshotError, "resources[0].type"),
        (
            '{"version": 3, "deployment": {"resources": [{"urn": "x", "type": "y"}]}}',
            SnapshotError,
            "not a URN",
        ),
        ('{"version": 3, "deployment": {"resources": []}}', SnapshotError, "no resource at all"),
        ('{"version": 4, "deployment": {}}', SnapshotVersionError, "version 4"),
        ('{"deployment": {}}', SnapshotVersionError, "version None"),
        ('{"manifest": {}, "resources": []}', SnapshotVersionError, "old form"),
        ('{"steps": [{}]}', SnapshotError, "steps[0].op"),
        (
            '{"steps": [], "diagnostics": [{"severity": "error", "message": "boom"}]}',
            IncompletePreviewError,
            "boom",
        ),
        ('{"steps": [], "changeSummary": {"same": 3}}', IncompletePreviewError, "--show-sames"),
    ],
)
def test_a_bad_file_is_refused_with_where_and_what_to_do(
    tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    file = tmp_path / "stack.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(error) as raised:
        read_snapshot(file)
    assert message in str(raised.value)
    assert str(file) in str(raised.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="does not exist"):
        read_snapshot(tmp_path / "no")
    with pytest.raises(SnapshotError, match="is a directory"):
        read_snapshot(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SnapshotError, match="not UTF-8"):
        read_snapshot(tmp_path / "binary")


def test_a_file_of_two_stacks_or_with_a_urn_twice() -> None:
    with pytest.raises(SnapshotError, match="several stacks"):
        parse_snapshot(export(root("dev"), root("staging")), origin="x")
    with pytest.raises(SnapshotError, match="twice"):
        parse_snapshot(export(root("dev"), root("dev")), origin="x")


def test_references_follow_property_dependencies() -> None:
    vpc = resource("dev", VPC, "a")
    subnet = resource(
        "dev", "aws:ec2/subnet:Subnet", "b", {"vpcId": UNKNOWN}, propertyDependencies={"vpcId": [vpc["urn"]]}
    )
    found = snapshot("dev", vpc, subnet)
    assert [item.name for item in found.references(found.by_urn[subnet["urn"]], "vpcId")] == ["a"]
    assert json.dumps(urn("dev", VPC, "a")).strip('"') in found.by_urn
