"""What a plan or a rehearsal answers: steps, counts, outputs, and the events on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from rehearsal.values import Properties, Value


class Op(StrEnum):
    """What is done to one resource, in Pulumi's words."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    IMPORT = "import"


class EngineChoice(StrEnum):
    """Who decides what to do: `auto` takes the Pulumi CLI when it is installed, otherwise the embedded host."""

    AUTO = "auto"
    PULUMI = "pulumi"
    EMBEDDED = "embedded"


class Phase(StrEnum):
    """The parts of a run that may take longer than a moment."""

    PROGRAM = "program"
    DELETE = "delete"
    SAVE = "save"


class Severity(StrEnum):
    """How a program's message is meant."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyChange:
    """One changed property; secrets are shown as `[secret]`, an absent side is None.

    `path` has Pulumi's form: `ingresses[0].cidrBlocks`.
    """

    path: str
    old: Value
    new: Value
    forces_replacement: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One resource and what was done to it. `parent` is the parent's URN, None for the stack itself."""

    op: Op
    urn: str
    type: str
    name: str
    parent: str | None
    changes: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A line that the program wrote or logged."""

    severity: Severity
    text: str
    urn: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseStarted:
    """A part of the run begins."""

    phase: Phase


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceStarted:
    """An operation on a resource begins; `done` resources were finished before it."""

    op: Op
    urn: str
    done: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceFinished:
    """An operation on a resource ended; `done` counts it."""

    step: Step
    done: int
    failed: bool = False


def unmet_fault(target: str) -> Message:
    """Say that a failure that was asked for met no operation."""
    return Message(
        severity=Severity.WARNING,
        text=f"nothing failed as asked: no operation of this run was on {target!r}. Name the end of a URN, a type or a"
        " name; what is left as it is has no operation that could fail.",
    )


Event: TypeAlias = PhaseStarted | ResourceStarted | ResourceFinished | Message
OnEvent: TypeAlias = Callable[[Event], None]


def ignore_event(event: Event) -> None:
    """The default listener: none."""
    del event


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanResult:
    """A program's resources, without any state: what a first deployment would create.

    `deployment` is Pulumi's deployment export (version 3) in plain JSON form; `outputs` are the stack's outputs with
    secrets masked and unknown ones as `values.UNKNOWN`.
    """

    deployment: dict[str, Any]
    outputs: Properties
    messages: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RehearsalResult:
    """What a rehearsal did and where its state lies.

    `engine` is the one used, never `auto`. `counts` has a number for each operation that occurred. `deployment` is the
    export after the run; secrets are sealed in it and masked in `outputs` and `steps`.
    """

    engine: EngineChoice
    steps: tuple[Step, ...]
    counts: Mapping[Op, int]
    deployment: dict[str, Any]
    outputs: Properties
    state_path: Path
    messages: tuple[Message, ...]

    @property
    def changed(self) -> int:
        """How many resources were not left as they were."""
        return sum(count for op, count in self.counts.items() if op not in {Op.SAME, Op.READ})
