"""What must be scheduled: workloads a snapshot holds, and the services it does not hold yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalog.clusters import Cluster
from catalog.node_pools import POOL_LABEL, PoolPurpose
from catalog.pod_overheads import VAULT_AGENT, VAULT_AGENT_DEFAULT
from catalog.quantities import Cpu, Memory
from catalog.services import Replicas, Service
from catalog.stack_facts import StackFacts
from insight.kubernetes_quantities import cpu, memory
from insight.snapshot import Resource, Snapshot
from policies.values import Value, as_int, as_list, as_map, dig

_WORKLOADS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
_HPA = (
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:autoscaling/v1:HorizontalPodAutoscaler",
)
_KEDA = "kubernetes:keda.sh/v1alpha1:ScaledObject"
_VAULT_INJECT = "vault.hashicorp.com/agent-inject"
_VAULT_CPU = "vault.hashicorp.com/agent-requests-cpu"
_VAULT_MEMORY = "vault.hashicorp.com/agent-requests-mem"


class Origin(StrEnum):
    """Where a workload is known from."""

    SNAPSHOT = "snapshot"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Equal pods: requests of one of them, sidecars included, and how many there are."""

    name: str
    replicas: Replicas
    cpu: Cpu
    memory: Memory
    purpose: PoolPurpose
    origin: Origin
    is_service: bool


def find_workloads(snapshot: Snapshot, facts: StackFacts) -> tuple[Workload, ...]:
    """List the workloads of a snapshot, then the services of the catalogue that it does not hold.

    The control plane runs none of the ten services (M§14.1).
    """
    scaling = _scaling(snapshot)
    found = [_workload(resource, scaling) for resource in snapshot.of_type(*_WORKLOADS)]
    present = {workload.name for workload in found}
    if facts.cluster is not Cluster.GLOBAL:
        found.extend(
            Workload(
                name=service.id,
                replicas=service.facts.replicas(facts.environment),
                cpu=service.facts.resources.cpu_request + VAULT_AGENT.cpu,
                memory=service.facts.resources.memory_request + VAULT_AGENT.memory,
                purpose=PoolPurpose.APP,
                origin=Origin.CATALOGUE,
                is_service=True,
            )
            for service in Service
            if service.id not in present
        )
    return tuple(found)


def _scaling(snapshot: Snapshot) -> dict[str, Replicas]:
    bounds: dict[str, Replicas] = {}
    for resource in snapshot.of_type(*_HPA):
        _note_bounds(bounds, resource, "minReplicas", "maxReplicas")
    for resource in snapshot.of_type(_KEDA):
        _note_bounds(bounds, resource, "minReplicaCount", "maxReplicaCount")
    return bounds


def _note_bounds(bounds: dict[str, Replicas], resource: Resource, least: str, most: str) -> None:
    target = resource.get("spec", "scaleTargetRef", "name")
    maximum = as_int(resource.get("spec", most))
    if isinstance(target, str) and maximum is not None:
        minimum = as_int(resource.get("spec", least))
        bounds[target] = Replicas(minimum=minimum if minimum is not None else 1, maximum=maximum)


def _workload(resource: Resource, scaling: dict[str, Replicas]) -> Workload:
    own = resource.get("metadata", "name")
    name = own if isinstance(own, str) else resource.name
    fixed = as_int(resource.get("spec", "replicas"))
    pod = resource.get("spec", "template", "spec")
    annotations = as_map(resource.get("spec", "template", "metadata", "annotations"))
    requests = [dig(container, "resources", "requests") for container in as_list(dig(pod, "containers"))]
    total_cpu = sum((cpu(dig(item, "cpu")) for item in requests), Cpu(0))
    total_memory = sum((memory(dig(item, "memory")) for item in requests), Memory(0))
    if str(annotations.get(_VAULT_INJECT)).lower() == "true":
        wanted = cpu(annotations.get(_VAULT_CPU))
        total_cpu += wanted if wanted.millicores else VAULT_AGENT_DEFAULT.cpu
        asked = memory(annotations.get(_VAULT_MEMORY))
        total_memory += asked if asked.mebibytes else VAULT_AGENT_DEFAULT.memory
    return Workload(
        name=name,
        replicas=scaling.get(name, Replicas.fixed(fixed if fixed is not None else 1)),
        cpu=total_cpu,
        memory=total_memory,
        purpose=_purpose(dig(pod, "nodeSelector")),
        origin=Origin.SNAPSHOT,
        is_service=name in {service.id for service in Service},
    )


def _purpose(selector: Value) -> PoolPurpose:
    return PoolPurpose.DATA if dig(selector, POOL_LABEL) == PoolPurpose.DATA else PoolPurpose.APP
