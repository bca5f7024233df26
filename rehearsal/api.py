"""The two things done with state: rehearse a stack, and take it down again."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal import embedded
from rehearsal import engine as real
from rehearsal.engine_cli import find_cli
from rehearsal.faults import NO_FAULTS, Faults
from rehearsal.project import Project
from rehearsal.steps import EngineChoice, OnEvent, RehearsalResult, ignore_event


def rehearse(
    project: Project,
    *,
    engine: EngineChoice = EngineChoice.AUTO,
    placeholder_secrets: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
    on_event: OnEvent = ignore_event,
) -> RehearsalResult:
    """Deploy a stack into the stand-in cloud, or update what an earlier rehearsal left there.

    The state lies in `<root>/.smp/<stack>/<engine>/` and holds no secret in plain text. `placeholder_secrets` stand in
    for secret configuration that the stack file lacks or keeps encrypted. Raises `DeploymentError` when resources fail
    (its `result` says what was done all the same), `ProjectError`, `ProgramError`, `StateError`,
    `EngineUnavailableError`, `EngineFailedError` or another `RehearsalError`.
    """
    if _chosen(engine) is EngineChoice.PULUMI:
        return real.rehearse(
            project, placeholder_secrets=placeholder_secrets, faults=faults, on_event=on_event
        )
    return embedded.rehearse(
        project, placeholder_secrets=placeholder_secrets, faults=faults, on_event=on_event
    )


def destroy(
    project: Project,
    *,
    engine: EngineChoice = EngineChoice.AUTO,
    faults: Faults = NO_FAULTS,
    on_event: OnEvent = ignore_event,
) -> RehearsalResult:
    """Delete everything that rehearsals of this stack made, protected resources too. Errors as for `rehearse`."""
    if _chosen(engine) is EngineChoice.PULUMI:
        return real.destroy(project, faults=faults, on_event=on_event)
    return embedded.destroy(project, faults=faults, on_event=on_event)


def _chosen(engine: EngineChoice) -> EngineChoice:
    if engine is not EngineChoice.AUTO:
        return engine
    return EngineChoice.PULUMI if find_cli() is not None else EngineChoice.EMBEDDED
