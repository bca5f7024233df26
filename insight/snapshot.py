"""One stack's resources, wherever they were read: the type behind every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from policies.values import Opaque, Value, dig
from policies.views import account_of, region_of

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as Pulumi records it. Secrets and unknown values are ``policies.values.Opaque``."""

    urn: str
    type: str
    name: str
    custom: bool
    id: str | None = None
    inputs: Mapping[str, Value] = field(default_factory=dict[str, "Value"])
    outputs: Mapping[str, Value] = field(default_factory=dict[str, "Value"])
    parent: str | None = None
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    provider: str | None = None
    """URN of the provider, without the id that Pulumi appends."""
    protect: bool = False
    external: bool = False
    """Only read, not managed."""

    @property
    def package(self) -> str:
        """The package of its type; for a provider, the package it provides."""
        return self.type.split(":")[2 if self.is_provider else 0]

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider."""
        return self.type.startswith("pulumi:providers:")

    @property
    def is_component(self) -> bool:
        """Whether it only groups others; the stack itself is none."""
        return not self.custom and self.type != STACK_TYPE

    def get(self, *path: str | int) -> Value:
        """Follow a path into the inputs."""
        return dig(self.inputs, *path)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All resources of one stack, in the order they were registered."""

    stack: str
    project: str
    resources: tuple[Resource, ...]
    origin: str
    """Where it was read, for messages: ``plan`` or a file's name."""

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """Every resource by its URN."""
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Resource, ...]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return {token: tuple(items) for token, items in found.items()}

    @cached_property
    def _children(self) -> Mapping[str | None, tuple[Resource, ...]]:
        found: dict[str | None, list[Resource]] = {}
        for resource in self.resources:
            parent = resource.parent if resource.parent in self.by_urn else None
            found.setdefault(parent, []).append(resource)
        return {parent: tuple(items) for parent, items in found.items()}

    @cached_property
    def root(self) -> Resource | None:
        """The stack's own resource; none where a file has lost it."""
        return next(iter(self.of_type(STACK_TYPE)), None)

    @property
    def outputs(self) -> Mapping[str, Value]:
        """The stack's outputs; empty in the preview of a first deployment."""
        return self.root.outputs if self.root else {}

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Give the resources of some types, type by type."""
        return tuple(resource for token in types for resource in self._by_type.get(token, ()))

    def children(self, parent: Resource | None) -> tuple[Resource, ...]:
        """Give what is directly below a resource; below ``None`` stands whatever has no parent here."""
        return self._children.get(parent.urn if parent else None, ())

    def component_of(self, resource: Resource) -> Resource | None:
        """Find the innermost component a resource is in; a component is in the one around it."""
        above = self.by_urn.get(resource.parent or "")
        while above is not None and not above.is_component:
            above = self.by_urn.get(above.parent or "")
        return above

    def provider_of(self, resource: Resource) -> Resource | None:
        """Find the provider a resource is made with."""
        return self.by_urn.get(resource.provider or "")

    def region_of(self, resource: Resource) -> str | Opaque | None:
        """Find the effective region: the resource's own, else its provider's; ``None`` where there are none."""
        provider = self.provider_of(resource)
        region = region_of(resource.package, resource.inputs, provider.inputs if provider else None)
        return region if isinstance(region, str | Opaque) else None

    def account_of(self, resource: Resource) -> str | Opaque | None:
        """Find the account its provider is bound to."""
        provider = self.provider_of(resource)
        account = account_of(resource.package, provider.inputs if provider else None)
        return (
            str(account)
            if isinstance(account, str | int)
            else account
            if isinstance(account, Opaque)
            else None
        )

    def references(self, resource: Resource, *properties: str) -> tuple[Resource, ...]:
        """Give the resources that some of its properties are computed from."""
        urns = [urn for name in properties for urn in resource.property_dependencies.get(name, ())]
        return tuple(self.by_urn[urn] for urn in dict.fromkeys(urns) if urn in self.by_urn)
