"""Pods that Kafka's operator makes: what its objects ask for, before any pod is there."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.quantities import Cpu, Memory
from catalog.services import Replicas
from insight.snapshot import Resource, Snapshot
from insight.workload import Origin, Workload, purpose_of, requests_of, vault_agent, zoning_of
from policies.values import Value, as_int, as_list, dig

_API = "kubernetes:kafka.strimzi.io/v1"


def kafka_workloads(snapshot: Snapshot) -> Iterator[Workload]:
    """Yield brokers, Connect workers, mirrors, and what the operator runs beside a cluster."""
    for kind in ("KafkaNodePool", "KafkaConnect", "KafkaMirrorMaker2"):
        for resource in snapshot.of_type(f"{_API}:{kind}"):
            yield _equal_pods(resource)
    for resource in snapshot.of_type(f"{_API}:Kafka"):
        yield from _beside(resource)


def _equal_pods(resource: Resource) -> Workload:
    pod = resource.get("spec", "template", "pod")
    own_cpu, own_memory = requests_of(resource.get("spec", "resources"))
    agent_cpu, agent_memory = vault_agent(dig(pod, "metadata", "annotations"))
    replicas = as_int(resource.get("spec", "replicas"))
    return _workload(
        f"kafka-{_name(resource)}",
        1 if replicas is None else replicas,
        (own_cpu + agent_cpu, own_memory + agent_memory),
        pod,
        disks=_disks(resource.get("spec", "storage")),
    )


def _beside(resource: Resource) -> Iterator[Workload]:
    """Yield the single pods that the operator runs for one cluster."""
    spec = resource.get("spec")
    if dig(spec, "entityOperator") is not None:
        yield _workload(
            "kafka-entity-operator",
            1,
            requests_of(
                dig(spec, "entityOperator", "topicOperator", "resources"),
                dig(spec, "entityOperator", "userOperator", "resources"),
            ),
            dig(spec, "entityOperator", "template", "pod"),
        )
    for part in ("kafkaExporter", "cruiseControl"):
        if dig(spec, part) is not None:
            yield _workload(
                part, 1, requests_of(dig(spec, part, "resources")), dig(spec, part, "template", "pod")
            )


def _disks(storage: Value) -> int:
    """Count the volumes that outlive a pod."""
    volumes = as_list(dig(storage, "volumes")) if dig(storage, "type") == "jbod" else [storage]
    return sum(dig(volume, "type") == "persistent-claim" for volume in volumes)


def _workload(
    name: str, replicas: int, requests: tuple[Cpu, Memory], pod: Value, *, disks: int = 0
) -> Workload:
    return Workload(
        name=name,
        replicas=Replicas.fixed(replicas),
        cpu=requests[0],
        memory=requests[1],
        purpose=purpose_of(pod),
        origin=Origin.SNAPSHOT,
        is_service=False,
        zoning=zoning_of(dig(pod, "topologySpreadConstraints"), disks=disks),
    )


def _name(resource: Resource) -> str:
    name = resource.get("metadata", "name")
    return name if isinstance(name, str) else resource.name
