"""TLS inside and at the border of the cluster: ingresses, Kafka, Elasticsearch, Vault."""

from __future__ import annotations

from collections.abc import Iterator

from policies.demands import is_off, is_on
from policies.kubernetes_objects import KubernetesObject, chart_values, kubernetes_objects
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_list, as_map, dig
from policies.views import StackView, is_set


def _ingresses(stack: StackView) -> Iterator[Violation]:
    for item in kubernetes_objects(stack, "Ingress"):
        notes = {key.lower(): str(value).lower() for key, value in item.annotations.items()}
        redirect = next((value for key, value in notes.items() if key.endswith("/ssl-redirect")), None)
        if redirect == "false" or any(
            key.endswith("/force-ssl-redirect") and value == "false" for key, value in notes.items()
        ):
            yield on(item.view, "ssl-redirect is off: plain HTTP is answered")
        at_balancer = any(
            "certificate" in key or (key.endswith("/listen-ports") and "https" in value)
            for key, value in notes.items()
        )
        if not is_set(item.spec.get("tls")) and not at_balancer:
            yield on(item.view, "has no tls: it answers plain HTTP")
    for gateway in kubernetes_objects(stack, "Gateway"):
        listeners = as_list(gateway.spec.get("listeners"))
        protocols = {str(dig(listener, "protocol")).upper() for listener in listeners}
        if protocols and protocols <= {"HTTP", "TCP"}:
            yield on(gateway.view, "no listener speaks TLS")


def _strimzi(item: KubernetesObject) -> bool:
    return "strimzi" in item.group


def _kafka(stack: StackView) -> Iterator[Violation]:
    for kafka in kubernetes_objects(stack, "Kafka"):
        if not _strimzi(kafka):
            continue
        for listener in as_list(dig(kafka.spec, "kafka", "listeners")):
            flag, name = dig(listener, "tls"), dig(listener, "name")
            if isinstance(flag, Opaque):
                yield unproven(kafka.view, f"tls of listener {name}", flag)
            elif not is_on(flag):
                yield on(kafka.view, f"listener {name} speaks plain text: tls is not true")
    for client in kubernetes_objects(stack, "KafkaConnect", "KafkaBridge"):
        if (
            _strimzi(client)
            and client.spec.get("tls") is None
            and is_set(client.spec.get("bootstrapServers"))
        ):
            yield on(client.view, "connects to Kafka without tls")
    for mirror in kubernetes_objects(stack, "KafkaMirrorMaker2"):
        clusters = [*as_list(mirror.spec.get("clusters")), *as_list(mirror.spec.get("target"))]
        clusters += [
            source
            for entry in as_list(mirror.spec.get("mirrors"))
            for source in as_list(dig(entry, "source"))
        ]
        for cluster in clusters:
            if dig(cluster, "bootstrapServers") is not None and dig(cluster, "tls") is None:
                yield on(mirror.view, f"connects to {dig(cluster, 'alias')} without tls")


def _stores(stack: StackView) -> Iterator[Violation]:
    for item in kubernetes_objects(stack, "Elasticsearch", "Kibana"):
        if is_on(dig(item.spec, "http", "tls", "selfSignedCertificate", "disabled")):
            certificate = dig(item.spec, "http", "tls", "certificate")
            if certificate is None:
                yield on(item.view, "http.tls is disabled: it answers plain HTTP")
        for nodes in as_list(item.spec.get("nodeSets")):
            for key in (
                "xpack.security.http.ssl.enabled",
                "xpack.security.transport.ssl.enabled",
                "xpack.security.enabled",
            ):
                config = as_map(dig(nodes, "config"))
                value = config.get(key) if key in config else dig(config, *key.split("."))
                if is_off(value):
                    yield on(item.view, f"{key} is false")
    for item in kubernetes_objects(stack, "Certificate", "ClusterIssuer"):
        if is_on(dig(item.spec, "acme", "skipTLSVerify")):
            yield on(item.view, "skipTLSVerify is on")
    yield from _charts(stack)


def _charts(stack: StackView) -> Iterator[Violation]:
    for chart in chart_values(stack):
        name = chart.chart.lower()
        if name in {"vault", "hashicorp/vault"} and not is_off(dig(chart.values, "server", "enabled")):
            flag = dig(chart.values, "global", "tlsDisable")
            if not is_off(flag) and not isinstance(flag, Opaque):
                yield on(
                    chart.view, "global.tlsDisable is true, as it is by default: Vault speaks plain HTTP"
                )
        for path in (("tls", "enabled"), ("auth", "tls", "enabled"), ("transitEncryption", "enabled")):
            if is_off(dig(chart.values, *path)) and not name.endswith(("ingress-nginx",)):
                yield on(chart.view, f"{'.'.join(path)} of {chart.chart} is false")
        if is_on(dig(chart.values, "configs", "params", "server.insecure")):
            yield on(chart.view, "server.insecure is true: Argo CD speaks plain HTTP")


RULES = (
    Rule(
        id="encryption-ingresses",
        family=Family.ENCRYPTION,
        sentence="Ingresses and gateways have a certificate.",
        source="M§11: all TLS",
        level=Level.MANDATORY,
        remedy="name the secret of the origin certificate under tls, and leave ssl-redirect on",
        judge=_ingresses,
        alone=True,
    ),
    Rule(
        id="encryption-kafka",
        family=Family.ENCRYPTION,
        sentence="Kafka listens with TLS, and its clients, Connect and the mirrors use it.",
        source="M§14.3",
        level=Level.MANDATORY,
        remedy="set tls on the listener, and trustedCertificates for its clients",
        judge=_kafka,
        alone=True,
    ),
    Rule(
        id="encryption-cluster-stores",
        family=Family.ENCRYPTION,
        sentence="Elasticsearch, Vault and other stores of the cluster speak TLS.",
        source="M§14.3, M§5.2",
        level=Level.MANDATORY,
        remedy="leave TLS on, with a certificate of the cluster's own authority",
        judge=_stores,
        alone=True,
    ),
)
