"""What a rehearsal changed, as a tree of components."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from insight.rendering.resources import GUIDES, shorten
from insight.snapshot import STACK_TYPE
from insight.terminal import short_type
from policies.values import Opaque

if TYPE_CHECKING:
    from rehearsal import PropertyChange, Step

_SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("+-", "magenta"),
    "delete": ("-", "red"),
    "import": ("=", "cyan"),
}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_LONGEST_VALUE = 200


def change_tree(steps: Sequence[Step], *, stack: str, prefix: str) -> Tree | None:
    """Show what was not left as it was, under the components it is in; ``None`` when nothing was."""
    by_urn = {step.urn: step for step in steps}
    changed = [step for step in steps if str(step.op) in _SIGNS]
    if not changed:
        return None
    shown: dict[str, Step] = {}
    for step in changed:
        above: Step | None = step
        while above is not None and above.urn not in shown:
            shown[above.urn] = above
            above = by_urn.get(above.parent or "")
    children: dict[str | None, list[Step]] = {}
    for step in (item for item in steps if item.urn in shown):
        children.setdefault(step.parent if step.parent in shown else None, []).append(step)
    tree = Tree(Text(stack, style="bold"), guide_style=GUIDES)
    for top in children.get(None, []):
        if top.type == STACK_TYPE:
            for change in top.changes:
                tree.add(_change(change))
            _fill(tree, children, top.urn, prefix)
        else:
            _add(tree, children, top, prefix)
    return tree


def _fill(tree: Tree, children: Mapping[str | None, list[Step]], parent: str, prefix: str) -> None:
    for step in children.get(parent, []):
        _add(tree, children, step, prefix)


def _add(tree: Tree, children: Mapping[str | None, list[Step]], step: Step, prefix: str) -> None:
    sign, style = _SIGNS.get(str(step.op), (" ", "default"))
    label = Text("" if sign == " " else f"{sign} ", style=style)
    label.append(shorten(step.name, prefix), style=f"bold {style}" if sign != " " else "cyan")
    label.append(f"  {short_type(step.type)}", style="dim not bold")
    if sign != " ":
        label.append(f"  {step.op}", style=style)
    lines: list[RenderableType] = [label]
    if str(step.op) in {"update", "replace"}:
        lines.extend(_change(change) for change in step.changes)
    _fill(tree.add(Group(*lines) if len(lines) > 1 else label), children, step.urn, prefix)


def _change(change: PropertyChange) -> Text:
    text = Text(f"    {change.path}: ")
    text.append(show_value(change.old), style="red")
    text.append(" -> ")
    text.append(show_value(change.new), style="green")
    if change.forces_replacement:
        text.append("  forces replacement", style="magenta")
    return text


def show_value(value: Any) -> str:
    """Write a value in one line, shortened where it is long; nothing is ``(none)``."""
    if value is None:
        return "(none)"
    if isinstance(value, Opaque) or value == UNKNOWN:
        return str(Opaque.UNKNOWN) if value == UNKNOWN else str(value)
    text = (
        value if value == "[secret]" else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    )
    text = text.replace(f'"{UNKNOWN}"', str(Opaque.UNKNOWN))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
