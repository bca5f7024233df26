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
from insight.kafka_workloads import is_kafka_operator
from insight.node_pools import Pool, find_pools
from insight.snapshot import Snapshot
from insight.workload import Origin, Workload
from insight.workloads import find_workloads

_MOST_EXTRA_NODES = 50

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
    remedy: str = ""
    """What would hold the pods that found no node."""

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
    tainted: bool
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
                tainted=pool.tainted,
                cpu=offer.cpu.millicores - DAEMON_OVERHEAD.cpu.millicores,
                memory=offer.memory.mebibytes - DAEMON_OVERHEAD.memory.mebibytes,
                pods=offer.pods - DAEMON_OVERHEAD.pods,
            )
            for _ in range(count)
        )
    return nodes


def _pack(pods: Iterable[_Pod], nodes: Sequence[_Node]) -> list[_Pod]:
    """Place pods first-fit, the largest first, on nodes of their own purpose before others; give the rest."""
    left: list[_Pod] = []
    open_to = {
        purpose: sorted(
            (node for node in nodes if node.purpose is purpose or not node.tainted),
            key=lambda node: node.purpose is not purpose,
        )
        for purpose in PoolPurpose
    }
    for pod in sorted(pods, key=lambda item: (item.cpu, item.memory), reverse=True):
        for node in open_to[pod.purpose]:
            if node.pods >= 1 and node.cpu >= pod.cpu.millicores and node.memory >= pod.memory.mebibytes:
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
        remedy=_remedy(pools, counts, pods) if left else "",
    )


def _remedy(pools: Sequence[Pool], counts: Sequence[int], pods: Sequence[_Pod]) -> str:
    """Find how many nodes the first pool for services would need."""
    place = next((place for place, pool in enumerate(pools) if not pool.tainted), None)
    if place is None:
        return ""
    for extra in range(1, _MOST_EXTRA_NODES + 1):
        grown = [count + extra if at == place else count for at, count in enumerate(counts)]
        if not _pack(pods, _nodes(pools, grown)):
            return f"{grown[place]} nodes in {pools[place].name} would hold them"
    return f"not even {_MOST_EXTRA_NODES} more nodes would hold them"


def _without_a_zone(pools: Sequence[Pool], pods: Sequence[_Pod]) -> Scenario:
    """Lose each zone in turn and give the worst case."""
    zones = dict.fromkeys(zone for pool in pools for zone in pool.zones)
    cases = [_without(zone, pools, pods) for zone in zones]
    return max(cases, key=lambda case: (not case[0].fits, case[1]))[0]


def _without(zone: str, pools: Sequence[Pool], pods: Sequence[_Pod]) -> tuple[Scenario, int]:
    """Place pods on what remains, else with what the autoscaler may add; give also how many it added."""
    question = "services' minimum after the loss of a zone"
    lost = [ceil(pool.minimum / len(pool.zones)) if zone in pool.zones else 0 for pool in pools]
    remaining = [pool.minimum - count for pool, count in zip(pools, lost, strict=True)]
    ceilings = [0 if pool.zones == (zone,) else pool.maximum for pool in pools]
    scenario = _ask(question, pools, remaining, pods, "on the nodes that remain")
    extra = 0
    while not scenario.fits:
        extra += 1
        counts = _grown(pools, remaining, ceilings, extra)
        if counts is None:
            break
        remark = f"after the autoscaler has added {extra} elsewhere"
        scenario = _ask(question, pools, counts, pods, remark)
    return scenario, extra


def _grown(
    pools: Sequence[Pool], counts: Sequence[int], ceilings: Sequence[int], extra: int
) -> list[int] | None:
    """Add nodes for services to the pools in their order, none above its ceiling; ``None`` when that is too few."""
    grown = list(counts)
    for place, pool in enumerate(pools):
        if not pool.tainted:
            added = max(0, min(extra, ceilings[place] - grown[place]))
            grown[place] += added
            extra -= added
    return grown if extra == 0 else None


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
        if _runs_pods(resource.type) and not _is_definitions(resource.name)
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
        resource.name
        for resource in snapshot.of_type("kubernetes:helm.sh/v3:Release")
        if not is_kafka_operator(resource) and not _is_definitions(resource.name)
    ]
    if unread:
        yield f"pods inside Helm releases are not counted: {', '.join(unread)}"


def _is_definitions(name: str) -> bool:
    """Whether a release brings kinds of object and no pod."""
    return name.endswith("-definitions")


def _runs_pods(token: str) -> bool:
    return token.startswith(("kubernetes:apps/", "kubernetes:helm.sh/", "kubernetes:kafka.strimzi.io/"))
