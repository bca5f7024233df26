"""Property values as rules and reports see them: plain JSON values, and two that cannot be looked into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias, cast


class Opaque(Enum):
    """A value that is there but cannot be read; the text is how reports show it."""

    SECRET = "[secret]"  # noqa: S105 - a mark, not a secret
    """Encrypted, or marked secret by the program."""
    UNKNOWN = "[unknown]"
    """Known only once the resource it comes from exists."""

    def __str__(self) -> str:
        return self.value


Value: TypeAlias = "bool | int | float | str | Opaque | Mapping[str, Value] | Sequence[Value] | None"


def dig(value: Value, *path: str | int) -> Value:
    """Follow keys and positions; ``None`` where the path ends early, ``Opaque`` where it cannot be seen further."""
    for step in path:
        if isinstance(value, Opaque):
            return value
        if isinstance(step, int):
            items = as_list(value)
            value = items[step] if -len(items) <= step < len(items) else None
        else:
            value = as_map(value).get(step)
    return value


def as_map(value: Value) -> Mapping[str, Value]:
    """Give a mapping as it is, and an empty one for anything else."""
    return cast("Mapping[str, Value]", value) if isinstance(value, Mapping) else {}


def as_list(value: Value) -> Sequence[Value]:
    """Give a list as it is, a lone mapping as a list of one, and an empty one for anything else.

    Providers write blocks of at most one element either way.
    """
    if isinstance(value, Mapping):
        return [cast("Value", value)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    return []


def as_int(value: Value) -> int | None:
    """Read a whole number, also from text; ``None`` for anything else."""
    if isinstance(value, bool | Opaque):
        return None
    if isinstance(value, int | float):
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    return None


def as_flag(value: Value) -> bool | Opaque | None:
    """Read a boolean, also from ``"true"`` and ``"false"`` as some provider properties have it."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool | Opaque) else None


def walk(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Give every leaf with its path in Pulumi's form, such as ``ingress[0].cidrBlocks[1]``."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Value]", value).items():
            yield from walk(item, f"{path}.{key}" if path else key)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, item in enumerate(value):
            yield from walk(item, f"{path}[{place}]")
    else:
        yield path, value
