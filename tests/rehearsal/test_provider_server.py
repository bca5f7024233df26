"""The gRPC provider asked as the engine asks it, without the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal import Faults, standin, values
from rehearsal.faults import FaultPlan
from rehearsal.provider_server import StandInProvider, serving
from rehearsal.schema_check import check_inputs
from rehearsal.standin_identity import provider_facts

VPC = "aws:ec2/vpc:Vpc"
URN = f"urn:pulumi:dev::shop::{VPC}::v"
CONFIG = {"region": "ap-southeast-1", "allowedAccountIds": '["123456789012"]'}


class Client:
    def __init__(self, port: int) -> None:
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))

    def configure(self, **config: Any) -> Client:
        self.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
        self.stub.Configure(
            provider_pb2.ConfigureRequest(
                args=values.to_struct(config),
                urn="urn:pulumi:dev::shop::pulumi:providers:aws::p",
                type="pulumi:providers:aws",
            )
        )
        return self


@pytest.fixture
def served() -> Iterator[tuple[StandInProvider, int]]:
    with serving(FaultPlan(Faults(fail={"broken": "quota"}))) as running:
        yield running


def test_a_provider_instance_is_known_by_its_connection(served: tuple[StandInProvider, int]) -> None:
    clients = {}
    for region in ("ap-southeast-1", "us-east-1"):
        # Separate channels, as the engine opens them; grpc would otherwise share one connection.
        channel = grpc.insecure_channel(f"127.0.0.1:{served[1]}", options=[("grpc.channel_id", region)])
        client = Client(served[1])
        client.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        clients[region] = client.configure(region=region, allowedAccountIds='["123456789012"]')
    for region, client in clients.items():
        made = client.stub.Create(
            provider_pb2.CreateRequest(urn=URN, properties=values.to_struct({"cidrBlock": "10.0.0.0/16"}))
        )
        facts = provider_facts("aws", {"region": region, "allowedAccountIds": '["123456789012"]'})
        alone = standin.create(
            standin.Request(token=VPC, urn=URN, inputs={"cidrBlock": "10.0.0.0/16"}, facts=facts)
        )
        assert (made.id, values.from_struct(made.properties)) == (alone.id, alone.outputs)


@pytest.mark.parametrize("preview", [True, False])
def test_what_the_schema_refuses_fails_in_the_words_of_the_embedded_host(
    served: tuple[StandInProvider, int], preview: bool
) -> None:
    inputs = values.to_struct({"cidr": "x", "cidrBlock": 3})
    client = Client(served[1]).configure(**CONFIG)
    client.stub.Check(provider_pb2.CheckRequest(urn=URN, news=inputs))
    with pytest.raises(grpc.RpcError) as caught:
        client.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=inputs, preview=preview))
    found = check_inputs(token=VPC, urn=URN, inputs={"cidr": "x", "cidrBlock": 3})
    assert caught.value.details() == "; ".join(violation.reason for violation in found)  # pyright: ignore[reportAttributeAccessIssue]
    assert served[0].failures[0].violations == found


def test_a_stored_resource_with_wrong_inputs_is_not_called_unchanged(
    served: tuple[StandInProvider, int],
) -> None:
    inputs = values.to_struct({"cidrBlock": 3})
    client = Client(served[1]).configure(**CONFIG)
    client.stub.Check(provider_pb2.CheckRequest(urn=URN, news=inputs))
    answer = client.stub.Diff(provider_pb2.DiffRequest(urn=URN, id="vpc-1", old_inputs=inputs, news=inputs))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    with pytest.raises(grpc.RpcError, match="cidrBlock: wrong type"):
        client.stub.Update(provider_pb2.UpdateRequest(urn=URN, id="vpc-1", olds=inputs, news=inputs))


def test_a_wrong_provider_configuration_fails_its_check(served: tuple[StandInProvider, int]) -> None:
    urn = "urn:pulumi:dev::shop::pulumi:providers:aws::p"
    news = values.to_struct({"allowedAccountIds": "[1]"})
    answer = Client(served[1]).stub.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=news))
    assert [failure.reason for failure in answer.failures] == [
        "allowedAccountIds[0]: wrong type: expected text, found a whole number"
    ]


def test_diff_names_paths_and_replacements(served: tuple[StandInProvider, int]) -> None:
    client = Client(served[1]).configure(**CONFIG)
    answer = client.stub.Diff(
        provider_pb2.DiffRequest(
            urn=URN,
            id="vpc-1",
            old_inputs=values.to_struct({"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}),
            news=values.to_struct({"cidrBlock": "10.1.0.0/16", "tags": {"a": "2"}}),
        )
    )
    kind = provider_pb2.PropertyDiff.Kind
    assert {path: kind.Name(diff.kind) for path, diff in answer.detailedDiff.items()} == {
        "cidrBlock": "UPDATE_REPLACE",
        "tags.a": "UPDATE",
    }
    assert list(answer.replaces) == ["cidrBlock"]
    same = client.stub.Diff(
        provider_pb2.DiffRequest(
            urn=URN, id="vpc-1", old_inputs=values.to_struct({"a": 1}), news=values.to_struct({"a": 1})
        )
    )
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_preview_answers_unknown(served: tuple[StandInProvider, int]) -> None:
    client = Client(served[1]).configure(**CONFIG)
    made = client.stub.Create(
        provider_pb2.CreateRequest(
            urn=URN, properties=values.to_struct({"cidrBlock": "10.0.0.0/16"}), preview=True
        )
    )
    assert made.id == ""
    assert values.from_struct(made.properties)["arn"] == values.UNKNOWN
    changed = client.stub.Update(
        provider_pb2.UpdateRequest(
            urn=URN,
            id="vpc-1",
            olds=values.to_struct({"arn": "a"}),
            news=values.to_struct({"tags": {"a": "b"}}),
            preview=True,
        )
    )
    assert values.from_struct(changed.properties) == {"arn": "a", "tags": {"a": "b"}}


def test_failures_on_purpose_and_functions_without_an_answer(served: tuple[StandInProvider, int]) -> None:
    client = Client(served[1]).configure(**CONFIG)
    with pytest.raises(grpc.RpcError) as caught:
        client.stub.Delete(provider_pb2.DeleteRequest(urn=f"urn:pulumi:dev::shop::{VPC}::broken", id="vpc-1"))
    assert caught.value.details() == "quota"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(grpc.RpcError, match="cannot answer aws:ec2/getAmi:getAmi"):
        client.stub.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi"))
    answer = client.stub.Invoke(provider_pb2.InvokeRequest(tok="aws:index/getRegion:getRegion"))
    assert values.from_struct(getattr(answer, "return"))["region"] == "ap-southeast-1"


def test_what_the_engine_asks_of_any_plugin(served: tuple[StandInProvider, int]) -> None:
    client = Client(served[1])
    assert client.stub.GetPluginInfo(empty_pb2.Empty()).version == "1000.0.0"
    client.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
    client.stub.Cancel(empty_pb2.Empty())
    assert client.stub.GetPluginInfo(empty_pb2.Empty()).version == "1000.0.0"
