"""First-fit placing of pods on nodes: those tied to zones first, then the largest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.instances import DAEMON_OVERHEAD, NodeCapacity
from catalog.node_pools import PoolPurpose
from catalog.quantities import Cpu, Memory
from insight.node_pools import Pool
from insight.workload import Zoning


@dataclass(kw_only=True)
class Node:
    """What is left of one node; placing changes it."""

    zone: str
    purpose: PoolPurpose
    tainted: bool
    cpu: int
    """Millicores."""
    memory: int
    """Mebibytes."""
    pods: int
    used: bool = False

    def takes(self, pod: Pod) -> bool:
        """Whether there is room for one more pod."""
        return self.pods >= 1 and self.cpu >= pod.cpu.millicores and self.memory >= pod.memory.mebibytes

    def place(self, pod: Pod) -> None:
        """Give a pod its room."""
        self.cpu -= pod.cpu.millicores
        self.memory -= pod.memory.mebibytes
        self.pods -= 1
        self.used = True


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One pod and what ties it."""

    workload: str
    purpose: PoolPurpose
    cpu: Cpu
    memory: Memory
    zoning: Zoning = Zoning.FREE


@dataclass(frozen=True, kw_only=True)
class Stock:
    """So many nodes of a pool, evenly in these zones."""

    pool: Pool
    count: int
    zones: tuple[str, ...]


def stocks(pools: Sequence[Pool], counts: Sequence[int], *, without: str | None = None) -> list[Stock]:
    """Pair pools with how many nodes of each there are, in the zones that are left ``without`` one of them."""
    return [
        Stock(pool=pool, count=count, zones=tuple(zone for zone in pool.zones if zone != without))
        for pool, count in zip(pools, counts, strict=True)
    ]


def nodes_of(stock: Iterable[Stock]) -> list[Node]:
    """Make the nodes, with what DaemonSets take of each already taken."""
    return [node for item in stock for node in _nodes(item)]


def _nodes(stock: Stock) -> Iterator[Node]:
    pool = stock.pool
    offer = pool.node or NodeCapacity(cpu=Cpu(0), memory=Memory(0), pods=0)
    for place in range(stock.count):
        yield Node(
            zone=stock.zones[place % len(stock.zones)],
            purpose=pool.purpose,
            tainted=pool.tainted,
            cpu=offer.cpu.millicores - DAEMON_OVERHEAD.cpu.millicores,
            memory=offer.memory.mebibytes - DAEMON_OVERHEAD.memory.mebibytes,
            pods=offer.pods - DAEMON_OVERHEAD.pods,
        )


def pack(pods: Iterable[Pod], nodes: Sequence[Node]) -> list[Pod]:
    """Place pods on nodes of their own purpose before others; give those that found no room.

    A pod that is tied to zones goes only where fewest of its kind are.
    """
    left: list[Pod] = []
    open_to = {
        purpose: sorted(
            (node for node in nodes if node.purpose is purpose or not node.tainted),
            key=lambda node: node.purpose is not purpose,
        )
        for purpose in PoolPurpose
    }
    spread: dict[str, Counter[str]] = {}
    for pod in sorted(pods, key=_urgency, reverse=True):
        candidates = open_to[pod.purpose]
        counts = spread.setdefault(pod.workload, Counter())
        if pod.zoning is not Zoning.FREE:
            fewest = min((counts[node.zone] for node in candidates), default=0)
            candidates = [node for node in candidates if counts[node.zone] == fewest]
        node = next((node for node in candidates if node.takes(pod)), None)
        if node is None:
            left.append(pod)
        else:
            node.place(pod)
            counts[node.zone] += 1
    return left


def _urgency(pod: Pod) -> tuple[bool, Cpu, Memory]:
    """Order what has least choice first: else free pods would fill a zone that a tied one needs."""
    return pod.zoning is not Zoning.FREE, pod.cpu, pod.memory
