"""Plausible values for outputs that no table knows: by the name of the property, then by its declared type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from rehearsal import values
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
    fields_of,
)
from rehearsal.standin_forms import Naming
from rehearsal.values import Properties, Value

# One moment for everything that the stand-in cloud creates: two runs must not differ.
CREATED: Final = "2026-01-01T00:00:00Z"

# Forms by the name of a text output (lower case); the resource's own table comes first.
_BY_NAME: Final[Mapping[str, str]] = {
    "accountid": "{account}",
    "ownerid": "{account}",
    "owner": "{account}",
    "awsaccountid": "{account}",
    "registryid": "{account}",
    "region": "{region}",
    "regionid": "{region}",
    "awsregion": "{region}",
    "name": "{name}",
    "arn": "{arn}",
    "availabilityzone": "{region}a",
    "status": "ACTIVE",
    "state": "available",
    "createdat": CREATED,
    "createdate": CREATED,
    "createddate": CREATED,
    "createtime": CREATED,
    "createdtime": CREATED,
    "createdon": CREATED,
    "updatedat": CREATED,
    "updatetime": CREATED,
    "lastmodified": CREATED,
    "modifiedon": CREATED,
    "resourcegroupid": "rg-acfm{lower:11}",
}
_DEPTH: Final = 4


def complete(
    *,
    naming: Naming,
    inputs: Properties,
    input_fields: Mapping[str, Field],
    outputs: Mapping[str, Field],
    known: Properties,
) -> Properties:
    """Every declared output: the inputs as given, `known` where the table says, the rest by name and type.

    An optional input that was not given stays absent, as with the real providers, unless they always
    answer it.
    """
    result: Properties = {}
    for name, declared in outputs.items():
        given = inputs.get(name)
        if name in known:
            fallback = (
                _default_of_input(name, declared.type, naming)
                if isinstance(declared.type, ObjectOf)
                else None
            )
            result[name] = (
                completed(known[name], fallback) if given is None else completed(given, known[name])
            )
        elif given is not None:
            result[name] = given
        elif name not in input_fields:
            result[name] = make(name, declared.type, naming)
        elif declared.required:
            result[name] = _default_of_input(name, declared.type, naming)
    for name, value in inputs.items():
        if name not in result and value is not None and name not in outputs:
            result[name] = value
    return result


def _default_of_input(name: str, expected: Type, naming: Naming) -> Value:
    """What the provider answers for an input that was not given: its usual text, else the type's empty value."""
    match expected:
        case Scalar(kind) if kind is str:
            form = _BY_NAME.get(name.lower())
            return naming.fill(form) if form is not None and name != "arn" else ""
        case ListOf():
            return []
        case ObjectOf(described):
            return {
                key: _default_of_input(key, field.type, naming)
                for key, field in fields_of(described).items()
                if field.required
            }
        case OneOf(alternatives):
            return _default_of_input(name, alternatives[0], naming)
        case _:
            return make(name, expected, naming)


def make(name: str, expected: Type, naming: Naming, *, path: str = "", depth: int = 0) -> Value:  # noqa: PLR0911 - a table
    """A value of the declared type."""
    where = f"{path}.{name}"
    match expected:
        case Scalar(kind) if kind is str:
            return _text(name, naming, where)
        case Scalar(kind) if kind is bool:
            return False
        case Scalar():
            return 0
        case Choice(constants):
            return constants[0]
        case ListOf(element):
            # A list of objects in an output has, where it matters, one element (certificate authorities, endpoints).
            if isinstance(element, ObjectOf) and depth < _DEPTH:
                return [make(name, element, naming, path=where, depth=depth + 1)]
            return []
        case MapOf():
            return {}
        case ObjectOf(described):
            if depth >= _DEPTH:
                return {}
            return {
                key: make(key, field.type, naming, path=where, depth=depth + 1)
                for key, field in fields_of(described).items()
            }
        case OneOf(alternatives):
            return make(name, alternatives[0], naming, path=path, depth=depth)
        case FileType() | ResourceType() | AnyType():
            return {}


def _text(name: str, naming: Naming, where: str) -> str:  # noqa: PLR0911 - a table
    lower = name.lower()
    form = _BY_NAME.get(lower)
    if form is not None and where.count(".") == 1:
        return naming.fill(form)
    if name.endswith(("Arn", "arn")):
        return naming.fill("arn:{partition}:stand-in:{region}:{account}:{name}")
    if lower.endswith(("endpoint", "hostname", "dnsname", "domainname", "fqdn")):
        return naming.fill("{name}.{lower:10}.{region}.standin.invalid").replace("..", ".")
    if lower.endswith(("url", "uri")):
        return naming.fill("https://{name}.{lower:10}.standin.invalid")
    if name.endswith(("Time", "Date", "At")):
        return CREATED
    if name == "id" or name.endswith("Id"):
        return naming.fill("{hex:16." + where.strip(".").replace(".", "-") + "}")
    return ""


def unknown(value: Value) -> Value:
    """`value` with every leaf unknown."""
    if isinstance(value, Mapping):
        return {key: unknown(item) for key, item in cast("Mapping[str, Value]", value).items()}
    return values.UNKNOWN


def completed(given: Value, known: Value) -> Value:
    """`given` completed by `known`: what the program said stays, what the cloud adds is added, at any depth."""
    if values.signature(given) is not None:
        return given
    if isinstance(given, dict) and isinstance(known, Mapping):
        merged = dict(cast("Properties", given))
        for key, item in cast("Mapping[str, Value]", known).items():
            merged[key] = completed(merged[key], item) if merged.get(key) is not None else item
        return merged
    return given
