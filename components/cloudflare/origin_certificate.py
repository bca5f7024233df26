"""Certificates by which origins prove themselves to Cloudflare (M§11): Origin CA, from a request, never from a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

import pulumi
import pulumi_cloudflare as cloudflare

from catalog.hostnames import ZONE
from components.cloudflare.certificate_rules import (
    Validity,
    certificate_name,
    certificate_request,
    distinct_ends,
)
from components.core.component import Args, Component, Outputs, about

RENEWAL_DAYS = 60
"""How long before its end a certificate has to be replaced."""


class KeyKind(Enum):
    """The kind of key the request was made with."""

    RSA = "origin-rsa"
    ECC = "origin-ecc"


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One certificate of a row that follow each other."""

    request: str
    """PEM of the certificate request, made where the key lives."""
    key_kind: KeyKind
    issued_on: date
    """The day it is first deployed, written down so that a plan does not depend on when it is made."""
    validity: Validity

    @property
    def expires_on(self) -> date:
        """The last day."""
        return self.issued_on + timedelta(days=self.validity.value)

    @property
    def renew_by(self) -> date:
        """The day on which the next one should be in place."""
        return self.expires_on - timedelta(days=RENEWAL_DAYS)


@dataclass(frozen=True, kw_only=True)
class OriginCertificatesArgs(Args):
    """The certificates of one cluster's origins, by a name of the operators' choice such as ``2026-11``.

    Two at once while one is being replaced: removing the old revokes it.
    """

    hosts: tuple[str, ...]
    issues: Mapping[str, Issue]

    def problems(self) -> Iterator[str]:
        """Check the hosts, the requests, and that no private key came with them."""
        if not self.hosts:
            yield "hosts are empty; name the origins the certificate is for"
        for host in self.hosts:
            if not host.endswith(f".{ZONE}") or "*" in host:
                yield f"{host} is no single host of {ZONE}; a certificate covers one cluster's origins and no more"
        if not self.issues:
            yield "issues are empty; strict TLS needs one, see docs/runbooks/origin-certificates.md"
        for name, issue in self.issues.items():
            yield from about("certificate", certificate_name(name))
            yield from about(f"certificate {name}:", certificate_request(issue.request))
        yield from about("issues", distinct_ends([issue.expires_on for issue in self.issues.values()]))


@dataclass(frozen=True, kw_only=True)
class OriginCertificateOutputs(Outputs):
    """One certificate; its key is where the request was made."""

    certificate: pulumi.Output[str]
    """PEM, public."""
    expires_on: str
    """ISO 8601 day, reckoned from the configuration."""
    renew_by: str


@dataclass(frozen=True, kw_only=True)
class OriginCertificatesOutputs(Outputs):
    """The certificates by name, and the day by which the last of them has to be followed by another."""

    hosts: tuple[str, ...]
    certificates: Mapping[str, OriginCertificateOutputs]
    renew_by: str


class OriginCertificates(Component[OriginCertificatesOutputs]):
    """Origin CA certificates of one cluster. They do not renew themselves.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:OriginCertificates"

    def __init__(
        self,
        name: str,
        args: OriginCertificatesArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._hosts = args.hosts
        self.publish(
            OriginCertificatesOutputs(
                hosts=args.hosts,
                certificates={issue: self._create(issue, spec) for issue, spec in args.issues.items()},
                renew_by=max(spec.renew_by for spec in args.issues.values()).isoformat(),
            )
        )

    def _create(self, issue: str, spec: Issue) -> OriginCertificateOutputs:
        certificate = cloudflare.OriginCaCertificate(
            self.scope.name(f"origin-certificate-{issue}"),
            csr=spec.request,
            hostnames=list(self._hosts),
            request_type=spec.key_kind.value,
            requested_validity=spec.validity.value,
            # Deleting revokes: an origin that still serves it would be refused by the edge.
            opts=self.stateful_child(),
        )
        return OriginCertificateOutputs(
            certificate=certificate.certificate,
            expires_on=spec.expires_on.isoformat(),
            renew_by=spec.renew_by.isoformat(),
        )
