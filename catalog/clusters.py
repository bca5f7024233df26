"""The sovereign clusters and the control plane (M§14.1, M§14.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from catalog.compliance import Compliance
from catalog.places import Cloud, Country, Region


@dataclass(frozen=True, kw_only=True)
class ClusterFacts:
    """What never changes about a cluster, whatever the environment."""

    id: str
    """Value of the tags ``Cluster`` and ``region`` (M§14.8) and first part of every resource name."""
    home: Region
    """The only region its resources may live in. Two clusters may share one region and stay apart."""
    countries: tuple[Country, ...]
    """Whose personal data it holds; empty for the control plane."""
    compliance: Compliance
    expected_daily_users: int | None
    """Estimated daily active users at full scale; ``None`` where the seeds leave it open."""


class Cluster(Enum):
    """The four clusters. A resource's home is its cluster, not its region: us-east-1 hosts two."""

    ASIA = ClusterFacts(
        id="smp-asia",
        home=Region.SINGAPORE,
        countries=(
            Country.VIETNAM,
            Country.THAILAND,
            Country.SINGAPORE,
            Country.INDONESIA,
            Country.MALAYSIA,
            Country.PHILIPPINES,
        ),
        compliance=Compliance.PDPA,
        expected_daily_users=100_000,
    )
    CHINA = ClusterFacts(
        id="smp-china",
        home=Region.BEIJING,
        countries=(Country.CHINA,),
        compliance=Compliance.PIPL,
        expected_daily_users=None,
    )
    US = ClusterFacts(
        id="smp-us",
        home=Region.VIRGINIA,
        countries=(Country.UNITED_STATES,),
        compliance=Compliance.CPRA,
        expected_daily_users=None,
    )
    GLOBAL = ClusterFacts(
        id="smp-global",
        home=Region.VIRGINIA,
        countries=(),
        compliance=Compliance.NONE,
        expected_daily_users=None,
    )

    @property
    def id(self) -> str:
        """The cluster's id, such as ``smp-asia``."""
        return self.value.id

    @property
    def home(self) -> Region:
        """The region that is this cluster's home."""
        return self.value.home

    @property
    def cloud(self) -> Cloud:
        """The provider of the home region."""
        return self.value.home.cloud

    @property
    def country_group(self) -> str:
        """Value of the ``CountryGroup`` tag: the countries joined by dashes, or ``GLOBAL``."""
        return "-".join(self.value.countries) or "GLOBAL"

    @classmethod
    def with_id(cls, cluster_id: str) -> Cluster:
        """Find a cluster by its id.

        Raises:
            KeyError: there is no such cluster; the message lists those that exist.

        """
        for cluster in cls:
            if cluster.value.id == cluster_id:
                return cluster
        known = ", ".join(cluster.value.id for cluster in cls)
        msg = f"there is no cluster {cluster_id!r}; the clusters are {known}"
        raise KeyError(msg)

    @property
    def holds_personal_data(self) -> bool:
        """Whether personal data may exist here at all (M§14.3)."""
        return bool(self.value.countries)


def cluster_of(country: Country) -> Cluster:
    """Name the one cluster that holds a country's data."""
    return next(cluster for cluster in Cluster if country in cluster.value.countries)
