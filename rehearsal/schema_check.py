"""Inputs against a schema: unknown properties, missing ones, wrong types, at any depth."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import cast

from rehearsal import values
from rehearsal.schema import ResourceSchema, schema_of
from rehearsal.schema_types import (
    AnyType,
    Choice,
    Field,
    FileType,
    ListOf,
    MapOf,
    ObjectOf,
    OneOf,
    ResourceType,
    Scalar,
    Type,
    describe,
    fields_of,
)
from rehearsal.values import Properties, Value


class ViolationKind(StrEnum):
    """What is wrong with a property."""

    UNKNOWN_PROPERTY = "unknown property"
    MISSING = "missing required property"
    WRONG_TYPE = "wrong type"


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One property that the provider's SDK refuses. `found` never holds a secret's value."""

    urn: str
    path: str
    kind: ViolationKind
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.urn}: {self.reason}"

    @property
    def reason(self) -> str:
        """The violation without the URN: the same words in both hosts."""
        return f"{self.path}: {self.kind}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Problem:
    path: str
    kind: ViolationKind
    expected: str
    found: str


def check_inputs(*, token: str, urn: str, inputs: Properties) -> tuple[Violation, ...]:
    """Everything that the SDK's classes refuse in `inputs` (wire form, see `values`).

    A type that no installed SDK knows is one violation at the path ``""``.
    """
    schema = schema_of(token)
    if not schema.known:
        return (
            Violation(
                urn=urn,
                path="type",
                kind=ViolationKind.UNKNOWN_PROPERTY,
                expected=f"a type of an installed provider SDK (pip install the package that has {token})",
                found=token,
            ),
        )
    problems = _object(inputs, schema.inputs, "", _Mode(open=schema.open_inputs, json=schema.json_inputs))
    return tuple(
        Violation(urn=urn, path=found.path, kind=found.kind, expected=found.expected, found=found.found)
        for found in problems
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Mode:
    open: bool = False
    json: bool = False


_CLOSED = _Mode()


def _object(
    value: Properties, fields: Mapping[str, Field], path: str, mode: _Mode = _CLOSED
) -> Iterator[_Problem]:
    for name, item in value.items():
        field = fields.get(name)
        where = values.join_path(path, name)
        if field is None:
            if not mode.open and item is not None and not name.startswith("__"):
                yield _Problem(
                    path=where,
                    kind=ViolationKind.UNKNOWN_PROPERTY,
                    expected=_known_names(name, fields),
                    found=_found(item),
                )
            continue
        if item is None:
            continue
        yield from _typed(_decoded(item, field.type) if mode.json else item, field.type, where)
    for name, field in fields.items():
        if field.required and value.get(name) is None:
            yield _Problem(
                path=values.join_path(path, name),
                kind=ViolationKind.MISSING,
                expected=describe(field.type),
                found="nothing",
            )


def _typed(value: Value, expected: Type, path: str) -> Iterator[_Problem]:
    if isinstance(expected, AnyType):
        return
    value = values.reveal(value)
    if value is None or value == values.UNKNOWN:
        return
    special = values.signature(value)
    if special == values.OUTPUT:
        yield from _typed(value.get("value", values.UNKNOWN), expected, path)
        return
    if isinstance(expected, OneOf):
        yield from _one_of(value, expected, path)
    elif not _has_shape(value, expected):
        yield _wrong(value, expected, path)
    else:
        yield from _inside(value, expected, path)


def _one_of(value: Value, expected: OneOf, path: str) -> Iterator[_Problem]:
    if any(next(_typed(value, item, path), None) is None for item in expected.alternatives):
        return
    objects = [item for item in expected.alternatives if isinstance(item, ObjectOf)]
    if isinstance(value, dict) and len(objects) == 1:
        yield from _typed(value, objects[0], path)
    else:
        yield _wrong(value, expected, path)


def _has_shape(value: Value, expected: Type) -> bool:
    """Whether a value is what a type asks for, without looking at what it contains."""
    special = values.signature(value)
    match expected:
        case Scalar(kind):
            fits = _scalar_fits(value, kind)
        case Choice(constants):
            fits = not isinstance(value, (dict, list)) and value in constants
        case ListOf():
            fits = isinstance(value, list)
        case MapOf() | ObjectOf():
            fits = isinstance(value, dict) and special is None
        case FileType():
            fits = special in {values.ASSET, values.ARCHIVE}
        case ResourceType():
            fits = special == values.RESOURCE or isinstance(value, str)
        case AnyType() | OneOf():
            fits = True
    return fits


def _inside(value: Value, expected: Type, path: str) -> Iterator[_Problem]:
    match expected:
        case ListOf(element):
            for index, item in enumerate(cast("list[Value]", value)):
                yield from _typed(item, element, values.join_path(path, index))
        case MapOf(element):
            for key, item in cast("Properties", value).items():
                yield from _typed(item, element, values.join_path(path, key))
        case ObjectOf(described):
            yield from _object(cast("Properties", value), fields_of(described), path)
        case _:
            pass


def _scalar_fits(value: Value, kind: type) -> bool:
    if kind is str:
        return isinstance(value, str)
    if kind is bool:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    # Numbers travel as floating point: 3.0 is a whole number, 3.5 is not.
    if kind is int:
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, (int, float))


def _decoded(value: Value, expected: Type) -> Value:
    """Provider configuration travels as JSON text unless it is text itself."""
    plain = values.reveal(value)
    if not isinstance(plain, str) or plain == values.UNKNOWN or expected == Scalar(str):
        return value
    try:
        return json.loads(plain)
    except ValueError:
        return value


def _wrong(value: Value, expected: Type, path: str) -> _Problem:
    return _Problem(
        path=path, kind=ViolationKind.WRONG_TYPE, expected=describe(expected), found=_found(value)
    )


def _known_names(name: str, fields: Mapping[str, Field]) -> str:
    close = get_close_matches(name, fields, n=1)
    if close:
        return f"a property of this type (did you mean {close[0]!r}?)"
    return "a property of this type"


def _found(value: Value) -> str:  # noqa: PLR0911 - a table
    """What kind of value was found, without showing it: it may be secret where its place is not."""
    special = values.signature(value)
    if special == values.SECRET:
        return f"a secret ({_found(values.reveal(value))})"
    if special is not None:
        return {values.ASSET: "an asset", values.ARCHIVE: "an archive"}.get(special, "a resource or output")
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number with a fraction"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a map"
    return "nothing"


__all__ = ["ResourceSchema", "Violation", "ViolationKind", "check_inputs"]
