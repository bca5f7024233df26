"""What pods ask for beside the services themselves.

Sources: the Vault Agent Injector's annotations and defaults; a bin-packing of the platform's requests
(checked 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from catalog.instances import NodeCapacity
from catalog.quantities import Cpu, Memory

VAULT_AGENT = NodeCapacity(cpu=Cpu(25), memory=Memory(32), pods=0)
"""Request of the sidecar as SMP sets it by annotation; it shares the pod of its service (M§5.2)."""

VAULT_AGENT_DEFAULT = NodeCapacity(cpu=Cpu(250), memory=Memory(64), pods=0)
"""Request of the sidecar where no annotation lowers it."""


class PlatformPart(StrEnum):
    """What every region runs beside the services; the text is how reports name it."""

    KAFKA = "Kafka"
    ELASTICSEARCH = "Elasticsearch"
    VAULT = "Vault"
    MONITORING = "monitoring"
    ARGOCD = "ArgoCD"
    INGRESS = "ingress"


PLATFORM_IN_PRODUCTION: Mapping[frozenset[PlatformPart], NodeCapacity] = {
    frozenset({PlatformPart.KAFKA}): NodeCapacity(cpu=Cpu(2500), memory=Memory(10240), pods=5),
    frozenset({PlatformPart.ELASTICSEARCH}): NodeCapacity(cpu=Cpu(1500), memory=Memory(6144), pods=3),
    frozenset({PlatformPart.VAULT, PlatformPart.MONITORING, PlatformPart.ARGOCD, PlatformPart.INGRESS}): (
        NodeCapacity(cpu=Cpu(3410), memory=Memory(9504), pods=27)
    ),
}
"""A reserve for what a snapshot does not hold yet, in a region of production.

From the facts of sizing: all of production asks for 15985m, 34 Gi and 58 pods at minimum, the services 8000m, 8 Gi and
23 pods of it. Without the services and their 23 Vault agents 7410m, 25.3 Gi and 35 pods are left, which fits the
maximum too (26360m less 17750m and 48 agents). Five brokers and three nodes of Elasticsearch are in it with 500m and
2 Gi each; what they ask for as built is read from the snapshot.
"""
