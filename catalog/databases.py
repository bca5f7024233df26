"""Names inside the databases, the same wherever a database runs."""

from __future__ import annotations

from catalog.services import Service

APPLICATION_USER = "smp-app"
"""The one user services read and write MongoDB as; its password is rotated quarterly (M§5.1)."""


def database_of(service: Service) -> str:
    """Name a service's own database, ``smp_<subject>``: ``smp_order`` for ``order-svc`` (P 4)."""
    return f"smp_{service.id.split('-', maxsplit=1)[0]}"
