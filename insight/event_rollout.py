"""Which services use events instead of calls, as a snapshot's switches say."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.kafka_rollout import FLAG
from catalog.services import Service
from insight.snapshot import Snapshot

_CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


@dataclass(frozen=True, kw_only=True)
class EventRollout:
    """Services by whether they are switched on, in the order of M§4."""

    on: tuple[str, ...]
    off: tuple[str, ...]

    def __str__(self) -> str:
        if not self.on:
            return f"no service uses them; all {len(self.off)} call each other"
        return f"{', '.join(self.on)}; {len(self.off)} others still call each other"


def find_event_rollout(snapshot: Snapshot) -> EventRollout | None:
    """Read the switches of a snapshot; ``None`` where it holds none."""
    found: dict[str, bool] = {}
    for resource in snapshot.of_type(_CONFIG_MAP):
        value = resource.get("data", FLAG)
        name = resource.get("metadata", "labels", "app.kubernetes.io/name")
        if isinstance(value, str) and isinstance(name, str):
            found[name] = value == "true"
    if not found:
        return None
    known = [service.id for service in Service if service.id in found]
    return EventRollout(
        on=tuple(name for name in known if found[name]),
        off=tuple(name for name in known if not found[name]),
    )
