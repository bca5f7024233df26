"""The command line. Nothing heavy is imported here: each command brings what it needs when it runs."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec

import typer
import typer.core

_P = ParamSpec("_P")
_ROOT = Path(__file__).resolve().parent.parent
_TRACEBACK = "SMP_TRACEBACK"

app = typer.Typer(
    name="smp",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Plans, rehearses and reports on SMP's stacks. No command ever talks to a cloud;"
        " `pulumi up -s STACK` is what deploys.\n\n"
        "Completion for your shell: `./smp --install-completion` sets it up,"
        " `./smp --show-completion` prints it for you to place."
    ),
)


class Engine(StrEnum):
    """Who decides what a rehearsal has to do."""

    AUTO = "auto"
    PULUMI = "pulumi"
    EMBEDDED = "embedded"


class CheckStyle(StrEnum):
    """Formats of `check`."""

    TEXT = "text"
    JSON = "json"


class ActualsStyle(StrEnum):
    """Formats of `cost actuals`."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class Basis(StrEnum):
    """Which of FOCUS' amounts is counted."""

    BILLED = "billed"
    EFFECTIVE = "effective"


class CostStyle(StrEnum):
    """Formats of `cost`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def _reported(command: Callable[_P, int]) -> Callable[_P, None]:
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
    from insight.errors import InsightError  # noqa: PLC0415
    from insight.terminal import show_error  # noqa: PLC0415

    rehearsal = sys.modules.get("rehearsal")
    expected = (InsightError, *((rehearsal.RehearsalError,) if rehearsal else ()))
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


def _root(context: typer.Context) -> Path:
    root = context.find_root().params.get("project")
    return root if isinstance(root, Path) else _ROOT


def _complete_stack(context: typer.Context, incomplete: str) -> list[str]:
    from insight.running import stack_names  # noqa: PLC0415

    return [name for name in stack_names(_root(context)) if name.startswith(incomplete)]


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
        help="Of `pulumi stack export` or `pulumi preview --json`, instead of a plan.",
    ),
]


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's form of a callback
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        sys.stdout.write(f"smp {version('smp-infrastructure')}\n")
        raise typer.Exit


@app.callback()
def smp(
    *,
    project: Annotated[
        Path, typer.Option("--project", "-C", metavar="DIR", help="Where Pulumi.yaml is.", show_default=False)
    ] = _ROOT,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Take the options of all commands."""
    del project, version  # commands read the first from the context; the second has ended by now


@app.command(
    epilog="Examples: `./smp plan dev` · `./smp plan prod-asia --out plan.json` · `./smp plan dev --json | jq .cost`"
)
@_reported
def plan(
    context: typer.Context,
    stack: StackName,
    *,
    out: OutFile = None,
    as_json: AsJson = False,
    require_secrets: Annotated[
        bool, typer.Option("--require-secrets", help="No placeholders: name every secret that is not set.")
    ] = False,
) -> int:
    """Run a stack's program without engine, network or account, and report on what it makes.

    Exit code 1 when a mandatory policy is broken or the configuration is wrong.
    """
    from insight.commands.plan import run  # noqa: PLC0415

    return run(_root(context), stack, file=out, as_json=as_json, require_secrets=require_secrets)


@app.command(
    epilog=(
        "Examples: `./smp rehearse dev` · `./smp rehearse dev --engine embedded` ·"
        ' `./smp rehearse dev --fail "smp-asia-dev-mysql=no capacity"` · `./smp rehearse dev --destroy`'
    )
)
@_reported
def rehearse(
    context: typer.Context,
    stack: StackName,
    *,
    engine: Annotated[
        Engine, typer.Option(help="The real Pulumi CLI, the built-in host, or whichever is there.")
    ] = Engine.AUTO,
    out: OutFile = None,
    destroy: Annotated[bool, typer.Option("--destroy", help="Take it down again.")] = False,
    as_json: AsJson = False,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TARGET=MESSAGE",
            help="Let operations on a URN's end, a type or a name fail, to see what happens. May be repeated.",
        ),
    ] = None,
) -> int:
    """Deploy a stack into a stand-in for all clouds, and show what changed since the last time.

    The state lies under `.smp/`; a second run shows no changes. Exit code 1 when something failed.
    """
    failures: dict[str, str] = {}
    for item in fail or []:
        target, sign, message = item.partition("=")
        if not (target and sign and message):
            msg = f"{item!r} has not the form TARGET=MESSAGE, such as smp-asia-dev-mysql='no capacity'"
            raise typer.BadParameter(msg, param_hint="--fail")
        failures[target] = message
    from insight.commands.rehearse import run  # noqa: PLC0415

    return run(
        _root(context), stack, engine=engine, file=out, take_down=destroy, as_json=as_json, failures=failures
    )


@app.command(
    epilog="Examples: `./smp check prod-asia` · `./smp check --all --format json` · `./smp check --from preview.json`"
)
@_reported
def check(
    context: typer.Context,
    stack: OptionalStackName = None,
    *,
    all_stacks: AllStacks = False,
    from_file: FromFile = None,
    style: Annotated[
        CheckStyle, typer.Option("--format", help="How findings are written.")
    ] = CheckStyle.TEXT,
) -> int:
    """Apply the policies to a plan, or to a file of Pulumi's own.

    Exit code 1 on a mandatory finding.
    """
    _require_one(stack, from_file, all_stacks=all_stacks)
    from insight.commands.check import CheckFormat, run  # noqa: PLC0415
    from insight.commands.inputs import Selection  # noqa: PLC0415

    selection = Selection(root=_root(context), stack=stack, all_stacks=all_stacks, file=from_file)
    return run(selection, style=CheckFormat(style))


class _CostGroup(typer.core.TyperGroup):
    """Takes `cost STACK` as what it always was, and knows `cost actuals` beside it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the estimate in front of whatever names no command."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else ["estimate", *args])


cost_app = typer.Typer(cls=_CostGroup, help="What a month costs: estimated before, and as billed after.")
app.add_typer(cost_app, name="cost")


@cost_app.command(
    name="estimate",
    hidden=True,
    epilog="Examples: `./smp cost prod-asia` · `./smp cost --all --format markdown` · `./smp cost --from stack.json` ·"
    " `./smp cost actuals november.csv.gz`",
)
@_reported
def cost(
    context: typer.Context,
    stack: OptionalStackName = None,
    *,
    all_stacks: AllStacks = False,
    from_file: FromFile = None,
    style: Annotated[CostStyle, typer.Option("--format", help="How the report is written.")] = CostStyle.TEXT,
) -> int:
    """Estimate a month's cost of a plan, or of a file of Pulumi's own, against its budget.

    What a month did cost is said by `./smp cost actuals`. Exit code 1 over 110 % of a budget.
    """
    _require_one(stack, from_file, all_stacks=all_stacks)
    from insight.commands.cost import CostFormat, run  # noqa: PLC0415
    from insight.commands.inputs import Selection  # noqa: PLC0415

    selection = Selection(root=_root(context), stack=stack, all_stacks=all_stacks, file=from_file)
    return run(selection, style=CostFormat(style))


@cost_app.command(
    epilog=(
        "Examples: `./smp cost actuals november.csv.gz` ·"
        " `./smp cost actuals aws.parquet alibaba.csv --rate CNY=0.1385` ·"
        " `./smp cost actuals november.csv --month 2026-11 --format json`"
    )
)
@_reported
def actuals(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="FOCUS exports: .csv, .csv.gz or .parquet.")
    ],
    *,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="The billing month; the last one in the files.")
    ] = None,
    basis: Annotated[
        Basis, typer.Option(help="What the invoice says, or upfront payments spread over their months.")
    ] = Basis.BILLED,
    rate: Annotated[
        list[str] | None,
        typer.Option(metavar="CNY=0.1385", help="US dollars for one unit of a currency. May be repeated."),
    ] = None,
    style: Annotated[
        ActualsStyle, typer.Option("--format", help="How the report is written.")
    ] = ActualsStyle.TEXT,
) -> int:
    """Report what a month did cost, per stack, from the providers' FOCUS exports.

    Beside it stand estimate, budget and the month's end at the pace of the last week; money that no tag assigns is
    named. Exit code 1 when a stack or a cluster has spent over 110 % of its budget.
    """
    from insight.actuals.spend import CostBasis  # noqa: PLC0415
    from insight.commands.actuals import ActualsFormat, Question, read_rates, run  # noqa: PLC0415

    question = Question(
        root=_root(context),
        files=tuple(files),
        basis=CostBasis(basis),
        month=month,
        rates=read_rates(rate or []),
    )
    return run(question, style=ActualsFormat(style))


def _require_one(stack: str | None, from_file: Path | None, *, all_stacks: bool) -> None:
    if all_stacks and (stack is not None or from_file is not None):
        msg = "--all takes every stack; name neither a stack nor a file beside it"
        raise typer.BadParameter(msg, param_hint="--all")
    if stack is None and from_file is None and not all_stacks:
        msg = "name a stack, or give --all or --from FILE"
        raise typer.BadParameter(msg, param_hint="STACK")


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@_reported
def test(context: typer.Context) -> int:
    """Run the tests; all arguments go to pytest: `./smp test -x tests/policies`, `./smp test --help`."""
    from insight.commands.tests import run  # noqa: PLC0415

    return run(_root(context), context.args)


def main() -> None:
    """Start the command line."""
    app(prog_name="smp")
