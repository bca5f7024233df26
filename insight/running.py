"""Runs a stack's program for a report: placeholders for its secrets, and progress while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.deploy_secrets import required_secrets
from catalog.stack_facts import Stack
from insight.snapshot import Snapshot
from insight.snapshot_reading import parse_snapshot
from insight.terminal import progress

if TYPE_CHECKING:
    from rehearsal import Event, OnEvent, PlanResult

NAMESPACE = "smp"
"""Of the project's configuration keys."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan and the snapshot of it."""

    snapshot: Snapshot
    result: PlanResult


def stack_names(root: Path) -> tuple[str, ...]:
    """List the stacks that have a configuration file: in the order of a release, then any others by name."""
    found = {
        path.name.removeprefix("Pulumi.").rsplit(".", maxsplit=1)[0] for path in root.glob("Pulumi.*.y*ml")
    }
    known = [stack.facts.name for stack in Stack if stack.facts.name in found]
    return (*known, *sorted(found.difference(known)))


def placeholder_secrets(stack: str) -> Mapping[str, str]:
    """Give each secret a stack needs a value that says what it is: 32 letters and digits, always the same."""
    try:
        needed = required_secrets(Stack.named(stack))
    except KeyError:
        return {}
    return {f"{NAMESPACE}:{secret.key}": secret.placeholder for secret in needed}


def placeholders_of_set_secrets(root: Path, stack: str) -> Mapping[str, str]:
    """Give the placeholders of those secrets only that the stack's file holds, encrypted.

    Raises:
        rehearsal.RehearsalError: its text is the whole message.

    """
    with progress(f"{stack}: reading the configuration"):
        from rehearsal import Project  # noqa: PLC0415 - brings Pulumi, which `--help` needs not

        encrypted = Project(root=root, stack=stack).load().secret_keys
    return {key: value for key, value in placeholder_secrets(stack).items() if key in encrypted}


def run_plan(root: Path, stack: str, *, secrets: Mapping[str, str]) -> Planned:
    """Run the program of a stack in this process.

    Raises:
        rehearsal.RehearsalError: its text is the whole message.

    """
    with progress(f"{stack}: loading the program") as say:
        from rehearsal import Project, plan  # noqa: PLC0415 - brings Pulumi, which `--help` needs not

        result = plan(
            Project(root=root, stack=stack), placeholder_secrets=secrets, on_event=teller(stack, say)
        )
        say(f"{stack}: reading the plan")
        return Planned(
            snapshot=parse_snapshot(result.deployment, origin=f"the plan of {stack}"), result=result
        )


def teller(stack: str, say: Callable[[str], None]) -> OnEvent:
    """Turn the events of a run into progress lines."""
    from rehearsal import PhaseStarted, ResourceFinished, ResourceStarted  # noqa: PLC0415

    def listen(event: Event) -> None:
        match event:
            case PhaseStarted():
                say(f"{stack}: {event.phase}")
            case ResourceStarted():
                say(f"{stack}: {event.done} done, {event.op} {event.urn.rsplit('::', maxsplit=1)[-1]}")
            case ResourceFinished():
                say(f"{stack}: {event.done} done")
            case _:
                pass

    return listen
