"""The section ``smp:cloudflare``: what a stack has at the edge."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from catalog.clusters import Cluster
from catalog.environments import Environment
from components.cloudflare.origin_target import OriginTarget
from components.cloudflare.routing import ClusterState
from stacks.config_section import Section
from stacks.config_types import Count, problem, stack_of

Identifier = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0123456789abcdef0123456789abcdef"])]
"""An account or a zone at Cloudflare: 32 hexadecimal digits."""


def _parse_target(value: object) -> OriginTarget:
    if not isinstance(value, str):
        msg = (
            f"{value!r} is neither an IPv4 address nor a host name; write the load balancer's, without scheme"
        )
        raise problem(msg)
    try:
        return OriginTarget.parse(value)
    except ValueError as error:
        raise problem(str(error)) from error


Target = Annotated[
    OriginTarget,
    PlainValidator(_parse_target),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["203.0.113.10", "ingress.example"]}),
]
"""Where something really is: an IPv4 address or a host name."""


def _parse_day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        msg = f"{value!r} is no day; write it in quotes, like '2026-12-01'"
        raise problem(msg) from error


Day = Annotated[
    date,
    PlainValidator(_parse_day),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-01"]}),
]
"""A calendar day, in quotes."""


def _mailbox(value: str) -> str:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is None:
        msg = f"{value!r} is no e-mail address"
        raise problem(msg)
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""An e-mail address."""


class CertificateKey(StrEnum):
    """The kind of key a certificate request was made with."""

    ECC = "ecc"
    RSA = "rsa"


def _validity(days: int) -> int:
    if days not in {90, 365, 730}:
        msg = f"{days} days are not on offer; write 90, 365 or 730"
        raise problem(msg)
    return days


class OriginCertificateConfig(Section):
    """One Origin CA certificate (docs/runbooks/origin-certificates.md)."""

    request: str
    """PEM of the certificate request; the key stays where it was made."""
    key: CertificateKey
    """ecc or rsa, as the request was made."""
    issued_on: Day
    """The day of the first deployment; reminders and reports reckon from it."""
    validity_days: Annotated[Count, AfterValidator(_validity)]
    """90, 365 or 730."""

    @field_validator("request")
    @classmethod
    def _no_private_key(cls, request: str) -> str:
        if "PRIVATE KEY" in request:
            raise problem("holds a private key; it is public now: throw it away, and give a request alone")
        return request


class OriginConfig(Section):
    """The origin of one cluster, behind its proxied names."""

    target: Target
    """The load balancer: what its Gateway reports once it exists, or a fixed address."""
    certificates: Annotated[dict[str, OriginCertificateConfig], Field(min_length=1)]
    """By a name such as 2026-12; two while one is being replaced."""


class SigningKeyConfig(Section):
    """The public half of a key that signs access tokens, as its JSON Web Key has it."""

    n: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{342,}$")]
    """Modulus, base64url, 2048 bits or more."""
    e: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,8}$")] = "AQAB"
    """Exponent, base64url."""


def router_clusters(environment: Environment) -> tuple[Cluster, ...]:
    """The clusters an environment's router chooses among: production has three, the others one (M§3)."""
    production = (Cluster.ASIA, Cluster.CHINA, Cluster.US)
    return production if environment is Environment.PROD else (Cluster.ASIA,)


class RouterConfig(Section):
    """The edge router of an environment."""

    clusters: dict[str, ClusterState]
    """serving or maintenance, for each cluster; taking one out is this one word (M§14.6)."""
    signing_keys: Annotated[dict[str, SigningKeyConfig], Field(min_length=1)]
    """By key id (kid); both while a key is being rotated."""
    version: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] | None = None
    """Version of the Worker in force, to go back to it; none means the newest."""

    @field_validator("clusters")
    @classmethod
    def _exactly_its_clusters(
        cls, clusters: dict[str, ClusterState], info: ValidationInfo
    ) -> dict[str, ClusterState]:
        wanted = [cluster.id for cluster in router_clusters(stack_of(info).facts.environment)]
        if sorted(clusters) != sorted(wanted):
            given = ", ".join(clusters) or "none"
            msg = (
                f"this router serves {', '.join(wanted)}, each with a state, and nobody else; given: {given}"
            )
            raise problem(msg)
        return clusters


class ZonePlanName(StrEnum):
    """Plans of the zone."""

    PRO = "pro"
    BUSINESS = "business"


class GeoRule(StrEnum):
    """What meets visitors from a country."""

    BLOCK = "block"
    CHALLENGE = "challenge"


class MailServerConfig(Section):
    """A server that takes the zone's mail."""

    host: str
    """Its name."""
    preference: Count
    """The lower is asked first."""


class MailConfig(Section):
    """Mail of the zone, which the company's provider prescribes."""

    servers: Annotated[dict[str, MailServerConfig], Field(min_length=1)]
    """By a name of your choice."""
    spf: Annotated[str, Field(pattern=r"^v=spf1 ", examples=["v=spf1 include:mail.example -all"])]
    """Who may send."""
    dmarc: Annotated[str, Field(pattern=r"^v=DMARC1; ", examples=["v=DMARC1; p=reject"])]
    """What a receiver does with the rest."""


class PublicZoneConfig(Section):
    """The zone smp.vn as a whole; the control plane's stack owns it."""

    plan: ZonePlanName
    """pro or business; it decides how many rate limiting rules there are."""
    rate_limited: Annotated[tuple[Environment, ...], Field(min_length=1)]
    """Environments with a rate limiting rule of their own."""
    geo: dict[str, GeoRule] = Field(default_factory=dict)
    """Country (ISO 3166-1, or T1 for Tor) -> block or challenge; never a country that a cluster serves."""
    docs_target: Target
    """Where docs.smp.vn is served."""
    status_target: Target
    """The status page at its provider."""
    mail: MailConfig
    certificate_contact: Mailbox
    """Hears of certificates that an authority refused to issue."""
    china_origin: OriginConfig
    """The Beijing cluster's, whose team holds no credential of Cloudflare."""


class CloudflareConfig(Section):
    """Cloudflare: the edge, and objects that are about nobody."""

    account: Identifier
    """Account id: 32 hexadecimal digits."""
    zone: Identifier
    """Zone id of smp.vn: 32 hexadecimal digits."""
    alert_emails: tuple[Mailbox, ...] = ()
    """Who hears of origins that are down; none in dev (M§12)."""
    origin: OriginConfig | None = None
    """This cluster's origin; every product cluster on AWS has one."""
    router: RouterConfig | None = None
    """This environment's router; dev, staging and prod-global have one."""
    public_zone: PublicZoneConfig | None = None
    """The zone as a whole; prod-global alone."""

    @model_validator(mode="after")
    def _what_the_stack_has(self, info: ValidationInfo) -> CloudflareConfig:
        stack = stack_of(info)
        owns_zone = stack.facts.cluster is Cluster.GLOBAL
        production = stack.facts.environment is Environment.PROD
        wanted = {
            "origin": not owns_zone,
            "router": owns_zone or not production,
            "publicZone": owns_zone,
        }
        given = {"origin": self.origin, "router": self.router, "publicZone": self.public_zone}
        for key, needed in wanted.items():
            if needed and given[key] is None:
                msg = f"{key} is missing; {stack.facts.name} needs it, see another stack's file for its form"
                raise problem(msg)
            if not needed and given[key] is not None:
                msg = f"{key} belongs to another stack; remove it from {stack.facts.name}"
                raise problem(msg)
        if production and not self.alert_emails:
            raise problem("alertEmails is missing; somebody has to hear when an origin of production is down")
        return self
