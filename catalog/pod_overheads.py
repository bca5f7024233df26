"""What pods ask for beside the services themselves.

Sources: the Vault Agent Injector's annotations and defaults; a bin-packing of the platform's requests
(checked 2026-11-21).
"""

from __future__ import annotations

from catalog.instances import NodeCapacity
from catalog.quantities import Cpu, Memory

VAULT_AGENT = NodeCapacity(cpu=Cpu(25), memory=Memory(32), pods=0)
"""Request of the sidecar as SMP sets it by annotation; it shares the pod of its service (M§5.2)."""

VAULT_AGENT_DEFAULT = NodeCapacity(cpu=Cpu(250), memory=Memory(64), pods=0)
"""Request of the sidecar where no annotation lowers it."""

PLATFORM_IN_PRODUCTION = NodeCapacity(cpu=Cpu(6735), memory=Memory(16384), pods=30)
"""Ingress, monitoring, Vault x3, Elasticsearch x3 and the sidecars of the services, for each cluster."""
