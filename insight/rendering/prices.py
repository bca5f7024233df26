"""The price book on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog.price_book import MAXIMUM_AGE, Confidence
from catalog.stack_facts import Stack
from insight.price_usage import PriceUse, Standing
from insight.rendering.money import dollars
from insight.rendering.resources import count

_STYLES = {Confidence.EXACT: "green", Confidence.DERIVED: "yellow", Confidence.GUESS: "red"}
_WIDE = 130


def print_prices(console: Console, uses: Sequence[PriceUse], *, version: str, stacks: int) -> None:
    """Print the rows that are used, the dearest first, then what is only there to be chosen or unused."""
    used = [use for use in uses if use.standing is Standing.USED]
    console.print(
        Text(
            f"Price book of {version}: {count(len(uses), 'price')}, {len(used)} used by {count(stacks, 'stack')}",
            style="bold",
        )
    )
    console.print(_table(used, wide=console.width >= _WIDE))
    old = [use for use in used if use.is_old]
    if old:
        text = (
            f"Old: {count(len(old), 'price')} in use not read again for {MAXIMUM_AGE.days} days;"
            " read them at their source and correct as_of in catalog/prices.json"
        )
        console.print(Text(text, style="yellow"))
    if stacks < len(Stack):
        console.print(
            Text("Only what these use is shown; without a stack's name all of the book is.", style="dim")
        )
        return
    for standing, meaning in (
        (Standing.CHOOSABLE, "Types that a configuration may choose"),
        (Standing.UNUSED, "Unused by any stack, and not to be chosen: of use later, or to be removed"),
    ):
        rows = [f"{use.price.item} ({use.price.region})" for use in uses if use.standing is standing]
        if rows:
            console.print(Text(f"{meaning}: {len(rows)}", style="bold"))
            console.print(Text(f"  {', '.join(rows)}", style="dim"))


def _table(used: Sequence[PriceUse], *, wide: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Item", ratio=2, overflow="fold")
    table.add_column("Region", no_wrap=True)
    table.add_column("USD", justify="right", no_wrap=True)
    table.add_column("Unit", no_wrap=True)
    table.add_column("Of", no_wrap=True)
    table.add_column("Sure", no_wrap=True)
    table.add_column("A month", justify="right", no_wrap=True)
    table.add_column("Used by", ratio=1, overflow="fold")
    if wide:
        table.add_column("Source", ratio=2, overflow="fold", style="dim")
    for use in used:
        price = use.price
        cells = [
            Text(price.item),
            Text(price.region),
            Text(f"{price.usd.amount:f}"),
            Text(price.unit),
            Text(f"{price.as_of}{' old' if use.is_old else ''}", style="yellow" if use.is_old else ""),
            Text(str(price.confidence), style=_STYLES[price.confidence]),
            Text(dollars(use.month)),
            Text(", ".join(dict.fromkeys(item.stack for item in use.uses))),
        ]
        table.add_row(*cells, *([Text(price.source)] if wide else []))
    return table
