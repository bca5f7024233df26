"""A deployment into the stand-in cloud: the program's resources against the stored ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from rehearsal import standin, values
from rehearsal.diffs import differences, ignoring, touched
from rehearsal.embedded_aliases import former_urns
from rehearsal.embedded_base import PROTECTED, Run, provider_outputs, with_secret_outputs
from rehearsal.embedded_goal import Goal
from rehearsal.embedded_monitor import Outcome, Registered
from rehearsal.errors import ResourceFailure
from rehearsal.faults import FaultPlan, ProviderFault
from rehearsal.project import LoadedProject
from rehearsal.resources import PROVIDER_PREFIX, ResourceState, in_dependency_order, provider_urn
from rehearsal.standin_replace import deletes_before_replacing
from rehearsal.standin_updates import refusal
from rehearsal.state import Key, StateStore, key_of
from rehearsal.steps import OnEvent, Op, PropertyChange, ResourceFinished, ResourceStarted, Step
from rehearsal.values import Properties, Value


class Deploying(Run):
    """Answers registrations by what has to be done to the stored resources, and records each in the journal."""

    def __init__(
        self, *, project: LoadedProject, store: StateStore, faults: FaultPlan, on_event: OnEvent
    ) -> None:
        super().__init__(project)
        self.steps: list[Step] = []
        self._store = store
        self._faults = faults
        self._on_event = on_event
        self._old = store.current()
        self._kept: set[str] = set()
        self._not_made: set[str] = set()
        self._renamed: dict[str, str] = {}

    # What the monitor asks for

    def register(self, goal: Goal) -> Registered:
        """Make a resource as wanted. A failed one is remembered; what depends on it is skipped."""
        urn = self.urn_of(goal)
        goal = self.settle(goal, urn)
        old = self._find_old(goal, urn)
        if self.violations_of(goal, urn):
            return self._not_done(urn, Outcome.FAILED)
        if self._not_made & set(goal.state(urn).requires):
            return self._not_done(urn, Outcome.SKIPPED)
        try:
            return self._apply(goal, urn, old)
        except ProviderFault as fault:
            self.failures.append(ResourceFailure(urn=urn, reason=str(fault)))
            return self._not_done(urn, Outcome.FAILED)

    def read(self, goal: Goal, resource_id: str) -> Registered:
        """Read an existing resource. It is recorded as one that does not belong to the stack."""
        urn = self.urn_of(goal)
        goal = self.settle(goal, urn)
        self._find_old(goal, urn)
        if self._not_made & set(goal.state(urn).requires):
            return self._not_done(urn, Outcome.SKIPPED)
        try:
            self._faults.before_operation(urn=urn, token=goal.type)
        except ProviderFault as fault:
            self.failures.append(ResourceFailure(urn=urn, reason=str(fault)))
            return self._not_done(urn, Outcome.FAILED)
        made = standin.read(self._request(goal, urn, goal.inputs), resource_id=resource_id)
        outputs = with_secret_outputs(made.outputs, goal.additional_secret_outputs)
        self._record(
            Op.READ, goal.state(urn, id=resource_id, outputs=outputs, external=True), old=self._old.get(urn)
        )
        self._finish(Op.READ, urn, goal)
        return Registered(urn=urn, id=resource_id, outputs=outputs)

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep the outputs of a component or of the stack."""
        state = self.resources.get(urn)
        if state is not None:
            kept = {key: value for key, value in outputs.items() if value is not None}
            self._record(Op.SAME, replace(state, outputs=kept), old=self._store.current().get(urn))

    # One resource

    def _apply(self, goal: Goal, urn: str, old: ResourceState | None) -> Registered:
        if old is None or old.external:
            return self._create(goal, urn, old)
        inputs = goal.inputs
        if goal.ignore_changes:
            inputs = _usable(ignoring(goal.ignore_changes, old=old.inputs, new=goal.inputs))
            goal = replace(goal, inputs=inputs)
        sealed = goal.state(urn).sealed(self._store.sealer)
        changes = differences(goal.type, old.inputs, sealed.inputs)
        changes = self._marked(goal, old, sealed, changes)
        if any(change.forces_replacement for change in changes):
            return self._replace(goal, urn, old, changes)
        if changes:
            return self._update(goal, urn, old, changes)
        state = self._unchanged(goal, urn, old)
        self._record(Op.SAME, state, old=old)
        self._finish(Op.SAME, urn, goal)
        return Registered(urn=urn, id=state.id, outputs=state.outputs if goal.custom else goal.inputs)

    def _marked(
        self, goal: Goal, old: ResourceState, sealed: ResourceState, changes: tuple[PropertyChange, ...]
    ) -> tuple[PropertyChange, ...]:
        """The changes, with what the options and a changed provider turn into a replacement."""
        if not goal.custom:
            return tuple(replace(change, forces_replacement=False) for change in changes)
        if goal.replace_on_changes:
            changes = tuple(
                replace(change, forces_replacement=True)
                if touched((change,), goal.replace_on_changes)
                else change
                for change in changes
            )
        extra: list[tuple[str, Value, Value]] = []
        if provider_urn(old.provider) != provider_urn(goal.provider):
            renamed = self._renamed.get(provider_urn(goal.provider))
            if renamed != provider_urn(old.provider):
                extra.append(("provider", old.provider, goal.provider))
        if old.replacement_trigger is not None and old.replacement_trigger != sealed.replacement_trigger:
            extra.append(
                (
                    "replacementTrigger",
                    values.mask(old.replacement_trigger),
                    values.mask(sealed.replacement_trigger),
                )
            )
        return changes + tuple(
            PropertyChange(path=path, old=before, new=after, forces_replacement=True)
            for path, before, after in extra
        )

    def _create(self, goal: Goal, urn: str, old: ResourceState | None) -> Registered:
        op = Op.IMPORT if goal.import_id else Op.CREATE
        self._start(op, urn, goal)
        state = self._made(goal, urn)
        self._record(op, state, old=old)
        self._finish(op, urn, goal)
        return Registered(urn=urn, id=state.id, outputs=state.outputs)

    def _update(
        self, goal: Goal, urn: str, old: ResourceState, changes: tuple[PropertyChange, ...]
    ) -> Registered:
        self._start(Op.UPDATE, urn, goal)
        outputs = provider_outputs(goal)
        if goal.custom and not goal.type.startswith(PROVIDER_PREFIX):
            refused = refusal(goal.type, old.inputs, goal.inputs)
            if refused is not None:
                raise ProviderFault(refused)
            before = standin.Before(inputs=old.inputs, outputs=old.outputs)
            request = self._request(goal, urn, goal.inputs)
            outputs = standin.update(request, resource_id=old.id, before=before).outputs
        outputs = with_secret_outputs(outputs, goal.additional_secret_outputs)
        state = goal.state(
            urn, id=old.id, outputs=outputs if goal.custom else old.outputs, import_id=old.import_id
        )
        self._record(Op.UPDATE, state, old=old)
        self._finish(Op.UPDATE, urn, goal, changes)
        return Registered(urn=urn, id=old.id, outputs=outputs)

    def _replace(
        self, goal: Goal, urn: str, old: ResourceState, changes: tuple[PropertyChange, ...]
    ) -> Registered:
        if old.protect:
            self.failures.append(ResourceFailure(urn=urn, reason=PROTECTED.format(what="replaced")))
            return self._not_done(urn, Outcome.FAILED)
        self._start(Op.REPLACE, urn, goal)
        drop = [key_of(old)]
        put: list[ResourceState] = []
        if goal.delete_before_replace or deletes_before_replacing(goal.type, goal.inputs):
            self._store.commit(op=Op.DELETE, drop=drop)
            drop = []
        elif not old.retain_on_delete:
            put.append(replace(old, pending_delete=True))
        state = self._made(goal, urn)
        self._store.commit(op=Op.REPLACE, put=[*put, state], drop=drop)
        self.resources[urn] = state
        self._kept.add(urn)
        self._finish(Op.REPLACE, urn, goal, changes)
        return Registered(urn=urn, id=state.id, outputs=state.outputs)

    def _made(self, goal: Goal, urn: str) -> ResourceState:
        if not goal.custom:
            return goal.state(urn)
        if goal.type.startswith(PROVIDER_PREFIX):
            return goal.state(urn, id=standin.provider_id(urn), outputs=provider_outputs(goal))
        request = self._request(goal, urn, goal.inputs)
        made = (
            standin.read(request, resource_id=goal.import_id) if goal.import_id else standin.create(request)
        )
        outputs = with_secret_outputs(made.outputs, goal.additional_secret_outputs)
        return goal.state(urn, id=made.id, outputs=outputs, import_id=goal.import_id)

    def _unchanged(self, goal: Goal, urn: str, old: ResourceState) -> ResourceState:
        """The stored resource with what the program now says around it (dependencies, protect, ...).

        The state holds no secret, so those of the outputs are made again; everything else stays as it was.
        """
        if not goal.custom:
            return goal.state(urn, outputs=old.outputs)
        if goal.type.startswith(PROVIDER_PREFIX):
            return goal.state(urn, id=old.id, outputs=provider_outputs(goal))
        outputs = old.outputs
        if values.holds_secret(outputs) or goal.additional_secret_outputs:
            again = standin.update(self._request(goal, urn, goal.inputs), resource_id=old.id).outputs
            outputs = {
                key: again.get(key, value) if values.holds_secret(value) else value
                for key, value in outputs.items()
            }
            outputs = with_secret_outputs(outputs, goal.additional_secret_outputs)
        return goal.state(urn, id=old.id, outputs=_usable(outputs), import_id=old.import_id)

    # What is no longer wanted

    def delete_the_rest(self) -> None:
        """Delete what the program did not register, dependents first. A protected resource stops all of it."""
        keep = self._kept
        doomed = [
            state for state in self._store.resources.values() if state.pending_delete or state.urn not in keep
        ]
        protected = [state for state in doomed if state.protect and not state.pending_delete]
        for state in protected:
            self.failures.append(ResourceFailure(urn=state.urn, reason=PROTECTED.format(what="deleted")))
        if not protected:
            self.delete(doomed)

    def delete(self, doomed: Iterable[ResourceState]) -> None:
        """Delete resources, dependents first. What a failed deletion still needs stays."""
        order = list(reversed(in_dependency_order(doomed)))
        gone = {state.urn for state in order if not state.pending_delete}
        needed: set[str] = set()
        for state in order:
            if state.urn in needed and not state.pending_delete:
                needed.update(state.requires)
                continue
            touches_cloud = (
                state.custom
                and not state.external
                and not state.retain_on_delete
                and state.deleted_with not in gone
            )
            self._on_event(ResourceStarted(op=Op.DELETE, urn=state.urn, done=len(self.steps)))
            try:
                if touches_cloud:
                    self._faults.before_operation(urn=state.urn, token=state.type)
                    self._store.begin(Op.DELETE, state.urn)
            except ProviderFault as fault:
                self.failures.append(ResourceFailure(urn=state.urn, reason=str(fault)))
                needed.update(state.requires)
                continue
            self._store.commit(op=Op.DELETE, drop=[key_of(state)])
            if not state.pending_delete:
                self._add_step(
                    Step(
                        op=Op.DELETE,
                        urn=state.urn,
                        type=state.type,
                        name=state.name,
                        parent=state.parent or None,
                    )
                )

    # Book-keeping

    def _find_old(self, goal: Goal, urn: str) -> ResourceState | None:
        """The stored resource that a goal means, under this URN or a former one; either way it is still wanted."""
        self._kept.add(urn)
        old = self._old.get(urn)
        if old is None:
            for former in former_urns(goal, urn=urn, renamed=self._renamed, project=self.project):
                old = self._old.get(former)
                if old is not None and former not in self.resources:
                    self._kept.add(former)
                    self._renamed[urn] = former
                    return old
        return old

    def _record(self, op: Op, state: ResourceState, *, old: ResourceState | None) -> None:
        """Write a resource down where it differs from what is stored."""
        self.resources[state.urn] = state
        drop: list[Key] = [key_of(old)] if old is not None and old.urn != state.urn else []
        if drop or old is None or op not in {Op.SAME, Op.READ} or state.sealed(self._store.sealer) != old:
            self._store.commit(op=op, put=[state], drop=drop)

    def _not_done(self, urn: str, outcome: Outcome) -> Registered:
        self._not_made.add(urn)
        return Registered(urn=urn, outcome=outcome)

    def _request(self, goal: Goal, urn: str, inputs: Properties) -> standin.Request:
        return standin.Request(token=goal.type, urn=urn, inputs=inputs, facts=self.facts_of(goal.provider))

    def _start(self, op: Op, urn: str, goal: Goal) -> None:
        self._on_event(ResourceStarted(op=op, urn=urn, done=len(self.steps)))
        if goal.custom:
            self._faults.before_operation(urn=urn, token=goal.type)
            self._store.begin(op, urn)

    def _finish(self, op: Op, urn: str, goal: Goal, changes: tuple[PropertyChange, ...] = ()) -> None:
        self._add_step(
            Step(op=op, urn=urn, type=goal.type, name=goal.name, parent=goal.parent or None, changes=changes)
        )

    def _add_step(self, step: Step) -> None:
        self.steps.append(step)
        self._on_event(ResourceFinished(step=step, done=len(self.steps)))


def _usable(properties: Properties) -> Properties:
    """Stored properties for the program: a secret that is only known by its digest becomes a secret placeholder."""
    return cast("Properties", _unsealed(properties))


def _unsealed(value: Value) -> Value:
    if values.is_secret(value) and "value" not in value:
        return value | {"value": values.MASKED}
    if isinstance(value, dict):
        return {key: _unsealed(item) for key, item in cast("Properties", value).items()}
    if isinstance(value, list):
        return [_unsealed(item) for item in cast("list[Value]", value)]
    return value
