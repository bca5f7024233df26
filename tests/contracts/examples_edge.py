"""The edge: router, zone, records, pages, certificates, health, and the door of an origin."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.edge import ZonePlan
from catalog.environments import Environment
from catalog.hostnames import (
    ADMIN_HOST,
    APP_HOST,
    PARTNER_HOST,
    STATUS_HOST,
    ZONE,
    WebApp,
    api_host,
    regional_origins,
)
from catalog.stack_facts import Stack
from components.aws.edge_ingress import EdgeIngress, EdgeIngressArgs
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
    Text,
)
from components.cloudflare.health import OriginHealth, OriginHealthArgs
from components.cloudflare.origin_certificate import (
    Issue,
    KeyKind,
    OriginCertificates,
    OriginCertificatesArgs,
)
from components.cloudflare.origin_target import OriginTarget
from components.cloudflare.pages import PagesProjects, PagesProjectsArgs
from components.cloudflare.router import EdgeRouter, EdgeRouterArgs
from components.cloudflare.routing import ClusterState
from components.cloudflare.signing_keys import SigningKey
from components.cloudflare.zone import ZoneSecurity, ZoneSecurityArgs
from components.cloudflare.zone_rules import GeoAction
from tests.contracts.harness import Example, World, known, secret

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "edge" / "src" / "router.js"
ACCOUNT_ID = "0123456789abcdef0123456789abcdef"
ZONE_ID = "fedcba9876543210fedcba9876543210"
SESSION_KEY = "SessionKeyOfTheExample0123456789"
REQUEST = "-----BEGIN CERTIFICATE REQUEST-----\nRVhBTVBMRQ==\n-----END CERTIFICATE REQUEST-----\n"
ROUTERS = (Stack.DEV, Stack.STAGING, Stack.PROD_GLOBAL)
ORIGINS = (Stack.DEV, Stack.PROD_ASIA, Stack.PROD_US)
MAIL = ("devops@smp.vn",)


def router_args(world: World, **changes: Any) -> EdgeRouterArgs:
    production = world.scope.is_production
    clusters = (Cluster.ASIA, Cluster.CHINA, Cluster.US) if production else (Cluster.ASIA,)
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "account_id": ACCOUNT_ID,
        "zone_id": ZONE_ID,
        "script": SCRIPT,
        "compatibility_date": "2026-04-01",
        "clusters": dict.fromkeys(clusters, ClusterState.SERVING),
        "signing_keys": {"2026": SigningKey(modulus="x" * 342)},
        "session_key": changes.pop("session_key", None) or secret(SESSION_KEY),
    }
    return EdgeRouterArgs(**{**defaults, **changes})


def router(world: World) -> EdgeRouter:
    return EdgeRouter("edge", router_args(world), provider=world.cloudflare)


def records_args(world: World, **changes: Any) -> DnsRecordsArgs:
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "zone_id": ZONE_ID,
        "records": {
            "api": AnsweredAtEdge(host=api_host(world.scope.environment)),
            "app": Alias(host=APP_HOST, target=OriginTarget.parse("smp-mobile.pages.dev")),
            "origin": Alias(host=f"cn-api.{ZONE}", target=OriginTarget.parse("192.0.2.10")),
            "status": Alias(
                host=STATUS_HOST, target=OriginTarget.parse("status.example"), exposure=Exposure.DNS_ONLY
            ),
            "mail": MailServer(host=ZONE, server="mx.example", preference=10),
            "spf": Text(host=ZONE, text="v=spf1 -all"),
            "authority": CertificateAuthority(host=ZONE, authority="letsencrypt.org"),
            "incidents": CertificateIncidents(host=ZONE, mailbox="security@smp.vn"),
        },
    }
    return DnsRecordsArgs(**{**defaults, **changes})


def records(world: World) -> DnsRecords:
    return DnsRecords("records", records_args(world), provider=world.cloudflare)


def pages_args(world: World, **changes: Any) -> PagesProjectsArgs:
    hosts = {WebApp.MOBILE: (APP_HOST,), WebApp.ADMIN: (ADMIN_HOST,)}
    projects = hosts if world.scope.is_production else dict.fromkeys(WebApp, ())
    return PagesProjectsArgs(
        **{"scope": world.scope, "account_id": ACCOUNT_ID, "projects": projects, **changes}
    )


def pages(world: World) -> PagesProjects:
    return PagesProjects("pages", pages_args(world), provider=world.cloudflare)


def zone_args(world: World, **changes: Any) -> ZoneSecurityArgs:
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "zone_id": ZONE_ID,
        "plan": ZonePlan.PRO,
        "rate_limited": (Environment.STAGING, Environment.PROD),
        "geo": {"KP": GeoAction.BLOCK, "T1": GeoAction.CHALLENGE},
        "origins": regional_origins(Cluster.ASIA, Environment.PROD),
        "redirects": {PARTNER_HOST: ADMIN_HOST},
    }
    return ZoneSecurityArgs(**{**defaults, **changes})


def zone(world: World) -> ZoneSecurity:
    return ZoneSecurity("zone", zone_args(world), provider=world.cloudflare)


def issue(**changes: Any) -> Issue:
    defaults: dict[str, Any] = {
        "request": REQUEST,
        "key_kind": KeyKind.ECC,
        "issued_on": date(2026, 12, 1),
        "validity": Validity.YEAR,
    }
    return Issue(**{**defaults, **changes})


def certificates_args(world: World, **changes: Any) -> OriginCertificatesArgs:
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "hosts": regional_origins(world.scope.cluster, world.scope.environment),
        "issues": {"2026-12": issue()},
    }
    return OriginCertificatesArgs(**{**defaults, **changes})


def certificates(world: World) -> OriginCertificates:
    return OriginCertificates("origin-certificates", certificates_args(world), provider=world.cloudflare)


def health_args(world: World, **changes: Any) -> OriginHealthArgs:
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "account_id": ACCOUNT_ID,
        "zone_id": ZONE_ID,
        "cluster": world.scope.cluster,
        "target": OriginTarget.parse("ingress.example"),
        "hosts": regional_origins(world.scope.cluster, world.scope.environment),
        "email_addresses": MAIL,
    }
    return OriginHealthArgs(**{**defaults, **changes})


def health(world: World) -> OriginHealth:
    return OriginHealth("origin-health", health_args(world), provider=world.cloudflare)


def ingress_args(world: World, **changes: Any) -> EdgeIngressArgs:
    return EdgeIngressArgs(
        **{
            "scope": world.scope,
            "network_id": known("vpc-example"),
            "network": Cidr.parse("10.20.0.0/16"),
            **changes,
        }
    )


def ingress(world: World) -> EdgeIngress:
    return EdgeIngress("edge-ingress", ingress_args(world), provider=world.aws)


def reminder_args(world: World, **changes: Any) -> RenewalReminderArgs:
    deadline = Deadline(
        subject="certificate 2026-12",
        first_day=date(2027, 10, 2),
        last_day=date(2027, 12, 1),
        runbook="docs/runbooks/origin-certificates.md",
    )
    defaults: dict[str, Any] = {
        "scope": world.scope,
        "deadlines": {"origin-certificate-2026-12": deadline},
        "email_addresses": MAIL,
    }
    return RenewalReminderArgs(**{**defaults, **changes})


def reminder(world: World) -> RenewalReminder:
    return RenewalReminder("renewals", reminder_args(world), provider=world.aws)


EXAMPLES = [
    Example(id="edge-router", build=router, stacks=ROUTERS),
    Example(id="edge-records", build=records, stacks=ROUTERS),
    Example(id="edge-pages", build=pages, stacks=ROUTERS),
    Example(id="edge-zone", build=zone, stacks=(Stack.PROD_GLOBAL,)),
    Example(id="edge-certificates", build=certificates, stacks=ORIGINS),
    Example(id="edge-health", build=health, stacks=ORIGINS),
    Example(id="edge-ingress", build=ingress, stacks=ORIGINS),
    Example(id="edge-reminder", build=reminder, stacks=ORIGINS),
]
