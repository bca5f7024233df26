"""Whether the node pools hold the pods: a bin-packing of requests into what nodes offer.

Pods are placed first-fit, the largest first. What is taken on every node by DaemonSets is subtracted beforehand.
Spreading over zones, affinities and host ports are not modelled: a verdict "fits" is necessary, and with the
margins shown usually sufficient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from catalog.environments import Environment
from catalog.instances import DAEMON_OVERHEAD, NodeCapacity
from catalog.node_pools import PoolPurpose
from catalog.pod_overheads import PLATFORM_IN_PRODUCTION
from catalog.quantities import Cpu, Memory
from catalog.stack_facts import StackFacts
from insight.node_pools import Pool, find_pools
from insight.snapshot import Snapshot
from insight.workloads import Origin, Workload, find_workloads

_PLATFORM = {
    "Kafka": ("kafka",),
    "Elasticsearch": ("elasticsearch", "elastic"),
    "Vault": ("vault-server", "helm-vault", "vault:Release"),
    "monitoring": ("prometheus", "monitoring"),
    "ArgoCD": ("argocd", "argo-cd"),
}
"""What every cluster will run beside the services, and how its workloads are recognised."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One question to the bin-packing, and its answer."""

    question: str
    pods: int
    cpu: Cpu
    memory: Memory
    nodes: int
    """How many nodes the scenario offers."""
    nodes_used: int
    left_over: tuple[str, ...]
    """Workloads of pods that found no node, with how many."""
    remark: str = ""

    @property
    def fits(self) -> bool:
        """Whether every pod found a node."""
        return not self.left_over


@dataclass(frozen=True, kw_only=True)
class CapacityReport:
    """Pools, what they must hold, and whether they do."""

    pools: tuple[Pool, ...]
    workloads: tuple[Workload, ...]
    scenarios: tuple[Scenario, ...]
    notes: tuple[str, ...]
    """What is assumed, and what is not counted."""

    @property
    def fits(self) -> bool:
        """Whether every scenario fits."""
        return all(scenario.fits for scenario in self.scenarios)


@dataclass(kw_only=True)
class _Node:
    purpose: PoolPurpose
    cpu: int
    memory: int
    pods: int
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class _Pod:
    workload: str
    purpose: PoolPurpose
    cpu: Cpu
    memory: Memory


def assess_capacity(snapshot: Snapshot, facts: StackFacts) -> CapacityReport:
    """Answer three questions: minimum on minimum, maximum on maximum, and production without a zone."""
    pools = find_pools(snapshot)
    workloads = find_workloads(snapshot, facts)
    known = tuple(pool for pool in pools if pool.node is not None)
    scenarios: list[Scenario] = []
    if known and workloads:
        least, most = [pool.minimum for pool in known], [pool.maximum for pool in known]
        low = list(_pods(workloads, maximum=False))
        scenarios.append(_ask("minimum replicas on minimum nodes", known, least, low))
        scenarios.append(
            _ask("maximum replicas on maximum nodes", known, most, list(_pods(workloads, maximum=True)))
        )
        if facts.environment is Environment.PROD:
            services = [workload for workload in workloads if workload.is_service] or workloads
            scenarios.append(_without_a_zone(known, list(_pods(services, maximum=False))))
    notes = tuple(_notes(snapshot, facts, pools, workloads))
    return CapacityReport(pools=pools, workloads=workloads, scenarios=tuple(scenarios), notes=notes)


def _pods(workloads: Iterable[Workload], *, maximum: bool) -> Iterator[_Pod]:
    for item in workloads:
        pod = _Pod(workload=item.name, purpose=item.purpose, cpu=item.cpu, memory=item.memory)
        for _ in range(item.replicas.maximum if maximum else item.replicas.minimum):
            yield pod


def _nodes(pools: Sequence[Pool], counts: Sequence[int]) -> list[_Node]:
    nodes: list[_Node] = []
    for pool, count in zip(pools, counts, strict=True):
        offer = pool.node or NodeCapacity(cpu=Cpu(0), memory=Memory(0), pods=0)
        nodes.extend(
            _Node(
                purpose=pool.purpose,
                cpu=offer.cpu.millicores - DAEMON_OVERHEAD.cpu.millicores,
                memory=offer.memory.mebibytes - DAEMON_OVERHEAD.memory.mebibytes,
                pods=offer.pods - DAEMON_OVERHEAD.pods,
            )
            for _ in range(count)
        )
    return nodes


def _pack(pods: Iterable[_Pod], nodes: Sequence[_Node]) -> list[_Pod]:
    """Place pods first-fit, the largest first; give those that found no node."""
    has_data = any(node.purpose is PoolPurpose.DATA for node in nodes)
    left: list[_Pod] = []
    for pod in sorted(pods, key=lambda item: (item.cpu, item.memory), reverse=True):
        purpose = pod.purpose if has_data else PoolPurpose.APP
        for node in nodes:
            if (
                node.purpose is purpose
                and node.pods >= 1
                and node.cpu >= pod.cpu.millicores
                and node.memory >= pod.memory.mebibytes
            ):
                node.cpu -= pod.cpu.millicores
                node.memory -= pod.memory.mebibytes
                node.pods -= 1
                node.used = True
                break
        else:
            left.append(pod)
    return left


def _ask(
    question: str, pools: Sequence[Pool], counts: Sequence[int], pods: Sequence[_Pod], remark: str = ""
) -> Scenario:
    nodes = _nodes(pools, counts)
    left = _pack(pods, nodes)
    names = dict.fromkeys(pod.workload for pod in left)
    return Scenario(
        question=question,
        pods=len(pods),
        cpu=sum((pod.cpu for pod in pods), Cpu(0)),
        memory=sum((pod.memory for pod in pods), Memory(0)),
        nodes=len(nodes),
        nodes_used=sum(node.used for node in nodes),
        left_over=tuple(f"{sum(pod.workload == name for pod in left)} x {name}" for name in names),
        remark=remark,
    )


def _without_a_zone(pools: Sequence[Pool], pods: Sequence[_Pod]) -> Scenario:
    """Lose the fullest zone of every pool: first with what remains, then with what the autoscaler may add."""
    question = "services' minimum after the loss of a zone"
    if all(pool.zones == 1 for pool in pools):
        return _ask(question, pools, [0 for _ in pools], pods, "all nodes are in one zone")
    remaining = [pool.minimum - ceil(pool.minimum / pool.zones) for pool in pools]
    at_once = _ask(question, pools, remaining, pods, "on the nodes that remain")
    if at_once.fits:
        return at_once
    for extra in range(1, sum(pool.maximum for pool in pools) + 1):
        counts = _grown(pools, remaining, extra)
        grown = _ask(
            question, pools, counts, pods, f"after the autoscaler has added {extra} in the other zones"
        )
        if grown.fits or counts == [pool.maximum for pool in pools]:
            return grown
    return at_once


def _grown(pools: Sequence[Pool], counts: Sequence[int], extra: int) -> list[int]:
    """Add nodes to the pools in their order, none above its maximum."""
    grown = list(counts)
    for place, pool in enumerate(pools):
        if pool.purpose is PoolPurpose.APP or all(item.purpose is PoolPurpose.DATA for item in pools):
            added = min(extra, pool.maximum - grown[place])
            grown[place] += added
            extra -= added
    return grown if extra == 0 else [pool.maximum for pool in pools]


def _notes(
    snapshot: Snapshot, facts: StackFacts, pools: Sequence[Pool], workloads: Sequence[Workload]
) -> Iterator[str]:
    if not pools:
        yield "no node pool is in this snapshot"
    for pool in pools:
        if pool.node is None:
            kind = pool.instance_type or "an instance type not yet known"
            yield f"pool {pool.name} is left out: what {kind} offers to pods is not in the catalogue"
    assumed = [workload.name for workload in workloads if workload.origin is Origin.CATALOGUE]
    if assumed:
        yield (
            f"{len(assumed)} services are not in this snapshot yet and counted from the catalogue (M§4),"
            " each pod with a Vault agent of 25m and 32Mi"
        )
    if not workloads:
        yield "no workload is in this snapshot, so there is nothing to place"
    in_cluster = [
        f"{resource.type} {resource.name}".lower()
        for resource in snapshot.resources
        if _runs_pods(resource.type)
    ]
    missing = [
        what
        for what, words in _PLATFORM.items()
        if not any(word.lower() in name for name in in_cluster for word in words)
    ]
    if missing and pools:
        text = f"not counted, because not in this snapshot: {', '.join(missing)}, ingress"
        if facts.environment is Environment.PROD and any(workload.is_service for workload in workloads):
            reserve = PLATFORM_IN_PRODUCTION
            text += f"; together they ask for about {reserve.pods} pods, {reserve.cpu} and {reserve.memory}"
        yield text
    unread = [
        resource.name for resource in snapshot.resources if resource.type == "kubernetes:helm.sh/v3:Release"
    ]
    if unread:
        yield f"pods inside Helm releases are not counted: {', '.join(unread)}"


def _runs_pods(token: str) -> bool:
    return token.startswith(("kubernetes:apps/", "kubernetes:helm.sh/", "kubernetes:kafka.strimzi.io/"))
