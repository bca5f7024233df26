"""The edge's table of visitors: each country to its own cluster, and to no other when that is down (M§14.5, M§14.6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import urlsplit

from catalog.clusters import Cluster
from catalog.edge import COLOS, DEFAULT_CLUSTER
from catalog.environments import Environment
from catalog.hostnames import regional_api_origin, regional_websocket_origin
from catalog.places import Country
from policies.places import places
from policies.rules import Violation, on, unproven
from policies.values import Opaque, Value, as_list, as_map
from policies.views import ResourceView, StackView

TABLE = "ROUTING"
"""The binding that holds the table (docs/edge-decisions.md)."""
_STAND_IN = re.compile(
    r"fail-?_?over|fall-?_?back|backup|secondary|standby|alternat|spare|origins|replica|retry|next|order",
    re.IGNORECASE,
)
_STATES = ("serving", "maintenance")
_COUNTRIES = {country: cluster for cluster in Cluster for country in cluster.value.countries}
_ELSEWHERE = {country: cluster for country, cluster in _COUNTRIES.items() if cluster is not DEFAULT_CLUSTER}
"""Countries that the default does not serve: these must be named."""


def routing_tables(resource: ResourceView) -> Iterator[tuple[str, Value]]:
    """Give every routing table a resource holds, with its path, in any of the forms of a binding."""
    for path, block in resource.mappings:
        name = block.get("name", block.get("bindingName"))
        if name == TABLE:
            for key in ("text", "json", "value"):
                if block.get(key) is not None:
                    yield f"{path}.{key}".lstrip("."), block[key]
        held = block.get(TABLE)
        if held is not None:
            value = as_map(held).get("value") if "value" in as_map(held) else held
            yield f"{path}.{TABLE}".lstrip("."), value


def judge_table(stack: StackView, resource: ResourceView, path: str, value: Value) -> Iterator[Violation]:
    """Judge one table."""
    if isinstance(value, Opaque):
        yield unproven(resource, f"{path}, who is sent where,", value)
        return
    table = _table(value)
    if table is None:
        yield on(resource, f"{path} is no routing table: a JSON object with clusters, countries and default")
        return
    for problem in _problems(stack, table):
        yield on(resource, f"{path}: {problem}")


def _table(value: Value) -> Mapping[str, Value] | None:
    if isinstance(value, str):
        try:
            value = cast("Value", json.loads(value))
        except ValueError:
            return None
    return as_map(value) if isinstance(value, Mapping) and "clusters" in value else None


def _problems(stack: StackView, table: Mapping[str, Value]) -> Iterator[str]:
    environment = stack.facts.environment
    clusters = as_map(table.get("clusters"))
    for name, entry in clusters.items():
        yield from _cluster_problems(name, entry, environment)
    yield from _country_problems(as_map(table.get("countries")), environment)
    yield from _colo_problems(as_map(table.get("colos")))
    if table.get("default") != DEFAULT_CLUSTER.id:
        yield f"default is {table.get('default')!r}; whoever no cluster names is {DEFAULT_CLUSTER.id}'s"
    for name, value in table.items():
        if name not in {"clusters", "countries", "colos", "default"} and _leads_on(name, value):
            yield f"{name} lets another cluster stand in"
    named = {str(item) for key in ("countries", "colos") for item in as_map(table.get(key)).values()}
    missing = sorted(item for item in named | {str(table.get("default"))} if item not in clusters)
    if missing:
        yield f"{', '.join(missing)} has no entry in clusters"


def _cluster_problems(name: str, entry: Value, environment: Environment) -> Iterator[str]:
    cluster = next((item for item in Cluster if item.id == name), None)
    if cluster is None or not cluster.holds_personal_data:
        yield f"{name!r} serves nobody"
        return
    block = as_map(entry)
    if isinstance(entry, Opaque) or not isinstance(block.get("origin", ""), str):
        yield f"{name}: cannot be proven: its origin is not known before the deployment"
        return
    expected = {
        "origin": regional_api_origin(cluster, environment),
        "wsOrigin": regional_websocket_origin(cluster, environment),
    }
    for key, host in expected.items():
        value = block.get(key)
        if value is None:
            if key == "origin" and _STAND_IN.search(" ".join(block)) is None:
                yield f"{name} has no origin"
        elif not _is_origin(cluster, str(value), host):
            yield f"{name}: {key} is {value}; it is https://{host}"
    if block.get("state", _STATES[0]) not in _STATES:
        yield f"{name}: state is {block.get('state')!r}; it is one of {', '.join(_STATES)}"
    for key, value in block.items():
        if key not in {*expected, "state"} and _leads_on(key, value):
            yield f"{name}: {key} lets another cluster stand in"


def _is_origin(cluster: Cluster, value: str, expected: str) -> bool:
    url = urlsplit(value)
    if url.scheme not in {"https", "wss"}:
        return False
    host = (url.hostname or "").lower()
    if host == expected:
        return True
    # The public host of China is configuration: .vn may not be registered there (DESIGN 5).
    return (
        cluster is Cluster.CHINA
        and not any(item.is_foreign_to(cluster) for item in places(value))
        and "." in host
    )


def _country_problems(countries: Mapping[str, Value], environment: Environment) -> Iterator[str]:
    for code, target in countries.items():
        known = next((country for country in Country if country == code.upper()), None)
        expected = _COUNTRIES[known] if known else DEFAULT_CLUSTER
        if isinstance(target, Opaque):
            yield f"cannot be proven: where {code} is sent is not known before the deployment"
        elif environment is Environment.PROD and target != expected.id:
            yield f"{code} is sent to {_shown(target)}; it belongs to {expected.id} alone"
    if environment is Environment.PROD:
        for country, cluster in _ELSEWHERE.items():
            if country not in {code.upper() for code in countries}:
                yield f"{country} is missing and would fall to {DEFAULT_CLUSTER.id}; it belongs to {cluster.id}"


def _colo_problems(colos: Mapping[str, Value]) -> Iterator[str]:
    for code, target in colos.items():
        expected = next((cluster for cluster, codes in COLOS.items() if code.upper() in codes), None)
        if expected is not None and target != expected.id and target in {item.id for item in Cluster}:
            yield f"data centre {code} leads to {target}; it lies with {expected.id}"
        elif as_list(target):
            yield f"data centre {code} leads to several clusters"


def _leads_on(key: str, value: Value) -> bool:
    return _STAND_IN.search(key) is not None or bool(places(json.dumps(value, default=str)))


def _shown(value: Value) -> str:
    return " and ".join(str(item) for item in as_list(value)) if as_list(value) else str(value)
