"""A stack's file as it is written: what the engine's reader takes without a word and nobody meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

PULUMI_KEYS = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")
"""What Pulumi itself reads at the top of a stack's file."""


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing wrong with a stack's configuration."""

    path: str
    """Where, as it stands in the file: ``smp:network.cidr``."""
    message: str
    """What is wrong and what to write instead."""


def file_mistakes(file: Path) -> Iterator[Mistake]:
    """Yield keys that stand twice in a mapping, and keys beside ``config:`` that nothing reads.

    A file that is not there or is no YAML is the engine's to refuse: nothing is yielded then.
    """
    try:
        root = cast(
            "yaml.Node | None", yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        )
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return
    if not isinstance(root, yaml.MappingNode):
        return
    for key in _keys(root):
        if key not in PULUMI_KEYS:
            yield Mistake(
                path=key,
                message="nothing reads this key beside `config:`; move it below, as smp:... or remove it",
            )
    yield from _repeated(root, "")


def _keys(node: yaml.MappingNode) -> Iterator[str]:
    for key, _ in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        if isinstance(key, yaml.ScalarNode):
            yield str(key.value)


def _repeated(node: yaml.Node, path: str) -> Iterator[Mistake]:
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(cast("list[yaml.Node]", node.value)):
            yield from _repeated(item, f"{path}[{place}]")
    if not isinstance(node, yaml.MappingNode):
        return
    first: dict[str, int] = {}
    for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        name = str(key.value)
        where = f"{path}.{name}" if path else "" if name == "config" else name
        line = key.start_mark.line + 1
        if name in first:
            yield Mistake(
                path=where or name,
                message=f"stands twice, in lines {first[name]} and {line}; keep one of them",
            )
        first.setdefault(name, line)
        yield from _repeated(value, where)
