"""The tree of components."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from insight.snapshot import STACK_TYPE, Resource, Snapshot
from insight.terminal import short_type

GUIDES = "dim"


def count(number: int, thing: str) -> str:
    """Say how many, such as ``1 resource`` and ``2 resources``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def shorten(name: str, prefix: str) -> str:
    """Leave away what all names of a stack begin with; ``-`` never stands alone."""
    rest = name.removeprefix(prefix).lstrip("-")
    return rest or name


def resource_tree(snapshot: Snapshot, *, prefix: str) -> Tree:
    """Show components indented, and below each its own resources by type; names without ``prefix``."""
    tree = Tree(_stack_label(snapshot), guide_style=GUIDES)
    for top in (item for item in snapshot.children(None) if item.type == STACK_TYPE):
        _fill(tree, snapshot, top, prefix)
    orphans = [item for item in snapshot.children(None) if item.type != STACK_TYPE]
    _fill_with(tree, snapshot, orphans, prefix)
    return tree


def size_below(snapshot: Snapshot, resource: Resource) -> int:
    """Count what is below a resource at any depth, without components."""
    return sum(
        (0 if child.is_component else 1) + size_below(snapshot, child)
        for child in snapshot.children(resource)
    )


def _stack_label(snapshot: Snapshot) -> Text:
    components = sum(item.is_component for item in snapshot.resources)
    made = sum(item.custom for item in snapshot.resources)
    label = Text(snapshot.stack, style="bold")
    label.append(f"  {count(made, 'resource')} in {count(components, 'component')}", style="not bold dim")
    return label


def _fill(tree: Tree, snapshot: Snapshot, parent: Resource, prefix: str) -> None:
    _fill_with(tree, snapshot, snapshot.children(parent), prefix)


def _fill_with(
    tree: Tree, snapshot: Snapshot, resources: tuple[Resource, ...] | list[Resource], prefix: str
) -> None:
    plain = [item for item in resources if not item.is_component]
    if plain:
        tree.add(_by_type(plain, prefix))
    for item in plain:
        # A provider's resource may have children of its own.
        if snapshot.children(item):
            _fill(tree, snapshot, item, prefix)
    for component in (item for item in resources if item.is_component):
        label = Text(shorten(component.name, prefix), style="bold cyan")
        label.append(f"  {component.type}", style="not bold default")
        label.append(f"  {count(size_below(snapshot, component), 'resource')}", style="not bold dim")
        if component.protect:
            label.append("  protected", style="yellow not bold")
        _fill(tree.add(label), snapshot, component, prefix)


def _by_type(resources: list[Resource], prefix: str) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_column(style="dim", ratio=1)
    kinds: dict[str, list[Resource]] = {}
    for resource in resources:
        kinds.setdefault(resource.type, []).append(resource)
    for token, items in kinds.items():
        table.add_row(f"{len(items)}", short_type(token), _names(items, prefix))
    return table


def _names(items: list[Resource], prefix: str) -> Text:
    text = Text()
    for place, item in enumerate(sorted(items, key=lambda item: item.name)):
        text.append(", " if place else "")
        text.append(shorten(item.name, prefix))
        if item.protect:
            text.append(" [protected]", style="yellow not dim")
    return text
