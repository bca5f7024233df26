"""The deployed environments (M§1, M§12). ``local`` is docker-compose and none of this project's business."""

from __future__ import annotations

from enum import StrEnum


class Environment(StrEnum):
    """Value of the ``Environment`` tag."""

    DEV = "dev"
    """Shared integration on pseudo data; every engineer may read and write."""

    STAGING = "staging"
    """Rehearsal before production on pseudo data and a sample; QC, BA and PM."""

    PROD = "prod"
    """Real data of real customers."""

    @property
    def hostname_prefix(self) -> str:
        """What public host names start with: ``dev-``, ``staging-`` or nothing (M§3)."""
        return "" if self is Environment.PROD else f"{self.value}-"
