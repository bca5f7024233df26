"""Differences between two sets of inputs, and property paths applied to them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from rehearsal import values
from rehearsal.standin_replace import forces_replacement
from rehearsal.steps import PropertyChange
from rehearsal.values import Properties, Value


def differences(token: str, old: Properties, new: Properties) -> tuple[PropertyChange, ...]:
    """What changed from `old` to `new`, one entry for each leaf; secrets are masked, absent sides None.

    Secrets are compared as they are given: both sides sealed with the same key, or both in plain form.
    """
    return tuple(
        PropertyChange(
            path=path,
            old=values.mask(before),
            new=values.mask(after),
            forces_replacement=forces_replacement(token, path, old=before, new=after),
        )
        for path, before, after in _leaves(old, new, "")
    )


def _leaves(old: Value, new: Value, path: str) -> Iterator[tuple[str, Value, Value]]:
    if (
        isinstance(old, dict)
        and isinstance(new, dict)
        and not {values.signature(old), values.signature(new)} - {None}
    ):
        before, after = cast("Properties", old), cast("Properties", new)
        for key in sorted(before.keys() | after.keys()):
            yield from _leaves(before.get(key), after.get(key), values.join_path(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        before_items, after_items = cast("list[Value]", old), cast("list[Value]", new)
        for index in range(max(len(before_items), len(after_items))):
            before = before_items[index] if index < len(before_items) else None
            after = after_items[index] if index < len(after_items) else None
            yield from _leaves(before, after, values.join_path(path, index))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, old, new


def touched(changes: Iterable[PropertyChange], patterns: Iterable[str]) -> bool:
    """Whether one of the changes lies at or below one of the paths (`*` for any element), or above it."""
    keys = [values.split_path(change.path) for change in changes]
    return any(
        _overlaps(pattern, found)
        for text in patterns
        for pattern in [values.split_path(text)]
        for found in keys
    )


def _overlaps(pattern: tuple[str | int, ...], found: tuple[str | int, ...]) -> bool:
    return all(wanted in {"*", have} for wanted, have in zip(pattern, found, strict=False))


def ignoring(patterns: Iterable[str], *, old: Properties, new: Properties) -> Properties:
    """`new` with the values of `old` at the given paths, as the engine's `ignoreChanges` does."""
    result: Properties = copy.deepcopy(new)
    for pattern in patterns:
        _keep(values.split_path(pattern), old, result)
    return result


def _keep(keys: tuple[str | int, ...], old: Any, new: Any) -> None:
    if not keys:
        return
    first, rest = keys[0], keys[1:]
    if first == "*":
        candidates: Iterable[Any]
        if isinstance(new, dict) or isinstance(old, dict):
            candidates = {**_as_map(old), **_as_map(new)}
        else:
            candidates = range(min(len(_as_list(old)), len(_as_list(new))))
        for key in list(candidates):
            _keep((key, *rest), old, new)
        return
    if not isinstance(new, (dict, list)):
        return
    was: Any = old
    now: Any = new
    had, has = _has(was, first), _has(now, first)
    if rest:
        if had and has:
            _keep(rest, was[first], now[first])
        return
    if had and (has or isinstance(new, dict)):
        now[first] = copy.deepcopy(was[first])
    elif has and isinstance(new, dict):
        del cast("dict[Any, Any]", new)[first]


def _has(container: Any, key: str | int) -> bool:
    if isinstance(container, dict):
        return key in container
    return isinstance(container, list) and isinstance(key, int) and key < len(cast("list[Any]", container))


def _as_map(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
