"""What a node of each machine type offers to pods.

Allocatable figures are what the kubelet leaves after system reservations; sources: EKS and ACK documentation of
reserved resources, the providers' machine tables and network-interface limits (checked 2026-11-21).
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.quantities import Cpu, Memory


@dataclass(frozen=True, kw_only=True)
class NodeCapacity:
    """Allocatable resources of one node."""

    cpu: Cpu
    memory: Memory
    pods: int


DAEMON_OVERHEAD = NodeCapacity(cpu=Cpu(255), memory=Memory(280), pods=5)
"""Taken on every node by DaemonSets: CNI 50m, kube-proxy 100m, CSI 30m, node exporter 25m, log agent 50m."""

NODE_CAPACITY: dict[str, NodeCapacity] = {
    "m5.large": NodeCapacity(cpu=Cpu(1930), memory=Memory(6903), pods=29),
    "t3.large": NodeCapacity(cpu=Cpu(1930), memory=Memory(6837), pods=35),
    "m5.xlarge": NodeCapacity(cpu=Cpu(3920), memory=Memory(14162), pods=58),
    "m5.2xlarge": NodeCapacity(cpu=Cpu(7910), memory=Memory(29317), pods=58),
    "t3.2xlarge": NodeCapacity(cpu=Cpu(7910), memory=Memory(29317), pods=58),
    "ecs.c6.large": NodeCapacity(cpu=Cpu(1930), memory=Memory(2735), pods=64),
    "ecs.g6.xlarge": NodeCapacity(cpu=Cpu(3920), memory=Memory(14096), pods=64),
    "ecs.g6.2xlarge": NodeCapacity(cpu=Cpu(7910), memory=Memory(29251), pods=64),
}
"""Machine types a node pool may use. Terway lowers the pods of small Alibaba types (two interfaces of six)."""
