"""Rules of the zone's firewall, one function for each phase that has rules of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pulumi_cloudflare as cloudflare

from catalog.edge import (
    OWASP_SCORE_RULE,
    OWASP_SCORE_THRESHOLD,
    OWASP_STRICTER_LEVELS,
    RATE_LIMIT_PERIOD_SECONDS,
    RATE_LIMIT_REQ_PER_MIN,
    ManagedRuleset,
)
from catalog.environments import Environment
from catalog.hostnames import ZONE, product_hosts

Rules = list[cloudflare.RulesetRuleArgs]


class GeoAction(StrEnum):
    """What meets visitors from a country."""

    BLOCK = "block"
    CHALLENGE = "challenge"
    """A check that a person passes and a program does not."""


_ACTIONS = {GeoAction.BLOCK: "block", GeoAction.CHALLENGE: "managed_challenge"}


def quoted(values: Iterable[str]) -> str:
    """Write a set of the rules language, ``{"a" "b"}``, in a stable order."""
    return "{" + " ".join(f'"{value}"' for value in sorted(values)) + "}"


def custom_rules(origins: Iterable[str], geo: Mapping[str, GeoAction]) -> Rules:
    """Phase ``http_request_firewall_custom``: who may not come in, and whom the bot check must leave alone."""
    origin_hosts = quoted(origins)
    machines = quoted(
        [*(host for environment in Environment for host in product_hosts(environment)), *origins]
    )
    rules = [
        # First, because a block ends the phase: origins answer the router and nobody else.
        cloudflare.RulesetRuleArgs(
            ref="origins-through-router",
            description="Regional origins answer the router only",
            expression=f'http.host in {origin_hosts} and cf.worker.upstream_zone ne "{ZONE}"',
            action="block",
        )
    ]
    for action in GeoAction:
        countries = [country for country, chosen in geo.items() if chosen is action]
        if countries:
            rules.append(
                cloudflare.RulesetRuleArgs(
                    ref=f"geo-{action}",
                    description=f"Countries: {action}",
                    expression=f"ip.src.country in {quoted(countries)}",
                    action=_ACTIONS[action],
                )
            )
    rules += [
        cloudflare.RulesetRuleArgs(
            ref="nameless-browsers",
            description="Web pages: who names no browser is checked, known crawlers are not",
            expression=f'http.user_agent eq "" and not cf.client.bot and not http.host in {machines}',
            action="managed_challenge",
        ),
        # Apps and partners' systems are programs: the bot check of the plan would take them for an attack.
        cloudflare.RulesetRuleArgs(
            ref="programs-are-no-bots",
            description="API and WebSocket are for programs: no bot check",
            expression=f"http.host in {machines}",
            action="skip",
            action_parameters=cloudflare.RulesetRuleActionParametersArgs(phases=["http_request_sbfm"]),
            logging=cloudflare.RulesetRuleLoggingArgs(enabled=True),
        ),
    ]
    return rules


def managed_rules() -> Rules:
    """Phase ``http_request_firewall_managed``: Cloudflare's own rules, then OWASP's by score."""
    return [
        cloudflare.RulesetRuleArgs(
            ref="cloudflare-managed",
            description="Cloudflare Managed Ruleset",
            expression="true",
            action="execute",
            action_parameters=cloudflare.RulesetRuleActionParametersArgs(id=ManagedRuleset.CLOUDFLARE.value),
        ),
        cloudflare.RulesetRuleArgs(
            ref="owasp-core",
            description="OWASP Core Ruleset, medium score, the two stricter levels off",
            expression="true",
            action="execute",
            action_parameters=cloudflare.RulesetRuleActionParametersArgs(
                id=ManagedRuleset.OWASP_CORE.value,
                overrides=cloudflare.RulesetRuleActionParametersOverridesArgs(
                    categories=[
                        cloudflare.RulesetRuleActionParametersOverridesCategoryArgs(
                            category=level, enabled=False
                        )
                        for level in OWASP_STRICTER_LEVELS
                    ],
                    rules=[
                        cloudflare.RulesetRuleActionParametersOverridesRuleArgs(
                            id=OWASP_SCORE_RULE, action="block", score_threshold=OWASP_SCORE_THRESHOLD
                        )
                    ],
                ),
            ),
        ),
    ]


def rate_limits(environments: Iterable[Environment]) -> Rules:
    """Phase ``http_ratelimit``: requests a minute from one address, by environment (M§6.3)."""
    return [
        cloudflare.RulesetRuleArgs(
            ref=f"requests-per-minute-{environment}",
            description=f"{environment}: {RATE_LIMIT_REQ_PER_MIN[environment]} requests a minute from one client",
            expression=f"http.host in {quoted(product_hosts(environment))}",
            action="block",
            ratelimit=cloudflare.RulesetRuleRatelimitArgs(
                # Counters are kept in each data centre; the API insists that this is said.
                characteristics=["cf.colo.id", "ip.src"],
                period=RATE_LIMIT_PERIOD_SECONDS,
                requests_per_period=RATE_LIMIT_REQ_PER_MIN[environment],
                mitigation_timeout=RATE_LIMIT_PERIOD_SECONDS,
            ),
        )
        for environment in environments
    ]


def redirects(targets: Mapping[str, str]) -> Rules:
    """Phase ``http_request_dynamic_redirect``: a host to another, path and query kept."""
    return [
        cloudflare.RulesetRuleArgs(
            ref=f"redirect-{host.split('.', maxsplit=1)[0]}",
            description=f"{host} to {target}",
            expression=f'http.host eq "{host}"',
            action="redirect",
            action_parameters=cloudflare.RulesetRuleActionParametersArgs(
                from_value=cloudflare.RulesetRuleActionParametersFromValueArgs(
                    # Temporary: a browser keeps a permanent one, and the host may get a portal of its own again.
                    status_code=302,
                    preserve_query_string=True,
                    target_url=cloudflare.RulesetRuleActionParametersFromValueTargetUrlArgs(
                        expression=f'concat("https://{target}", http.request.uri.path)'
                    ),
                )
            ),
        )
        for host, target in targets.items()
    ]
