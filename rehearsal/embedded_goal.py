"""What the program asks the embedded host for: registration requests as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import resource_pb2

from rehearsal import values
from rehearsal.errors import ProgramError, UnsupportedError
from rehearsal.resources import ResourceState
from rehearsal.values import Properties, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class AliasSpec:
    """A former identity: either a whole URN, or the parts that differed (empty: as now)."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """One resource as the program wants it. `retain_on_delete` is None where only its parent can say."""

    type: str
    name: str
    custom: bool
    parent: str
    provider: str
    inputs: Properties
    protect: bool = False
    version: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]]
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Value = None
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[AliasSpec, ...] = ()
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    import_id: str = ""
    custom_timeouts: Mapping[str, float]

    def state(self, urn: str, **changes: Any) -> ResourceState:
        """The state of a resource that has just been made as wanted; `changes` sets what the provider decides."""
        fields: dict[str, Any] = {
            "urn": urn,
            "type": self.type,
            "custom": self.custom,
            "inputs": self.inputs,
            "parent": self.parent,
            "provider": self.provider,
            "protect": self.protect,
            "retain_on_delete": bool(self.retain_on_delete),
            "deleted_with": self.deleted_with,
            "dependencies": self.dependencies,
            "property_dependencies": self.property_dependencies,
            "additional_secret_outputs": self.additional_secret_outputs,
            "custom_timeouts": self.custom_timeouts,
            "ignore_changes": self.ignore_changes,
            "replace_on_changes": self.replace_on_changes,
            "replacement_trigger": self.replacement_trigger,
        }
        return ResourceState(**(fields | changes))


def goal_of(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Read a registration. Raises `UnsupportedError` for what only the real engine can do."""
    _refuse_unsupported(request)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        provider=request.provider,
        inputs=_without_nulls(values.from_struct(request.object)),
        protect=request.protect,
        version=request.version,
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(dependencies.urns))
            for key, dependencies in sorted(request.propertyDependencies.items())
        },
        delete_before_replace=request.deleteBeforeReplace,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        replacement_trigger=values.from_value(request.replacement_trigger)
        if request.HasField("replacement_trigger")
        else None,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(_alias(alias) for alias in request.aliases)
        + tuple(AliasSpec(urn=urn) for urn in request.aliasURNs),
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        import_id=request.importId,
        custom_timeouts={
            key: _seconds(value, f"{request.type} {request.name!r}")
            for key in ("create", "update", "delete", "read")
            if (value := getattr(request.customTimeouts, key))
        },
    )


_UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+(?:\.\d*)?)(ms|us|ns|h|m|s)")


def _seconds(text: str, what: str) -> float:
    """A duration in Go's form (`1h30m`) in seconds, as the engine stores it."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ProgramError(
            f"{what}: custom_timeouts: {text!r} is not a duration; write one such as '30m' or '1h30m'."
        )
    seconds = sum((float(number) * _UNITS[unit] for number, unit in parts), 0.0)
    return int(seconds) if seconds.is_integer() else seconds


def _without_nulls(inputs: Properties) -> Properties:
    """The engine drops properties that are null."""
    return {key: value for key, value in inputs.items() if value is not None}


def _alias(alias: Any) -> AliasSpec:
    if alias.urn:
        return AliasSpec(urn=alias.urn)
    spec = alias.spec
    return AliasSpec(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def _refuse_unsupported(request: resource_pb2.RegisterResourceRequest) -> None:
    what = ""
    if request.remote:
        what = f"{request.type} is a component that lives in its provider"
    elif request.transforms:
        what = "resource transforms"
    elif request.replace_with:
        what = "the option replace_with"
    elif request.state_migrations:
        what = "state migrations"
    elif any(len(getattr(request.hooks, kind)) for kind in _HOOKS):
        what = "resource hooks"
    if what:
        raise UnsupportedError(
            f"{request.type} {request.name!r}: the embedded host cannot run this program ({what}). "
            "Use the Pulumi CLI for it: --engine pulumi."
        )


_HOOKS = (
    "before_create",
    "after_create",
    "before_update",
    "after_update",
    "before_delete",
    "after_delete",
    "on_error",
)
