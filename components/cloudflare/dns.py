"""DNS records of the public zone, each in the stack that serves it (M§3, M§11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import pulumi
import pulumi_cloudflare as cloudflare

from catalog import forms
from catalog.hostnames import HOSTS_OF_OTHERS, ZONE
from components.cloudflare.identifiers import identifier_problems
from components.cloudflare.origin_target import OriginTarget
from components.cloudflare.zone_limits import mail_preference, zone_text
from components.core.component import Args, Component, Outputs, about

_NOBODY = "100::"
"""The discard prefix (RFC 6666): what Cloudflare answers itself needs an address that leads nowhere."""
_AUTOMATIC_TTL = 1
_TTL_SECONDS = 300


class Exposure(Enum):
    """What a visitor learns of the target."""

    PROXIED = True
    """Cloudflare's addresses; the firewall stands before the target."""
    DNS_ONLY = False
    """The target itself."""


@dataclass(frozen=True, kw_only=True)
class AnsweredAtEdge:
    """A host that a Worker or a redirect answers for; there is no origin behind it."""

    host: str


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A host that stands for another, or for an IPv4 address."""

    host: str
    target: OriginTarget
    exposure: Exposure = Exposure.PROXIED


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Who takes the zone's mail; the lower preference first."""

    host: str
    server: str
    preference: int


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text, such as SPF or DMARC."""

    host: str
    text: str


@dataclass(frozen=True, kw_only=True)
class CertificateAuthority:
    """Who may issue certificates below a name, wildcards too (RFC 8659)."""

    host: str
    authority: str


@dataclass(frozen=True, kw_only=True)
class CertificateIncidents:
    """Where an authority reports a request it refused (RFC 8659)."""

    host: str
    mailbox: str


Record = AnsweredAtEdge | Alias | MailServer | Text | CertificateAuthority | CertificateIncidents


@dataclass(frozen=True, kw_only=True)
class DnsRecordsArgs(Args):
    """Records by a short name of ours, which is the end of their logical names."""

    zone_id: str
    records: Mapping[str, Record]

    def problems(self) -> Iterator[str]:
        """Check that names are the zone's, that the product is proxied, and that nothing is there twice."""
        yield from identifier_problems("zone_id", self.zone_id)
        if not self.records:
            yield "records are empty; name at least one"
        aliased: dict[str, str] = {}
        for key, record in self.records.items():
            yield from _record_problems(key, record)
            if isinstance(record, AnsweredAtEdge | Alias):
                if record.host in aliased:
                    yield f"record {key}: {record.host} is {aliased[record.host]} already; keep one of them"
                aliased[record.host] = key


def _record_problems(key: str, record: Record) -> Iterator[str]:
    if record.host != ZONE and not record.host.endswith(f".{ZONE}"):
        yield f"record {key}: {record.host} is not of {ZONE}; this zone holds only its own names"
    match record:
        case Alias(exposure=Exposure.DNS_ONLY) if record.host not in HOSTS_OF_OTHERS:
            yield f"record {key}: {record.host} serves the product; leave it proxied, or its origin is open to all"
        case Alias(exposure=Exposure.PROXIED) if record.host in HOSTS_OF_OTHERS:
            yield f"record {key}: {record.host} is served by another platform, which needs it DNS_ONLY"
        case MailServer(preference=preference):
            yield from about(f"record {key}: preference", mail_preference(preference))
        case Text(text=text):
            yield from about(f"record {key}", zone_text(text))
        case CertificateIncidents(mailbox=mailbox):
            yield from about(f"record {key}:", forms.mailbox(mailbox))
        case _:
            pass


@dataclass(frozen=True, kw_only=True)
class DnsRecordsOutputs(Outputs):
    """The hosts of a stack, by the short names of their records."""

    hosts: Mapping[str, str]


class DnsRecords(Component[DnsRecordsOutputs]):
    """Records of one stack. Nothing here says who else has records: no two stacks own the same name.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:DnsRecords"

    def __init__(
        self,
        name: str,
        args: DnsRecordsArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._zone_id = args.zone_id
        for key, record in args.records.items():
            self._create(self.scope.name(f"record-{key}"), record)
        self.publish(DnsRecordsOutputs(hosts={key: record.host for key, record in args.records.items()}))

    def _create(self, name: str, record: Record) -> None:
        match record:
            case AnsweredAtEdge():
                self._address(name, record.host, "AAAA", _NOBODY, Exposure.PROXIED)
            case Alias():
                kind = "A" if record.target.address else "CNAME"
                self._address(name, record.host, kind, record.target.text, record.exposure)
            case MailServer():
                self._plain(name, record.host, "MX", content=record.server, priority=record.preference)
            case Text():
                self._plain(name, record.host, "TXT", content=f'"{record.text}"')
            case CertificateAuthority():
                for tag in ("issue", "issuewild"):
                    data = cloudflare.DnsRecordDataArgs(flags="0", tag=tag, value=record.authority)
                    self._plain(f"{name}-{tag}", record.host, "CAA", data=data)
            case CertificateIncidents():
                data = cloudflare.DnsRecordDataArgs(flags="0", tag="iodef", value=f"mailto:{record.mailbox}")
                self._plain(name, record.host, "CAA", data=data)

    def _address(self, name: str, host: str, kind: str, content: str, exposure: Exposure) -> None:
        proxied = exposure is Exposure.PROXIED
        cloudflare.DnsRecord(
            name,
            zone_id=self._zone_id,
            name=host,
            type=kind,
            content=content,
            proxied=proxied,
            ttl=_AUTOMATIC_TTL if proxied else _TTL_SECONDS,
            comment=self._comment(),
            opts=self.child(),
        )

    def _plain(
        self,
        name: str,
        host: str,
        kind: str,
        *,
        content: str | None = None,
        priority: float | None = None,
        data: cloudflare.DnsRecordDataArgs | None = None,
    ) -> None:
        cloudflare.DnsRecord(
            name,
            zone_id=self._zone_id,
            name=host,
            type=kind,
            content=content,
            priority=priority,
            data=data,
            ttl=_TTL_SECONDS,
            comment=self._comment(),
            opts=self.child(),
        )

    def _comment(self) -> str:
        return f"Pulumi stack {self.scope.stack.facts.name}"
