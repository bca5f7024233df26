"""The pack under the engine's protocol: the same rules, the same findings as `smp check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc as services

import policies
from insight.findings import judge
from insight.policy_server import Pack
from insight.snapshot_reading import parse_snapshot
from policies.pack import RULES
from tests.insight.engine_client import running_pack, send_inputs, send_stack, stack_request
from tests.insight.snapshots import SECRET, UNKNOWN, export, provider, resource, root

VPC, KEY, RDS = "aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:rds/instance:Instance"
HOME = {"region": "ap-southeast-1", "allowedAccountIds": '["111122223333"]'}
PLAIN = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2hunter2"}


@pytest.fixture(scope="module")
def pack() -> Iterator[services.AnalyzerStub]:
    with running_pack() as running:
        yield running


def _broken_stack() -> dict[str, object]:
    """Unknown, secret and absent values, a parent, a dependency, protection, a component."""
    component = resource("dev", "smp:aws:Network", "net", custom=False, provider=None)
    return export(
        root("dev"),
        provider("dev", **HOME),
        component,
        resource("dev", VPC, "untagged", {"cidrBlock": "10.0.0.0/16"}, parent=component["urn"]),
        resource("dev", VPC, "unknown-region", {"region": UNKNOWN, "tags": UNKNOWN}),
        resource("dev", RDS, "db", {"password": SECRET, "storageEncrypted": True, "tags": {}}, protect=True),
        resource("dev", KEY, "key", {"enableKeyRotation": True, "tags": SECRET}),
    )


def _said(findings: object) -> set[tuple[str, str, str]]:
    return {(item.rule.id, item.urn, item.detail) for item in findings}  # pyright: ignore


def test_the_engine_hears_what_check_says(pack: services.AnalyzerStub) -> None:
    broken = _broken_stack()
    expected = _said(judge(parse_snapshot(broken, origin="a test")))
    assert {rule for rule, _, _ in expected} >= {"tags-required", "home-region"}
    assert send_inputs(pack, broken) == []  # nothing is said twice
    found = send_stack(pack, broken)
    assert {(item.policyName, item.urn, item.message.split("\nwhy: ")[0]) for item in found} == expected
    assert all(item.enforcementLevel == messages.MANDATORY for item in found)


def test_an_unknown_value_stops_as_mandatory_and_names_itself(pack: services.AnalyzerStub) -> None:
    found = send_stack(pack, _broken_stack(), properties="inputs")
    said = [item for item in found if item.policyName == "home-region"]
    assert [item.message.splitlines()[0] for item in said] == [
        "cannot be proven: its region is not known before the deployment"
    ]
    assert said[0].enforcementLevel == messages.MANDATORY
    assert said[0].message.splitlines()[1].startswith("why: ")
    assert said[0].message.splitlines()[2].startswith("to do: ")


def test_inputs_are_judged_not_what_the_cloud_made_of_them(pack: services.AnalyzerStub) -> None:
    state = resource("dev", VPC, "v", {"tags": {}}, outputs={"tags": {}, "region": UNKNOWN})
    document = export(root("dev"), provider("dev", **HOME), state)
    send_inputs(pack, document)
    assert "home-region" not in {item.policyName for item in send_stack(pack, document)}


def test_a_secret_in_plain_text_is_known_from_the_configuration(pack: services.AnalyzerStub) -> None:
    pack.ConfigureStack(
        messages.AnalyzerStackConfigureRequest(
            stack="dev",
            dry_run=True,
            config={"smp:x": "hunter2hunter2"},
            config_secret_keys=["smp:x"],
        )
    )
    document = export(
        root("dev"),
        provider("dev", **HOME),
        resource("dev", VPC, "marked", {"tags": PLAIN}),
        resource("dev", VPC, "leaking", {"tags": {"Name": "x hunter2hunter2"}}),
    )
    try:
        said = send_stack(pack, document, properties="inputs")
        found = [item for item in said if item.policyName == "secrets-keep-their-mark"]
        assert {item.urn.split("::")[-1] for item in found} == {"leaking"}
        assert "hunter2" not in str(found)
    finally:
        pack.ConfigureStack(messages.AnalyzerStackConfigureRequest(stack="dev", dry_run=True))


def test_an_update_judges_each_resource_before_it_is_made(pack: services.AnalyzerStub) -> None:
    pack.ConfigureStack(messages.AnalyzerStackConfigureRequest(stack="dev", dry_run=False))
    try:
        found = send_inputs(pack, _broken_stack())
    finally:
        pack.ConfigureStack(messages.AnalyzerStackConfigureRequest(stack="dev", dry_run=True))
    assert {(urn.split("::")[-1], item.policyName) for urn, item in found} >= {
        ("untagged", "tags-required"),
        ("unknown-region", "home-region"),
    }
    assert all(item.urn == urn for urn, item in found)


def test_a_stack_nobody_knows_stops_the_engine(pack: services.AnalyzerStub) -> None:
    with pytest.raises(grpc.RpcError, match="there is no stack 'qa'"):
        send_stack(pack, export(root("qa"), provider("qa", **HOME), resource("qa", VPC, "v")))


def test_no_rule_is_switched_off_from_a_command_line(pack: services.AnalyzerStub) -> None:
    pack.Configure(messages.ConfigureAnalyzerRequest())
    config = {"tags-required": messages.PolicyConfig(enforcementLevel=messages.DISABLED)}
    with pytest.raises(grpc.RpcError, match=r"exceptions\.yaml"):
        pack.Configure(messages.ConfigureAnalyzerRequest(policyConfig=config))


def test_it_introduces_itself(pack: services.AnalyzerStub) -> None:
    info = pack.GetAnalyzerInfo(empty_pb2.Empty())
    assert [item.name for item in info.policies] == [rule.id for rule in RULES]
    assert info.name == "smp"
    assert pack.GetPluginInfo(empty_pb2.Empty()).version == info.version


def test_no_module_of_the_pack_hides_one_of_everybodys() -> None:
    """The engine starts Python in that folder, so its files come before the standard library's."""
    folder = Path(policies.__path__[0])
    names = {path.stem for path in folder.glob("*.py")} | {path.name for path in folder.iterdir()}
    assert not names & (set(sys.stdlib_module_names) - {"__main__", "__init__"})


def test_an_excepted_finding_arrives_as_advice_and_says_until_when(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exceptions = tmp_path / "exceptions.yaml"
    ends = datetime.now(UTC).date() + timedelta(days=1)
    exceptions.write_text(
        f"exceptions:\n  - rule: tags-required\n    stack: dev\n    resource: {VPC}::v\n"
        f"    reason: It is tagged by hand until then.\n    owner: a@b.example\n    expires: {ends}\n"
    )
    monkeypatch.setattr("policies.waiver_file.PATH", exceptions)
    document = export(root("dev"), provider("dev", **HOME), resource("dev", VPC, "v", {"tags": {}}))
    request = stack_request(document, properties="inputs")
    (found,) = Pack().AnalyzeStack(request, cast("grpc.ServicerContext", None)).diagnostics
    assert found.enforcementLevel == messages.ADVISORY
    assert f"excepted until {ends} by a@b.example: It is tagged by hand until then." in found.message
