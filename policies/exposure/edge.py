"""Cloudflare: the product is met at the proxy, and nothing else is met at all."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.hostnames import HOSTS_OF_OTHERS, ZONE
from policies.addresses import DATA_PORTS, inside_name
from policies.demands import OFF, Absent, Demand, broken, is_on
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_int, as_list, dig
from policies.views import ResourceView, StackView

_RECORD = "cloudflare:index/dnsRecord:DnsRecord"
_DIRECT = HOSTS_OF_OTHERS | {f"bastion.{ZONE}"}
"""Answered without the proxy: somebody else's platform, and SSH, which the proxy does not carry (M§9)."""

_DEMANDS = (
    Demand(
        types=(
            "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
            "cloudflare:index/workerSubdomain:WorkerSubdomain",
        ),
        path="enabled",
        wanted=OFF,
        because="workers.dev answers past the zone's firewall and rate limits",
    ),
    Demand(
        types=("cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",),
        path="previewsEnabled",
        wanted=OFF,
        absent=Absent.HOLDS,
        because="every version would have a public address of its own",
    ),
)


def _records(stack: StackView) -> Iterator[Violation]:
    for record in stack.of_type(_RECORD):
        kind, name = str(record.get("type")).upper(), record.get("name")
        if kind not in {"A", "AAAA", "CNAME"} or not isinstance(name, str):
            continue
        host = name.lower().rstrip(".")
        host = (
            host if host == ZONE or host.endswith(f".{ZONE}") else f"{host}.{ZONE}" if host != "@" else ZONE
        )
        label = host.removesuffix(ZONE).rstrip(".")
        exempt = host in _DIRECT or label.startswith(("cn-", "_")) or "._" in label
        proxied = record.get("proxied")
        if isinstance(proxied, Opaque):
            yield unproven(record, "proxied", proxied)
        elif not exempt and not is_on(proxied):
            yield on(record, f"{host} is not proxied: visitors reach its origin past the firewall")
        said = inside_name(label.replace(".", "-"))
        if said and not exempt:
            yield on(record, f"{host} names {said} in public DNS")


def _applications(stack: StackView) -> Iterator[Violation]:
    for application in stack.of_type("cloudflare:index/spectrumApplication:SpectrumApplication"):
        ports = [
            as_int(text.split("/")[-1])
            for text in texts_of(application.get("protocol"))
            if isinstance(text, str)
        ]
        said = next((DATA_PORTS[port] for port in ports if port in DATA_PORTS), None)
        said = said or inside_name(dig(application.get("dns"), "name"), application.name)
        if said:
            yield on(application, f"carries {said} from the internet")
    for tunnel in stack.of_type(
        "cloudflare:index/zeroTrustTunnelCloudflaredConfig:ZeroTrustTunnelCloudflaredConfig",
        "cloudflare:index/tunnelConfig:TunnelConfig",
    ):
        for rule in _ingresses(tunnel):
            service, host = dig(rule, "service"), dig(rule, "hostname")
            required = dig(rule, "originRequest", "access", "required")
            port = as_int(str(service).rsplit(":", maxsplit=1)[-1].split("/")[0])
            said = DATA_PORTS.get(port or 0) or inside_name(service, host)
            if host and said and not is_on(required):
                yield on(tunnel, f"{host} leads to {said}, and Access is not required")


def _ingresses(tunnel: ResourceView) -> Iterator[Value]:
    for config in as_list(tunnel.get("config")):
        yield from as_list(dig(config, "ingresses") or dig(config, "ingress") or dig(config, "ingressRules"))


def _bypasses(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for ruleset in stack.of_type("cloudflare:index/ruleset:Ruleset"):
        for rule in as_list(ruleset.get("rules")):
            everybody = str(dig(rule, "expression")).strip().strip("()").lower() == "true"
            if dig(rule, "action") == "skip" and everybody and dig(rule, "enabled") is not False:
                yield on(ruleset, "a rule lets every request skip the firewall")


RULES = (
    Rule(
        id="exposure-records",
        family=Family.EXPOSURE,
        sentence="Hosts of the zone are proxied, and none of them is a data store or an operators' tool.",
        source="M§11; M§14.5",
        level=Level.MANDATORY,
        remedy="leave the record proxied; a tool or a store has its name in the private zone",
        judge=_records,
        alone=True,
    ),
    Rule(
        id="exposure-applications",
        family=Family.EXPOSURE,
        sentence="No tunnel or TCP application at the edge leads to a data store or an operators' tool.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="remove it, or demand Access for it",
        judge=_applications,
        alone=True,
    ),
    Rule(
        id="exposure-bypasses",
        family=Family.EXPOSURE,
        sentence="Nothing answers past the zone's firewall and rate limits.",
        source="M§11",
        level=Level.MANDATORY,
        remedy="turn the workers.dev address and the exception off",
        judge=_bypasses,
        alone=True,
    ),
)
