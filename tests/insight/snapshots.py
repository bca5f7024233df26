"""Small exports, written by hand."""

from __future__ import annotations

from typing import Any

from insight.snapshot import Snapshot
from insight.snapshot_reading import parse_snapshot

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def urn(stack: str, token: str, name: str) -> str:
    return f"urn:pulumi:{stack}::smp::{token}::{name}"


def root(stack: str, **outputs: Any) -> dict[str, Any]:
    name = f"smp-{stack}"
    token = "pulumi:pulumi:Stack"
    return {"urn": urn(stack, token, name), "custom": False, "type": token, "outputs": outputs}


def provider(stack: str, package: str = "aws", **inputs: Any) -> dict[str, Any]:
    token = f"pulumi:providers:{package}"
    return {"urn": urn(stack, token, package), "custom": True, "type": token, "inputs": inputs, "id": "p-1"}


def resource(
    stack: str, token: str, name: str, inputs: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    package = token.split(":", maxsplit=1)[0]
    state: dict[str, Any] = {
        "urn": urn(stack, token, name),
        "custom": True,
        "type": token,
        "inputs": inputs or {},
        "parent": urn(stack, "pulumi:pulumi:Stack", f"smp-{stack}"),
        "provider": urn(stack, f"pulumi:providers:{package}", package) + "::p-1",
    }
    return {**state, **more}


def export(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


def snapshot(stack: str, *resources: dict[str, Any], **outputs: Any) -> Snapshot:
    return parse_snapshot(export(root(stack, **outputs), *resources), origin="a test")
