"""What all commands share: their errors, the project's folder, and the arguments that mean the same everywhere."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, NoReturn, ParamSpec

import typer

_P = ParamSpec("_P")
ROOT = Path(__file__).resolve().parent.parent
"""Of the project itself, where no other is named."""

_TRACEBACK = "SMP_TRACEBACK"


def reported(command: Callable[_P, int]) -> Callable[_P, None]:
    """Turn a command's answer into an exit code, and every error into one message and exit code 1."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        # When a program fails, parts of its graph are never awaited; asyncio's complaints about them help nobody.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        try:
            code = command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - the last resort between an error and the user
            _fail(error)
        raise typer.Exit(code)

    return run


def _fail(error: Exception) -> NoReturn:
    from catalog.price_book import PriceBookError  # noqa: PLC0415
    from insight.errors import InsightError  # noqa: PLC0415
    from insight.terminal import show_error  # noqa: PLC0415

    rehearsal = sys.modules.get("rehearsal")
    expected = (InsightError, PriceBookError, *((rehearsal.RehearsalError,) if rehearsal else ()))
    if isinstance(error, expected):
        show_error(str(error))
    else:
        show_error(
            f"smp itself failed: {type(error).__name__}: {error}\n"
            f"That is a fault of smp, not of your input; with {_TRACEBACK}=1 it shows where."
        )
        if os.environ.get(_TRACEBACK):
            traceback.print_exception(error)
    raise typer.Exit(1)


def root_of(context: typer.Context) -> Path:
    """Give the folder of the project a command works on."""
    root = context.find_root().params.get("project")
    return root if isinstance(root, Path) else ROOT


def _complete_stack(context: typer.Context, incomplete: str) -> list[str]:
    from insight.running import stack_names  # noqa: PLC0415

    return [name for name in stack_names(root_of(context)) if name.startswith(incomplete)]


StackName = Annotated[
    str, typer.Argument(metavar="STACK", help="Such as dev or prod-asia.", autocompletion=_complete_stack)
]
OptionalStackName = Annotated[
    str | None,
    typer.Argument(metavar="STACK", help="Such as dev or prod-asia.", autocompletion=_complete_stack),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Also write a Pulumi deployment export (version 3), secrets sealed."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="The same facts for a machine.")]
AllStacks = Annotated[bool, typer.Option("--all", help="Every stack that has a Pulumi.STACK.yaml.")]
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Of `pulumi stack export` or `pulumi preview --json`, or a folder of such, instead of a plan.",
    ),
]


def require_one(stack: str | None, from_file: Path | None, *, all_stacks: bool) -> None:
    """Refuse a command that names no stack, or several things at once."""
    if all_stacks and (stack is not None or from_file is not None):
        msg = "--all takes every stack; name neither a stack nor a file beside it"
        raise typer.BadParameter(msg, param_hint="--all")
    if stack is None and from_file is None and not all_stacks:
        msg = "name a stack, or give --all or --from FILE"
        raise typer.BadParameter(msg, param_hint="STACK")
