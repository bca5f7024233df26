"""How the objects of the Strimzi operator are written, and the names they know each other by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.data_classes import DataClass
from catalog.tags import DATA_CLASS_TAG
from components.core.component import Component
from components.core.naming import NameLimit
from components.core.scope import Scope

KAFKA_NAMESPACE = "kafka"
"""Namespace of the operator and of everything it runs."""

API = "kafka.strimzi.io/v1"

DATA_CLASS_LABEL = f"smp.vn/{DATA_CLASS_TAG}"
"""Label on whatever holds data; its value is a ``DataClass``."""

CLIENT_PORT = 9094
"""Where clients inside the cluster come in, over TLS with a password."""

MIRROR_PORT = 9093
"""Where mirrors of other clusters come in on Global, over mutual TLS (the port of the convention's name)."""

PASSWORD_KEY = "password"
JAAS_KEY = "sasl.jaas.config"
CA_KEY = "ca.crt"


def cluster_name(scope: Scope) -> str:
    """Name the Kafka cluster, ``smp-asia-prod-kafka``."""
    return scope.name("kafka", NameLimit.KUBERNETES)


def ca_secret(scope: Scope) -> str:
    """Name the secret that holds the certificate authority of the brokers; the operator writes it."""
    return f"{cluster_name(scope)}-cluster-ca-cert"


def bootstrap_servers(scope: Scope) -> str:
    """Give the address clients inside the cluster start from."""
    return f"{cluster_name(scope)}-kafka-bootstrap.{KAFKA_NAMESPACE}.svc:{CLIENT_PORT}"


def custom_resource(
    component: Component[Any],
    kind: str,
    name: str,
    *,
    namespace: pulumi.Input[str],
    spec: Mapping[str, Any],
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.apiextensions.CustomResource:
    """Make one object of the operator; ``labels`` come on top of those every object bears."""
    scope = component.scope
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": namespace,
        "labels": {**scope.labels("kafka", kind.lower()), **(labels or {})},
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    return kubernetes.apiextensions.CustomResource(
        scope.name(f"{kind.lower()}-{_dashed(name)}"),
        api_version=API,
        kind=kind,
        metadata=metadata,
        spec=dict(spec),
        opts=opts or component.child(),
    )


def namespace_of(resource: kubernetes.apiextensions.CustomResource) -> pulumi.Output[str]:
    """Give an object's namespace as an output of the object, so that whoever uses it waits for the object."""
    # The SDK's class declares no property, though every property is there.
    metadata = cast("pulumi.Output[Any]", resource.__dict__["metadata"])
    return metadata.apply(lambda value: str(value["namespace"]))


def _dashed(name: str) -> str:
    """Turn an object's name into part of a logical name, which has no dots."""
    return re.sub(r"[^a-z0-9]+", "-", name)


def cluster_label(scope: Scope) -> dict[str, str]:
    """Bind an object to the Kafka cluster it is for."""
    return {"strimzi.io/cluster": cluster_name(scope)}


def object_name(topic: str) -> str:
    """Name a topic's object; Kubernetes allows no underscore, so the topic's own name stands in the spec."""
    return topic.strip("_").replace("_", "-")


def data_label(data_class: DataClass) -> dict[str, str]:
    """Say what kind of data an object holds."""
    return {DATA_CLASS_LABEL: data_class}
