"""How the stand-in cloud makes up what a real one would assign: ids, ARNs, endpoints, in each service's own form.

A form is text with fields. Besides the plain ones of `Naming.fields` there are deterministic "random" ones, drawn from
the resource's seed: ``{hex:17}`` (digits 0-9a-f), ``{upper:14}`` (A-Z0-9), ``{lower:8}`` (a-z0-9), ``{digits:12}``,
``{uuid}``. A salt after a dot draws another value from the same seed: ``{hex:17.group}``.
"""

from __future__ import annotations

import hashlib
import re
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from rehearsal import values
from rehearsal.standin_identity import ProviderFacts
from rehearsal.values import Properties, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """Everything an id or endpoint is derived from.

    `name` is the physical name; `inputs` are the inputs without marks of secrets; `seed` stands for the resource.
    """

    token: str
    logical_name: str
    name: str
    seed: str
    inputs: Properties
    facts: ProviderFacts
    id: str = ""
    arn: str = ""

    def fill(self, form: str) -> str:
        """The text of a form."""
        return form.format_map(_Fields(self))


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One resource type: its id, its ARN without the leading partition, and further outputs (forms at any depth).

    `name_from` names the input that holds the physical name where it is not one of the usual ones. `computed` is for
    outputs that a text cannot express.
    """

    id: str = ""
    arn: str = ""
    name_from: str = ""
    outputs: Mapping[str, Value] = field(default_factory=dict[str, Value])
    computed: Callable[[Naming], Properties] | None = None


class _Random:
    """Draws deterministic characters: the part after the colon says how many and, after a dot, from which salt."""

    def __init__(self, alphabet: str, seed: str) -> None:
        self._alphabet = alphabet
        self._seed = seed

    def __format__(self, spec: str) -> str:
        length, _, salt = spec.partition(".")
        return draw(self._alphabet, int(length or "8"), self._seed, salt)


class _Uuid:
    def __init__(self, seed: str) -> None:
        self._seed = seed

    def __format__(self, spec: str) -> str:
        return str(
            uuid.UUID(hashlib.sha256(f"{self._seed}/uuid/{spec}".encode()).hexdigest()[:32], version=4)
        )


class _Fields(dict[str, Any]):
    def __init__(self, naming: Naming) -> None:
        facts = naming.facts
        super().__init__(
            partition=facts.partition,
            dns_suffix=facts.dns_suffix,
            region=facts.region,
            account=facts.account,
            id=naming.id,
            head=re.split(r"[:|]", naming.id)[0],
            tail=re.split(r"[:|]", naming.id)[-1],
            arn=naming.arn,
            name=naming.name,
            logical=naming.logical_name,
            hex=_Random("0123456789abcdef", naming.seed),
            upper=_Random(string.ascii_uppercase + string.digits, naming.seed),
            lower=_Random(string.ascii_lowercase + string.digits, naming.seed),
            digits=_Random("123456789", naming.seed),
            uuid=_Uuid(naming.seed),
            place=_place(facts.region),
            of=_Inputs(naming.inputs),
        )

    def __missing__(self, key: str) -> str:
        raise KeyError(f"a form names the unknown field {key!r}")


class _Inputs(dict[str, Any]):
    """Inputs as fields, `{of[clusterName]}`; one that is absent or no text is empty."""

    def __init__(self, inputs: Properties) -> None:
        super().__init__({name: value for name, value in inputs.items() if isinstance(value, (str, int))})

    def __missing__(self, key: str) -> str:
        return ""


def draw(alphabet: str, length: int, seed: str, salt: str = "") -> str:
    """`length` characters of `alphabet`, the same for the same seed and salt."""
    out = ""
    block = 0
    while len(out) < length:
        raw = hashlib.sha256(f"{seed}/{salt}/{block}".encode()).digest()
        out += "".join(alphabet[byte % len(alphabet)] for byte in raw)
        block += 1
    return out[:length]


def fill_all(naming: Naming, value: Value) -> Value:
    """`value` with every text in it filled as a form."""
    if isinstance(value, str):
        return naming.fill(value)
    if isinstance(value, Mapping):
        return {key: fill_all(naming, item) for key, item in cast("Mapping[str, Value]", value).items()}
    if isinstance(value, (list, tuple)):
        return [fill_all(naming, item) for item in cast("list[Value]", value)]
    return value


# Alibaba Cloud's ids carry a mark of the region they were made in.
_PLACES: Mapping[str, str] = {
    "cn-beijing": "2ze",
    "cn-hangzhou": "bp1",
    "cn-shanghai": "uf6",
    "cn-shenzhen": "wz9",
    "ap-southeast-1": "t4n",
    "us-east-1": "0xi",
}


def _place(region: str) -> str:
    return _PLACES.get(region, draw(string.ascii_lowercase + string.digits, 3, region))


_USUAL_NAMES = (
    "name",
    "bucket",
    "identifier",
    "clusterIdentifier",
    "clusterName",
    "replicationGroupId",
    "domainName",
)


def physical_name(*, logical_name: str, seed: str, inputs: Properties, name_from: str) -> str:
    """The name that a resource has in its cloud: the one it was given, or one derived as the providers do."""
    if name_from:
        given = inputs.get(name_from)
        if isinstance(given, str) and given and given != values.UNKNOWN:
            return given.removeprefix("https://")
    for key in _USUAL_NAMES:
        given = inputs.get(key)
        if isinstance(given, str) and given and given != values.UNKNOWN:
            return given
    return f"{logical_name}-{draw('0123456789abcdef', 7, seed, 'name')}"
