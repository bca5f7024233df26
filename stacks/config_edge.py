"""The section ``smp:cloudflare``: what a stack has at the edge."""

from __future__ import annotations

from datetime import date, timedelta
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
)

from catalog.clusters import Cluster
from catalog.edge import ZonePlan
from catalog.environments import Environment
from components.cloudflare.certificate_rules import (
    Validity,
    certificate_name,
    certificate_request,
    distinct_ends,
)
from components.cloudflare.origin_target import OriginTarget
from components.cloudflare.routing import ClusterState
from components.cloudflare.signing_keys import SHORTEST_MODULUS
from components.cloudflare.zone_limits import mail_preference, rate_limited, visitors_from, zone_text
from stacks.config_section import Section
from stacks.config_types import Count, Mailbox, in_production, problem, refuse, stack_of

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


class CertificateKey(StrEnum):
    """The kind of key a certificate request was made with."""

    ECC = "ecc"
    RSA = "rsa"


def _validity(days: int) -> int:
    offered = [validity.value for validity in Validity]
    if days not in offered:
        msg = f"{days} days are not on offer; write {', '.join(map(str, offered[:-1]))} or {offered[-1]}"
        raise problem(msg)
    return days


def _certificate(name: str) -> str:
    refuse(certificate_name(name))
    return name


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
    def _is_a_request(cls, request: str) -> str:
        refuse(certificate_request(request))
        return request

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.issued_on + timedelta(days=self.validity_days)


class OriginConfig(Section):
    """The origin of one cluster, behind its proxied names."""

    target: Target
    """The load balancer: what its Gateway reports once it exists, or a fixed address."""
    certificates: Annotated[
        dict[Annotated[str, AfterValidator(_certificate)], OriginCertificateConfig], Field(min_length=1)
    ]
    """By a name such as 2026-12; two while one is being replaced."""

    @field_validator("certificates")
    @classmethod
    def _follow_each_other(
        cls, certificates: dict[str, OriginCertificateConfig]
    ) -> dict[str, OriginCertificateConfig]:
        refuse(distinct_ends([certificate.ends_on for certificate in certificates.values()]))
        return certificates


class SigningKeyConfig(Section):
    """The public half of a key that signs access tokens, as its JSON Web Key has it."""

    n: Annotated[str, Field(pattern=rf"^[A-Za-z0-9_-]{{{SHORTEST_MODULUS},}}$")]
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

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, host: str) -> str:
        if _parse_target(host).address is not None:
            msg = f"{host} is an address; mail goes to a server's name"
            raise problem(msg)
        return host

    @field_validator("preference")
    @classmethod
    def _in_bounds(cls, preference: int) -> int:
        refuse(mail_preference(preference))
        return preference


class MailConfig(Section):
    """Mail of the zone, which the company's provider prescribes."""

    servers: Annotated[dict[str, MailServerConfig], Field(min_length=1)]
    """By a name of your choice."""
    spf: Annotated[str, Field(pattern=r"^v=spf1 ", examples=["v=spf1 include:mail.example -all"])]
    """Who may send."""
    dmarc: Annotated[str, Field(pattern=r"^v=DMARC1; ", examples=["v=DMARC1; p=reject"])]
    """What a receiver does with the rest."""

    @field_validator("spf", "dmarc")
    @classmethod
    def _is_text(cls, text: str) -> str:
        refuse(zone_text(text))
        return text


def _visitors(country: str) -> str:
    refuse(visitors_from(country))
    return country


class PublicZoneConfig(Section):
    """The zone smp.vn as a whole; the control plane's stack owns it."""

    plan: ZonePlanName
    """pro or business; it decides how many rate limiting rules there are."""
    rate_limited: Annotated[tuple[Environment, ...], Field(min_length=1)]
    """Environments with a rate limiting rule of their own."""
    geo: dict[Annotated[str, AfterValidator(_visitors)], GeoRule] = Field(default_factory=dict)
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

    @field_validator("rate_limited")
    @classmethod
    def _fit_the_plan(
        cls, environments: tuple[Environment, ...], info: ValidationInfo
    ) -> tuple[Environment, ...]:
        plan = info.data.get("plan")
        refuse(rate_limited(environments, ZonePlan[plan.name]) if isinstance(plan, ZonePlanName) else None)
        return environments


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

    @field_validator("alert_emails")
    @classmethod
    def _somebody_hears(cls, addresses: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if in_production(info) and not addresses:
            raise problem("is missing; somebody has to hear when an origin of production is down")
        return addresses

    @field_validator("origin", "router", "public_zone")
    @classmethod
    def _what_the_stack_has(cls, section: Section | None, info: ValidationInfo) -> Section | None:
        owns_zone = stack_of(info).facts.cluster is Cluster.GLOBAL
        needed = {
            "origin": not owns_zone,
            "router": owns_zone or not in_production(info),
            "public_zone": owns_zone,
        }[str(info.field_name)]
        name = stack_of(info).facts.name
        if needed and section is None:
            msg = f"is missing; {name} needs it, see another stack's file for its form"
            raise problem(msg)
        if not needed and section is not None:
            msg = f"belongs to another stack; remove it from {name}"
            raise problem(msg)
        return section
