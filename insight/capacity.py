"""Whether the node pools hold the pods: a bin-packing of requests into what nodes offer.

Pods are placed first-fit, those tied to zones before the others and then the largest. What is taken on every node by
DaemonSets is subtracted beforehand. Data services are spread over zones as their constraints say. Affinities and host
ports are not modelled: a verdict "fits" is necessary, and with the margins shown usually sufficient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.node_pools import PoolPurpose
from catalog.pod_overheads import PLATFORM_IN_PRODUCTION, PlatformPart
from catalog.quantities import Cpu, Memory
from catalog.stack_facts import StackFacts
from insight.node_pools import Pool, find_pools
from insight.operator_workloads import RELEASE, is_counted
from insight.packing import Pod, Stock, nodes_of, pack, stocks
from insight.snapshot import Snapshot
from insight.workload import Origin, Workload, Zoning
from insight.workloads import find_workloads

_MOST_EXTRA_NODES = 50

_POD_KINDS = (
    "kubernetes:apps/",
    "kubernetes:helm.sh/",
    "kubernetes:kafka.strimzi.io/",
    "kubernetes:elasticsearch.k8s.elastic.co/",
)

_RECOGNISED = {
    PlatformPart.KAFKA: ("kafka",),
    PlatformPart.ELASTICSEARCH: ("elasticsearch", "elastic"),
    PlatformPart.VAULT: ("vault-server", "helm-vault", "vault:release"),
    PlatformPart.MONITORING: ("prometheus", "monitoring"),
    PlatformPart.ARGOCD: ("argocd", "argo-cd"),
    PlatformPart.INGRESS: ("ingress-nginx", "load-balancer-controller"),
}
"""How the workloads of each part are recognised, by words of their types and names."""


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
            scenarios.append(_without_a_zone(known, workloads))
    notes = tuple(_notes(snapshot, facts, pools, workloads))
    return CapacityReport(pools=pools, workloads=workloads, scenarios=tuple(scenarios), notes=notes)


def _pods(workloads: Iterable[Workload], *, maximum: bool) -> Iterator[Pod]:
    for item in workloads:
        yield from _equal(item, item.replicas.maximum if maximum else item.replicas.minimum)


def _without_a_share(workloads: Iterable[Workload], zones: int) -> Iterator[Pod]:
    """Give the pods of the minimum that run when one of the zones is lost.

    What is bound to its zone is gone with it: the least that can be lost is counted, so the most that stays. Services
    keep their minimum; data services keep their quorum and not their full strength.
    """
    for item in workloads:
        lost = item.replicas.minimum // zones if item.zoning is Zoning.BOUND else 0
        yield from _equal(item, item.replicas.minimum - lost)


def _equal(item: Workload, count: int) -> Iterator[Pod]:
    pod = Pod(workload=item.name, purpose=item.purpose, cpu=item.cpu, memory=item.memory, zoning=item.zoning)
    yield from (pod for _ in range(count))


def _ask(
    question: str, pools: Sequence[Pool], counts: Sequence[int], pods: Sequence[Pod], remark: str = ""
) -> Scenario:
    return _answer(question, stocks(pools, counts), pods, remark)


def _answer(question: str, stock: Sequence[Stock], pods: Sequence[Pod], remark: str) -> Scenario:
    nodes = nodes_of(stock)
    left = pack(pods, nodes)
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
        remedy=_remedy(stock, pods) if left else "",
    )


def _remedy(stock: Sequence[Stock], pods: Sequence[Pod]) -> str:
    """Find how many nodes the first pool for services would need."""
    place = next((place for place, item in enumerate(stock) if not item.pool.tainted and item.zones), None)
    if place is None:
        return ""
    first = stock[place]
    for extra in range(1, _MOST_EXTRA_NODES + 1):
        grown = [*stock[:place], replace(first, count=first.count + extra), *stock[place + 1 :]]
        if not pack(pods, nodes_of(grown)):
            return f"{first.count + extra} nodes in {first.pool.name} would hold them"
    return f"not even {_MOST_EXTRA_NODES} more nodes would hold them"


def _without_a_zone(pools: Sequence[Pool], workloads: Sequence[Workload]) -> Scenario:
    """Lose each zone in turn and give the worst case."""
    zones = dict.fromkeys(zone for pool in pools for zone in pool.zones)
    pods = list(_without_a_share(workloads, len(zones)))
    cases = [_without(zone, pools, pods) for zone in zones]
    return max(cases, key=lambda case: (not case[0].fits, case[1]))[0]


def _without(zone: str, pools: Sequence[Pool], pods: Sequence[Pod]) -> tuple[Scenario, int]:
    """Place pods on what remains, else with what the autoscaler may add; give also how many it added."""
    question = "minimum replicas after the loss of a zone"
    lost = [ceil(pool.minimum / len(pool.zones)) if zone in pool.zones else 0 for pool in pools]
    remaining = [pool.minimum - count for pool, count in zip(pools, lost, strict=True)]
    ceilings = [0 if pool.zones == (zone,) else pool.maximum for pool in pools]
    stock = stocks(pools, remaining, without=zone)
    scenario = _answer(question, stock, pods, "on the nodes that remain")
    extra = 0
    while not scenario.fits:
        extra += 1
        grown = _grown(stock, ceilings, extra)
        if grown is None:
            break
        remark = f"after the autoscaler has added {extra} elsewhere"
        scenario = _answer(question, grown, pods, remark)
    return scenario, extra


def _grown(stock: Sequence[Stock], ceilings: Sequence[int], extra: int) -> list[Stock] | None:
    """Add nodes for services to the pools in their order, none above its ceiling; ``None`` when that is too few."""
    grown: list[Stock] = []
    for item, ceiling in zip(stock, ceilings, strict=True):
        added = 0 if item.pool.tainted else max(0, min(extra, ceiling - item.count))
        grown.append(replace(item, count=item.count + added))
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
    missing = _missing(snapshot, facts)
    if missing and pools:
        text = f"not counted, because not in this snapshot: {', '.join(missing)}"
        if facts.environment is Environment.PROD and any(workload.is_service for workload in workloads):
            text += _reserve(missing, [pool for pool in pools if pool.node is not None], workloads)
        yield text
    unread = [
        resource.name
        for resource in snapshot.of_type(RELEASE)
        if not is_counted(resource) and not _is_definitions(resource.name)
    ]
    if unread:
        yield f"pods inside Helm releases are not counted: {', '.join(unread)}"


def _missing(snapshot: Snapshot, facts: StackFacts) -> list[PlatformPart]:
    """List what the cluster will run and the snapshot does not hold; the control plane has no read model."""
    in_cluster = [
        f"{resource.type} {resource.name}".lower()
        for resource in snapshot.resources
        if _runs_pods(resource.type) and not _is_definitions(resource.name)
    ]
    return [
        part
        for part, words in _RECOGNISED.items()
        if not any(word in name for name in in_cluster for word in words)
        and not (part is PlatformPart.ELASTICSEARCH and facts.cluster is Cluster.GLOBAL)
    ]


def _reserve(missing: Sequence[PlatformPart], pools: Sequence[Pool], workloads: Sequence[Workload]) -> str:
    """Say what the missing parts ask for, and whether there is room for it."""
    parts = [part for names, part in PLATFORM_IN_PRODUCTION.items() if names & set(missing)]
    count = sum(part.pods for part in parts)
    cpu = sum((part.cpu for part in parts), Cpu(0))
    memory = sum((part.memory for part in parts), Memory(0))
    text = f"; together they ask for about {count} pods, {cpu} and {memory}"
    if not pools:
        return text
    equal = Pod(
        workload="reserve",
        purpose=PoolPurpose.APP,
        cpu=Cpu(ceil(cpu.millicores / count)),
        memory=Memory(ceil(memory.mebibytes / count)),
    )
    reserve = [equal] * count
    low = _room(stocks(pools, [pool.minimum for pool in pools]), [*_pods(workloads, maximum=False), *reserve])
    high = _room(stocks(pools, [pool.maximum for pool in pools]), [*_pods(workloads, maximum=True), *reserve])
    return f"{text}. At minimum {low}; at maximum {high}"


def _room(stock: Sequence[Stock], pods: Sequence[Pod]) -> str:
    if not pack(pods, nodes_of(stock)):
        return "there is room for them"
    return _remedy(stock, pods) or "there is no room for them"


def _is_definitions(name: str) -> bool:
    """Whether a release brings kinds of object and no pod."""
    return name.endswith("-definitions")


def _runs_pods(token: str) -> bool:
    return token.startswith(_POD_KINDS)
