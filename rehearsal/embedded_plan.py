"""A plan: the program's resources as a first deployment would create them. No state, no cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from rehearsal import standin, values
from rehearsal.embedded_base import Run, failure_error, provider_outputs, with_secret_outputs
from rehearsal.embedded_goal import Goal
from rehearsal.embedded_monitor import Monitor, Outcome, Registered
from rehearsal.program import run_program
from rehearsal.project import LoadedProject, Project
from rehearsal.resources import PROVIDER_PREFIX, export
from rehearsal.steps import (
    Event,
    Message,
    OnEvent,
    Op,
    Phase,
    PhaseStarted,
    PlanResult,
    ResourceFinished,
    Step,
    ignore_event,
)
from rehearsal.values import Properties

# What stands for a secret in a plan: a plan compares nothing, so it needs nothing derived from the secret.
_CIPHERTEXT = "[secret]"


def plan(
    project: Project,
    *,
    placeholder_secrets: Mapping[str, str] | None = None,
    on_event: OnEvent = ignore_event,
) -> PlanResult:
    """Run the unmodified program of a stack and collect its resources.

    `placeholder_secrets` stand in for secret configuration that the stack file lacks or keeps encrypted. Raises
    `ProjectError`, `ProgramError`, `SchemaError` (every violation of every resource at once) or another
    `RehearsalError`; see `errors`.
    """
    loaded = project.load(placeholder_secrets=placeholder_secrets)
    messages: list[Message] = []

    def listen(event: Event) -> None:
        if isinstance(event, Message):
            messages.append(event)
        on_event(event)

    on_event(PhaseStarted(phase=Phase.PROGRAM))
    run = Planning(project=loaded, on_event=listen)
    run_program(loaded, monitor=Monitor(run), preview=True, on_message=listen)
    if run.failures:
        raise failure_error(run.failures)
    return PlanResult(
        deployment=export(run.resources.values(), cipher=lambda _: _CIPHERTEXT),
        outputs=cast("Properties", values.mask(run.stack_outputs())),
        messages=tuple(messages),
    )


class Planning(Run):
    """Answers registrations as a preview of a first deployment does."""

    def __init__(self, *, project: LoadedProject, on_event: OnEvent) -> None:
        super().__init__(project)
        self._on_event = on_event

    def register(self, goal: Goal) -> Registered:
        """Make a resource as wanted: unknown is what only the cloud can say."""
        urn = self.urn_of(goal)
        goal = self.settle(goal, urn)
        if self.violations_of(goal, urn):
            return Registered(urn=urn, outcome=Outcome.FAILED)
        if not goal.custom:
            state = goal.state(urn)
            answer = Registered(urn=urn, outputs=goal.inputs)
        elif goal.type.startswith(PROVIDER_PREFIX):
            state = goal.state(urn, id=standin.provider_id(urn), outputs=provider_outputs(goal))
            answer = Registered(urn=urn, id=state.id, outputs=state.outputs)
        else:
            made = standin.preview_create(self._request(goal, urn))
            outputs = with_secret_outputs(made.outputs, goal.additional_secret_outputs)
            state = goal.state(urn, id=made.id, outputs=outputs, import_id=goal.import_id)
            answer = Registered(urn=urn, id=made.id, outputs=outputs)
        self.resources[urn] = state
        self._finished(Op.CREATE, urn, goal)
        return answer

    def read(self, goal: Goal, resource_id: str) -> Registered:
        """Read an existing resource: known when its id is."""
        urn = self.urn_of(goal)
        goal = self.settle(goal, urn)
        request = self._request(goal, urn)
        unknown = resource_id == values.UNKNOWN
        made = standin.preview_create(request) if unknown else standin.read(request, resource_id=resource_id)
        outputs = with_secret_outputs(made.outputs, goal.additional_secret_outputs)
        self.resources[urn] = goal.state(urn, id=resource_id, outputs=outputs, external=True)
        self._finished(Op.READ, urn, goal)
        return Registered(urn=urn, id=resource_id, outputs=outputs)

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep the outputs of a component or of the stack."""
        state = self.resources.get(urn)
        if state is not None:
            self.resources[urn] = replace(state, outputs={k: v for k, v in outputs.items() if v is not None})

    def _request(self, goal: Goal, urn: str) -> standin.Request:
        return standin.Request(
            token=goal.type, urn=urn, inputs=goal.inputs, facts=self.facts_of(goal.provider)
        )

    def _finished(self, op: Op, urn: str, goal: Goal) -> None:
        step = Step(op=op, urn=urn, type=goal.type, name=goal.name, parent=goal.parent or None)
        self._on_event(ResourceFinished(step=step, done=len(self.resources)))
