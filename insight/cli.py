"""The command line. Nothing heavy is imported here: each command brings what it needs when it runs."""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from insight import cli_cost
from insight.cli_support import (
    ROOT,
    AllStacks,
    AsJson,
    FromFile,
    OptionalStackName,
    OutFile,
    StackName,
    reported,
    require_one,
    root_of,
)

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


class PricesStyle(StrEnum):
    """Formats of `prices`."""

    TEXT = "text"
    JSON = "json"


class CheckStyle(StrEnum):
    """Formats of `check`."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"


class DiffStyle(StrEnum):
    """Formats of `diff`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


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
    ] = ROOT,
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
@reported
def plan(
    context: typer.Context,
    stack: StackName,
    *,
    out: OutFile = None,
    as_json: AsJson = False,
    require_secrets: Annotated[
        bool,
        typer.Option(
            "--require-secrets", help="Name every secret that is not set, instead of taking placeholders."
        ),
    ] = False,
) -> int:
    """Run a stack's program without engine, network or account, and report on what it makes.

    Exit code 1 when a mandatory policy is broken or the configuration is wrong.
    """
    from insight.commands.plan import run  # noqa: PLC0415

    return run(root_of(context), stack, file=out, as_json=as_json, require_secrets=require_secrets)


@app.command(
    epilog=(
        "Examples: `./smp rehearse dev` · `./smp rehearse dev --engine embedded` ·"
        ' `./smp rehearse dev --fail "smp-asia-dev-mysql=no capacity"` · `./smp rehearse dev --destroy`'
    )
)
@reported
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
        root_of(context),
        stack,
        engine=engine,
        file=out,
        take_down=destroy,
        as_json=as_json,
        failures=failures,
    )


@app.command(
    epilog="Examples: `./smp check prod-asia` · `./smp check --all --format sarif` · `./smp check --from preview.json`"
)
@reported
def check(
    context: typer.Context,
    stack: OptionalStackName = None,
    *,
    all_stacks: AllStacks = False,
    from_file: FromFile = None,
    style: Annotated[
        CheckStyle, typer.Option("--format", help="How findings are written.")
    ] = CheckStyle.TEXT,
    as_json: AsJson = False,
    links: Annotated[
        str | None,
        typer.Option(metavar="URL", help="With markdown: what stands before the path of a file, to link it."),
    ] = None,
) -> int:
    """Apply the policies to a plan, to a file of Pulumi's own, or to a folder of such files.

    Exit code 1 on a mandatory finding.
    """
    require_one(stack, from_file, all_stacks=all_stacks)
    from insight.commands.check import CheckFormat, run  # noqa: PLC0415
    from insight.commands.inputs import Selection  # noqa: PLC0415

    selection = Selection(root=root_of(context), stack=stack, all_stacks=all_stacks, file=from_file)
    return run(selection, style=CheckFormat.JSON if as_json else CheckFormat(style), links=links)


@app.command(
    epilog="Examples: `./smp diff before.json after.json` · `./smp diff base/ head/ --format markdown`"
)
@reported
def diff(
    context: typer.Context,
    base: Annotated[
        Path, typer.Argument(metavar="BASE", help="A file of Pulumi's own, or a folder of such.")
    ],
    head: Annotated[Path, typer.Argument(metavar="HEAD", help="The same, as it shall become.")],
    *,
    style: Annotated[DiffStyle, typer.Option("--format", help="How changes are written.")] = DiffStyle.TEXT,
    as_json: AsJson = False,
) -> int:
    """Compare resources stack by stack: created, updated, replaced, deleted.

    Files come from `./smp plan STACK --out FILE`, `pulumi stack export` or `pulumi preview --json`.
    """
    from insight.commands.diff import DiffFormat, run  # noqa: PLC0415

    return run(root_of(context), base, head, style=DiffFormat.JSON if as_json else DiffFormat(style))


app.add_typer(cli_cost.app, name="cost")


@app.command(epilog="Examples: `./smp prices` · `./smp prices prod-asia` · `./smp prices --format json`")
@reported
def prices(
    context: typer.Context,
    stack: OptionalStackName = None,
    *,
    from_file: FromFile = None,
    style: Annotated[
        PricesStyle, typer.Option("--format", help="How prices are written.")
    ] = PricesStyle.TEXT,
) -> int:
    """Show which prices the estimates rest on, where they are from and how sure they are.

    Of all stacks unless one is named. Exit code 1 when the price book is wrong.
    """
    from insight.commands.inputs import Selection  # noqa: PLC0415
    from insight.commands.prices import PricesFormat, run  # noqa: PLC0415

    everything = stack is None and from_file is None
    selection = Selection(root=root_of(context), stack=stack, all_stacks=everything, file=from_file)
    return run(selection, style=PricesFormat(style))


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@reported
def test(context: typer.Context) -> int:
    """Run the tests; all arguments go to pytest: `./smp test -x tests/policies`, `./smp test --help`."""
    from insight.commands.tests import run  # noqa: PLC0415

    return run(root_of(context), context.args)


def main() -> None:
    """Start the command line.

    A command is short and makes hardly any garbage in cycles, so nothing searches for it.
    """
    gc.disable()
    app(prog_name="smp")
