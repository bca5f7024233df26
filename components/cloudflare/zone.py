"""What the whole zone shares and one stack owns: plan, TLS, firewall, rate limits, redirects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from catalog.clusters import Cluster
from catalog.edge import RATE_LIMIT_REQ_PER_MIN, ZonePlan
from catalog.environments import Environment
from catalog.hostnames import ZONE
from components.cloudflare.identifiers import identifier_problems
from components.cloudflare.zone_limits import rate_limited, visitors_from
from components.cloudflare.zone_rules import (
    GeoAction,
    Rules,
    custom_rules,
    managed_rules,
    rate_limits,
    redirects,
)
from components.core.component import Args, Component, Outputs, about

HSTS_SECONDS = 31_536_000
"""A year."""

SETTINGS: Mapping[str, object] = {
    # The edge trusts an origin only with a certificate for its name: Cloudflare's Origin CA or a public one.
    "ssl": "strict",
    "min_tls_version": "1.2",
    "tls_1_3": "on",
    "always_use_https": "on",
    "automatic_https_rewrites": "on",
    # Early data can be replayed, and an order must not be.
    "0rtt": "off",
    "websockets": "on",
    # Origins see Cloudflare's client certificate and refuse who has none.
    "tls_client_auth": "on",
    "security_header": {
        "strict_transport_security": {
            "enabled": True,
            "max_age": HSTS_SECONDS,
            "include_subdomains": True,
            # A preload list cannot be left again within months.
            "preload": False,
            "nosniff": True,
        }
    },
}
"""Zone settings by Cloudflare's own names."""


@dataclass(frozen=True, kw_only=True)
class ZoneSecurityArgs(Args):
    """What the zone's protection depends on."""

    zone_id: str
    plan: ZonePlan
    rate_limited: tuple[Environment, ...]
    """Environments with a rule of their own; the gateway limits in all of them."""
    geo: Mapping[str, GeoAction]
    """Countries (ISO 3166-1, or T1 for Tor) that are kept out or checked."""
    origins: tuple[str, ...]
    """Hosts of regional origins, which nobody may call past the router."""
    redirects: Mapping[str, str]
    """Host to host."""

    def problems(self) -> Iterator[str]:
        """Check the owner, what the plan allows, and that no served country is turned away."""
        yield from identifier_problems("zone_id", self.zone_id)
        if self.scope.cluster is not Cluster.GLOBAL:
            yield f"{self.scope.cluster.id} does not own the zone; a zone has one entry point for each phase"
        yield from about("rate_limited", rate_limited(self.rate_limited, self.plan))
        if not self.origins:
            yield "origins are empty; name the hosts that only the router may call"
        for country in self.geo:
            yield from about("geo", visitors_from(country))
        for host, target in self.redirects.items():
            for name in (host, target):
                if not name.endswith(f".{ZONE}"):
                    yield f"redirect {host}: {name} is not of {ZONE}"


@dataclass(frozen=True, kw_only=True)
class ZoneSecurityOutputs(Outputs):
    """What protects the zone."""

    plan: str
    phases: tuple[str, ...]
    """Phases whose entry point this stack owns."""
    rate_limits: Mapping[str, int]
    """Requests a minute by environment."""


class ZoneSecurity(Component[ZoneSecurityOutputs]):
    """Plan, settings and rulesets of the zone (M§11), owned by the control plane's stack alone.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:ZoneSecurity"

    def __init__(
        self,
        name: str,
        args: ZoneSecurityArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        plan = self._create_plan()
        self._create_settings()
        self._create_origin_pulls()
        self._create_bot_check(plan)
        rulesets = {
            "http_request_dynamic_redirect": redirects(args.redirects),
            "http_request_firewall_custom": custom_rules(args.origins, args.geo),
            "http_ratelimit": rate_limits(args.rate_limited),
            "http_request_firewall_managed": managed_rules(),
        }
        for phase, rules in rulesets.items():
            self._create_ruleset(phase, rules, plan)
        self.publish(
            ZoneSecurityOutputs(
                plan=args.plan.value.id,
                phases=tuple(rulesets),
                rate_limits={env: RATE_LIMIT_REQ_PER_MIN[env] for env in args.rate_limited},
            )
        )

    def _create_plan(self) -> cloudflare.ZoneSubscription:
        return cloudflare.ZoneSubscription(
            self.scope.name("zone-plan"),
            zone_id=self._args.zone_id,
            frequency="monthly",
            rate_plan=cloudflare.ZoneSubscriptionRatePlanArgs(id=self._args.plan.value.id),
            opts=self.stateful_child(),
        )

    def _create_settings(self) -> None:
        for setting, value in SETTINGS.items():
            cloudflare.ZoneSetting(
                self.scope.name(f"zone-{setting.replace('_', '-')}"),
                zone_id=self._args.zone_id,
                setting_id=setting,
                value=value,
                opts=self.child(),
            )

    def _create_origin_pulls(self) -> None:
        # With a certificate of our own uploaded, origins can tell our zone from any other of Cloudflare's.
        cloudflare.AuthenticatedOriginPullsSettings(
            self.scope.name("zone-origin-pulls"), zone_id=self._args.zone_id, enabled=True, opts=self.child()
        )

    def _create_bot_check(self, plan: pulumi.Resource) -> None:
        cloudflare.BotManagement(
            self.scope.name("zone-bots"),
            zone_id=self._args.zone_id,
            sbfm_definitely_automated="managed_challenge",
            sbfm_verified_bots="allow",
            sbfm_static_resource_protection=False,
            # Injected into pages otherwise, which their content security policy refuses.
            enable_js=False,
            opts=self.child(depends_on=[plan]),
        )

    def _create_ruleset(self, phase: str, rules: Rules, plan: pulumi.Resource) -> None:
        name = self.scope.name(f"rules-{phase.removeprefix('http_').replace('_', '-')}")
        cloudflare.Ruleset(
            name,
            name=name,
            zone_id=self._args.zone_id,
            kind="zone",
            phase=phase,
            description=f"Entry point of {phase}",
            rules=rules,
            opts=self.child(depends_on=[plan]),
        )
