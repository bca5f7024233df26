"""Where output goes: reports to standard output, progress and errors to standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import IO, Any, cast

from rich.console import Console
from rich.text import Text

PIPED_WIDTH = 120
"""Columns of text that no terminal shows: always the same, so that a pipe gets the same bytes everywhere."""


def out() -> Console:
    """Make a console on standard output: colour only on a terminal, and not where NO_COLOR asks for none."""
    return _console(sys.stdout)


def err() -> Console:
    """Make a console on standard error."""
    return _console(sys.stderr)


def _console(stream: Any) -> Console:
    # Names come from configuration; a stream that cannot write a character must not end the report.
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    width = None if stream.isatty() else PIPED_WIDTH
    if not stream.isatty():
        stream = _WithoutTrailingBlanks(stream)
    # The stream itself, because a running program has sys.stdout and sys.stderr taken away from it.
    return Console(
        file=cast("IO[str]", stream), width=width, highlight=False, emoji=False, markup=False, soft_wrap=False
    )


class _WithoutTrailingBlanks:
    """Writes to a stream, but no blanks at the end of a line: tables pad their cells."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(re.sub(r"[ ]+(?=\n)", "", text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def show_error(message: str) -> None:
    """Print one message on standard error."""
    text = Text("error: ", style="bold red")
    text.append(message.strip(), style="not bold default")
    err().print(text, soft_wrap=True)


def show_json(document: Mapping[str, Any]) -> None:
    """Print a document for machines."""
    sys.stdout.write(json_text(document))


def json_text(document: Mapping[str, Any]) -> str:
    """Write a document for machines: ASCII, so that no stream fails on it."""
    import json  # noqa: PLC0415 - only where it is used

    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


@contextmanager
def progress(start: str) -> Generator[Callable[[str], None]]:
    """Show one line that says what is going on, on a terminal only, and take it away at the end."""
    console = err()
    if not console.is_terminal:
        yield _ignore
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as shown:
        task = shown.add_task(start, total=None)

        def update(text: str) -> None:
            room = max(20, console.width - 16)
            shown.update(task, description=text if len(text) <= room else text[: room - 3] + "...")

        yield update


def _ignore(_: str) -> None:
    pass


@cache
def short_type(token: str) -> str:
    """Shorten a type token for people: ``aws:ec2/subnet:Subnet`` becomes ``aws:ec2:Subnet``."""
    parts = token.split(":")
    if len(parts) != 3:
        return token
    module = parts[1].split("/")[0]
    return f"{parts[0]}:{parts[2]}" if module in {"index", ""} else f"{parts[0]}:{module}:{parts[2]}"
