"""What must be scheduled: workloads a snapshot holds, and the services it does not hold yet."""

from __future__ import annotations

from catalog.clusters import Cluster
from catalog.node_pools import PoolPurpose
from catalog.pod_overheads import VAULT_AGENT
from catalog.services import Replicas, Service
from catalog.stack_facts import StackFacts
from insight.kafka_workloads import kafka_workloads
from insight.operator_workloads import operator_workloads
from insight.search_workloads import search_workloads
from insight.snapshot import Resource, Snapshot
from insight.workload import Origin, Workload, purpose_of, requests_of, vault_agent, zoning_of
from policies.values import Value, as_int, as_list, dig

_WORKLOADS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
_CRON_JOB = "kubernetes:batch/v1:CronJob"
_HPA = (
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:autoscaling/v1:HorizontalPodAutoscaler",
)
_KEDA = "kubernetes:keda.sh/v1alpha1:ScaledObject"


def find_workloads(snapshot: Snapshot, facts: StackFacts) -> tuple[Workload, ...]:
    """List the workloads of a snapshot, then the services of the catalogue that it does not hold.

    The control plane runs none of the ten services (M§14.1).
    """
    scaling = _scaling(snapshot)
    found = [_workload(resource, scaling) for resource in snapshot.of_type(*_WORKLOADS)]
    found.extend(_job(resource) for resource in snapshot.of_type(_CRON_JOB))
    found.extend(kafka_workloads(snapshot))
    found.extend(search_workloads(snapshot))
    found.extend(operator_workloads(snapshot))
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
    name = _name(resource)
    fixed = as_int(resource.get("spec", "replicas"))
    disks = len(as_list(resource.get("spec", "volumeClaimTemplates")))
    return _pods(
        name,
        scaling.get(name, Replicas.fixed(fixed if fixed is not None else 1)),
        resource.get("spec", "template"),
        disks=disks,
    )


def _job(resource: Resource) -> Workload:
    """Count a job as if it ran: it does when the others do."""
    template = resource.get("spec", "jobTemplate", "spec", "template")
    return _pods(_name(resource), Replicas.fixed(1), template)


def _pods(name: str, replicas: Replicas, template: Value, *, disks: int = 0) -> Workload:
    pod = dig(template, "spec")
    own_cpu, own_memory = requests_of(
        *(dig(container, "resources") for container in as_list(dig(pod, "containers")))
    )
    agent_cpu, agent_memory = vault_agent(dig(template, "metadata", "annotations"))
    return Workload(
        name=name,
        replicas=replicas,
        cpu=own_cpu + agent_cpu,
        memory=own_memory + agent_memory,
        purpose=purpose_of(pod),
        origin=Origin.SNAPSHOT,
        is_service=name in {service.id for service in Service},
        zoning=zoning_of(dig(pod, "topologySpreadConstraints"), disks=disks),
    )


def _name(resource: Resource) -> str:
    own = resource.get("metadata", "name")
    return own if isinstance(own, str) else resource.name
