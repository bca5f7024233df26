"""The ten services: replicas, scaling and resources (M§4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from catalog.environments import Environment
from catalog.quantities import Cpu, Memory, Percent

CPU_TARGET = Percent.of(70)
"""Utilisation above which a service that scales on processor time gets another replica."""


class ScalingSignal(StrEnum):
    """What makes a service scale in production."""

    CPU = "cpu"
    QUEUE_DEPTH = "queue-depth"
    QUEUE_LAG = "queue-lag"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """How many pods run: at least ``minimum``, at most ``maximum``."""

    minimum: int
    maximum: int

    @classmethod
    def fixed(cls, count: int) -> Replicas:
        """Always the same number."""
        return cls(minimum=count, maximum=count)


@dataclass(frozen=True, kw_only=True)
class PodResources:
    """Requests and limits of one pod, without sidecars."""

    cpu_request: Cpu
    cpu_limit: Cpu
    memory_request: Memory
    memory_limit: Memory


_SMALL = PodResources(
    cpu_request=Cpu(250), cpu_limit=Cpu(500), memory_request=Memory(256), memory_limit=Memory(512)
)
_MEDIUM = PodResources(
    cpu_request=Cpu(500), cpu_limit=Cpu(1000), memory_request=Memory(512), memory_limit=Memory(1024)
)
_LARGE = PodResources(
    cpu_request=Cpu(1000), cpu_limit=Cpu(2000), memory_request=Memory(1024), memory_limit=Memory(2048)
)


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """One row of the sizing tables."""

    name: str
    dev: Replicas
    staging: Replicas
    prod: Replicas
    scaling: ScalingSignal
    resources: PodResources = _SMALL

    def replicas(self, environment: Environment) -> Replicas:
        """How many pods this service has in an environment."""
        return {
            Environment.DEV: self.dev,
            Environment.STAGING: self.staging,
            Environment.PROD: self.prod,
        }[environment]


def _row(
    name: str,
    dev: int,
    staging: int,
    prod: tuple[int, int],
    scaling: ScalingSignal,
    resources: PodResources = _SMALL,
) -> ServiceFacts:
    return ServiceFacts(
        name=name,
        dev=Replicas.fixed(dev),
        staging=Replicas.fixed(staging),
        prod=Replicas(minimum=prod[0], maximum=prod[1]),
        scaling=scaling,
        resources=resources,
    )


class Service(Enum):
    """The services, in the order of M§4. ``quality-svc`` is listed with CPU scaling and a fixed two pods."""

    API_GATEWAY = _row("api-gateway", 1, 2, (3, 10), ScalingSignal.CPU)
    ORDER = _row("order-svc", 1, 2, (3, 8), ScalingSignal.CPU, _MEDIUM)
    DISPATCH = _row("dispatch-engine", 1, 2, (2, 5), ScalingSignal.QUEUE_DEPTH, _LARGE)
    CATALOG = _row("catalog-svc", 1, 2, (2, 4), ScalingSignal.CPU)
    AGENT = _row("agent-svc", 1, 1, (2, 4), ScalingSignal.CPU)
    PARTNER = _row("partner-svc", 1, 1, (2, 3), ScalingSignal.CPU)
    FINANCE = _row("finance-svc", 1, 1, (2, 2), ScalingSignal.NONE)
    QUALITY = _row("quality-svc", 1, 1, (2, 2), ScalingSignal.CPU)
    INTEGRATION = _row("integration-svc", 1, 2, (3, 6), ScalingSignal.QUEUE_LAG)
    NOTIFICATION = _row("notification-svc", 1, 1, (2, 4), ScalingSignal.QUEUE_DEPTH)

    @property
    def facts(self) -> ServiceFacts:
        """The service's row."""
        return self.value

    @property
    def id(self) -> str:
        """The service's name, such as ``order-svc``."""
        return self.value.name
