"""The contract every component keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

import pulumi

from components.core.scope import Scope


class InvalidArgumentsError(ValueError):
    """Arguments of a component are wrong; raised before its first resource exists. Lists every problem."""

    def __init__(self, component: str, problems: Sequence[str]) -> None:
        self.component = component
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{component}: {len(problems)} problem(s) in its arguments{lines}")


def about(argument: str, *found: str | None) -> Iterator[str]:
    """Yield what shared rules (``catalog``) found wrong with an argument, each as a sentence that names it."""
    for complaint in found:
        if complaint is not None:
            yield f"{argument} {complaint}"


@dataclass(frozen=True, kw_only=True)
class Args:
    """Arguments of a component. A subclass that exists is valid: its problems are found on construction."""

    scope: Scope

    def __post_init__(self) -> None:
        found = list(self.problems())
        if found:
            raise InvalidArgumentsError(type(self).__name__.removesuffix("Args"), found)

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, each as one sentence that says what to do."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Typed outputs of a component. Fields are plain values, ``pulumi.Output`` or mappings of them."""


OutputsT = TypeVar("OutputsT", bound=Outputs)


class Component(pulumi.ComponentResource, Generic[OutputsT]):
    """Base of all components: a type token, an explicit provider, children that know their parent.

    A subclass sets ``token`` (``smp:<cloud>:<Thing>``) and in its ``__init__`` creates its children with
    ``opts=self.child()`` and ends with ``self.publish(...)``. Nothing is created inside an ``apply``.
    """

    token: ClassVar[str]
    outputs: OutputsT

    def __init__(
        self,
        name: str,
        args: Args,
        *,
        provider: pulumi.ProviderResource,
        parent: pulumi.Resource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> None:
        self.scope = args.scope
        self._explicit_provider = provider
        super().__init__(
            self.token,
            name,
            opts=pulumi.ResourceOptions(parent=parent, providers=[provider], depends_on=list(depends_on)),
        )

    def child(
        self,
        *,
        parent: pulumi.Resource | None = None,
        provider: pulumi.ProviderResource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: Sequence[str] = (),
        additional_secret_outputs: Sequence[str] = (),
    ) -> pulumi.ResourceOptions:
        """Options of a child that can be made again from nothing."""
        return pulumi.ResourceOptions(
            parent=parent or self,
            provider=provider or self._explicit_provider,
            depends_on=list(depends_on) or None,
            ignore_changes=list(ignore_changes) or None,
            additional_secret_outputs=list(additional_secret_outputs) or None,
        )

    def stateful_child(
        self,
        *,
        parent: pulumi.Resource | None = None,
        provider: pulumi.ProviderResource | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: Sequence[str] = (),
        additional_secret_outputs: Sequence[str] = (),
    ) -> pulumi.ResourceOptions:
        """Options of a child that holds data, or without which data cannot be read: protected in production."""
        options = self.child(
            parent=parent,
            provider=provider,
            depends_on=depends_on,
            ignore_changes=ignore_changes,
            additional_secret_outputs=additional_secret_outputs,
        )
        options.protect = self.scope.is_production or None
        return options

    def publish(self, outputs: OutputsT) -> None:
        """Register the outputs; the last thing a component does."""
        self.outputs = outputs
        self.register_outputs(as_properties(outputs))


def as_properties(outputs: Outputs) -> dict[str, Any]:
    """Turn typed outputs into the camel-case properties that reports and runbooks read."""
    return {_camel(field.name): _plain(getattr(outputs, field.name)) for field in fields(outputs)}


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Outputs):
            return as_properties(value)
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
