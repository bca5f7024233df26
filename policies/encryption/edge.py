"""Cloudflare speaks TLS on both sides: the zone's settings, its rules, its tunnels, its buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.demands import OFF, Absent, Demand, broken, is_on, one_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, as_map, dig
from policies.views import ResourceView, StackView

_SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
_OVERRIDE = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
_NEW_TLS = frozenset({"1.2", "1.3"})
_MUST: Mapping[str, frozenset[str]] = {
    "ssl": frozenset({"strict"}),
    "min_tls_version": _NEW_TLS,
    "always_use_https": frozenset({"on"}),
    "tls_1_3": frozenset({"on", "zrt"}),
    "tls_client_auth": frozenset({"on"}),
    "automatic_https_rewrites": frozenset({"on"}),
}
"""Settings of a zone, and the values that keep every hop encrypted; ``strict`` also checks the origin's certificate."""
_DEMANDS = (
    Demand(
        types=("cloudflare:index/r2CustomDomain:R2CustomDomain",),
        path="minTls",
        wanted=one_of("1.2", "1.3"),
        because="TLS 1.0 is answered when nothing is said",
    ),
    Demand(
        types=("cloudflare:index/hostnameTlsSetting:HostnameTlsSetting",),
        path="value",
        wanted=one_of("1.2", "1.3", "on"),
        unless=lambda setting: setting.get("settingId") not in {"min_tls_version", None},
    ),
    Demand(
        types=("cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings",),
        path="enabled",
        wanted=one_of("true"),
        because="the origin cannot tell the edge from anybody else",
    ),
    Demand(
        types=("cloudflare:index/customHostname:CustomHostname",),
        path="ssl?.settings?.minTlsVersion",
        wanted=one_of("1.2", "1.3"),
    ),
    Demand(
        types=("cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor",),
        path="type",
        wanted=one_of("https", "tcp"),
        absent=Absent.HOLDS,
    ),
    Demand(
        types=("cloudflare:index/zeroTrustTunnelCloudflaredConfig:ZeroTrustTunnelCloudflaredConfig",),
        path="config?.originRequest?.noTlsVerify",
        wanted=OFF,
        absent=Absent.HOLDS,
    ),
)


def _settings(stack: StackView) -> Iterator[Violation]:
    for setting in stack.of_type(_SETTING):
        yield from _one(setting, str(setting.get("settingId")), setting.get("value"))
    for override in stack.of_type(_OVERRIDE):
        for name, value in as_map(override.get("settings")).items():
            snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
            yield from _one(override, {"tls13": "tls_1_3"}.get(snake, snake), value)


def _one(resource: ResourceView, name: str, value: Value) -> Iterator[Violation]:
    if name in _MUST:
        if isinstance(value, Opaque):
            yield unproven(resource, name, value)
        elif str(value).lower() not in _MUST[name]:
            yield on(resource, f"{name} is {value}, not {' or '.join(sorted(_MUST[name]))}")
    if name == "security_header":
        header = dig(value, "strict_transport_security") or dig(value, "strictTransportSecurity") or value
        if not is_on(dig(header, "enabled")):
            yield on(resource, "security_header: strict transport security is not on")


def _edge(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    yield from _settings(stack)
    for ruleset in stack.of_type("cloudflare:index/ruleset:Ruleset"):
        for rule in as_list(ruleset.get("rules")):
            mode = dig(rule, "actionParameters", "ssl")
            if isinstance(mode, str) and mode.lower() in {"off", "flexible", "full"}:
                yield on(ruleset, f"a rule sets ssl to {mode} for some hosts")
    for page in stack.of_type("cloudflare:index/pageRule:PageRule"):
        mode = dig(page.get("actions"), "ssl")
        if isinstance(mode, str) and mode.lower() in {"off", "flexible", "full"}:
            yield on(page, f"sets ssl to {mode}")
    for tunnel in stack.of_type(
        "cloudflare:index/zeroTrustTunnelCloudflaredConfig:ZeroTrustTunnelCloudflaredConfig"
    ):
        for config in as_list(tunnel.get("config")):
            for rule in as_list(dig(config, "ingresses") or dig(config, "ingress")):
                if is_on(dig(rule, "originRequest", "noTlsVerify")):
                    yield on(tunnel, f"noTlsVerify for {dig(rule, 'hostname')}: any certificate is believed")


RULES = (
    Rule(
        id="encryption-edge",
        family=Family.ENCRYPTION,
        sentence="Cloudflare speaks TLS 1.2 or newer on both sides, and checks the origin's certificate.",
        source="M§11: all TLS via Cloudflare Origin CA",
        level=Level.MANDATORY,
        remedy="set ssl to strict, min_tls_version to 1.2 and always_use_https to on",
        judge=_edge,
        alone=True,
    ),
)
