"""Reads a snapshot from a plan, from ``pulumi stack export`` or from ``pulumi preview --json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from insight.errors import IncompletePreviewError, SnapshotError, SnapshotVersionError
from insight.snapshot import STACK_TYPE, Resource, Snapshot
from policies.values import Opaque, Value

EXPORT_VERSION = 3
"""The version of Pulumi's deployment form that is read and written."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's mark of a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS = frozenset(
    {
        _UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
"""What Pulumi writes for a value that is not known yet, by what it will be; mostly the first."""
_MASKED = "[secret]"
_MAKE_ONE = "make one with: pulumi stack export --file FILE, or pulumi preview --json > FILE"
_GONE = frozenset(
    {"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace", "refresh"}
)


def read_snapshot(path: Path) -> Snapshot:
    """Read a file of either form; which one, its content tells.

    Raises:
        SnapshotError: the file cannot be read, is not JSON, or has not the form; says where.
        SnapshotVersionError: the export has another version.
        IncompletePreviewError: the preview failed or shows only part of the stack.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        msg = f"{path} does not exist; {_MAKE_ONE}"
        raise SnapshotError(msg) from None
    except IsADirectoryError:
        msg = f"{path} is a directory; name a file, and {_MAKE_ONE}"
        raise SnapshotError(msg) from None
    except UnicodeDecodeError:
        msg = f"{path} is not UTF-8 text; {_MAKE_ONE}"
        raise SnapshotError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SnapshotError(msg) from None
    try:
        document = json.loads(text)
    except ValueError as error:
        place = (
            f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        msg = f"{path} is not JSON: {_reason(error, text)}{place}; {_MAKE_ONE}"
        raise SnapshotError(msg) from None
    except RecursionError:
        msg = f"{path} is nested too deeply to be a stack; {_MAKE_ONE}"
        raise SnapshotError(msg) from None
    return parse_snapshot(document, origin=str(path))


def _reason(error: ValueError, text: str) -> str:
    if not text.strip():
        return "it is empty"
    return error.msg[:1].lower() + error.msg[1:] if isinstance(error, json.JSONDecodeError) else str(error)


def parse_snapshot(document: object, *, origin: str) -> Snapshot:
    """Take a decoded export or preview; raises as ``read_snapshot`` does."""
    if not isinstance(document, Mapping):
        msg = f"{origin}: the top must be a mapping, but is {_kind(document)}; {_MAKE_ONE}"
        raise SnapshotError(msg)
    top = cast("Mapping[str, object]", document)
    if "deployment" in top:
        return _from_export(top, origin)
    if "steps" in top or "changeSummary" in top:
        return _from_preview(top, origin)
    if "resources" in top and "manifest" in top:
        msg = f"{origin} is a state file of an old form, without version and deployment; {_MAKE_ONE}"
        raise SnapshotVersionError(msg)
    msg = f"{origin}: neither `deployment` (an export) nor `steps` (a preview) is there; {_MAKE_ONE}"
    raise SnapshotError(msg)


def _from_export(top: Mapping[str, object], origin: str) -> Snapshot:
    version = top.get("version")
    if version != EXPORT_VERSION:
        msg = (
            f"{origin}: version {version!r} of the deployment form; this reads version {EXPORT_VERSION}:"
            " export the stack with the Pulumi CLI that README names"
        )
        raise SnapshotVersionError(msg)
    deployment = _mapping(top["deployment"], "deployment", origin)
    listed = deployment.get("resources")
    if listed is None:
        listed = []  # an empty stack has no such key
    entries = _list(listed, "deployment.resources", origin)
    resources: list[Resource] = []
    for place, entry in enumerate(entries):
        where = f"deployment.resources[{place}]"
        state = _mapping(entry, where, origin)
        if state.get("delete") is not True:  # what waits for deletion has a successor under the same URN
            resources.append(_resource(state, where, origin))
    return _snapshot(resources, origin)


def _from_preview(top: Mapping[str, object], origin: str) -> Snapshot:
    for place, entry in enumerate(_list(top.get("diagnostics") or [], "diagnostics", origin)):
        diagnostic = _mapping(entry, f"diagnostics[{place}]", origin)
        if diagnostic.get("severity") == "error":
            said = str(diagnostic.get("message", "")).strip().splitlines()
            msg = f"{origin}: the preview failed ({said[0] if said else 'no message'}); mend that and preview again"
            raise IncompletePreviewError(msg)
    found: dict[str, Resource] = {}
    same = 0
    for place, entry in enumerate(_list(top.get("steps") or [], "steps", origin)):
        where = f"steps[{place}]"
        step = _mapping(entry, where, origin)
        op = step.get("op")
        if not isinstance(op, str):
            msg = f"{origin}: {where}.op must be text, but is {_kind(op)}; {_MAKE_ONE}"
            raise SnapshotError(msg)
        if op in _GONE:
            continue
        same += op == "same"
        state = _mapping(step.get("newState"), f"{where}.newState", origin)
        resource = _resource(state, f"{where}.newState", origin)
        found[resource.urn] = resource
    summary = _mapping(top.get("changeSummary") or {}, "changeSummary", origin)
    expected = summary.get("same", 0)
    if isinstance(expected, int) and same < expected:
        msg = (
            f"{origin}: {expected - same} unchanged resources are left out; preview with --json --show-sames"
        )
        raise IncompletePreviewError(msg)
    return _snapshot(list(found.values()), origin)


def _snapshot(resources: list[Resource], origin: str) -> Snapshot:
    stacks = dict.fromkeys(tuple(resource.urn.split("::")[:2]) for resource in resources)
    if not stacks:
        msg = f"{origin} holds no resource at all; deploy or preview the stack first, then {_MAKE_ONE}"
        raise SnapshotError(msg)
    if len(stacks) > 1:
        names = ", ".join(head.removeprefix("urn:pulumi:") for head, _ in stacks)
        msg = f"{origin} mixes resources of several stacks ({names}); one file holds one stack"
        raise SnapshotError(msg)
    urns: set[str] = set()
    for resource in resources:
        if resource.urn in urns:
            msg = f"{origin} has {resource.urn} twice; a URN is unique, so the file was put together by hand"
            raise SnapshotError(msg)
        urns.add(resource.urn)
    ((head, project),) = stacks
    return Snapshot(
        stack=head.removeprefix("urn:pulumi:"), project=project, resources=tuple(resources), origin=origin
    )


def _resource(state: Mapping[str, object], where: str, origin: str) -> Resource:
    urn = _text(state, "urn", where, origin)
    token = _text(state, "type", where, origin)
    parts = urn.split("::", maxsplit=3)
    if len(parts) != 4 or not urn.startswith("urn:pulumi:"):
        msg = f"{origin}: {where}.urn {urn!r} is not a URN (urn:pulumi:STACK::PROJECT::TYPE::NAME)"
        raise SnapshotError(msg)
    provider = state.get("provider")
    identity = state.get("id")
    parent = state.get("parent")
    return Resource(
        urn=urn,
        type=token,
        name=parts[3],
        custom=state.get("custom") is True,
        id=identity if isinstance(identity, str) and identity not in {"", *_UNKNOWNS} else None,
        inputs=_properties(state, "inputs", where, origin),
        outputs=_properties(state, "outputs", where, origin),
        parent=parent if isinstance(parent, str) and token != STACK_TYPE else None,
        dependencies=tuple(_texts(state.get("dependencies"), f"{where}.dependencies", origin)),
        property_dependencies={
            name: tuple(_texts(urns, f"{where}.propertyDependencies.{name}", origin))
            for name, urns in _optional(state, "propertyDependencies", where, origin).items()
        },
        provider=provider.rsplit("::", maxsplit=1)[0] if isinstance(provider, str) and provider else None,
        protect=state.get("protect") is True,
        external=state.get("external") is True,
    )


def _properties(state: Mapping[str, object], key: str, where: str, origin: str) -> Mapping[str, Value]:
    block = _optional(state, key, where, origin)
    return {name: decode_value(value) for name, value in block.items()}


def decode_value(value: Any) -> Value:
    """Turn Pulumi's written form of a value into one without secrets: those become ``Opaque.SECRET``."""
    if isinstance(value, str):
        # Previews write "[secret]" in place of one.
        return Opaque.UNKNOWN if value in _UNKNOWNS else Opaque.SECRET if value == _MASKED else value
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        match mapping.get(_SIGNATURE):
            case str() as mark if mark == _SECRET:
                return Opaque.SECRET
            case str() as mark if mark == _OUTPUT:
                return decode_value(mapping["value"]) if "value" in mapping else Opaque.UNKNOWN
            case _:
                return {str(key): decode_value(item) for key, item in mapping.items()}
    if isinstance(value, Sequence):
        return [decode_value(item) for item in cast("Sequence[Any]", value)]
    return value


def _text(state: Mapping[str, object], key: str, where: str, origin: str) -> str:
    value = state.get(key)
    if not isinstance(value, str) or not value:
        msg = f"{origin}: {where}.{key} must be text, but is {_kind(value)}; {_MAKE_ONE}"
        raise SnapshotError(msg)
    return value


def _texts(value: object, where: str, origin: str) -> Iterator[str]:
    for place, item in enumerate(_list(value or [], where, origin)):
        if not isinstance(item, str):
            msg = f"{origin}: {where}[{place}] must be text, but is {_kind(item)}; {_MAKE_ONE}"
            raise SnapshotError(msg)
        yield item


def _optional(state: Mapping[str, object], key: str, where: str, origin: str) -> Mapping[str, object]:
    value = state.get(key)
    return {} if value is None else _mapping(value, f"{where}.{key}", origin)


def _mapping(value: object, where: str, origin: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        msg = f"{origin}: {where} must be a mapping, but is {_kind(value)}; {_MAKE_ONE}"
        raise SnapshotError(msg)
    return cast("Mapping[str, object]", value)


def _list(value: object, where: str, origin: str) -> Sequence[object]:
    if not isinstance(value, list):
        msg = f"{origin}: {where} must be a list, but is {_kind(value)}; {_MAKE_ONE}"
        raise SnapshotError(msg)
    return cast("Sequence[object]", value)


def _kind(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
