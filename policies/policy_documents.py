"""Policy documents of AWS and Alibaba Cloud, in any of the ways a resource holds one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.addresses import is_everybody
from policies.values import Opaque, Value, as_list, as_map

_NARROWING = frozenset(
    {
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpcsourceip",
        "aws:sourceip",
        "aws:principaltag",
        "aws:userid",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
        "elasticfilesystem:accessedviamounttarget",
        "lambda:eventsourcetoken",
        "acs:sourcevpc",
        "acs:vpcid",
        "acs:sourceip",
        "acs:accountid",
        "sts:externalid",
        "sts:rolesessionname",
    }
)
"""Keys by which a grant to everybody is one to somebody. ``aws:Referer`` and ``aws:UserAgent`` anybody can send."""
_POSITIVE = re.compile(
    r"^(?:for(?:any|all)value:)?(?:stringequals|stringequalsignorecase|stringlike|arnequals|arnlike|ipaddress|bool)$",
    re.IGNORECASE,
)
_ANYTHING = re.compile(r"^\*+$|^arn:\*(:\*)*$|^arn:aws:\*::\*:\*$")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement; texts stay as they are written."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    """Pairs such as ``("AWS", "*")``; a bare star is ``("*", "*")``."""
    not_principals: bool
    conditions: Mapping[str, Value]

    @property
    def is_for_everybody(self) -> bool:
        """Whether it names everybody as principal."""
        return any(
            name == "*" and kind in {"*", "AWS", "RAM", "CanonicalUser", "Federated"}
            for kind, name in self.principals
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether a condition leaves only known callers."""
        return any(_narrows(key, value) for key, value in self._conditions())

    @property
    def is_everything(self) -> bool:
        """Whether it allows every action."""
        return any(action in {"*", "*:*"} for action in self.actions)

    @property
    def is_everywhere(self) -> bool:
        """Whether it is about every resource."""
        return any(_ANYTHING.match(item) or item == "acs:*:*:*:*" for item in self.resources)

    def _conditions(self) -> Iterator[tuple[str, Value]]:
        for operator, block in self.conditions.items():
            if _POSITIVE.match(operator):
                yield from as_map(block).items()

    def condition(self, suffix: str) -> tuple[str, ...]:
        """Give the values a positive condition accepts for keys that end so; lower case."""
        return tuple(
            text.lower()
            for key, value in self._conditions()
            if key.lower().endswith(suffix)
            for text in _texts(value)
        )


def _narrows(key: str, value: Value) -> bool:
    name = key.lower()
    if name.split("/", maxsplit=1)[0] not in _NARROWING and not name.endswith((":sub", ":aud", ":amr")):
        return False
    found = [value] if isinstance(value, Opaque) else list(_texts(value))
    return bool(found) and not any(
        isinstance(item, str) and (not item.strip("*:?") or is_everybody(item) or item == "arn:aws:*")
        for item in found
    )


def statements(document: Value) -> tuple[Statement, ...] | Opaque | None:
    """Read a document, text or mapping; ``None`` where there is none, ``Opaque`` where it cannot be read."""
    if isinstance(document, Opaque):
        return document
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return None
    if not isinstance(document, Mapping):
        return None
    body = {str(key).lower(): value for key, value in as_map(document).items()}
    found = body.get("statement", body.get("statements"))
    if isinstance(found, Opaque):
        return found
    return tuple(_statement(as_map(item)) for item in as_list(found) if isinstance(item, Mapping))


def _statement(raw: Mapping[str, Value]) -> Statement:
    body = {str(key).lower().replace("_", ""): value for key, value in raw.items()}
    principal = body.get("principal", body.get("principals"))
    return Statement(
        sid=str(body.get("sid") or ""),
        allows=str(body.get("effect") or "Allow").lower() == "allow",
        actions=tuple(_texts(body.get("action", body.get("actions")))),
        not_actions=tuple(_texts(body.get("notaction", body.get("notactions")))),
        resources=tuple(_texts(body.get("resource", body.get("resources")))),
        not_resources=tuple(_texts(body.get("notresource", body.get("notresources")))),
        principals=tuple(_principals(principal)),
        not_principals="notprincipal" in body or "notprincipals" in body,
        conditions=as_map(body.get("condition")) or _condition_blocks(body.get("conditions")),
    )


def _condition_blocks(value: Value) -> Mapping[str, Value]:
    """Bring the data source's list of ``test``, ``variable`` and ``values`` into the document's form."""
    found: dict[str, dict[str, Value]] = {}
    for item in as_list(value):
        block = as_map(item)
        found.setdefault(str(block.get("test")), {})[str(block.get("variable"))] = block.get("values")
    return dict(found)


def _principals(value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        block = as_map(value)
        if "identifiers" in block:
            yield from ((str(block.get("type")), text) for text in _texts(block.get("identifiers")))
            return
        for kind, names in block.items():
            yield from ((kind, text) for text in _texts(names))
        return
    for item in as_list(value) or [value]:
        if isinstance(item, Mapping):
            yield from _principals(item)
        elif isinstance(item, str):
            yield ("*" if item == "*" else "AWS", item)


def _texts(value: Value) -> Iterator[str]:
    for item in as_list(value) or [value]:
        if isinstance(item, str | Opaque):
            yield str(item)
        elif isinstance(item, bool | int):
            yield str(item).lower()
