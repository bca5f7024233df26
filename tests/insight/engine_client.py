"""Drives the pack the way the engine does: started as a process, asked over its protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc as services

PACK = Path(__file__).parents[2] / "policies"
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@contextmanager
def running_pack() -> Iterator[services.AnalyzerStub]:
    """The pack as `pulumi-language-python` starts it: in its own folder, the port on the first line."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(command, cwd=PACK, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=_UNLIMITED) as channel:
                yield services.AnalyzerStub(channel)
        finally:
            process.kill()


def send_inputs(
    pack: services.AnalyzerStub, export: Mapping[str, Any]
) -> list[tuple[str, messages.AnalyzeDiagnostic]]:
    """Send every resource's inputs, one at a time."""
    found: list[tuple[str, messages.AnalyzeDiagnostic]] = []
    for state in _states(export):
        answer = pack.Analyze(messages.AnalyzeRequest(**_described(state, "inputs", _by_urn(export))))
        found += [(state["urn"], item) for item in answer.diagnostics]
    return found


def send_stack(
    pack: services.AnalyzerStub, export: Mapping[str, Any], *, properties: str = "outputs"
) -> list[messages.AnalyzeDiagnostic]:
    """Send all resources with their outputs, as the engine does at the end."""
    return list(pack.AnalyzeStack(stack_request(export, properties=properties)).diagnostics)


def stack_request(export: Mapping[str, Any], *, properties: str) -> messages.AnalyzeStackRequest:
    resources = [
        messages.AnalyzerResource(
            parent=state.get("parent", ""),
            dependencies=state.get("dependencies", []),
            propertyDependencies={
                name: messages.AnalyzerPropertyDependencies(urns=urns)
                for name, urns in state.get("propertyDependencies", {}).items()
            },
            **_described(state, properties, _by_urn(export)),
        )
        for state in _states(export)
    ]
    return messages.AnalyzeStackRequest(resources=resources)


def _states(export: Mapping[str, Any]) -> list[dict[str, Any]]:
    return export["deployment"]["resources"]


def _by_urn(export: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {state["urn"]: state for state in _states(export)}


def _described(state: dict[str, Any], properties: str, known: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": state["type"],
        "urn": state["urn"],
        "name": state["urn"].split("::")[-1],
        "properties": _struct(state.get(properties)),
        "options": messages.AnalyzerResourceOptions(
            protect=state.get("protect", False), parent=state.get("parent", "")
        ),
    }
    if state.get("provider"):
        urn = state["provider"].rsplit("::", maxsplit=1)[0]
        kind, name = urn.split("::")[2:]
        described["provider"] = messages.AnalyzerProviderResource(
            type=kind, urn=urn, name=name, properties=_struct(known.get(urn, {}).get("inputs"))
        )
    return described


def _struct(properties: Mapping[str, Any] | None) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(properties or {}))
    return struct
