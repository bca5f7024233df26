"""Pods that Elasticsearch's operator makes, before any pod is there."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.quantities import Cpu, Memory
from catalog.services import Replicas
from insight.snapshot import Snapshot
from insight.workload import Origin, Workload, purpose_of, requests_of, zoning_of
from policies.values import Value, as_int, as_list, dig

_KIND = "kubernetes:elasticsearch.k8s.elastic.co/v1:Elasticsearch"
_MAIN_CONTAINER = "elasticsearch"
_MEMORY_UNLESS_SAID = Memory(2048)
"""What the operator asks for where the pod's template says nothing (ECK's documentation of resources)."""
_DISKS = 1
"""The operator claims one for every node, also where the node set lists none."""


def search_workloads(snapshot: Snapshot) -> Iterator[Workload]:
    """Yield the nodes of each node set."""
    for resource in snapshot.of_type(_KIND):
        for node_set in as_list(resource.get("spec", "nodeSets")):
            pod = dig(node_set, "podTemplate", "spec")
            count = as_int(dig(node_set, "count"))
            cpu, memory = _requests(pod)
            yield Workload(
                name=f"elasticsearch-{dig(node_set, 'name')}",
                # The operator's own default is no node at all.
                replicas=Replicas.fixed(0 if count is None else count),
                cpu=cpu,
                memory=memory,
                purpose=purpose_of(pod),
                origin=Origin.SNAPSHOT,
                is_service=False,
                zoning=zoning_of(dig(pod, "topologySpreadConstraints"), disks=_DISKS),
            )


def _requests(pod: Value) -> tuple[Cpu, Memory]:
    containers = as_list(dig(pod, "containers"))
    cpu, memory = requests_of(*(dig(container, "resources") for container in containers))
    main = next((item for item in containers if dig(item, "name") == _MAIN_CONTAINER), None)
    if dig(main, "resources", "requests", "memory") is None:
        memory += _MEMORY_UNLESS_SAID
    return cpu, memory
