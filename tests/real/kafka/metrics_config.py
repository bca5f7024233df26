"""What the operator makes of ``metricsConfig``: a reporter inside the broker or worker, and where it is read.

Source: Strimzi's cluster operator (KafkaBrokerConfigurationBuilder, KafkaConnectConfigurationBuilder,
KafkaMirrorMaker2Connectors) and the reporter's own documentation. The operator's reporter is 0.4.0. Of its clients'
half Maven Central has 0.3.0, under the same name; of the brokers' half 0.2.0, which makes a metric's name of the same
parts but is called otherwise.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.real.kafka.connect_config import ROLES
from tests.real.kafka.manifests import known

PORT = 9404
"""The operator's port of metrics."""

_BROKER = "io.strimzi.kafka.metrics.KafkaPrometheusMetricsReporter"
_BROKER_YAMMER = "io.strimzi.kafka.metrics.YammerPrometheusMetricsReporter"
_CLIENT = "io.strimzi.kafka.metrics.prometheus.ClientMetricsReporter"
_PREFIX = "prometheus.metrics.reporter"


def _reporter(holder: Mapping[str, Any], name: str, address: str) -> dict[str, str]:
    config = known(holder["metricsConfig"], where="metricsConfig", used=("type", "values"))
    assert config["type"] == "strimziMetricsReporter", config["type"]
    values = known(config["values"], where="metricsConfig.values", used=("allowList",))
    return {
        "metric.reporters": name,
        f"{_PREFIX}.listener.enable": "true",
        f"{_PREFIX}.listener": f"http://{address}:{PORT}",
        f"{_PREFIX}.allowlist": ",".join(values["allowList"]),
    }


def of_broker(holder: Mapping[str, Any], address: str) -> dict[str, str]:
    """Further settings of a broker."""
    return {**_reporter(holder, _BROKER, address), "kafka.metrics.reporters": _BROKER_YAMMER}


def of_worker(holder: Mapping[str, Any], address: str) -> dict[str, str]:
    """Further settings of a worker, and of the clients of its connectors."""
    own = _reporter(holder, _CLIENT, address)
    return {f"{role}{key}": value for role in ROLES for key, value in own.items()}


def of_mirror_connector() -> dict[str, str]:
    """Further settings of a connector of a KafkaMirrorMaker2; it shows its metrics at the worker's address."""
    return {"metric.reporters": _CLIENT, f"{_PREFIX}.listener.enable": "false"}


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series, without its value."""

    name: str
    labels: Mapping[str, str]


def exported(address: str) -> tuple[Series, ...]:
    """Read all series that are shown at an address."""
    with urllib.request.urlopen(f"http://{address}:{PORT}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return tuple(
        Series(name=name, labels=dict(re.findall(r'(\w+)="([^"]*)"', labels)))
        for name, labels in re.findall(r"^([a-z_]\w*)(\{[^\n]*\})? ", text, re.MULTILINE)
    )
