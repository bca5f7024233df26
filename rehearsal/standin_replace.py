"""Which changes make a provider replace a resource instead of changing it.

Where the SDK's docstrings say it ("Forces new resource") they are followed. Many do not; the tables of
`replacing_properties` say the rest.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from rehearsal import sdk, values
from rehearsal.replacing_properties import (
    FORCES,
    FORCES_WHEN_SWAPPED,
    KUBERNETES,
    KUBERNETES_ALWAYS,
    PACKAGE_WIDE,
    UPDATABLE,
)
from rehearsal.schema import schema_of
from rehearsal.schema_types import ListOf, MapOf, ObjectOf, Type, fields_of
from rehearsal.values import Properties, Value

_SAYS_SO: Final = re.compile(
    r"\bforces?\s+(?:a\s+|the\s+)?(?:creation\s+of\s+a\s+)?(?:new\s+resource|re-?creat|replacement)"
    r"|\bforcenew\b"
    r"|\bcreates?\s+a\s+new\s+resource"
    r"|\btriggers?\s+(?:a\s+)?(?:re-?creation|replacement)"
    r"|\b(?:can(?:not|'t| not)|must not)\s+be\s+(?:changed|modified|updated)\s+after\s+(?:creation|it)",
    re.IGNORECASE,
)
_SAYS_NOT: Final = re.compile(
    r"(?:does not|doesn't|won't|will not|without)\s+\w*\s*(?:forc|trigger|creat)", re.IGNORECASE
)

_GENERATORS: Final = frozenset({"random", "tls"})


def forces_replacement(token: str, path: str, *, old: Value = "", new: Value = "") -> bool:
    """Whether a change at the property path `path` of a resource, from `old` to `new`, makes another resource of it.

    None stands for an absent side.
    """
    if (old is None) != (new is None) and path in FORCES_WHEN_SWAPPED.get(token, frozenset()):
        return True
    return _forces(token, tuple(key for key in values.split_path(path) if isinstance(key, str)))


@functools.cache
def _forces(token: str, keys: tuple[str, ...]) -> bool:
    if not keys or token.startswith("pulumi:"):
        return False
    package, _, kind = token.partition(":")
    if package in _GENERATORS:
        return True
    places = {".".join(keys[: count + 1]) for count in range(len(keys))}
    if package == "kubernetes":
        return bool(places & (KUBERNETES_ALWAYS | KUBERNETES.get(kind, frozenset())))
    if places & FORCES.get(token, frozenset()):
        return True
    if keys[0] in UPDATABLE.get(token, frozenset()):
        return False
    return keys[0] in PACKAGE_WIDE.get(package, frozenset()) or _documented(token, keys)


def _documented(token: str, keys: tuple[str, ...]) -> bool:
    """Whether the docstring of the property, or of one it lies in, says so."""
    resource = schema_of(token).resource
    described = sdk.args_class(resource) if resource is not None else None
    for key in keys:
        if described is None:
            return False
        text = _docstring(described, key)
        if _SAYS_SO.search(text) and not _SAYS_NOT.search(text):
            return True
        described = _class_below(described, key)
    return False


def _docstring(described: type[Any], key: str) -> str:
    python_name = sdk.python_names(described).get(key)
    return sdk.docstring(described, python_name) if python_name else ""


def _class_below(described: type[Any], key: str) -> type[Any] | None:
    found = fields_of(described).get(key)
    below: Type | None = found.type if found is not None else None
    while isinstance(below, (ListOf, MapOf)):
        below = below.element
    return below.described if isinstance(below, ObjectOf) else None


def deletes_before_replacing(token: str, inputs: Properties) -> bool:
    """Whether the provider itself must delete first: a Kubernetes object cannot share its name with its successor."""
    metadata = values.reveal_all(inputs.get("metadata"))
    return token.startswith("kubernetes:") and isinstance(metadata, dict) and bool(metadata.get("name"))
