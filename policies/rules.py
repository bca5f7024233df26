"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from policies.values import Opaque, Value
from policies.views import ResourceView, StackView


class Level(StrEnum):
    """What a finding does to a deployment."""

    MANDATORY = "mandatory"
    """Stops it."""
    ADVISORY = "advisory"
    """A reviewer is told."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing a rule objects to; ``urn`` is empty for the stack as a whole."""

    urn: str
    detail: str


Judge = Callable[[StackView], Iterable[Violation]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule, as it is printed and as it is applied."""

    id: str
    """Stable; what an exception or a report refers to."""
    sentence: str
    """What must hold."""
    source: str
    """Section of the seeds, article of a law, or a provider's document."""
    level: Level
    remedy: str
    """What to do about a finding."""
    judge: Judge


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A violation together with its rule."""

    rule: Rule
    urn: str
    detail: str


def on(resource: ResourceView, detail: str) -> Violation:
    """Object to one resource."""
    return Violation(urn=resource.urn, detail=detail)


def unproven(resource: ResourceView, what: str, value: Opaque) -> Violation:
    """Object because a value that decides cannot be read: mandatory rules fail closed."""
    seen = "is a secret" if value is Opaque.SECRET else "is not known before the deployment"
    return on(resource, f"cannot be proven: {what} {seen}")


def require_true(resource: ResourceView, value: Value, what: str, missing: str) -> Iterator[Violation]:
    """Object unless a flag is set; ``missing`` is said when it is false or absent."""
    if value is Opaque.UNKNOWN or value is Opaque.SECRET:
        yield unproven(resource, what, value)
    elif value is not True and not (isinstance(value, str) and value.lower() == "true"):
        yield on(resource, missing)
