"""Runs a project's unmodified program in this process, as Pulumi's Python language host runs it in its own."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import io
import os
import runpy
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import Settings, configure, run_in_stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import engine_pb2

from rehearsal import sdk
from rehearsal.errors import ProgramError, ProgramFailedError, RehearsalError
from rehearsal.project import LoadedProject
from rehearsal.steps import Message, OnEvent, Severity

_P = ParamSpec("_P")
_T = TypeVar("_T")

# The working directory, sys.path and sys.modules belong to the process: one program at a time.
_ONE_AT_A_TIME = threading.Lock()
STAND_IN_VARIABLE = "PULUMI_STAND_IN_CLOUD"
"""Set in a program's environment, so that it can tell a rehearsal from the real thing."""
_ORGANIZATION = "organization"  # what the engine says for a backend without organizations


def run_program(project: LoadedProject, *, monitor: Any, preview: bool, on_message: OnEvent) -> None:
    """Run the program of `project` to its end, against `monitor`.

    What the program prints or logs becomes `Message` events. Nothing of the run stays behind: not the SDK's settings,
    not the configuration, not the modules of the program's own directory. Raises `ProgramError` where the program
    raised `pulumi.RunError`, `ProgramFailedError` for any other exception, and lets `RehearsalError` from the monitor
    through.
    """
    with _ONE_AT_A_TIME, _no_collection():
        contextvars.copy_context().run(_run, project, monitor, preview=preview, on_message=on_message)


@contextlib.contextmanager
def _no_collection() -> Generator[None, None, None]:
    """Keep the cycle collector off: a run makes classes and resources by the hundred thousand and drops hardly any.

    Searching them again and again for garbage takes half of the time of a plan and frees nothing (bench/plan). What
    was there before is frozen, so that the one collection after a failed run searches what that run made.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        # Everything made meanwhile counts as young, and the first collection would search all of it. Frozen and let go
        # again, it is old: both only move lists.
        gc.freeze()
        gc.unfreeze()
        if was_on:
            gc.enable()


def _run(project: LoadedProject, monitor: Any, *, preview: bool, on_message: OnEvent) -> None:
    set_all_config(dict(project.config), sorted(project.secret_keys))
    pulumi.runtime.settings.ROOT.set(cast("Any", None))
    # The SDK keeps these per context; a fresh Settings object replaces all of them.
    configure(
        Settings(
            project=project.name,
            stack=project.stack,
            monitor=monitor,
            engine=_Engine(on_message),
            parallel=1,
            dry_run=preview,
            organization=_ORGANIZATION,
            root_directory=str(project.root),
        )
    )
    target = project.main.parent if project.main.name == "__main__.py" else project.main

    async def execute() -> None:
        runpy.run_path(str(target), run_name="__main__")
        await sdk.settled()

    with (
        _process_as_the_host_has_it(project),
        sdk.without_stack_traces(),
        _event_loop() as loop,
        _captured_output(on_message),
    ):
        failure = _failure_of(lambda: loop.run_until_complete(run_in_stack(execute)), project)
    if failure is not None:
        # Parts of a failed program's graph are never awaited. They are let go here, where their complaints can be
        # kept quiet, and not at some later moment in someone else's code.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
        raise failure


def _failure_of(run: Callable[[], object], project: LoadedProject) -> RehearsalError | None:
    """What a run failed with, free of references to the run."""
    try:
        run()
    except SystemExit as error:
        if error.code not in {None, 0}:
            return ProgramError(f"the program ended itself with exit code {error.code}.")
    except Exception as error:  # noqa: BLE001 - whatever a program raises is told to its user
        found = _translated(error, project)
        found.__cause__ = found.__context__ = None
        return found.with_traceback(None)
    return None


def _translated(error: Exception, project: LoadedProject) -> RehearsalError:
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))  # the SDK raises an exception from itself
        if isinstance(cause, RehearsalError):
            return cause
        if isinstance(cause, pulumi.RunError):
            return ProgramError(str(cause))
        cause = cause.__cause__
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_absolute()
        and Path(frame.filename).is_relative_to(project.root)
        and not {"site-packages", "rehearsal"} & set(Path(frame.filename).relative_to(project.root).parts)
    ]
    if not frames:
        # It was raised while a value was resolved, with no line of the project on the stack: the nearest lines help.
        frames = list(traceback.extract_tb(error.__traceback__))[-2:]
    where = "".join(
        f"  {_short(frame.filename, project)}, line {frame.lineno}, in {frame.name}\n    {frame.line}\n"
        for frame in frames
    )
    return ProgramFailedError(
        f"the program of stack {project.stack!r} failed.\n{where}{type(error).__name__}: {error}"
    )


def _short(filename: str, project: LoadedProject) -> str:
    path = Path(filename)
    if path.is_relative_to(project.root):
        return str(path.relative_to(project.root))
    _, found, inside = filename.rpartition("site-packages/")
    return inside if found else path.name


class InlineExecutor(ThreadPoolExecutor):
    """Runs what is submitted at once, in the caller's thread.

    The monitor answers in microseconds, so threads would only cost time and make the order of registrations random.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Call it, and answer a future that is done."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed to whoever awaits the future
            future.set_exception(error)
        return future


@contextlib.contextmanager
def _event_loop() -> Generator[asyncio.AbstractEventLoop, None, None]:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(InlineExecutor(max_workers=1))
    asyncio.set_event_loop(loop)
    # When a program fails, parts of its graph are never awaited; asyncio's complaints about them, whenever they come,
    # help nobody.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        yield loop
    finally:
        try:
            pending = asyncio.all_tasks(loop)
            for task in pending:
                task.cancel()
            if pending:
                loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        finally:
            loop.close()
            asyncio.set_event_loop(None)


@contextlib.contextmanager
def _process_as_the_host_has_it(project: LoadedProject) -> Generator[None, None, None]:
    """The main directory is the working directory; its modules are forgotten afterwards."""
    directory = project.main.parent
    before = (Path.cwd(), list(sys.path), list(sys.argv), sys.modules.get("__main__"))
    marked = os.environ.get(STAND_IN_VARIABLE)
    os.environ[STAND_IN_VARIABLE] = "1"
    known = set(sys.modules)
    os.chdir(directory)
    sys.argv = [str(directory)]
    try:
        yield
    finally:
        if marked is None:
            del os.environ[STAND_IN_VARIABLE]
        os.chdir(before[0])
        sys.path[:] = before[1]
        sys.argv = before[2]
        if before[3] is not None:
            sys.modules["__main__"] = before[3]
        for name in [name for name in sys.modules if name not in known]:
            file = getattr(sys.modules[name], "__file__", None)
            if (
                file is not None
                and Path(file).is_relative_to(directory)
                and "site-packages" not in Path(file).parts
            ):
                _forget(name)


def _forget(name: str) -> None:
    """Drop a module, also from its package: `from package import module` looks there first, and would find it again."""
    module = sys.modules.pop(name)
    package, _, last = name.rpartition(".")
    holder = sys.modules.get(package)
    if holder is not None and getattr(holder, last, None) is module:
        delattr(holder, last)


class _Lines(io.TextIOBase):
    """A text stream that hands on whole lines."""

    def __init__(self, on_message: OnEvent, severity: Severity) -> None:
        super().__init__()
        self._on_message = on_message
        self._severity = severity
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._emit(line)
        return len(text)

    def finish(self) -> None:
        rest, self._rest = self._rest, ""
        self._emit(rest)

    def _emit(self, line: str) -> None:
        if line.strip():
            self._on_message(Message(severity=self._severity, text=line))


@contextlib.contextmanager
def _captured_output(on_message: OnEvent) -> Generator[None, None, None]:
    """Standard output is the caller's (it may be JSON): what the program prints becomes messages."""
    out, err = _Lines(on_message, Severity.INFO), _Lines(on_message, Severity.WARNING)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield
    finally:
        out.finish()
        err.finish()


class _Engine:
    """The engine's logging service."""

    _SEVERITIES = {  # noqa: RUF012 - a constant
        engine_pb2.INFO: Severity.INFO,
        engine_pb2.WARNING: Severity.WARNING,
        engine_pb2.ERROR: Severity.ERROR,
    }

    def __init__(self, on_message: OnEvent) -> None:
        self._on_message = on_message

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802 - the service's name
        severity = self._SEVERITIES.get(request.severity)
        if severity is not None:
            self._on_message(Message(severity=severity, text=request.message, urn=request.urn or None))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> empty_pb2.Empty:  # noqa: N802 - the service's name
        del request
        return empty_pb2.Empty()
