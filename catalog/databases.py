"""Names inside the databases, the same wherever a database runs."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.services import Service

APPLICATION_USER = "smp-app"
"""The one user services read and write MongoDB as; its password is rotated quarterly (M§5.1)."""


MONGODB_RELEASES: Mapping[str, str] = {"8.0": "8.0.17"}
"""Major release -> tag of the image where MongoDB is a pod; 8.0.17 is the first without CVE-2025-14847."""


def pod_mongodb_version(version: str) -> str | None:
    """Say what is wrong with the release of a MongoDB that is a pod, or ``None``."""
    if version in MONGODB_RELEASES:
        return None
    return f"{version} has no image chosen for it; take {', '.join(MONGODB_RELEASES)}"


def database_of(service: Service) -> str:
    """Name a service's own database, ``smp_<subject>``: ``smp_order`` for ``order-svc`` (P 4)."""
    return f"smp_{service.id.split('-', maxsplit=1)[0]}"
