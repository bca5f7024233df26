"""Types as the provider SDKs' classes declare them, compiled once into small immutable descriptions."""

from __future__ import annotations

import enum
import functools
import inspect
import types
import typing
from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

import pulumi

from rehearsal import sdk


@dataclass(frozen=True, slots=True)
class AnyType:
    """Whatever the program says."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`str`, `bool`, `int` or `float`."""

    kind: type[str] | type[bool] | type[int] | type[float]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some constants."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose elements are all of one type."""

    element: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map of text to values that are all of one type."""

    element: Type


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A class of the SDK; `fields_of` gives its properties (lazily: some classes contain themselves)."""

    described: type[Any]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of several types."""

    alternatives: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class FileType:
    """An asset or an archive."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A reference to a resource."""


Type: TypeAlias = AnyType | Scalar | Choice | ListOf | MapOf | ObjectOf | OneOf | FileType | ResourceType


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One property: its type and whether it must be there."""

    type: Type
    required: bool


ANY = AnyType()


def compile_hint(hint: Any) -> tuple[Type, bool]:
    """The type of an annotation and whether it admits absence; Pulumi's wrappers are taken off."""
    alternatives: list[Type] = []
    optional = _collect(hint, alternatives)
    distinct = tuple(dict.fromkeys(alternatives))
    if not distinct or ANY in distinct:
        return ANY, optional
    return (distinct[0] if len(distinct) == 1 else OneOf(distinct)), optional


def compile_type(hint: Any) -> Type:
    """The type of an annotation."""
    return compile_hint(hint)[0]


def _collect(hint: Any, into: list[Type]) -> bool:
    """Add the alternatives of `hint`; answers whether None is one."""
    origin = typing.get_origin(hint)
    if origin in {typing.Union, types.UnionType}:
        # Input[T] is T | Awaitable[T] | Output[T]; the SDK resolves the forward reference in Output[T] to None.
        found = [_collect(part, into) for part in typing.get_args(hint) if not _is_wrapper(part)]
        return any(found)
    if hint is type(None) or hint is None:
        return True
    if origin is pulumi.Output:
        return _collect(typing.get_args(hint)[0], into)
    compiled = _compile_plain(hint, origin)
    if compiled is not None:
        into.append(compiled)
    return False


def _is_wrapper(part: Any) -> bool:
    origin = typing.get_origin(part)
    return (
        part is pulumi.Output
        or origin is pulumi.Output
        or origin in {abc.Awaitable, abc.Coroutine}
        or typing.is_typeddict(part)
        or isinstance(part, typing.ForwardRef)
    )


def _compile_plain(hint: Any, origin: Any) -> Type | None:  # noqa: PLR0911 - a table
    arguments = typing.get_args(hint)
    if origin is Literal:
        return Choice(arguments)
    if hint is list or origin in {list, abc.Sequence}:
        return ListOf(compile_type(arguments[0]) if arguments else ANY)
    if hint is dict or origin in {dict, abc.Mapping}:
        return MapOf(compile_type(arguments[1]) if len(arguments) == 2 else ANY)
    if hint in {str, bool, int, float}:
        return Scalar(hint)
    if not inspect.isclass(hint):
        return ANY
    if issubclass(hint, enum.Enum):
        return Choice(tuple(member.value for member in hint))
    if issubclass(hint, (pulumi.Asset, pulumi.Archive)):
        return FileType()
    if issubclass(hint, pulumi.Resource):
        return ResourceType()
    if sdk.is_input_type(hint) or sdk.is_output_type(hint):
        return ObjectOf(hint)
    return ANY


@functools.cache
def fields_of(described: type[Any]) -> Mapping[str, Field]:
    """The properties of an SDK class under their Pulumi names."""
    fields: dict[str, Field] = {}
    try:
        parameters = inspect.signature(described.__init__).parameters
    except (TypeError, ValueError):  # pragma: no cover - every generated class has a signature
        parameters = {}
    names = sdk.python_names(described)
    for name, hint in sdk.property_hints(described).items():
        compiled, optional = compile_hint(hint)
        parameter = parameters.get(names.get(name, name))
        has_default = parameter is None or parameter.default is not inspect.Parameter.empty
        fields[name] = Field(type=compiled, required=not optional and not has_default)
    return fields


def describe(expected: Type) -> str:  # noqa: PLR0911 - a table
    """A type in words, for messages."""
    match expected:
        case Scalar(kind):
            return {str: "text", bool: "true or false", int: "a whole number", float: "a number"}[
                cast("type[str]", kind)
            ]
        case Choice(values):
            shown = ", ".join(repr(value) for value in values[:8])
            return f"one of {shown}{', ...' if len(values) > 8 else ''}"
        case ListOf(element):
            return f"a list of {describe(element)}" if element != ANY else "a list"
        case MapOf(element):
            return f"a map of {describe(element)}" if element != ANY else "a map"
        case ObjectOf(described):
            return f"an object ({described.__name__.removesuffix('Args')})"
        case OneOf(alternatives):
            return " or ".join(describe(item) for item in alternatives)
        case FileType():
            return "an asset or archive"
        case ResourceType():
            return "a resource"
        case AnyType():
            return "anything"
