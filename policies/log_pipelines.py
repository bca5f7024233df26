"""Whether what a log agent sends away was sanitised first: the index's tenant, and stages that replace (M§14.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policies.embedded import Leaf, mappings
from policies.values import Value, as_list, as_map, dig
from policies.views import ResourceView

SANITISED_TENANT = "sanitized-index"
"""The tenant of Loki that holds the index without personal data."""
_REPLACES = re.compile(
    r"\breplace\b|stage\.replace|\breplace_\w+\(|\breplace\(|\bredact\w*\(|\bredaction\b|replace_pattern"
)
_TENANT_KEYS = re.compile(r"tenant|orgid", re.IGNORECASE)


def is_sanitised(resource: ResourceView, leaf: Leaf) -> bool:
    """Whether the destination named at a leaf is the sanitised index, and lines pass replace stages before it."""
    text = str(leaf.value)
    if "\n" in text:
        return _is_sanitised_text(text)
    parent = _parent(resource, leaf.path)
    return parent is not None and _has_tenant(parent) and _replaces_everywhere(_document(resource, leaf))


def _parent(resource: ResourceView, path: str) -> Mapping[str, Value] | None:
    above = re.sub(r"(?:\.[^.\[\]]+|\[\d+\])$", "", path)
    return next((block for at, block in resource.mappings if at == above), None)


def _has_tenant(block: Mapping[str, Value]) -> bool:
    found = [
        value
        for _, inner in mappings(block)
        for key, value in inner.items()
        if _TENANT_KEYS.search(key) and isinstance(value, str)
    ]
    return bool(found) and all(value == SANITISED_TENANT for value in found)


def _document(resource: ResourceView, leaf: Leaf) -> Value:
    """Give the outermost document that a leaf stands in: a file of a ConfigMap, the values of a chart, the object."""
    tree: Value = resource.tree
    for key in leaf.keys[:2] if leaf.keys[0] in {"data", "stringData"} else leaf.keys[:1]:
        tree = dig(tree, key)
    return tree


def _replaces_everywhere(document: Value) -> bool:
    blocks = [block for _, block in mappings(document)]
    scrapes = [item for block in blocks for item in as_list(block.get("scrape_configs"))]
    if scrapes:  # Promtail: every job has stages of its own
        return all(_REPLACES.search(str(dig(item, "pipeline_stages"))) for item in scrapes)
    return any(_REPLACES.search(key) for block in blocks for key in block) or any(
        isinstance(value, str) and _REPLACES.search(value)
        for block in blocks
        for value in as_map(block).values()
    )


_WRITER = re.compile(r'loki\.write\s+"([^"]+)"\s*\{')
_SOURCE = re.compile(r"loki\.source\.\w+\s+\"[^\"]+\"\s*\{")
_SECTION = re.compile(r"^\s*\[[A-Za-z_]+\]\s*$", re.MULTILINE)


def _is_sanitised_text(text: str) -> bool:
    """Read Alloy's and Fluent Bit's own languages: every part that names global has the tenant, and stages replace."""
    if not _REPLACES.search(text):
        return False
    parts = [part for part in _parts(text) if "smp-global" in part]
    if not parts or not all(SANITISED_TENANT in part for part in parts):
        return False
    writers = {match[1] for match in _WRITER.finditer(text) if "smp-global" in _block(text, match.end())}
    return not any(
        f"loki.write.{writer}." in _block(text, match.end())
        for match in _SOURCE.finditer(text)
        for writer in writers
    )


def _parts(text: str) -> list[str]:
    if _SECTION.search(text):
        return _SECTION.split(text)
    return [_block(text, match.end()) for match in re.finditer(r"\bendpoint\s*\{|\bsink\w*\s*\{", text)] or [
        text
    ]


def _block(text: str, start: int) -> str:
    """Give what stands between a brace already opened and the one that closes it."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    return text[start:]
