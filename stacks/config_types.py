"""Domain types as a stack file writes them: how text becomes a value, and what to write when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, cast

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from catalog.addresses import Cidr
from catalog.environments import Environment
from catalog.forms import ImageRegistry, mailbox
from catalog.instances import NODE_CAPACITY
from catalog.places import Cloud, Region
from catalog.prices import Priced
from catalog.quantities import Storage, Usd
from catalog.stack_facts import Stack
from components.alicloud.kubernetes_limits import ack_version
from components.aws.kubernetes_addons import eks_version
from components.core.node_pools import pool_instance


def problem(message: str) -> PydanticCustomError:
    """Make an error whose message is shown to the user as it is."""
    return PydanticCustomError("smp", "{message}", {"message": message})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a configuration is read for, and the whole document: some values only make sense beside another section's.

    ``document`` has the keys of the file without their namespace, and values as JSON; nothing in it is checked yet.
    """

    stack: Stack
    document: Mapping[str, object]

    @property
    def account(self) -> str | None:
        """The account as it is written, if it is text."""
        account = self.document.get("account")
        return account if isinstance(account, str) else None

    @property
    def zone_count(self) -> int | None:
        """How many zones are written, if they are a list."""
        network = self.document.get("network")
        zones = cast("Mapping[str, object]", network).get("zones") if isinstance(network, Mapping) else None
        return len(cast("list[object]", zones)) if isinstance(zones, list) else None


def reading_of(info: ValidationInfo) -> Reading:
    """Give what a configuration is read for."""
    return cast("Reading", info.context)


def stack_of(info: ValidationInfo) -> Stack:
    """Give the stack a configuration is validated for."""
    return reading_of(info).stack


def on_aws(info: ValidationInfo) -> bool:
    """Whether the stack's cluster runs on AWS; the other cloud is Alibaba's."""
    return stack_of(info).facts.cluster.cloud is Cloud.AWS


def in_production(info: ValidationInfo) -> bool:
    """Whether the stack holds real data."""
    return stack_of(info).facts.environment is Environment.PROD


def refuse(*found: str | None) -> None:
    """Make one problem of what shared rules found; nothing found is nothing done."""
    complaints = [complaint for complaint in found if complaint is not None]
    if complaints:
        raise problem("; ".join(complaints))


def _parse_cidr(value: object) -> Cidr:
    if not isinstance(value, str):
        msg = f"{value!r} is not an IPv4 range; write it like 10.20.0.0/16"
        raise problem(msg)
    try:
        return Cidr.parse(value)
    except ValueError as error:
        raise problem(str(error)) from error


CidrText = Annotated[
    Cidr,
    PlainValidator(_parse_cidr),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\.\d+\.\d+\.\d+/\d+$", "examples": ["10.20.0.0/16"]}),
]
"""An IPv4 range."""


def _parse_usd(value: object) -> Usd:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        amount = Decimal(str(value))
    except InvalidOperation as error:
        msg = f"{value!r} is not an amount; write US dollars a month as a number, such as 300"
        raise problem(msg) from error
    if not amount.is_finite() or amount <= 0:
        msg = f"{value} is not positive; write the monthly budget in US dollars, such as 300"
        raise problem(msg)
    return Usd(amount)


MonthlyUsd = Annotated[
    Usd,
    PlainValidator(_parse_usd),
    PlainSerializer(lambda usd: str(cast("Usd", usd).amount)),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
"""US dollars a month, more than zero."""


def _parse_gibibytes(value: object) -> Storage:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        msg = f"{value!r} is not a size; write whole gibibytes, such as 100"
        raise problem(msg)
    return Storage(value)


Gibibytes = Annotated[
    Storage,
    PlainValidator(_parse_gibibytes),
    PlainSerializer(lambda storage: cast("Storage", storage).gibibytes),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
"""Disk space."""


def _priced(kind: Priced) -> Callable[[str, ValidationInfo], str]:
    def check(value: str, info: ValidationInfo) -> str:
        region = stack_of(info).facts.cluster.home
        if kind.price(value, region) is None:
            msg = (
                f"{value} is an unknown or unpriced {kind.value} in {region};"
                f" priced there: {', '.join(_choices(kind, region))} (catalog/prices.json)"
            )
            raise problem(msg)
        return value

    return check


def _choices(kind: Priced, region: Region) -> list[str]:
    types = kind.known_types(region)
    return [name for name in types if kind is not Priced.NODE or name in NODE_CAPACITY]


def _sized(value: str) -> str:
    refuse(pool_instance(value))
    return value


NodeType = Annotated[str, AfterValidator(_priced(Priced.NODE)), AfterValidator(_sized)]
"""Machine type of a node pool: priced in the cluster's region, of known capacity."""

MysqlType = Annotated[str, AfterValidator(_priced(Priced.MYSQL))]
"""Instance class of RDS or ApsaraDB for MySQL."""

RedisType = Annotated[str, AfterValidator(_priced(Priced.REDIS))]
"""Node type of ElastiCache, or shard class of Tair."""

MongodbTier = Annotated[str, AfterValidator(_priced(Priced.MONGODB))]
"""Tier of Atlas, or class of ApsaraDB for MongoDB."""


def _kubernetes_version(value: str, info: ValidationInfo) -> str:
    refuse(eks_version(value) if on_aws(info) else ack_version(value))
    return value


KubernetesVersion = Annotated[str, AfterValidator(_kubernetes_version), Field(examples=["1.35"])]
"""Minor version whose add-ons are pinned; those before 1.35 leave standard support in 2026."""


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        msg = f"{value!r} is not a count; write a whole number, 0 or more"
        raise problem(msg)
    return value


Count = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
"""A whole number, zero or more."""


def _zone(value: str, info: ValidationInfo) -> str:
    home = stack_of(info).facts.cluster.home
    if not re.fullmatch(rf"{home}-?[a-z]", value):
        msg = f"{value} is not a zone of {home}, the home of {stack_of(info).facts.cluster.id}"
        raise problem(msg)
    return value


def _parse_registry(value: object) -> ImageRegistry:
    try:
        return ImageRegistry.parse(str(value))
    except ValueError as error:
        raise problem(str(error)) from error


RegistryText = Annotated[
    ImageRegistry,
    PlainValidator(_parse_registry),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["registry.example/mirror"]}),
]
"""A registry's host and a path below it."""


def _mailbox(value: str) -> str:
    refuse(mailbox(value))
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""An e-mail address."""


Zone = Annotated[str, AfterValidator(_zone)]
"""An availability zone of the cluster's home region."""
