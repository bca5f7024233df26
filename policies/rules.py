"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from policies.values import Opaque, Value
from policies.views import ResourceView, StackView

if TYPE_CHECKING:
    from policies.waivers import Waiver


class Level(StrEnum):
    """What a finding does to a deployment."""

    MANDATORY = "mandatory"
    """Stops it."""
    ADVISORY = "advisory"
    """A reviewer is told."""


class Family(StrEnum):
    """What a rule is about; reports and ``docs/policies.md`` are grouped by it."""

    TAGS = "tags"
    BUDGETS = "budgets"
    RESIDENCY = "residency"
    """No personal data across regions."""
    MIRRORS = "mirrors"
    """MirrorMaker, connectors, queues and streams between clusters."""
    ROUTING = "routing"
    """The edge, DNS and load balancing; no failover between clusters."""
    OBSERVABILITY = "observability"
    """What metrics, logs and traces may leave a cluster."""
    EXPOSURE = "exposure"
    ENCRYPTION = "encryption"
    SECRETS = "secrets"
    ACCESS = "access"
    """Who may do what, in accounts, clusters and Vault."""
    AVAILABILITY = "availability"
    DELETION = "deletion"
    """Protection, backups and retention."""
    WORKLOADS = "workloads"
    """How pods are hardened."""
    EXCEPTIONS = "exceptions"
    """The exceptions from all others."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One thing a rule objects to; ``urn`` is empty for the stack as a whole."""

    urn: str
    detail: str
    level: Level | None = None
    """Where it differs from the rule's: what is mandatory in production may be advisory elsewhere."""


Judge = Callable[[StackView], Iterable[Violation]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule, as it is printed and as it is applied."""

    id: str
    """Stable; what an exception or a report refers to."""
    family: Family
    sentence: str
    """What must hold."""
    source: str
    """Section of the seeds, article of a law, or a provider's document."""
    level: Level
    """Of its findings, unless a violation says otherwise."""
    remedy: str
    """What to do about a finding."""
    judge: Judge
    alone: bool = False
    """Whether it needs nothing but a resource and its provider: then an update asks it before the resource is made."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A violation together with its rule."""

    rule: Rule
    urn: str
    detail: str
    level: Level
    error: Exception | None = None
    """Set where the rule itself failed: a fault of the rule, which stops the deployment all the same."""
    waiver: Waiver | None = None
    """The exception it falls under; then it stops nothing."""

    @property
    def blocks(self) -> bool:
        """Whether it stops a deployment."""
        return self.level is Level.MANDATORY and self.waiver is None


def on(resource: ResourceView, detail: str, *, level: Level | None = None) -> Violation:
    """Object to one resource, at the rule's level unless another is given."""
    return Violation(urn=resource.urn, detail=detail, level=level)


def unproven(resource: ResourceView, what: str, value: Opaque, *, level: Level | None = None) -> Violation:
    """Object because a value that decides cannot be read: mandatory rules fail closed."""
    seen = "is a secret" if value is Opaque.SECRET else "is not known before the deployment"
    return on(resource, f"cannot be proven: {what} {seen}", level=level)


def require_true(resource: ResourceView, value: Value, what: str, missing: str) -> Iterator[Violation]:
    """Object unless a flag is set; ``missing`` is said when it is false or absent."""
    if value is Opaque.UNKNOWN or value is Opaque.SECRET:
        yield unproven(resource, what, value)
    elif value is not True and not (isinstance(value, str) and value.lower() == "true"):
        yield on(resource, missing)
