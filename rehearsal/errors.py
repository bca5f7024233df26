"""What can go wrong in a plan or a rehearsal; every `str()` is a sentence for the person who ran it.

Each message says what happened, where, and what to do. Whoever catches `RehearsalError` may print it as it is:
no traceback is needed beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.schema_check import Violation
    from rehearsal.steps import RehearsalResult


class RehearsalError(Exception):
    """Base of everything that `plan`, `rehearse` and `destroy` raise on purpose."""


class ProjectError(RehearsalError):
    """A project or stack file is missing or cannot be used."""


class UnknownStackError(ProjectError):
    """There is no `Pulumi.<stack>.yaml`; `known` lists the stacks that have one."""

    def __init__(self, *, stack: str, root: Path, known: tuple[str, ...]) -> None:
        self.stack = stack
        self.known = known
        choice = f"Stacks with a file: {', '.join(known)}." if known else "No stack has a file yet."
        super().__init__(
            f"there is no stack {stack!r}: {root / f'Pulumi.{stack}.yaml'} does not exist. {choice}"
        )


class ProgramError(RehearsalError):
    """The program stopped by `pulumi.RunError`: it said itself what is wrong."""


class ProgramFailedError(ProgramError):
    """The program raised something else; the message ends with the traceback inside the project."""


class UnsupportedError(RehearsalError):
    """The program uses something that only the real engine can do."""


class StateError(RehearsalError):
    """The stored state cannot be read, or does not belong to this stack. It is left untouched."""


class StateLockedError(StateError):
    """Another run works on the same state."""


class EngineUnavailableError(RehearsalError):
    """The Pulumi CLI, or its Python language host, is not on PATH."""


class EngineFailedError(RehearsalError):
    """The Pulumi CLI failed for a reason of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceFailure:
    """One resource that could not be made, changed or removed.

    `violations` is filled when the provider's schema refused the inputs; `reason` always says it in words.
    """

    urn: str
    reason: str
    violations: tuple[Violation, ...] = ()


class DeploymentError(RehearsalError):
    """Some resources failed; what was done is recorded and the next run continues from there.

    `result` holds the state that was reached (None for a plan, which keeps no state).
    """

    def __init__(
        self, failures: tuple[ResourceFailure, ...], *, result: RehearsalResult | None = None
    ) -> None:
        self.failures = failures
        self.result = result
        super().__init__("\n".join(f"{failure.urn}: {failure.reason}" for failure in failures))


class SchemaError(DeploymentError):
    """The provider SDKs' own classes refuse some inputs; `violations` lists them all."""

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Every violation of every resource, in the order of the failures."""
        return tuple(violation for failure in self.failures for violation in failure.violations)
