"""The outputs of a stack for a person: one line per value, long maps by their size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from rich.console import Console
from rich.text import Text

from insight.rendering.changes import UNKNOWN, show_value
from policies.values import as_map

_ESTIMATE = "estimate"
"""Of this output only the sums are shown; ``./smp cost`` shows the rest."""
_LONG = 6
"""A map of more values than this is shown by its size: one entry per topic or service fills a screen."""


def print_outputs(console: Console, outputs: Mapping[str, Any]) -> None:
    """Print every output at any depth with its path; say where the long ones stand whole."""
    console.print()
    console.print(Text("Outputs", style="bold"))
    shown = {name: value for name, value in outputs.items() if name != _ESTIMATE}
    monthly = as_map(outputs.get(_ESTIMATE)).get("monthly")
    if monthly is not None:
        shown[_ESTIMATE] = {"monthly": monthly}
    folded = False
    for path, value in _leaves("", shown):
        if _is_long(value):
            folded = True
            text = f"{len(value)} values"
        else:
            text = _one_line(value)
        console.print(Text.assemble("  ", (path, "cyan"), f": {text}"), soft_wrap=True)
    if folded:
        console.print(Text("  (--json shows every value)", style="dim"))


def _one_line(value: Any) -> str:
    if not isinstance(value, str) or not value or value == UNKNOWN:
        return show_value(value)
    first, *rest = value.splitlines()
    return f"{first} ..." if rest else first


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Give every output at any depth with its path; lists of plain values and long maps stay whole."""
    if isinstance(value, dict) and value and not (path and _is_long(value)):
        for key, item in sorted(cast("dict[str, Any]", value).items()):
            yield from _leaves(f"{path}.{key}" if path else key, item)
    else:
        yield path, value


def _is_long(value: Any) -> bool:
    """Whether a value holds many plain ones of a kind: of a store everything is shown, of 37 topics the number."""
    if not isinstance(value, dict):
        return False
    items = cast("dict[str, Any]", value).values()
    kinds = {type(item) for item in items}
    return len(items) > _LONG and len(kinds) == 1 and dict not in kinds
