"""The commands below ``smp cost``. Nothing heavy is imported here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from insight.cli_support import AllStacks, FromFile, OptionalStackName, reported, require_one, root_of

_OUTPUTS = "--outputs"


class CostStyle(StrEnum):
    """Formats of `cost`."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


class ActualsStyle(StrEnum):
    """Formats of `cost actuals`."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


class Basis(StrEnum):
    """Which of FOCUS' amounts is counted."""

    BILLED = "billed"
    EFFECTIVE = "effective"


class _CostGroup(typer.core.TyperGroup):
    """Takes `cost STACK` as what it always was, and knows `cost actuals` beside it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the estimate in front of whatever names no command; one `--outputs` takes all the files after it."""
        named = args if args and args[0] in self.commands else ["estimate", *args]
        return super().parse_args(ctx, _spelled_out(named))


def _spelled_out(args: list[str]) -> list[str]:
    """Repeat `--outputs` before each of its files, the way options are read."""
    spelled: list[str] = []
    taking = False
    for arg in args:
        if arg.startswith("-"):
            taking = arg == _OUTPUTS
        elif taking and spelled[-1] != _OUTPUTS:
            spelled.append(_OUTPUTS)
        spelled.append(arg)
    return spelled


app = typer.Typer(cls=_CostGroup, help="What a month costs: estimated before, and as billed after.")


@app.command(
    name="estimate",
    hidden=True,
    epilog="Examples: `./smp cost prod-asia` · `./smp cost --all --format markdown` · `./smp cost --from stack.json` ·"
    " `./smp cost --all --format html --out cost.html` · `./smp cost --outputs dev.json prod-us.json` ·"
    " `./smp cost actuals november.csv.gz`",
)
@reported
def cost(
    context: typer.Context,
    stack: OptionalStackName = None,
    *,
    all_stacks: AllStacks = False,
    from_file: FromFile = None,
    outputs: Annotated[
        list[Path] | None,
        typer.Option(
            _OUTPUTS, metavar="FILE...", help="Of `pulumi stack output --json`, of any number of stacks."
        ),
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Of `--format json` or `plan --out` before a change: what did it change?"
        ),
    ] = None,
    style: Annotated[CostStyle, typer.Option("--format", help="How the report is written.")] = CostStyle.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the report there, whole or not at all."),
    ] = None,
) -> int:
    """Estimate a month's cost of a plan, or of a file of Pulumi's own, against its budget.

    What a month did cost is said by `./smp cost actuals`. Exit code 1 over 110 % of a budget.
    """
    from insight.commands.cost import CostFormat, Form, run, run_outputs  # noqa: PLC0415

    form = Form(style=CostFormat(CostStyle.JSON if as_json else style), base=base, file=file)
    if outputs:
        if stack is not None or from_file is not None or all_stacks:
            msg = (
                "the files say which stacks they are of; name neither a stack nor --from or --all beside them"
            )
            raise typer.BadParameter(msg, param_hint=_OUTPUTS)
        return run_outputs(outputs, form)
    require_one(stack, from_file, all_stacks=all_stacks)
    from insight.commands.inputs import Selection  # noqa: PLC0415

    selection = Selection(root=root_of(context), stack=stack, all_stacks=all_stacks, file=from_file)
    return run(selection, form)


@app.command(
    epilog=(
        "Examples: `./smp cost actuals november.csv.gz` ·"
        " `./smp cost actuals aws.parquet alibaba.csv --rate CNY=0.1385` ·"
        " `./smp cost actuals november.csv --month 2026-11 --format json`"
    )
)
@reported
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
    outputs: Annotated[
        list[Path] | None,
        typer.Option(
            _OUTPUTS,
            metavar="FILE...",
            help="Estimates and budgets from `pulumi stack output --json`; without, from the stacks' plans.",
        ),
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
        root=root_of(context),
        files=tuple(files),
        basis=CostBasis(basis),
        month=month,
        rates=read_rates(rate or []),
        outputs=tuple(outputs or ()),
    )
    return run(question, style=ActualsFormat(style))


@app.command(
    name="map-alibaba",
    epilog=(
        "Example: `./smp cost map-alibaba bill.json > focus.csv`,"
        " then `./smp cost actuals focus.csv --rate CNY=0.14`"
    ),
)
@reported
def map_alibaba(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Answers of `aliyun bssopenapi DescribeInstanceBill`, as JSON."),
    ],
) -> int:
    """Write Alibaba Cloud's bill as a FOCUS export on standard output, whole or not at all."""
    import sys  # noqa: PLC0415

    from insight.actuals.alibaba import focus_csv  # noqa: PLC0415

    sys.stdout.write(focus_csv(files))
    return 0
