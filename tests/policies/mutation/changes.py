"""What operators are made of: paths into a resource's properties, and the resource with one of them changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from policies.views import ResourceView, StackView

Path: TypeAlias = "tuple[str | int, ...]"
Changes: TypeAlias = "Iterator[tuple[str, ResourceView | None]]"
"""What was done, in words without the resource's own name, and the resource as it is then; None where it is gone."""
Operator: TypeAlias = "Callable[[StackView, ResourceView], Changes]"


def walked(value: Any, path: Path = (), *, inner: bool = False) -> Iterator[tuple[Path, Any]]:
    """Every leaf with its path; with ``inner`` also the mappings and lists on the way."""
    if isinstance(value, Mapping):
        items: Any = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        items = None
    if path and (items is None or inner):
        yield path, value
    for key, item in items or ():
        yield from walked(item, (*path, key), inner=inner)


def key_of(path: Path) -> str:
    """The last name of a path: ``cidrBlocks`` of ``ingress[0].cidrBlocks[1]``."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def put(resource: ResourceView, path: Path, value: Any) -> ResourceView:
    """The resource with another value at a path."""
    inputs, place = _copied(resource, path)
    place[path[-1]] = value
    return replace(resource, inputs=inputs)


def dropped(resource: ResourceView, path: Path) -> ResourceView:
    """The resource without what a path leads to."""
    inputs, place = _copied(resource, path)
    del place[path[-1]]
    return replace(resource, inputs=inputs)


def _copied(resource: ResourceView, path: Path) -> tuple[Any, Any]:
    inputs: Any = copy.deepcopy(dict(resource.inputs))
    place = inputs
    for step in path[:-1]:
        place = place[step]
    return inputs, place
