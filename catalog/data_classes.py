"""What kind of data a store holds, and therefore where it may go (M§14.3)."""

from __future__ import annotations

from enum import StrEnum


class DataClass(StrEnum):
    """Value of the ``DataClass`` tag on everything that stores data."""

    PERSONAL = "personal"
    """Orders, customers, agents, partners. Never leaves its cluster."""

    PSEUDO = "pseudo"
    """Invented people in dev and staging (M§1, M§7). Handled like personal data all the same."""

    AUDIT = "audit"
    """The immutable audit log. Leaves only as encrypted daily batches, to the global archive."""

    LOGS = "logs"
    """Application logs. Stay; only a sanitised index leaves."""

    MASTER_DATA = "master-data"
    """``smp_global``: countries, currencies, rates, tax, translations. Global to all regions."""

    ANALYTICS = "anonymised-analytics"
    """Aggregated key figures without persons. All regions to global."""

    METRICS = "metrics"
    """Numbers about programs, without persons (M§14.3). All clusters to global."""

    PUBLIC = "public"
    """Static files, build artefacts and container images: nothing about anybody."""

    @property
    def may_leave_cluster(self) -> bool:
        """Whether any flow out of the cluster exists for this class, in the form the matrix allows."""
        return self not in {DataClass.PERSONAL, DataClass.PSEUDO, DataClass.LOGS}
