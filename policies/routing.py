"""Where visitors are led: the edge, names and load balancers; no cluster stands in for another (M§14.5, M§14.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.clusters import Cluster, cluster_of
from catalog.environments import Environment
from catalog.hostnames import ZONE, product_hosts
from catalog.places import Country
from policies.embedded import texts, without_comments
from policies.flows import ForeignPlace, said, undue
from policies.places import Kind, places
from policies.routing_table import judge_table, routing_tables
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.unknowns import is_explained
from policies.values import Opaque, Value, as_flag, as_list, as_map, dig
from policies.views import ResourceView, StackView

_WORKERS = re.compile(r"^cloudflare:index/(?:worker|pages|snippet)")
_SCRIPTS = frozenset({"content", "code", "contentBase64"})
_RECORDS = re.compile(
    r"^cloudflare:index/(?:dnsRecord|record):|^aws:route53/record:|^alicloud:(?:alidns|dns|pvtz)/\w*[rR]ecord"
)
_JUDGED_FOR_GLOBAL = re.compile(
    r"^cloudflare:index/(?:dnsRecord|record|loadBalancer|healthcheck|worker|ruleset|pagesDomain|customHostname|regionalHostname"
    r"|pageRule|list|spectrum|customPages|waitingRoom|snippet)|^aws:route53/(?:record|healthCheck):|^aws:cloudfront/"
)


def _foreign(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        found = undue(stack, resource, Family.ROUTING)
        if found:
            left = [place for place in found if not _is_judged(stack, resource, place)]
            yield from said(resource, left, f"visitors of {stack.facts.cluster.id} would be led there")


def _is_judged(stack: StackView, resource: ResourceView, place: ForeignPlace) -> bool:
    """The control plane owns the edge, which leads to every region; what leads where is judged below."""
    if _WORKERS.search(resource.type):
        if place.leaf.path.startswith(tuple(path for path, _ in routing_tables(resource))):
            return True
        if place.leaf.key in _SCRIPTS:  # which knows the clusters by name; where they are, its table says
            return place.mention.kind is Kind.CLUSTER and place.mention.is_bare
        return stack.facts.cluster is Cluster.GLOBAL and place.leaf.key in {"pattern", "hostname"}
    if stack.facts.cluster is not Cluster.GLOBAL or not _JUDGED_FOR_GLOBAL.search(resource.type):
        return False
    return place.mention.kind is not Kind.HOST or place.mention.text.endswith(".vn")


def _tables(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        if _WORKERS.search(resource.type):
            for path, value in routing_tables(resource):
                yield from judge_table(stack, resource, path, value)


def _homes(value: Value) -> frozenset[Cluster]:
    """Give the clusters that texts lead to; a place of nobody counts for none."""
    return frozenset(
        home
        for text in texts(value)
        for item in places(without_comments(text))
        if len(item.homes) == 1 or item.kind is not Kind.REGION
        for home in item.homes
    )


def _possible_homes(value: Value) -> frozenset[Cluster]:
    return frozenset(home for text in texts(value) for item in places(text) for home in item.homes)


_CONTENT = ("content", "value", "records", "aliases", "data", "resourceRecord")


_ROUTES = re.compile(r"^cloudflare:index/worker(?:s)?(?:Route|CustomDomain|Domain):")


def _names(stack: StackView) -> Iterator[Violation]:
    for record in stack.made():
        if _ROUTES.search(record.type):
            yield from _judge_route(stack, record)
        if _RECORDS.search(record.type):
            yield from _judge_record(stack, record)


def _judge_record(stack: StackView, record: ResourceView) -> Iterator[Violation]:
    name = _full_name(record)
    named = _homes(name) if isinstance(name, str) else frozenset[Cluster]()
    content = [record.get(key) for key in _CONTENT if record.get(key) is not None]
    led = _possible_homes(content)
    if not isinstance(name, str):
        return
    if named and led and not named & led:
        yield on(record, f"{name} leads to {_ids(led)}; it is the name of {_ids(named)}")
    host = name.lower().rstrip(".")
    if record.type.startswith("cloudflare:"):
        owner = _environment_of(host)
        if owner is not None:
            yield from _judge_product_host(stack, record, host, led)
        elif (
            _leads(record) and named and stack.facts.cluster not in named and not _is_for_china(stack, named)
        ):
            yield on(record, f"{name} belongs to {_ids(named)}, and is made by the stack that serves it")
    yield from _judge_policy(stack, record, led)
    for key in _CONTENT:
        value = record.get(key)
        hidden = value is Opaque.UNKNOWN or any(item is Opaque.UNKNOWN for item in as_list(value))
        if hidden and _leads(record) and not is_explained(stack, record, key):
            yield unproven(record, f"where {name} leads", Opaque.UNKNOWN)


def _full_name(record: ResourceView) -> Value:
    """Give the name of a record with its zone; Cloudflare takes ``asia-api`` for ``asia-api.smp.vn``."""
    name = record.get("name") or record.get("rr")
    is_short = isinstance(name, str) and record.type.startswith("cloudflare:") and "." not in name
    return f"{name}.{ZONE}" if is_short and name != "@" else name


def _judge_route(stack: StackView, route: ResourceView) -> Iterator[Violation]:
    """The product's hosts are taken by one router: that of prod-global, of dev, of staging."""
    pattern = route.get("pattern") or route.get("hostname")
    if not isinstance(pattern, str):
        return
    host = pattern.lower().split("://")[-1].split("/", maxsplit=1)[0]
    environment = _environment_of(host)
    is_owner = environment is stack.facts.environment and (
        environment is not Environment.PROD or stack.facts.cluster is Cluster.GLOBAL
    )
    if environment is not None and not is_owner:
        yield on(route, f"takes {host}, which another stack's router answers")


def _leads(record: ResourceView) -> bool:
    """Whether a record answers with an address or another name, and does not only prove something."""
    return record.get("type") in ("A", "AAAA", "CNAME", "HTTPS", "SVCB", "NS", None) and not str(
        record.get("name")
    ).startswith("_")


def _environment_of(host: str) -> Environment | None:
    return next((item for item in Environment if host in product_hosts(item)), None)


def _judge_product_host(
    stack: StackView, record: ResourceView, host: str, led: frozenset[Cluster]
) -> Iterator[Violation]:
    """The product's hosts are answered by the router alone: their record is a proxied placeholder."""
    if not _leads(record):
        return
    if led and (stack.is_production or led != frozenset({stack.facts.cluster})):
        yield on(record, f"{host} leads to {_ids(led)} past the router, whoever asks")
    if as_flag(record.get("proxied")) is not True and not isinstance(record.get("proxied"), Opaque):
        yield on(record, f"{host} is not proxied, so the router never sees its visitors")
    if stack.facts.environment is Environment.PROD and stack.facts.cluster is not Cluster.GLOBAL:
        yield on(record, f"{host} belongs to prod-global; a region that makes it takes everybody's visitors")


def _is_for_china(stack: StackView, named: frozenset[Cluster]) -> bool:
    return stack.facts.cluster is Cluster.GLOBAL and named == frozenset({Cluster.CHINA})


def _judge_policy(stack: StackView, record: ResourceView, led: frozenset[Cluster]) -> Iterator[Violation]:
    served = led or frozenset({stack.facts.cluster})
    for policy in as_list(record.get("geolocationRoutingPolicies")):
        code = dig(policy, "country")
        known = next((country for country in Country if country == code), None)
        if known is not None and cluster_of(known) not in served:
            yield on(
                record, f"visitors of {code} are led to {_ids(served)}; they belong to {cluster_of(known).id}"
            )
    if stack.facts.cluster is Cluster.GLOBAL and record.get("setIdentifier") and led - {Cluster.GLOBAL}:
        yield on(
            record, "an answer among several for one name, in a region: the router alone picks the cluster"
        )


def _ids(clusters: frozenset[Cluster]) -> str:
    return " or ".join(sorted(cluster.id for cluster in clusters))


def _pool_homes(stack: StackView, pool: ResourceView) -> frozenset[Cluster]:
    return _homes([pool.get("name"), pool.get("origins")])


def _pools(stack: StackView) -> Iterator[Violation]:
    for pool in stack.of_type("cloudflare:index/loadBalancerPool:LoadBalancerPool"):
        homes = _pool_homes(stack, pool)
        if len(homes) > 1:
            yield on(
                pool, f"leads to {_ids(homes).replace(' or ', ' and ')}: one answers when the other is down"
            )
        for place, origin in enumerate(as_list(pool.get("origins"))):
            if dig(origin, "address") is Opaque.UNKNOWN and not is_explained(stack, pool, "origins"):
                yield unproven(pool, f"where origins[{place}] leads", Opaque.UNKNOWN)


_POOL_LISTS = ("defaultPools", "fallbackPool", "countryPools", "regionPools", "popPools", "rules")


def _balancers(stack: StackView) -> Iterator[Violation]:
    for balancer in stack.of_type("cloudflare:index/loadBalancer:LoadBalancer"):
        homes = set(_homes([balancer.get(name) for name in _POOL_LISTS]))
        hidden = False
        for name in _POOL_LISTS:
            sources = [stack.by_urn.get(urn) for urn in balancer.property_dependencies.get(name, ())]
            pools = [item for item in sources if item is not None and "loadBalancerPool" in item.type]
            for pool in pools:
                homes |= _pool_homes(stack, pool)
            value = balancer.get(name)
            hidden |= not pools and any(leaf is Opaque.UNKNOWN for leaf in (value, *as_list(value)))
        served = _homes(balancer.get("name"))
        if len(homes | served) > 1:
            yield on(balancer, f"has pools of {_ids(frozenset(homes | served)).replace(' or ', ' and ')}")
        elif hidden:
            yield unproven(balancer, "whose pools it has", Opaque.UNKNOWN)
        elif not homes and len(set(_pool_ids(balancer))) > 1:
            yield on(balancer, "cannot be proven: it has several pools, and nothing says whose they are")


def _pool_ids(balancer: ResourceView) -> Iterator[str]:
    for name in ("defaultPools", "fallbackPool", "countryPools", "regionPools", "popPools"):
        yield from texts(balancer.get(name))


_MOVES = ("origin", "hostHeader", "sni", "uri", "fromValue", "fromList", "targetUrl", "targetHostname")


def _edge_rules(stack: StackView) -> Iterator[Violation]:
    for ruleset in stack.of_type("cloudflare:index/ruleset:Ruleset"):
        for place, rule in enumerate(as_list(ruleset.get("rules"))):
            parameters = as_map(dig(rule, "actionParameters"))
            led = _homes([parameters.get(name) for name in _MOVES])
            asked = _homes([dig(rule, "expression")])
            if led - asked:
                yield on(ruleset, f"rules[{place}] leads visitors to {_ids(led)} past the router")
    for rule in stack.of_type("cloudflare:index/pageRule:PageRule"):
        led, asked = _homes(rule.get("actions")), _homes(rule.get("target"))
        if led - asked:
            yield on(rule, f"leads visitors to {_ids(led)} past the router")
    for item in stack.of_type("cloudflare:index/listItem:ListItem", "cloudflare:index/list:List"):
        for redirect in (block for _, block in item.mappings if "targetUrl" in block):
            led, asked = _homes(redirect.get("targetUrl")), _homes(redirect.get("sourceUrl"))
            if led - asked:
                yield on(item, f"redirects visitors to {_ids(led)} past the router")
    for app in stack.of_type("cloudflare:index/spectrumApplication:SpectrumApplication"):
        led = _homes([app.get("originDirects"), app.get("originDns")])
        asked = _homes(app.get("dns"))
        if len(led) > 1 or (led - asked and stack.facts.cluster not in led):
            yield on(app, f"leads connections to {_ids(led)}")


_REGION_KEYS = {
    Cluster.ASIA: {"sg", "ap", "apac", "asia"},
    Cluster.US: {"us"},
    Cluster.GLOBAL: {"us"},
    Cluster.CHINA: {"cn"},
}


def _processing(stack: StackView) -> Iterator[Violation]:
    """Judge where Cloudflare decrypts a host's traffic (Regional Services)."""
    for host in stack.of_type("cloudflare:index/regionalHostname:RegionalHostname"):
        key, named = host.get("regionKey"), _homes(host.get("hostname")) or {stack.facts.cluster}
        if isinstance(key, str) and not any(key.lower() in _REGION_KEYS[home] for home in named):
            yield on(host, f"is decrypted in {key}; it is a host of {_ids(frozenset(named))}")


_STEERING = {
    "aws:route53recoverycontrol/": "moves visitors from one region to another",
    "aws:route53recoveryreadiness/": "prepares to move visitors from one region to another",
    "aws:arcregionswitch/": "moves visitors from one region to another",
    "alicloud:dns/gtmInstance": "a traffic manager moves visitors when a pool is down",
    "alicloud:dns/alidnsGtmInstance": "a traffic manager moves visitors when a pool is down",
    "alicloud:eipanycast/": "one address in many regions",
}


def _stand_ins(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        why = next((text for start, text in _STEERING.items() if resource.type.startswith(start)), None)
        if why:
            yield on(resource, why)
        if resource.type.startswith("aws:cloudfront/distribution:"):
            homes = _homes(resource.get("origins"))
            if len(homes) > 1:
                yield on(resource, f"has origins of {_ids(homes).replace(' or ', ' and ')}")
        if resource.type.endswith(":Gslb") and str(dig(resource.get("spec"), "strategy", "type")) in {
            "failover",
            "geoip",
        }:
            yield on(resource, "balances one name over several clusters")


RULES = (
    Rule(
        id="routing-table",
        family=Family.ROUTING,
        sentence="The router sends CN to smp-china, US to smp-us, all others to smp-asia, and nobody elsewhere.",
        source="M§14.5, M§14.6; PIPL art. 40",
        level=Level.MANDATORY,
        remedy="take the table from the component EdgeRouter; a cluster that is down is in state maintenance",
        judge=_tables,
        alone=True,
    ),
    Rule(
        id="routing-foreign-place",
        family=Family.ROUTING,
        sentence="A name, route or balancer of a cluster leads to that cluster.",
        source="M§14.5, M§14.6",
        level=Level.MANDATORY,
        remedy="lead it to the cluster's own load balancer",
        judge=_foreign,
        alone=True,
    ),
    Rule(
        id="routing-records",
        family=Family.ROUTING,
        sentence="A record is made by the stack that serves it, and the product's hosts lead to the router only.",
        source="M§11, M§14.5; DESIGN 4: a record belongs to the stack that serves it",
        level=Level.MANDATORY,
        remedy="keep asia-* in prod-asia, us-* in prod-us, api and ws proxied in prod-global",
        judge=_names,
    ),
    Rule(
        id="routing-pools",
        family=Family.ROUTING,
        sentence="A load balancer's pools are all of one cluster.",
        source="M§14.6: no cross-region failover for user data",
        level=Level.MANDATORY,
        remedy="give each cluster a balancer of its own; a cluster that is down shows the maintenance page",
        judge=lambda stack: (*_pools(stack), *_balancers(stack)),
    ),
    Rule(
        id="routing-edge-rules",
        family=Family.ROUTING,
        sentence="No rule of the edge leads visitors to a cluster past the router.",
        source="M§14.5",
        level=Level.MANDATORY,
        remedy="remove the override or the redirect; the routing table decides",
        judge=_edge_rules,
        alone=True,
    ),
    Rule(
        id="routing-processing",
        family=Family.ROUTING,
        sentence="A host with a processing region is processed in its cluster's own.",
        source="M§14.3; Cloudflare Regional Services",
        level=Level.MANDATORY,
        remedy="take the region of the host's cluster",
        judge=_processing,
        alone=True,
    ),
    Rule(
        id="routing-stand-ins",
        family=Family.ROUTING,
        sentence="Nothing moves visitors from one cluster to another, not even when a cluster is down.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="remove it; a cluster that is down shows the maintenance page",
        judge=_stand_ins,
        alone=True,
    ),
)
