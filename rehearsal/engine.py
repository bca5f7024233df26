"""The other host: the real Pulumi CLI, with the stand-in cloud attached as its provider."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from rehearsal import values
from rehearsal.embedded_base import PROTECTED, DefaultProviderError, DuplicateUrnError, failure_error
from rehearsal.engine_events import EventReader
from rehearsal.engine_workspace import Workspace, complaint, engine_directory, prepare
from rehearsal.errors import (
    EngineFailedError,
    ProgramError,
    ProgramFailedError,
    RehearsalError,
    ResourceFailure,
)
from rehearsal.faults import NO_FAULTS, FaultPlan, Faults
from rehearsal.project import Project
from rehearsal.provider_server import StandInProvider, serving
from rehearsal.resources import STACK_TYPE
from rehearsal.state_lock import locked
from rehearsal.steps import (
    EngineChoice,
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

_EXITED = "an unhandled error occurred: program exited"
_PROTECTED_FROM = {
    "deleted": re.compile(r'resource "(urn:[^"]+)" cannot be deleted\s+because it is protected'),
    "replaced": re.compile(r'unable to replace resource "(urn:[^"]+)"'),
}
_SECONDS_TO_END = 20
_CRASHED = "Program failed with an unhandled exception:"


def rehearse(
    project: Project,
    *,
    placeholder_secrets: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
    on_event: OnEvent = ignore_event,
) -> RehearsalResult:
    """Run `pulumi up` against the stand-in cloud. See `rehearsal.rehearse`."""
    return _run(project, ("up", "--skip-preview"), placeholder_secrets or {}, faults, on_event)


def destroy(
    project: Project, *, faults: Faults = NO_FAULTS, on_event: OnEvent = ignore_event
) -> RehearsalResult:
    """Take protection off and run `pulumi destroy`. See `rehearsal.destroy`."""
    return _run(project, ("destroy",), {}, faults, on_event)


def _run(
    project: Project, command: tuple[str, ...], secrets: Mapping[str, str], faults: Faults, on_event: OnEvent
) -> RehearsalResult:
    loaded = project.load(placeholder_secrets=secrets)
    _refuse_death(faults)
    directory = engine_directory(loaded.root, loaded.stack)
    plan = FaultPlan(faults)
    with locked(directory), serving(plan) as (provider, port):
        workspace = prepare(loaded, dict.fromkeys(_installed_packages(), port))
        interrupted = _settle(workspace)
        if command[0] == "destroy":
            workspace.run("state", "unprotect", "--all", "--yes", "--stack", workspace.stack)
        on_event(PhaseStarted(phase=Phase.PROGRAM))
        reader = EventReader(on_event)
        for message in interrupted:
            reader.say(message)
        code, stderr = _stream(workspace, command, reader)
        reader.finish()
        for target in plan.unmet:
            reader.say(unmet_fault(target))
        deployment = _reproducible(workspace.deployment())
    result = RehearsalResult(
        engine=EngineChoice.PULUMI,
        steps=tuple(reader.steps),
        counts=dict(Counter(step.op for step in reader.steps)),
        deployment=deployment,
        outputs=_outputs(deployment),
        state_path=workspace.state_path,
        messages=tuple(reader.messages),
    )
    if code != 0:
        raise _error(provider, reader, stderr, command, result)
    return result


def _settle(workspace: Workspace) -> tuple[Message, ...]:
    """Clear what a killed run had begun and not finished: the engine would warn of it for ever.

    A refresh finds what was changed or deleted all the same; of what was being created the stand-in cloud keeps
    nothing, so its mark is dropped and the run makes it again.
    """
    pending = workspace.pending_operations()
    if pending:
        workspace.run(
            "refresh",
            "--clear-pending-creates",
            "--yes",
            "--skip-preview",
            "--stack",
            workspace.stack,
            "--config-file",
            str(workspace.config_file),
        )
    return tuple(
        Message(
            severity=Severity.WARNING,
            text=f"the last run was interrupted while {kind}; it is done again",
            urn=urn,
        )
        for kind, urn in pending
    )


def _stream(workspace: Workspace, command: tuple[str, ...], reader: EventReader) -> tuple[int, str]:
    errors = workspace.directory / "stderr"
    with (
        errors.open("w+", encoding="utf-8") as stderr,
        subprocess.Popen(  # noqa: S603 - the CLI found on PATH, no shell
            [
                str(workspace.cli),
                *command,
                "--yes",
                "--json",
                "--continue-on-error",
                "--stack",
                workspace.stack,
                "--config-file",
                str(workspace.config_file),
                "--non-interactive",
                "--color",
                "never",
            ],
            cwd=workspace.root,
            env=dict(workspace.environment),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            process_group=0,  # a Ctrl-C reaches the CLI once, from here: a second one makes it drop everything
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                reader.line(line)
        except KeyboardInterrupt:
            _end(process)
            raise
        code = process.wait()
        stderr.seek(0)
        text = stderr.read()
    errors.unlink()
    return code, text


def _end(process: subprocess.Popen[str]) -> None:
    """Let the CLI record what it did and stop its plugins; its state is ours only as long as we wait for it."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _error(
    provider: StandInProvider,
    reader: EventReader,
    stderr: str,
    command: tuple[str, ...],
    result: RehearsalResult,
) -> RehearsalError:
    """What a failed run means: refused resources first, then what the program or the engine said."""
    failures = {failure.urn: failure for failure in provider.failures}
    for message in reader.errors:
        for what, pattern in _PROTECTED_FROM.items():
            for urn in pattern.findall(message.text):
                failures[urn] = ResourceFailure(urn=urn, reason=PROTECTED.format(what=what))
    if failures:
        return failure_error(failures.values(), result=result)
    for message in reader.errors:
        text = message.text.removeprefix("error: ")
        if "Default provider for" in text:
            return DefaultProviderError(text)
        if "Duplicate resource URN" in text:
            return DuplicateUrnError(text)
        if text.startswith(_CRASHED):
            return ProgramFailedError(text.removeprefix(_CRASHED).strip())
    said = [message.text for message in reader.errors if not message.text.startswith(_EXITED)]
    if len(said) < len(reader.errors):
        spoken = "\n".join(said or reader.other) or stderr
        return ProgramError(spoken or "the program ended with an error and said nothing.")
    return EngineFailedError(complaint(command, "\n".join(said + reader.other) or stderr))


def _reproducible(deployment: dict[str, Any]) -> dict[str, Any]:
    """The export without moments and paths of this machine: what the embedded host writes too."""
    content = cast("dict[str, Any]", deployment["deployment"])
    content["manifest"] = {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}
    for entry in cast("list[dict[str, Any]]", content.get("resources") or []):
        for name in ("created", "modified", "sourcePosition", "stackTrace"):
            entry.pop(name, None)
    return deployment


def _outputs(deployment: dict[str, Any]) -> Properties:
    resources = cast("list[dict[str, Any]]", deployment["deployment"].get("resources") or [])
    for entry in resources:
        if entry["type"] == STACK_TYPE:
            return cast("Properties", values.mask(entry.get("outputs") or {}))
    return {}


def _installed_packages() -> Iterator[str]:
    """The packages whose SDK is installed: `aws` for `pulumi_aws`."""
    for module in pkgutil.iter_modules():
        if module.name.startswith("pulumi_"):
            spec = importlib.util.find_spec(module.name)
            for place in (spec.submodule_search_locations or []) if spec is not None else []:
                if (Path(place) / "pulumi-plugin.json").is_file():
                    yield module.name.removeprefix("pulumi_")


def _refuse_death(faults: Faults) -> None:
    if faults.die_at_write is not None:
        raise ValueError("die_at_write is for the embedded host: the CLI writes its own state")
