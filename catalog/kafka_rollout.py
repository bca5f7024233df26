"""Which services use events instead of calls, and in which order they may begin (P 3, rollback plan)."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.services import Service

FLAG = "USE_KAFKA_EVENTS"
"""Read by each service; false unless it is switched on, and false again is the way back to calls."""

FIRST = (Service.DISPATCH, Service.NOTIFICATION)
"""One after the other; then all others, in any order."""


def rollout_problem(services: Iterable[Service]) -> str | None:
    """Say which service was skipped, or ``None``."""
    named = list(services)
    if len(set(named)) != len(named):
        return "a service is named twice; name each once"
    for place, service in enumerate(FIRST):
        later = [other.id for other in named if other not in FIRST[: place + 1]]
        if service not in named and later:
            return f"{later[0]} comes after {service.id} (P 3); switch {service.id} on first"
    return None
