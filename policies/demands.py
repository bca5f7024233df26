"""Demands on single properties, as data: which types, which property, what it must be.

Most of what a rule wants is of this form, and what is hard about it is here once: blocks written as a mapping or
as a list of one, booleans written as text, a property that is absent, and a value that cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from policies.rules import Level, Violation, on, unproven
from policies.values import Opaque, Value, as_int, as_list, as_map
from policies.views import ResourceView, StackView, is_set

_YES = frozenset({"true", "on", "yes", "1", "enable", "enabled", "open", "update", "required", "active"})
_NO = frozenset({"false", "off", "no", "0", "disable", "disabled", "close", "closed", "none", ""})


class Where(Enum):
    """The environments a demand holds in."""

    EVERYWHERE = "everywhere"
    PRODUCTION = "prod"


class Absent(Enum):
    """What a property that nobody has set means."""

    BREAKS = "breaks"
    """The service's own default is the unsafe one."""
    HOLDS = "holds"


def is_on(value: Value) -> bool:
    """Whether a flag is on, in whichever way its provider writes that."""
    if isinstance(value, bool):
        return value
    return isinstance(value, str | int | float) and str(value).strip().lower() in _YES


def is_off(value: Value) -> bool:
    """Whether a flag is there and off."""
    if isinstance(value, bool):
        return not value
    return isinstance(value, str | int | float) and str(value).strip().lower() in _NO


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a value must be."""

    said: str
    """Ends the sentence "it is ..., not ..."."""
    holds: Callable[[Value], bool]
    by_reference: bool = False
    """Whether a value that is only not known yet will do: an id or a name that comes from elsewhere."""


ON = Wanted(said="on", holds=is_on)
OFF = Wanted(said="off", holds=lambda value: not is_on(value))
SET = Wanted(said="set", holds=is_set, by_reference=True)


def one_of(*texts: str) -> Wanted:
    """Want one of some words, whatever their case."""
    wanted = {text.lower() for text in texts}
    return Wanted(said=" or ".join(texts), holds=lambda value: str(value).strip().lower() in wanted)


def none_of(*texts: str) -> Wanted:
    """Want anything but some words."""
    refused = {text.lower() for text in texts}
    return Wanted(
        said=f"anything but {' or '.join(texts)}",
        holds=lambda value: str(value).strip().lower() not in refused,
    )


def at_least(number: int) -> Wanted:
    """Want a whole number that is no smaller."""
    return Wanted(said=f"at least {number}", holds=lambda value: (as_int(value) or 0) >= number)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What some types must say about one property."""

    types: tuple[str, ...]
    path: str
    """Keys with dots between; a key with ``?`` behind it is not missed where it is absent."""
    wanted: Wanted
    absent: Absent = Absent.BREAKS
    where: Where = Where.EVERYWHERE
    level: Level | None = None
    because: str = ""
    """What follows otherwise; ends the finding."""
    unless: Callable[[ResourceView], bool] | None = None
    """Resources it does not concern."""


def leaves(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """Follow a demand's path through mappings, lists of blocks and lone blocks; an end that is not there is None."""
    yield from _leaves(value, path.split("."), "")


def _leaves(value: Value, steps: list[str], so_far: str) -> Iterator[tuple[str, Value]]:
    if not steps or isinstance(value, Opaque):
        yield ".".join((so_far, *(step.rstrip("?") for step in steps))).lstrip("."), value
        return
    optional, key = steps[0].endswith("?"), steps[0].rstrip("?")
    blocks = as_list(value)
    if not blocks:
        if not optional:
            yield ".".join((so_far, *(step.rstrip("?") for step in steps))).lstrip("."), None
        return
    for place, block in enumerate(blocks):
        prefix = f"{so_far}[{place}]" if len(blocks) > 1 else so_far
        if isinstance(block, Opaque):
            yield f"{prefix}.{key}".lstrip("."), block
            continue
        inner = as_map(block).get(key)
        if optional and not is_set(inner):
            continue
        yield from _leaves(inner, steps[1:], f"{prefix}.{key}".lstrip("."))


def broken(stack: StackView, demands: Iterable[Demand]) -> Iterator[Violation]:
    """Object to every resource that does not meet a demand on its type."""
    for demand in demands:
        if demand.where is Where.PRODUCTION and not stack.is_production:
            continue
        for resource in stack.of_type(*demand.types):
            if demand.unless is None or not demand.unless(resource):
                yield from _objections(resource, demand)


def _objections(resource: ResourceView, demand: Demand) -> Iterator[Violation]:
    for path, value in leaves(resource.inputs, demand.path):
        problem: Violation | None = None
        if isinstance(value, Opaque):
            if not demand.wanted.by_reference:
                problem = unproven(resource, path, value)
        elif value is None or value == "":
            if demand.absent is Absent.BREAKS:
                problem = on(resource, _said(f"{path} is not set", demand))
        elif not demand.wanted.holds(value):
            shown = value if isinstance(value, str | int | float | bool) else "something else"
            problem = on(resource, _said(f"{path} is {shown}, not {demand.wanted.said}", demand))
        if problem is not None:
            yield Violation(urn=problem.urn, detail=problem.detail, level=demand.level)


def _said(problem: str, demand: Demand) -> str:
    return f"{problem}: {demand.because}" if demand.because else problem
