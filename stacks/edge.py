"""The edge of every stack: routers, records, the zone, and the origins behind it (M§3, M§11, M§14.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pulumi_cloudflare as cloudflare

from catalog.clusters import Cluster
from catalog.deploy_secrets import DeploySecret
from catalog.edge import CERTIFICATE_AUTHORITIES, ZonePlan
from catalog.environments import Environment
from catalog.hostnames import (
    ADMIN_HOST,
    APP_HOST,
    DOCS_HOST,
    PARTNER_HOST,
    STATUS_HOST,
    ZONE,
    WebApp,
    api_host,
    pages_project,
    regional_api_origin,
    regional_origins,
    regional_websocket_origin,
    websocket_host,
)
from components.aws.edge_ingress import EdgeIngress, EdgeIngressArgs, EdgeIngressOutputs
from components.aws.renewal_reminder import Deadline, RenewalReminder, RenewalReminderArgs
from components.cloudflare.certificate_rules import Validity
from components.cloudflare.dns import (
    Alias,
    AnsweredAtEdge,
    CertificateAuthority,
    CertificateIncidents,
    DnsRecords,
    DnsRecordsArgs,
    Exposure,
    MailServer,
    Record,
    Text,
)
from components.cloudflare.health import OriginHealth, OriginHealthArgs
from components.cloudflare.origin_certificate import (
    Issue,
    KeyKind,
    OriginCertificates,
    OriginCertificatesArgs,
    OriginCertificatesOutputs,
)
from components.cloudflare.origin_target import OriginTarget
from components.cloudflare.pages import PagesProjects, PagesProjectsArgs, PagesProjectsOutputs
from components.cloudflare.router import EdgeRouter, EdgeRouterArgs, EdgeRouterOutputs
from components.cloudflare.signing_keys import SigningKey
from components.cloudflare.zone import ZoneSecurity, ZoneSecurityArgs, ZoneSecurityOutputs
from components.cloudflare.zone_rules import GeoAction
from components.core.component import Outputs
from stacks.aws_foundation import Foundation
from stacks.config_edge import CertificateKey, OriginConfig, PublicZoneConfig, router_clusters
from stacks.config_section import present

_EDGE = Path(__file__).parents[1] / "edge"
_SCRIPT = _EDGE / "src" / "router.js"
_RUNTIME = _EDGE / "worker.json"
"""Which runtime the tests run the script in; production takes the same."""

_RUNBOOK = "docs/runbooks/origin-certificates.md"
_KEYS = {CertificateKey.ECC: KeyKind.ECC, CertificateKey.RSA: KeyKind.RSA}


def product_cluster(base: Foundation, provider: cloudflare.Provider) -> dict[str, Outputs]:
    """The edge of a product cluster: its origin, and below production also the environment's public names."""
    config = base.config.required_cloudflare
    origin = present(config.origin, "cloudflare.origin")
    environment = base.scope.environment
    parts: dict[str, Outputs] = {
        "edgeIngress": ingress(base),
        "originCertificates": origin_certificates(base, provider, base.scope.cluster, origin),
    }
    names = origin_records(base.scope.cluster, environment, origin.target)
    if environment is not Environment.PROD:
        parts["router"] = router(base, provider)
        parts["pages"] = pages(base, provider, dict.fromkeys(WebApp, ()))
        names |= public_records(environment)
    records(base, provider, names)
    origin_health(base, provider, base.scope.cluster, origin)
    return parts


def control_plane(base: Foundation, provider: cloudflare.Provider) -> dict[str, Outputs]:
    """The zone, production's public names and router, and what the Beijing team cannot make itself."""
    public = present(base.config.required_cloudflare.public_zone, "cloudflare.publicZone")
    china = public.china_origin
    hosts = {WebApp.MOBILE: (APP_HOST,), WebApp.ADMIN: (ADMIN_HOST,)}
    parts: dict[str, Outputs] = {
        "zone": zone(base, provider, public),
        "router": router(base, provider),
        "pages": pages(base, provider, hosts),
        "originCertificates": origin_certificates(base, provider, Cluster.CHINA, china),
    }
    records(
        base,
        provider,
        public_records(Environment.PROD)
        | zone_records(public)
        | origin_records(Cluster.CHINA, Environment.PROD, china.target),
    )
    origin_health(base, provider, Cluster.CHINA, china)
    return parts


def router(base: Foundation, provider: cloudflare.Provider) -> EdgeRouterOutputs:
    """The environment's router."""
    config = base.config.required_cloudflare
    section = present(config.router, "cloudflare.router")
    runtime = json.loads(_RUNTIME.read_text(encoding="utf-8"))
    return EdgeRouter(
        "router",
        EdgeRouterArgs(
            scope=base.scope,
            account_id=config.account,
            zone_id=config.zone,
            script=_SCRIPT,
            compatibility_date=runtime["compatibilityDate"],
            compatibility_flags=tuple(runtime["compatibilityFlags"]),
            clusters={
                cluster: section.clusters[cluster.id] for cluster in router_clusters(base.scope.environment)
            },
            signing_keys={
                key_id: SigningKey(modulus=key.n, exponent=key.e)
                for key_id, key in section.signing_keys.items()
            },
            session_key=base.settings.secrets[DeploySecret.EDGE_SESSION_KEY.value.key],
            version_in_force=section.version,
        ),
        provider=provider,
    ).outputs


def pages(
    base: Foundation, provider: cloudflare.Provider, hosts: Mapping[WebApp, tuple[str, ...]]
) -> PagesProjectsOutputs:
    """The web applications of the environment."""
    return PagesProjects(
        "pages",
        PagesProjectsArgs(
            scope=base.scope, account_id=base.config.required_cloudflare.account, projects=hosts
        ),
        provider=provider,
    ).outputs


def zone(base: Foundation, provider: cloudflare.Provider, public: PublicZoneConfig) -> ZoneSecurityOutputs:
    """Plan, TLS, firewall, limits and redirects of the whole zone."""
    return ZoneSecurity(
        "zone",
        ZoneSecurityArgs(
            scope=base.scope,
            zone_id=base.config.required_cloudflare.zone,
            plan=ZonePlan[public.plan.name],
            rate_limited=public.rate_limited,
            geo={country: GeoAction(rule) for country, rule in public.geo.items()},
            origins=tuple(
                host
                for environment in Environment
                for cluster in router_clusters(environment)
                for host in regional_origins(cluster, environment)
            ),
            redirects={PARTNER_HOST: ADMIN_HOST},
        ),
        provider=provider,
    ).outputs


def records(base: Foundation, provider: cloudflare.Provider, names: Mapping[str, Record]) -> None:
    """The stack's records."""
    DnsRecords(
        "records",
        DnsRecordsArgs(scope=base.scope, zone_id=base.config.required_cloudflare.zone, records=names),
        provider=provider,
    )


def public_records(environment: Environment) -> dict[str, Record]:
    """Names of the environment that its router answers for."""
    return {
        "api": AnsweredAtEdge(host=api_host(environment)),
        "ws": AnsweredAtEdge(host=websocket_host(environment)),
    }


def origin_records(cluster: Cluster, environment: Environment, target: OriginTarget) -> dict[str, Record]:
    """Names by which the router reaches a cluster."""
    return {
        "origin-api": Alias(host=regional_api_origin(cluster, environment), target=target),
        "origin-ws": Alias(host=regional_websocket_origin(cluster, environment), target=target),
    }


def zone_records(public: PublicZoneConfig) -> dict[str, Record]:
    """Names of production that no router answers for, and the zone's mail and certificates (M§11)."""
    return {
        "app": _pages_alias(APP_HOST, WebApp.MOBILE),
        "admin": _pages_alias(ADMIN_HOST, WebApp.ADMIN),
        "partner": AnsweredAtEdge(host=PARTNER_HOST),
        "docs": Alias(host=DOCS_HOST, target=public.docs_target),
        "status": Alias(host=STATUS_HOST, target=public.status_target, exposure=Exposure.DNS_ONLY),
        **{
            f"mail-{name}": MailServer(host=ZONE, server=server.host, preference=server.preference)
            for name, server in public.mail.servers.items()
        },
        "spf": Text(host=ZONE, text=public.mail.spf),
        "dmarc": Text(host=f"_dmarc.{ZONE}", text=public.mail.dmarc),
        **{
            f"caa-{authority.split('.', maxsplit=1)[0]}": CertificateAuthority(host=ZONE, authority=authority)
            for authority in CERTIFICATE_AUTHORITIES
        },
        "caa-incidents": CertificateIncidents(host=ZONE, mailbox=public.certificate_contact),
    }


def _pages_alias(host: str, app: WebApp) -> Alias:
    return Alias(host=host, target=OriginTarget.parse(f"{pages_project(app, Environment.PROD)}.pages.dev"))


def origin_certificates(
    base: Foundation, provider: cloudflare.Provider, cluster: Cluster, origin: OriginConfig
) -> OriginCertificatesOutputs:
    """Certificates of a cluster's origins, and reminders before they end."""
    issues = {
        name: Issue(
            request=certificate.request,
            key_kind=_KEYS[certificate.key],
            issued_on=certificate.issued_on,
            validity=Validity(certificate.validity_days),
        )
        for name, certificate in origin.certificates.items()
    }
    RenewalReminder(
        "renewal-reminder",
        RenewalReminderArgs(
            scope=base.scope,
            deadlines={
                f"origin-certificate-{name}": Deadline(
                    subject=f"Origin certificate {name} of {cluster.id} ({base.scope.environment})",
                    first_day=issue.renew_by,
                    last_day=issue.expires_on,
                    runbook=_RUNBOOK,
                )
                for name, issue in issues.items()
            },
            email_addresses=base.config.budget.subscribers,
        ),
        provider=base.aws,
    )
    return OriginCertificates(
        "origin-certificates",
        OriginCertificatesArgs(
            scope=base.scope, hosts=regional_origins(cluster, base.scope.environment), issues=issues
        ),
        provider=provider,
    ).outputs


def origin_health(
    base: Foundation, provider: cloudflare.Provider, cluster: Cluster, origin: OriginConfig
) -> None:
    """Checks of a cluster's origins, where somebody wants to hear of them (M§12: nobody in dev)."""
    config = base.config.required_cloudflare
    if config.alert_emails:
        OriginHealth(
            "origin-health",
            OriginHealthArgs(
                scope=base.scope,
                account_id=config.account,
                zone_id=config.zone,
                cluster=cluster,
                target=origin.target,
                hosts=regional_origins(cluster, base.scope.environment),
                email_addresses=config.alert_emails,
            ),
            provider=provider,
        )


def ingress(base: Foundation) -> EdgeIngressOutputs:
    """The door of the origin, open to Cloudflare only."""
    return EdgeIngress(
        "edge-ingress",
        EdgeIngressArgs(
            scope=base.scope, network_id=base.network.network_id, network=base.config.network.cidr
        ),
        provider=base.aws,
    ).outputs
