"""Property values as they travel between program, provider and state.

The wire form is kept throughout: plain JSON values in which a secret is a map with the key `SIGNATURE` and the value
`SECRET`, an asset or an archive a map with theirs, and an unknown value the string `UNKNOWN` (the constants are those
of Pulumi's SDKs, `pulumi.runtime.rpc`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast

from google.protobuf import struct_pb2

Value: TypeAlias = Any  # None, bool, int, float, str, list of values, or map of strings to values
Properties: TypeAlias = dict[str, Value]

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark, not a secret
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
MASKED: Final = "[secret]"


def from_struct(message: struct_pb2.Struct) -> Properties:
    """The plain form of a protobuf map, keys sorted; whole numbers become `int` again, as Go's JSON writes them."""
    fields = message.fields
    return {key: from_value(fields[key]) for key in sorted(fields)}


def from_value(value: struct_pb2.Value) -> Value:
    """The plain form of a protobuf value."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return None


def to_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """The protobuf form of `properties`."""
    message = struct_pb2.Struct()
    for key, value in properties.items():
        to_value(value, message.fields[key])
    return message


def to_value(value: Value, into: struct_pb2.Value) -> None:
    """Write `value` into a protobuf value."""
    if value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, Mapping):
        into.struct_value.SetInParent()
        for key, item in cast("Mapping[str, Value]", value).items():
            to_value(item, into.struct_value.fields[key])
    else:
        into.list_value.SetInParent()
        for item in cast("list[Value]", value):
            to_value(item, into.list_value.values.add())


def signature(value: Value) -> str | None:
    """Which special map `value` is, if any."""
    return cast("dict[str, Any]", value).get(SIGNATURE) if isinstance(value, dict) else None


def is_secret(value: Value) -> bool:
    """Whether `value` itself is a secret."""
    return isinstance(value, dict) and cast("Properties", value).get(SIGNATURE) == SECRET


def secret(value: Value) -> Value:
    """`value` marked as secret (once)."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def reveal(value: Value) -> Value:
    """`value` without the mark of a secret on itself (marks inside stay)."""
    while is_secret(value):
        value = value.get("value", UNKNOWN)
    return value


def reveal_all(value: Value) -> Value:
    """`value` without any mark of a secret, at any depth. For computing only: never write it anywhere."""
    value = reveal(value)
    if isinstance(value, dict):
        return {key: reveal_all(item) for key, item in cast("Properties", value).items()}
    if isinstance(value, list):
        return [reveal_all(item) for item in cast("list[Value]", value)]
    return value


def walk(value: Value) -> Iterator[Value]:
    """`value` and everything inside it."""
    yield value
    if isinstance(value, dict):
        for item in cast("Properties", value).values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in cast("list[Value]", value):
            yield from walk(item)


def holds_unknown(value: Value) -> bool:
    """Whether anything inside `value` is unknown."""
    return any(isinstance(item, str) and item == UNKNOWN for item in walk(value))


def holds_secret(value: Value) -> bool:
    """Whether anything inside `value` is secret."""
    return any(is_secret(item) for item in walk(value))


def seal(value: Value, cipher: Callable[[Value], str]) -> Value:
    """`value` with every secret replaced by its stored form: the mark and a `ciphertext` from `cipher`."""
    if is_secret(value):
        if "ciphertext" in value:
            return {SIGNATURE: SECRET, "ciphertext": value["ciphertext"]}
        return {SIGNATURE: SECRET, "ciphertext": cipher(reveal_all(value))}
    if isinstance(value, dict):
        return {key: seal(item, cipher) for key, item in cast("Properties", value).items()}
    if isinstance(value, list):
        return [seal(item, cipher) for item in cast("list[Value]", value)]
    return value


def mask(value: Value) -> Value:
    """`value` for people: every secret is `[secret]`."""
    if is_secret(value):
        return MASKED
    if isinstance(value, dict):
        return {key: mask(item) for key, item in cast("Properties", value).items()}
    if isinstance(value, list):
        return [mask(item) for item in cast("list[Value]", value)]
    return value


def canonical(value: Value) -> str:
    """One text per value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(*parts: Value) -> str:
    """A hexadecimal SHA-256 over `parts`: the source of everything that looks random in the stand-in cloud."""
    return hashlib.sha256("\x1f".join(canonical(part) for part in parts).encode()).hexdigest()


_PLAIN_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


def join_path(base: str, key: str | int) -> str:
    """A property path in Pulumi's form: `ingresses[0].cidrBlocks`, `labels["a.b/c"]`."""
    if isinstance(key, int):
        return f"{base}[{key}]"
    if not _PLAIN_KEY.match(key):
        return f"{base}[{json.dumps(key)}]"
    return f"{base}.{key}" if base else key


_SEGMENT = re.compile(r'\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.\[\]]+)')


def split_path(path: str) -> tuple[str | int, ...]:
    """The keys of a property path; `*` stands for every element."""
    keys: list[str | int] = []
    for index, quoted, plain in _SEGMENT.findall(path):
        if index:
            keys.append(index if index == "*" else int(index))
        else:
            keys.append(json.loads(f'"{quoted}"') if quoted else plain)
    return tuple(keys)
