"""What the provider SDKs' own classes say about a resource type: its inputs and its outputs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from rehearsal import sdk
from rehearsal.schema_types import ANY, Field, ObjectOf, Type, compile_hint, compile_type, fields_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceSchema:
    """Inputs and outputs of one resource type under their Pulumi names.

    An output is `required` when the provider always answers it. `open_inputs` says that further inputs are allowed
    (Kubernetes custom resources). `json_inputs` says that inputs travel as JSON text (a provider's configuration).
    `known` is False for a type that no
    installed SDK has; nothing can be said about it then.
    """

    token: str
    inputs: Mapping[str, Field] = field(default_factory=dict[str, Field])
    outputs: Mapping[str, Field] = field(default_factory=dict[str, Field])
    open_inputs: bool = False
    known: bool = True
    json_inputs: bool = False
    resource: type[pulumi.Resource] | None = None


@functools.cache
def schema_of(token: str) -> ResourceSchema:
    """The schema of a type token such as `aws:ec2/vpc:Vpc` or `pulumi:providers:aws`."""
    resource = sdk.resource_class(token)
    if resource is None:
        if sdk.package_of(token) == "kubernetes":
            return _custom_kubernetes_object(token)
        return ResourceSchema(token=token, known=False, open_inputs=True)
    arguments = sdk.args_class(resource)
    inputs = dict(fields_of(arguments)) if arguments is not None else {}
    is_provider = token.startswith("pulumi:providers:")
    if is_provider:
        # The engine adds what it needs to start the provider itself.
        inputs |= {
            name: Field(type=ANY, required=False) for name in ("version", "pluginDownloadURL", "__internal")
        }
    if token.startswith("kubernetes:") and not is_provider:
        # The SDK sends an empty status with some kinds; the API server owns it.
        inputs.setdefault("status", Field(type=ANY, required=False))
    return ResourceSchema(
        token=token,
        inputs=inputs,
        outputs=_outputs(resource),
        open_inputs=arguments is None,
        json_inputs=is_provider,
        resource=resource,
    )


def _outputs(resource: type[pulumi.Resource]) -> dict[str, Field]:
    outputs: dict[str, Field] = {}
    for name, hint in sdk.output_hints(resource).items():
        if name not in {"id", "urn"}:
            compiled, optional = compile_hint(hint)
            outputs[name] = Field(type=compiled, required=not optional)
    return outputs


def _custom_kubernetes_object(token: str) -> ResourceSchema:
    """A custom resource: its group's schema is the cluster's, only the envelope is known here."""
    metadata: Any = _object_meta()
    envelope = {
        "apiVersion": Field(type=compile_type(str), required=True),
        "kind": Field(type=compile_type(str), required=True),
        "metadata": Field(type=metadata, required=False),
    }
    return ResourceSchema(
        token=token,
        inputs=envelope,
        outputs=envelope,
        open_inputs=True,
    )


def _object_meta() -> Type:
    config_map = sdk.resource_class("kubernetes:core/v1:ConfigMap")
    arguments = sdk.args_class(config_map) if config_map is not None else None
    described = fields_of(arguments).get("metadata") if arguments is not None else None
    return described.type if described is not None and isinstance(described.type, ObjectOf) else ANY
