"""The read model of the dashboards: key figures in Elasticsearch, and nothing about persons (P 3 weeks 5 to 7).

A record of a key figure's topic is the figure of one country and hour. Index templates, sinks and the reconciliation
with MySQL are all made from this table; it needs only the standard library, because the jobs carry it in their image.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from catalog.services import Service
from catalog.topics import TOPICS, Topic

INDEX_PREFIX = "figures"
"""Every index of the read model begins so; the rights of its users end there."""

REJECTED_INDEX = f"{INDEX_PREFIX}-rejected"
"""Where the pipeline puts a figure that it cannot place in a month; it should be empty."""

KEYWORDS = ("cluster", "country", "currency")
"""Fields that name what a figure is about. ``currency`` stands only beside amounts."""

HOUR = "hour"
"""Beginning of the hour, in UTC, as ``2026-11-26T13:00:00Z``."""


class Unit(StrEnum):
    """What a measure counts. All are whole numbers, so that sums are exact."""

    PIECES = "pieces"
    MINUTES = "minutes"
    MINOR_UNITS = "minor units of the country's currency"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number of a figure."""

    name: str
    unit: Unit


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A share that the dashboard shows: ``part`` of ``whole``, both measures."""

    name: str
    part: str
    whole: str


@dataclass(frozen=True, kw_only=True)
class FigureFacts:
    """One dashboard (P 3 week 7)."""

    topic: Topic
    measures: tuple[Measure, ...]
    ratio: Ratio | None = None


def _topic(figure: str) -> Topic:
    return TOPICS[f"analytics.kpi.{figure}.anonymized"]


_ORDERS = Measure(name="orders", unit=Unit.PIECES)
_AMOUNT = Measure(name="amount_minor", unit=Unit.MINOR_UNITS)


class Figure(Enum):
    """The dashboards that were migrated; each has an index of its own."""

    GMV = FigureFacts(topic=_topic("gmv"), measures=(_ORDERS, _AMOUNT))
    COMPLETION_RATE = FigureFacts(
        topic=_topic("completion_rate"),
        measures=(
            Measure(name="ended", unit=Unit.PIECES),
            Measure(name="completed", unit=Unit.PIECES),
        ),
        ratio=Ratio(name="completion_rate", part="completed", whole="ended"),
    )
    AGENT_UTILIZATION = FigureFacts(
        topic=_topic("agent_utilization"),
        measures=(
            Measure(name="available_minutes", unit=Unit.MINUTES),
            Measure(name="busy_minutes", unit=Unit.MINUTES),
        ),
        ratio=Ratio(name="agent_utilization", part="busy_minutes", whole="available_minutes"),
    )
    PARTNER_GMV = FigureFacts(topic=_topic("partner_gmv"), measures=(_ORDERS, _AMOUNT))

    @property
    def facts(self) -> FigureFacts:
        """The row."""
        return self.value

    @property
    def id(self) -> str:
        """The figure's name, such as ``partner_gmv``."""
        return self.name.lower()

    @property
    def index(self) -> str:
        """Where the sink writes, ``figures-partner_gmv``; a pipeline there moves each figure to its month's index."""
        return f"{INDEX_PREFIX}-{self.id}"

    @property
    def monthly_indices(self) -> str:
        """Pattern of the indices that hold the figures, ``figures-partner_gmv-2*``."""
        return f"{self.index}-2*"

    @property
    def has_amounts(self) -> bool:
        """Whether a currency stands beside its measures."""
        return any(measure.unit is Unit.MINOR_UNITS for measure in self.facts.measures)

    @property
    def owner(self) -> Service:
        """The service that publishes it, and whose database it is reconciled with."""
        owner = self.facts.topic.owner
        if not isinstance(owner, Service):
            msg = f"{self.id} is published by {owner.id}, which has no database"
            raise TypeError(msg)
        return owner


DRIFT_LIMIT_PER_MILLE = 1
"""A figure that differs from MySQL by more than this is wrong: 0.1 % (P 3, risks)."""

RECONCILED_DAYS = 7
"""How many closed days are compared every day: orders are corrected for a week, then the next day's run is silent."""

SETTLING_HOURS = 6
"""How long after its end a day is left alone: publication and sink are behind by minutes, and by hours at worst."""
