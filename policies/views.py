"""What a rule sees: resources with their providers, and the stack they belong to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from catalog.environments import Environment
from catalog.quantities import Usd
from catalog.stack_facts import StackFacts
from policies.embedded import Leaf, decoded_tree, leaves, mappings
from policies.tokens import canonical
from policies.values import Opaque, Value, as_list, dig


@dataclass(frozen=True, kw_only=True)
class ProviderView:
    """The provider a resource is made with."""

    package: str
    """``aws``, ``alicloud``, ``kubernetes``, ..."""
    name: str
    inputs: Mapping[str, Value]
    known: bool = True
    """Whether its properties were at hand; a file that names a provider may not hold it."""

    @property
    def is_default(self) -> bool:
        """Whether the engine made it up: Pulumi names those ``default`` or ``default_<version>``."""
        return self.name == "default" or self.name.startswith("default_")


@dataclass(frozen=True, kw_only=True)
class ResourceView:
    """One resource. ``inputs`` have the provider's camel-case names; ``urn`` and ``parent`` are URNs."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value] = field(default_factory=dict[str, "Value"])
    custom: bool = True
    """Whether a provider makes it; false for components."""
    id: str | None = None
    """The cloud's own, once it exists."""
    parent: str | None = None
    protect: bool = False
    provider: ProviderView | None = None
    dependencies: frozenset[str] = frozenset()
    """URNs, those of single properties included."""
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def is_provider(self) -> bool:
        """Whether this is a provider itself."""
        return self.type.startswith("pulumi:providers:")

    @property
    def package(self) -> str:
        """The package whose provider makes it."""
        return self.type.split(":")[2 if self.is_provider else 0]

    def get(self, *path: str | int) -> Value:
        """Follow a path into the inputs."""
        return dig(self.inputs, *path)

    @cached_property
    def tree(self) -> Mapping[str, Value]:
        """The inputs with every text that holds a document replaced by what it says (``policies.embedded``)."""
        return {name: decoded_tree(value) for name, value in self.inputs.items()}

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every value at the end of a path in ``tree``."""
        return tuple(leaves(self.tree))

    @cached_property
    def mappings(self) -> tuple[tuple[str, Mapping[str, Value]], ...]:
        """Every mapping of ``tree`` with its path, the inputs themselves first."""
        return tuple(mappings(self.tree))

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts its provider is bound to; empty where nothing says it."""
        if self.provider is None:
            return frozenset()
        allowed = decoded(self.provider.inputs.get("allowedAccountIds"))
        listed = [*as_list(allowed), self.provider.inputs.get("accountId")]
        return frozenset(str(item) for item in listed if isinstance(item, str | int) and item)


@dataclass(frozen=True, kw_only=True)
class MonthlyCost:
    """What a stack is estimated to cost a month, and what it may."""

    estimate: Usd
    budget: Usd


@dataclass(frozen=True, kw_only=True)
class StackView:
    """All resources of one stack."""

    facts: StackFacts
    resources: tuple[ResourceView, ...]
    known_secrets: frozenset[str] = frozenset()
    """Values that must stay marked as secret: the placeholders of a plan."""
    memo: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False, compare=False)
    """What rules work out about single resources once, by URN or by a name of theirs."""
    monthly_cost: MonthlyCost | None = None
    """None where nobody estimated it."""

    @property
    def is_production(self) -> bool:
        """Whether real data lives here."""
        return self.facts.environment is Environment.PROD

    @cached_property
    def _by_type(self) -> dict[str, list[ResourceView]]:
        found: dict[str, list[ResourceView]] = {}
        for resource in self.resources:
            found.setdefault(canonical(resource.type), []).append(resource)
        return found

    @cached_property
    def by_urn(self) -> Mapping[str, ResourceView]:
        """Every resource by its URN."""
        return {resource.urn: resource for resource in self.resources}

    def of_type(self, *types: str) -> Iterator[ResourceView]:
        """Give the resources of some types, type by type, under whichever of a type's tokens they are."""
        for token in _canonical_tokens(types):
            yield from self._by_type.get(token, ())

    def made(self) -> Iterator[ResourceView]:
        """Give what providers make: no components, no providers."""
        return (item for item in self.resources if item.custom and not item.is_provider)


@cache
def _canonical_tokens(types: tuple[str, ...]) -> tuple[str, ...]:
    """Give the tokens under which a view keeps some types; rules ask for the same ones again and again."""
    return tuple(dict.fromkeys(canonical(token) for token in types))


def region_of(package: str, inputs: Mapping[str, Value], provider: Mapping[str, Value] | None) -> Value:
    """Find where a resource lives: its own ``region`` where the provider supports one, else its provider's.

    ``None`` when neither says it, or when the package has no regions (Kubernetes, Cloudflare, Vault).
    """
    if package not in {"aws", "alicloud"}:
        return None
    own = inputs.get("region") if package == "aws" else None
    return own if own not in (None, "") else (provider or {}).get("region")


def account_of(package: str, provider: Mapping[str, Value] | None) -> Value:
    """Find the account a provider is bound to: the first of ``allowedAccountIds``, or ``accountId``."""
    if provider is None:
        return None
    if package == "alicloud":
        return provider.get("accountId")
    allowed = decoded(provider.get("allowedAccountIds"))
    return allowed if isinstance(allowed, Opaque) else dig(allowed, 0)


def decoded(value: Value) -> Value:
    """Read a provider property that is not text: Pulumi keeps those as JSON in a string."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def is_set(value: Value) -> bool:
    """Whether a property says anything at all; a value not yet known does."""
    return value not in (None, "") and (
        isinstance(value, Opaque | bool | int | float | str) or bool(as_list(value))
    )
