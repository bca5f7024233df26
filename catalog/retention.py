"""How long logs of the infrastructure are kept, in days, the same on every cloud.

The clusters' audit logs are another matter: those periods are configuration (M§14.3).
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.environments import Environment

INVESTIGATION_LOG_DAYS: Mapping[Environment, int] = {
    Environment.DEV: 14,
    Environment.STAGING: 14,
    Environment.PROD: 365,
}
"""Flow logs and the logs of control planes: read when something has happened, which is noticed late.

A year covers an investigation and the six months that China's Cybersecurity Law asks for (article 21 in its
numbering of 2017); elsewhere two weeks are enough to find a fault.
"""

FAULT_LOG_DAYS: Mapping[Environment, int] = {
    Environment.DEV: 14,
    Environment.STAGING: 14,
    Environment.PROD: 90,
}
"""What databases and caches write about themselves."""

ACCESS_LOG_DAYS = 365
"""Who read and wrote which object, of every bucket: as long as an investigation may ask."""

CACHE_SNAPSHOT_DAYS: Mapping[Environment, int] = {
    Environment.DEV: 1,
    Environment.STAGING: 1,
    Environment.PROD: 7,
}
"""Daily copies of a cache. It can be filled again; a session cannot."""
