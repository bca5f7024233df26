"""Versions of Elasticsearch and of what runs beside it."""

from __future__ import annotations

ECK = "3.5.0"
"""Operator and chart: the first with ``zoneAwareness`` on a node set."""

ELASTICSEARCH = "9.5.6"

SINK_CONNECTOR = "4.0.1"
"""Aiven's OpenSearch connector for Kafka Connect, Apache 2.0; see docs/decisions/0057."""

JOBS = "3"
"""Image of our own jobs (``jobs/``); raised with every change of what they do."""
