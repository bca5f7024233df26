"""Versions of Kafka and of what runs beside it; they move together (Strimzi's kafka-versions.yaml says which fit)."""

from __future__ import annotations

STRIMZI = "1.2.0"
"""Operator and chart: the first line of releases with the v1 API alone; 1.0.1 closed CVE-2026-55225 and -55226."""

KAFKA = "4.2.0"
"""One of the four that Strimzi 1.2 runs."""

KAFKA_METADATA = "4.2-IV1"
"""Format of the controllers' log; raised after an upgrade has proven itself, since it cannot be lowered."""

DEBEZIUM = "3.3.0.Final"
"""The first with exactly-once delivery from MySQL."""

KARAPACE = "6.2.0"
"""The schema registry."""

PROMETHEUS_DEFINITIONS = "24.0.2"
"""Chart of the definitions that pod monitors and rules are objects of."""
