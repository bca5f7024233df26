"""One resource as the program wants it and as the state keeps it, in the form of Pulumi's deployment export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from rehearsal import values
from rehearsal.values import Properties, Value

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceState:
    """A resource of a stack. `inputs` and `outputs` are in wire form; `id` is empty for a component.

    `pending_delete` marks the old half of a replacement until it is gone; `external` one that was only read.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict[str, Value])
    outputs: Properties = field(default_factory=dict[str, Value])
    parent: str = ""
    provider: str = ""
    protect: bool = False
    external: bool = False
    pending_delete: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    import_id: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict[str, float])
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Value = None

    @property
    def name(self) -> str:
        """The name in the program."""
        return name_of(self.urn)

    @property
    def requires(self) -> tuple[str, ...]:
        """The URNs that must exist before it: parent, provider, dependencies, `deletedWith`."""
        found = [self.parent, provider_urn(self.provider), self.deleted_with, *self.dependencies]
        for urns in self.property_dependencies.values():
            found.extend(urns)
        return tuple(dict.fromkeys(urn for urn in found if urn))

    def sealed(self, cipher: Callable[[Value], str]) -> ResourceState:
        """The same with every secret in its stored form."""
        return replace(
            self,
            inputs=cast("Properties", values.seal(self.inputs, cipher)),
            outputs=cast("Properties", values.seal(self.outputs, cipher)),
            replacement_trigger=values.seal(self.replacement_trigger, cipher),
        )

    def to_export(self) -> dict[str, Any]:
        """The entry in a deployment export: the fields and their order are the engine's (`apitype.ResourceV3`)."""
        entry: dict[str, Any] = {"urn": self.urn, "custom": self.custom}
        optional: dict[str, Any] = {
            "delete": self.pending_delete,
            "id": self.id,
            "type": self.type,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "parent": self.parent,
            "protect": self.protect,
            "external": self.external,
            "dependencies": list(self.dependencies),
            "provider": self.provider,
            "propertyDependencies": {
                key: list(urns) for key, urns in sorted(self.property_dependencies.items())
            },
            "additionalSecretOutputs": list(self.additional_secret_outputs),
            "aliases": list(self.aliases),
            "customTimeouts": dict(self.custom_timeouts),
            "importID": self.import_id,
            "retainOnDelete": self.retain_on_delete,
            "deletedWith": self.deleted_with,
            "ignoreChanges": list(self.ignore_changes),
            "replaceOnChanges": list(self.replace_on_changes),
            "replacementTrigger": self.replacement_trigger,
        }
        entry |= {key: value for key, value in optional.items() if value}
        return entry

    @classmethod
    def from_export(cls, entry: Mapping[str, Any]) -> ResourceState:
        """The opposite of `to_export`. Raises `KeyError` or `TypeError` when the entry is not one."""
        return cls(
            urn=entry["urn"],
            type=entry["type"],
            custom=entry["custom"],
            id=entry.get("id", ""),
            inputs=dict(entry.get("inputs") or {}),
            outputs=dict(entry.get("outputs") or {}),
            parent=entry.get("parent", ""),
            provider=entry.get("provider", ""),
            protect=entry.get("protect", False),
            external=entry.get("external", False),
            pending_delete=entry.get("delete", False),
            retain_on_delete=entry.get("retainOnDelete", False),
            deleted_with=entry.get("deletedWith", ""),
            import_id=entry.get("importID", ""),
            dependencies=tuple(entry.get("dependencies") or ()),
            property_dependencies={
                key: tuple(urns or ()) for key, urns in (entry.get("propertyDependencies") or {}).items()
            },
            additional_secret_outputs=tuple(entry.get("additionalSecretOutputs") or ()),
            aliases=tuple(entry.get("aliases") or ()),
            custom_timeouts=dict(entry.get("customTimeouts") or {}),
            ignore_changes=tuple(entry.get("ignoreChanges") or ()),
            replace_on_changes=tuple(entry.get("replaceOnChanges") or ()),
            replacement_trigger=entry.get("replacementTrigger"),
        )


def make_urn(*, stack: str, project: str, parent: str, token: str, name: str) -> str:
    """A URN as the engine makes it: the types of all parents but the stack stand before the type."""
    chain = qualified_type(parent) if parent else ""
    prefix = f"{chain}$" if chain and chain != STACK_TYPE else ""
    return f"urn:pulumi:{stack}::{project}::{prefix}{token}::{name}"


def qualified_type(urn: str) -> str:
    """The types in a URN, parents included: `smp:aws:Network$aws:ec2/vpc:Vpc`."""
    return urn.split("::", 3)[2]


def name_of(urn: str) -> str:
    """The name in a URN."""
    return urn.split("::", 3)[3]


def provider_urn(reference: str) -> str:
    """The URN in a provider reference (`urn::id`)."""
    return reference.rpartition("::")[0] if reference else ""


def in_dependency_order(states: Iterable[ResourceState]) -> list[ResourceState]:
    """What is required before what requires it; otherwise by URN, so that the order is always the same.

    An old half of a replacement comes after its successor, as in the engine's exports.
    """
    everything = sorted(states, key=lambda state: (state.pending_delete, state.urn, state.id))
    current = {state.urn: state for state in everything if not state.pending_delete}
    ordered: list[ResourceState] = []
    seen: set[int] = set()

    def visit(state: ResourceState) -> None:
        if id(state) in seen:
            return
        seen.add(id(state))
        for urn in state.requires:
            required = current.get(urn)
            if required is not None:
                visit(required)
        ordered.append(state)

    for state in everything:
        visit(state)
    return ordered


def export(states: Iterable[ResourceState], *, cipher: Callable[[Value], str]) -> dict[str, Any]:
    """A deployment export, version 3, without anything that differs between two equal runs."""
    return {
        "version": 3,
        "deployment": {
            "manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""},
            "resources": [state.sealed(cipher).to_export() for state in in_dependency_order(states)],
        },
    }
