"""The switch that lets a service use events instead of calls (P 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.kafka_rollout import FLAG, rollout_problem
from catalog.services import Service
from components.core.component import Args, Component, Outputs


def flags_name(service: Service) -> str:
    """Name the ConfigMap of a service's switches, which its pods take as environment variables."""
    return f"{service.id}-flags"


@dataclass(frozen=True, kw_only=True)
class EventFlagsArgs(Args):
    """Which services are on; all others are off."""

    namespace: pulumi.Output[str]
    on: tuple[Service, ...]

    def problems(self) -> Iterator[str]:
        """Check that nobody is on before those that go first."""
        if (found := rollout_problem(self.on)) is not None:
            yield f"on: {found}"


@dataclass(frozen=True, kw_only=True)
class EventFlagsOutputs(Outputs):
    """Services that use events, and those that still call."""

    on: tuple[str, ...]
    off: tuple[str, ...]


class EventFlags(Component[EventFlagsOutputs]):
    """One ConfigMap per service (M§6.2), so that switching one restarts that one.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:EventFlags"

    def __init__(
        self,
        name: str,
        args: EventFlagsArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        for service in Service:
            kubernetes.core.v1.ConfigMap(
                self.scope.name(flags_name(service)),
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    name=flags_name(service),
                    namespace=args.namespace,
                    labels=self.scope.labels(service.id, "flags"),
                ),
                data={FLAG: "true" if service in args.on else "false"},
                opts=self.child(),
            )
        self.publish(
            EventFlagsOutputs(
                on=tuple(service.id for service in Service if service in args.on),
                off=tuple(service.id for service in Service if service not in args.on),
            )
        )
