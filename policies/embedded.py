"""Strings inside strings: JSON, YAML and encoded texts as the trees they hold, scripts without their comments."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import yaml

from policies.values import Opaque, Value

_DEEPEST = 24
_MOST_LEAVES = 50_000
"""A document that unfolds beyond this is no configuration; what is behind stays unread as text."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One value at the end of a path, decoded."""

    path: str
    """In Pulumi's form; what was text inside text goes on behind the property that held it."""
    keys: tuple[str, ...]
    """The keys on the way, outermost first; of a list entry with name and value, the name takes the value's place."""
    value: Value

    @property
    def key(self) -> str:
        """The innermost key."""
        return self.keys[-1] if self.keys else ""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, which takes tags it does not know for the plain values behind them."""


def _untagged(loader: Any, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _untagged)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}

_BASE64 = re.compile(r"^[A-Za-z0-9+/_-]{24,}={0,2}$")
_YAML = re.compile(r"^\s*(?:-\s+)?[\w\"'./-]+\s*:(?:\s|$)", re.MULTILINE)
_COMMENTS = re.compile(
    r"<!--.*?-->"
    r"|(?:^|(?<=\s))/\*.*?\*/"
    r"|(?:^|(?<=\s))(?:#(?!!)|//)[^\n]*"
    r"|^[ \t]*(?:;|--|!)[ \t][^\n]*",
    re.DOTALL | re.MULTILINE,
)


def decoded_tree(value: Value) -> Value:
    """Give a value with every text that holds a document or another text replaced by that."""
    return _decode(value, 0)


def _decode(value: Value, depth: int) -> Value:
    if depth > _DEEPEST:
        return value
    if isinstance(value, str):
        inner = unfolded(value)
        return inner if isinstance(inner, str) else _decode(inner, depth + 1)
    if isinstance(value, Mapping):
        return {
            str(key): _decode(item, depth + 1) for key, item in cast("Mapping[str, Value]", value).items()
        }
    if isinstance(value, Sequence):
        return [_decode(item, depth + 1) for item in value]
    return value


@lru_cache(maxsize=4096)
def unfolded(text: str) -> Value:
    """Read what a text holds: a mapping or a list where it is JSON or YAML, else the text without its comments.

    Texts in base64, zipped or not, are read through. Two YAML documents or more are a list.
    """
    if len(text) < 3:
        return text
    stripped = text.strip()
    if stripped[:1] in "{[":
        try:
            inner = json.loads(stripped)
        except ValueError:
            pass
        except RecursionError:
            return text
        else:
            return cast("Value", inner) if isinstance(inner, Mapping | list) else text
    if _BASE64.match(joined := "".join(stripped.split())) and len(joined) % 4 == 0:
        opened = _opened(joined)
        if opened is not None:
            return unfolded(opened)
    if "\n" in stripped or stripped[:1] in "{[":
        document = _yaml(text)
        return without_comments(text) if document is None else document
    return text


def _opened(encoded: str) -> str | None:
    try:
        raw = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8")
    except (binascii.Error, ValueError, OSError, EOFError, zlib.error):
        return None
    return text if text.isprintable() or "\n" in text else None


def _yaml(text: str) -> Value:
    if not _YAML.search(text) or "{{" in text:
        return None
    try:
        documents = [item for item in yaml.load_all(text, Loader=_Loader) if item is not None]
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return None
    if not documents or not all(isinstance(item, Mapping | list) for item in documents):
        return None
    return cast("Value", documents[0] if len(documents) == 1 else documents)


def without_comments(text: str) -> str:
    """Drop what only people read: comments of shells, YAML, properties, HCL, JavaScript, SQL and XML."""
    return _COMMENTS.sub("", text)


def leaves(tree: Value, path: str = "", keys: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Give every value at the end of a path in a decoded tree."""
    for count, leaf in enumerate(_leaves(tree, path, keys)):
        if count > _MOST_LEAVES:
            return
        yield leaf


def _leaves(tree: Value, path: str, keys: tuple[str, ...]) -> Iterator[Leaf]:
    if isinstance(tree, Mapping):
        block = cast("Mapping[str, Value]", tree)
        name = block.get("name", block.get("key"))
        for key, item in block.items():
            # `{name: KAFKA_BROKERS, value: ...}` says what its value is in its name.
            inner = (*keys, name) if key in {"value", "values"} and isinstance(name, str) else (*keys, key)
            yield from _leaves(item, f"{path}.{key}" if path else key, inner)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for place, item in enumerate(tree):
            yield from _leaves(item, f"{path}[{place}]", keys)
    else:
        yield Leaf(path=path, keys=keys, value=tree)


def mappings(tree: Value, path: str = "") -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Give every mapping of a decoded tree with its path, outermost first."""
    if isinstance(tree, Mapping):
        block = cast("Mapping[str, Value]", tree)
        yield path, block
        for key, item in block.items():
            yield from mappings(item, f"{path}.{key}" if path else key)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for place, item in enumerate(tree):
            yield from mappings(item, f"{path}[{place}]")


def texts(tree: Value) -> Iterator[str]:
    """Give every text of a decoded tree."""
    for leaf in leaves(tree):
        if isinstance(leaf.value, str):
            yield leaf.value


def opaque_values(tree: Value) -> Iterator[Leaf]:
    """Give every value of a tree that cannot be read."""
    return (leaf for leaf in leaves(tree) if isinstance(leaf.value, Opaque))
