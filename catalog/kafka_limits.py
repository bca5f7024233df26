"""What a Kafka cluster of each kind may be; the same rules for the configuration and for the components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from catalog.addresses import Cidr
from catalog.clusters import Cluster
from catalog.environments import Environment

SMALLEST_PREFIX = 24
"""A mirror comes from a handful of gateway addresses; a wider range than this is a mistake."""

SMALLEST_ALIBABA_DISK_GIB = 40
"""The least an ESSD of level PL0 has."""


class Rebalancing(StrEnum):
    """Who moves partitions when brokers come or go."""

    CRUISE_CONTROL = "cruise-control"
    """One more pod proposes and carries out a plan."""
    MANUAL = "manual"
    """``kafka-reassign-partitions``, by hand."""


def brokers(count: int, cluster: Cluster, environment: Environment) -> str | None:
    """Say what is wrong with a number of brokers, or ``None``."""
    if cluster is Cluster.GLOBAL:
        if count != 1:
            return f"{count} brokers do not fit the control plane's two nodes; write 1 (docs/decisions/0047)"
        return None
    if count not in {1, 3, 5}:
        return f"{count} brokers; write 1, 3 or 5: one controller, or three that outlive a zone"
    if environment is Environment.PROD and count < 3:
        return f"{count} brokers; production loses records with fewer than three, and M§2 asks for 5"
    return None


def connect_workers(count: int, environment: Environment) -> str | None:
    """Say what is wrong with a number of Connect workers, or ``None``."""
    least = 2 if environment is Environment.PROD else 1
    if count < least:
        return f"{count} workers; write {least} or more" + (", so that one may be lost" if least > 1 else "")
    return None


def balanced_by_itself(brokers: int) -> str | None:
    """Say why a cluster cannot be balanced by Cruise Control, or ``None``."""
    if brokers < 3:
        return f"there is nothing to balance among {brokers} brokers; write manual"
    return None


def volume(gibibytes: int, cluster: Cluster) -> str | None:
    """Say what is wrong with a broker's disk, or ``None``."""
    if cluster is Cluster.CHINA and gibibytes < SMALLEST_ALIBABA_DISK_GIB:
        return f"{gibibytes} GiB; a disk of this level has {SMALLEST_ALIBABA_DISK_GIB} at least"
    return None


def mirror_clients(ranges: Mapping[Cluster, Sequence[Cidr]]) -> Iterable[str]:
    """Yield what is wrong with the addresses mirrors come from."""
    for region in Cluster:
        if region.holds_personal_data and not ranges.get(region):
            yield f"{region.id} has no address; its mirror would be shut out"
    for region, addresses in ranges.items():
        if not region.holds_personal_data:
            yield f"{region.id} runs no mirror; remove it"
        for cidr in addresses:
            if cidr.prefix_length < SMALLEST_PREFIX:
                yield (
                    f"{region.id}: {cidr} is wider than /{SMALLEST_PREFIX};"
                    " name the addresses of its NAT gateways"
                )
