"""What a workload is, and how the parts of a pod are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalog.node_pools import POOL_LABEL, PoolPurpose
from catalog.pod_overheads import VAULT_AGENT_DEFAULT
from catalog.quantities import Cpu, Memory
from catalog.services import Replicas
from insight.kubernetes_quantities import cpu, memory
from policies.values import Value, as_list, as_map, dig

_VAULT_INJECT = "vault.hashicorp.com/agent-inject"
_VAULT_CPU = "vault.hashicorp.com/agent-requests-cpu"
_VAULT_MEMORY = "vault.hashicorp.com/agent-requests-mem"
_ZONE_LABEL = "topology.kubernetes.io/zone"


class Origin(StrEnum):
    """Where a workload is known from."""

    SNAPSHOT = "snapshot"
    CATALOGUE = "catalogue"


class Zoning(StrEnum):
    """What ties equal pods to zones."""

    FREE = "free"
    """They stand wherever there is room."""
    EVEN = "even"
    """No zone has two more than another; after the loss of a zone they are made anew in the others."""
    BOUND = "bound"
    """As ``EVEN``, and each has its disk in its zone: what stood in a lost zone is gone until the zone is back."""


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
    zoning: Zoning = Zoning.FREE


def zoning_of(constraints: Value, *, disks: int) -> Zoning:
    """Read what ties pods to zones: their spread constraints, and how many disks each has that outlive it.

    A constraint that only wishes ties nothing.
    """
    hard = any(
        dig(item, "topologyKey") == _ZONE_LABEL and dig(item, "whenUnsatisfiable") != "ScheduleAnyway"
        for item in as_list(constraints)
    )
    if not hard:
        return Zoning.FREE
    return Zoning.BOUND if disks else Zoning.EVEN


def requests_of(*resources: Value) -> tuple[Cpu, Memory]:
    """Add up the requests of containers, each given by its ``resources``."""
    requests = [dig(item, "requests") for item in resources]
    return (
        sum((cpu(dig(item, "cpu")) for item in requests), Cpu(0)),
        sum((memory(dig(item, "memory")) for item in requests), Memory(0)),
    )


def vault_agent(annotations: Value) -> tuple[Cpu, Memory]:
    """Read what the Vault agent beside a pod asks for; nothing where there is none."""
    found = as_map(annotations)
    if str(found.get(_VAULT_INJECT)).lower() != "true":
        return Cpu(0), Memory(0)
    wanted, asked = cpu(found.get(_VAULT_CPU)), memory(found.get(_VAULT_MEMORY))
    return (
        wanted if wanted.millicores else VAULT_AGENT_DEFAULT.cpu,
        asked if asked.mebibytes else VAULT_AGENT_DEFAULT.memory,
    )


def purpose_of(pod: Value) -> PoolPurpose:
    """Say which nodes a pod is for: those it selects, or those it would rather stand on."""
    if dig(pod, "nodeSelector", POOL_LABEL) == PoolPurpose.DATA:
        return PoolPurpose.DATA
    wishes = as_list(dig(pod, "affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"))
    for wish in wishes:
        for expression in as_list(dig(wish, "preference", "matchExpressions")):
            values = as_list(dig(expression, "values"))
            if dig(expression, "key") == POOL_LABEL and PoolPurpose.DATA in values:
                return PoolPurpose.DATA
    return PoolPurpose.APP
