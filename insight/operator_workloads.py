"""Pods of operators, which Helm releases bring."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.services import Replicas
from insight.snapshot import Resource, Snapshot
from insight.workload import Origin, Workload, purpose_of, requests_of
from policies.values import as_int

RELEASE = "kubernetes:helm.sh/v3:Release"

_REPLICAS_KEY = {"strimzi-kafka-operator": "replicas", "eck-operator": "replicaCount"}
"""Charts of one workload, whose values say ``resources`` of its pod; and which value says how many, one unless said."""


def operator_workloads(snapshot: Snapshot) -> Iterator[Workload]:
    """Yield the pods of every release that says what they ask for."""
    for resource in snapshot.of_type(RELEASE):
        if is_counted(resource):
            replicas = as_int(resource.get("values", _REPLICAS_KEY[_chart(resource)]))
            cpu, memory = requests_of(resource.get("values", "resources"))
            yield Workload(
                name=_chart(resource),
                replicas=Replicas.fixed(1 if replicas is None else replicas),
                cpu=cpu,
                memory=memory,
                purpose=purpose_of(resource.get("values")),
                origin=Origin.SNAPSHOT,
                is_service=False,
            )


def is_counted(resource: Resource) -> bool:
    """Whether a release is one whose pods are counted here."""
    said = resource.get("values", "resources", "requests")
    return _chart(resource) in _REPLICAS_KEY and said is not None


def _chart(resource: Resource) -> str:
    return str(resource.get("chart")).rsplit("/", maxsplit=1)[-1]
