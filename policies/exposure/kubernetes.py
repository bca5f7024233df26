"""Kubernetes: services, ingresses, gateways and Kafka listeners that the internet would reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.kafka_limits import SMALLEST_PREFIX
from policies.addresses import DATA_PORTS, PUBLIC_PORTS, inside_name, is_everybody
from policies.demands import is_on
from policies.kubernetes_objects import ChartValues, KubernetesObject, chart_values, kubernetes_objects
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_int, as_list, as_map, dig
from policies.views import StackView

_ENTRANCE = re.compile(r"ingress|gateway|edge|origin|nginx|traefik|envoy|istio|kong|higress", re.IGNORECASE)
"""Names of what may stand behind a public load balancer: it serves the product."""
_ENTRANCE_PORTS = PUBLIC_PORTS | {8080, 8443}


def internal_balancer(annotations: Mapping[str, Value]) -> bool | Opaque:
    """Whether annotations keep a load balancer inside; clouds write that in several ways."""
    for key, value in annotations.items():
        name = key.lower()
        if isinstance(value, Opaque) and ("internal" in name or "scheme" in name or "address-type" in name):
            return value
        text = str(value).lower()
        if (
            name.endswith(("load-balancer-scheme", "load-balancer-scheme-type", "/scheme"))
            and text == "internal"
        ):
            return True
        if name.endswith("load-balancer-internal") and text not in {"", "false"}:
            return True
        if name.endswith(("loadbalancer-address-type", "load-balancer-address-type")) and text == "intranet":
            return True
    return False


def _services(stack: StackView) -> Iterator[Violation]:
    for service in kubernetes_objects(stack, "Service"):
        kind = service.spec.get("type")
        if isinstance(kind, Opaque):
            yield unproven(service.view, "spec.type", kind)
        if list(texts_of(service.spec.get("externalIPs"))):
            yield on(service.view, "externalIPs bring addresses of the internet into the cluster")
        if kind == "NodePort" and not _ENTRANCE.search(service.name):
            yield on(service.view, "NodePort opens it on every node")
        if kind == "LoadBalancer":
            yield from _load_balancer(service)


def _load_balancer(service: KubernetesObject) -> Iterator[Violation]:
    internal = internal_balancer(service.annotations)
    if isinstance(internal, Opaque):
        yield unproven(service.view, "whether its load balancer is internal", internal)
        return
    ranges = list(texts_of(service.spec.get("loadBalancerSourceRanges")))
    narrowed = bool(ranges) and not any(is_everybody(item) for item in ranges if isinstance(item, str))
    if internal or narrowed:
        return
    ports = {as_int(dig(port, "port")) for port in as_list(service.spec.get("ports"))}
    said = inside_name(service.name, service.namespace)
    if said or not _ENTRANCE.search(service.name) or not ports <= _ENTRANCE_PORTS:
        listens = ", ".join(str(port) for port in sorted(port or 0 for port in ports)) or "its ports"
        yield on(
            service.view, f"its load balancer faces the internet on {listens}: nothing says it is internal"
        )


def _ingresses(stack: StackView) -> Iterator[Violation]:
    for item in kubernetes_objects(stack, "Ingress", "IngressRoute", "IngressRouteTCP", "VirtualService"):
        name = str(item.spec.get("ingressClassName") or "")
        if internal_balancer(item.annotations) is True or "internal" in name or "private" in name:
            continue
        backends = set(_names_and_ports(item.spec))
        said = inside_name(item.name, item.namespace, *(text for text in backends if isinstance(text, str)))
        port = next((text for text in backends if text in DATA_PORTS), None)
        if said or port:
            yield on(item.view, f"shows {said or DATA_PORTS[as_int(port) or 0]} at a public load balancer")
    for gateway in kubernetes_objects(stack, "Gateway"):
        if internal_balancer(gateway.annotations) is True:
            continue
        for listener in as_list(gateway.spec.get("listeners")) or as_list(gateway.spec.get("servers")):
            port = as_int(dig(listener, "port")) or as_int(dig(listener, "port", "number"))
            if port in DATA_PORTS:
                yield on(gateway.view, f"listens on {port} ({DATA_PORTS[port]})")
    routes = ("HTTPRoute", "TCPRoute", "TLSRoute", "GRPCRoute")
    for route in kubernetes_objects(stack, *routes):
        parents = [str(dig(parent, "name")) for parent in as_list(route.spec.get("parentRefs"))]
        if parents and all("internal" in parent or "private" in parent for parent in parents):
            continue
        backends = set(_names_and_ports(route.spec))
        said = inside_name(route.namespace, *(text for text in backends if isinstance(text, str)))
        port = next((text for text in backends if text in DATA_PORTS), None)
        if said or port:
            yield on(route.view, f"shows {said or DATA_PORTS[as_int(port) or 0]} at a gateway")


def _names_and_ports(value: Value, key: str = "") -> Iterator[str | int | None]:
    """Give host names, names of backends and their ports, anywhere below a specification."""
    if isinstance(value, Mapping):
        for name, inner in as_map(value).items():
            yield from _names_and_ports(inner, name)
    elif as_list(value):
        for inner in as_list(value):
            yield from _names_and_ports(inner, key)
    elif key in {"host", "hosts", "hostnames", "name", "serviceName"} and isinstance(value, str):
        yield value.replace(".", "-")
    elif key in {"number", "port", "servicePort"}:
        yield as_int(value)


def _kafka(stack: StackView) -> Iterator[Violation]:
    for kafka in kubernetes_objects(stack, "Kafka"):
        if "strimzi" not in kafka.group:
            continue
        for listener in as_list(dig(kafka.spec, "kafka", "listeners")):
            kind, name = dig(listener, "type"), dig(listener, "name")
            if isinstance(kind, Opaque):
                yield unproven(kafka.view, f"the type of listener {name}", kind)
            elif kind in {"nodeport", "ingress", "route"}:
                yield on(kafka.view, f"listener {name} ({kind}) leads out of the cluster")
            elif kind == "loadbalancer":
                found = as_map(dig(listener, "configuration", "bootstrap", "annotations"))
                if internal_balancer(found) is not True:
                    yield from _open_listener(stack, kafka, listener)
    for store in kubernetes_objects(stack, "Elasticsearch", "Kibana", "Redis", "Vault", "Prometheus"):
        kind = dig(store.spec, "http", "service", "spec", "type") or dig(store.spec, "serviceType")
        found = as_map(dig(store.spec, "http", "service", "metadata", "annotations"))
        if kind == "NodePort" or (kind == "LoadBalancer" and internal_balancer(found) is not True):
            yield on(store.view, f"its service is a {kind} and leads out of the cluster")


def _open_listener(stack: StackView, kafka: KubernetesObject, listener: Value) -> Iterator[Violation]:
    """Allow the one way in that mirrors need: on the control plane, by certificate, from named addresses."""
    name = dig(listener, "name")
    if stack.facts.cluster is not Cluster.GLOBAL:
        yield on(kafka.view, f"listener {name} has a load balancer that faces the internet")
        return
    if dig(listener, "authentication", "type") != "tls" or dig(listener, "tls") is not True:
        yield on(kafka.view, f"listener {name} faces the internet and asks for no client certificate")
    ranges = list(texts_of(dig(listener, "configuration", "loadBalancerSourceRanges")))
    if not ranges:
        yield on(kafka.view, f"listener {name} faces the internet without a list of addresses")
    for cidr in ranges:
        if isinstance(cidr, Opaque):
            yield unproven(kafka.view, f"whom listener {name} lets in", cidr)
        elif is_everybody(cidr) or _is_wide(cidr):
            yield on(kafka.view, f"listener {name} faces the internet and lets in {cidr}")


def _is_wide(cidr: str) -> bool:
    """Whether a range is more than the gateways of a mirror."""
    try:
        return Cidr.parse(cidr).prefix_length < SMALLEST_PREFIX
    except ValueError:
        return True


def _charts(stack: StackView) -> Iterator[Violation]:
    for chart in chart_values(stack):
        yield from _chart(chart, chart.values, chart.where, _ENTRANCE.search(chart.chart) is not None)


def _chart(chart: ChartValues, block: Mapping[str, Value], path: str, entrance: bool) -> Iterator[Violation]:  # noqa: FBT001
    annotations = {**as_map(block.get("annotations")), **as_map(block.get("serviceAnnotations"))}
    for key, value in block.items():
        where = f"{path}.{key}"
        if key in {"type", "serviceType"} and value in {"LoadBalancer", "NodePort"}:
            if not entrance and not (value == "LoadBalancer" and internal_balancer(annotations) is True):
                yield on(chart.view, f"{where} of {chart.chart} is {value}, and leads out of the cluster")
        elif key == "ingress" and is_on(as_map(value).get("enabled")):
            inner = as_map(value)
            shown = internal_balancer(as_map(inner.get("annotations"))) is True
            shown = shown or "internal" in str(inner.get("ingressClassName") or inner.get("className") or "")
            said = inside_name(chart.chart, chart.namespace)
            if said and not shown:
                yield on(chart.view, f"{where} of {chart.chart} shows {said} at a public load balancer")
        else:
            for inner in as_list(value):
                if isinstance(inner, Mapping):
                    yield from _chart(chart, as_map(inner), where, entrance)


RULES = (
    Rule(
        id="exposure-kubernetes-services",
        family=Family.EXPOSURE,
        sentence="A Kubernetes service stays inside the cluster, unless it is the product's entrance.",
        source="M§9, M§11",
        level=Level.MANDATORY,
        remedy="make it a ClusterIP, or say with an annotation that its load balancer is internal",
        judge=_services,
        alone=True,
    ),
    Rule(
        id="exposure-kubernetes-routes",
        family=Family.EXPOSURE,
        sentence="No ingress, gateway or route shows a data store or an operators' tool outside.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="use the internal scheme, or reach it through the bastion",
        judge=_ingresses,
        alone=True,
    ),
    Rule(
        id="exposure-kubernetes-stores",
        family=Family.EXPOSURE,
        sentence="Listeners of Kafka and services of stores stay inside the cluster, but for the mirrors' way in.",
        source="M§9, M§14.3",
        level=Level.MANDATORY,
        remedy="use listeners of type internal or cluster-ip, or an internal load balancer",
        judge=_kafka,
        alone=True,
    ),
    Rule(
        id="exposure-charts",
        family=Family.EXPOSURE,
        sentence="No Helm chart makes a service that leads out of the cluster, but for the entrance.",
        source="M§9",
        level=Level.MANDATORY,
        remedy="set the service's type to ClusterIP, or make its load balancer internal",
        judge=_charts,
        alone=True,
    ),
)
