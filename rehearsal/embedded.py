"""The embedded host: rehearses a stack with nothing but Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from rehearsal import values
from rehearsal.embedded_base import failure_error
from rehearsal.embedded_deploy import Deploying
from rehearsal.embedded_monitor import Monitor
from rehearsal.faults import NO_FAULTS, FaultPlan, Faults
from rehearsal.program import run_program
from rehearsal.project import LoadedProject, Project
from rehearsal.resources import STACK_TYPE
from rehearsal.state import StackId, StateStore
from rehearsal.state_lock import locked
from rehearsal.steps import (
    EngineChoice,
    Event,
    Message,
    OnEvent,
    Phase,
    PhaseStarted,
    RehearsalResult,
    Severity,
    ignore_event,
    unmet_fault,
)
from rehearsal.values import Properties


def state_directory(root: Path, stack: str) -> Path:
    """Where the embedded host keeps a stack's state."""
    return root.resolve() / ".smp" / stack / EngineChoice.EMBEDDED.value


def rehearse(
    project: Project,
    *,
    placeholder_secrets: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
    on_event: OnEvent = ignore_event,
) -> RehearsalResult:
    """Deploy a stack into the stand-in cloud. See `rehearsal.rehearse`."""
    loaded = project.load(placeholder_secrets=placeholder_secrets)
    directory = state_directory(loaded.root, loaded.stack)
    with locked(directory):
        run = _Session(loaded, directory, faults, on_event)
        try:
            on_event(PhaseStarted(phase=Phase.PROGRAM))
            run_program(loaded, monitor=Monitor(run.deploying), preview=False, on_message=run.listen)
            if not run.deploying.failures:
                on_event(PhaseStarted(phase=Phase.DELETE))
                run.deploying.delete_the_rest()
        finally:
            run.save()
        return run.result()


def destroy(
    project: Project, *, faults: Faults = NO_FAULTS, on_event: OnEvent = ignore_event
) -> RehearsalResult:
    """Take a rehearsed stack down again. See `rehearsal.destroy`."""
    loaded = project.load()
    directory = state_directory(loaded.root, loaded.stack)
    with locked(directory):
        run = _Session(loaded, directory, faults, on_event)
        try:
            on_event(PhaseStarted(phase=Phase.DELETE))
            run.deploying.delete(list(run.store.resources.values()))
        finally:
            run.save()
        return run.result()


class _Session:
    """One run: its state, its steps and its messages."""

    def __init__(self, project: LoadedProject, directory: Path, faults: Faults, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._messages: list[Message] = []
        self._faults = plan = FaultPlan(faults)
        self.store = StateStore(directory, StackId(project=project.name, stack=project.stack), plan)
        self.deploying = Deploying(project=project, store=self.store, faults=plan, on_event=self.listen)
        for pending in self.store.interrupted:
            self.listen(
                Message(
                    severity=Severity.WARNING,
                    text=f"the last run was interrupted during {pending.op}; it is done again",
                    urn=pending.urn,
                )
            )

    def listen(self, event: Event) -> None:
        if isinstance(event, Message):
            self._messages.append(event)
        self._on_event(event)

    def save(self) -> None:
        self._on_event(PhaseStarted(phase=Phase.SAVE))
        self.store.save()

    def result(self) -> RehearsalResult:
        deploying = self.deploying
        for target in self._faults.unmet:
            self.listen(unmet_fault(target))
        result = RehearsalResult(
            engine=EngineChoice.EMBEDDED,
            steps=tuple(deploying.steps),
            counts=dict(Counter(step.op for step in deploying.steps)),
            deployment=self.store.deployment(),
            outputs=self._outputs(),
            state_path=self.store.path,
            messages=tuple(self._messages),
        )
        if deploying.failures:
            raise failure_error(deploying.failures, result=result)
        return result

    def _outputs(self) -> Properties:
        for state in self.store.resources.values():
            if state.type == STACK_TYPE:
                return cast("Properties", values.mask(state.outputs))
        return {}
