"""What crosses the border of a cluster, and how (M§14.3). Whatever is not in this table does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum

from catalog.clusters import Cluster
from catalog.data_classes import DataClass


class Direction(StrEnum):
    """Between the control plane and the regions; regions never talk to each other."""

    GLOBAL_TO_REGIONS = "global to regions"
    REGIONS_TO_GLOBAL = "regions to global"
    NEVER = "never"


class Mechanism(StrEnum):
    """How a flow travels. Both mirrors run in the region: nobody opens a connection into a region."""

    MIRROR_PULL = "MirrorMaker 2 in the region pulls"
    MIRROR_PUSH = "MirrorMaker 2 in the region pushes"
    DAILY_BATCH = "daily batch"
    METRICS_WRITE = "remote write to Mimir"
    LOG_INDEX = "filtered log index"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class FlowFacts:
    """One row of the matrix."""

    subject: str
    carries: DataClass
    direction: Direction
    mechanism: Mechanism
    latency: timedelta | None
    """How old data may be when it arrives; ``None`` where nothing travels."""
    form: str
    """What makes it lawful to travel."""


class Flow(Enum):
    """The rows of M§14.3."""

    MASTER_DATA = FlowFacts(
        subject="countries, currencies, rates, tax and translations",
        carries=DataClass.MASTER_DATA,
        direction=Direction.GLOBAL_TO_REGIONS,
        mechanism=Mechanism.MIRROR_PULL,
        latency=timedelta(minutes=5),
        form="holds nothing about persons",
    )
    ANALYTICS = FlowFacts(
        subject="aggregated key figures",
        carries=DataClass.ANALYTICS,
        direction=Direction.REGIONS_TO_GLOBAL,
        mechanism=Mechanism.MIRROR_PUSH,
        latency=timedelta(minutes=15),
        form="anonymised before it is written to its topic",
    )
    AUDIT = FlowFacts(
        subject="the audit log",
        carries=DataClass.AUDIT,
        direction=Direction.REGIONS_TO_GLOBAL,
        mechanism=Mechanism.DAILY_BATCH,
        latency=timedelta(hours=24),
        form="encrypted with a key that rotates, immutable",
    )
    PERSONAL = FlowFacts(
        subject="orders, customers, agents and partners",
        carries=DataClass.PERSONAL,
        direction=Direction.NEVER,
        mechanism=Mechanism.NONE,
        latency=None,
        form="stays in its cluster",
    )
    METRICS = FlowFacts(
        subject="metrics of programs",
        carries=DataClass.METRICS,
        direction=Direction.REGIONS_TO_GLOBAL,
        mechanism=Mechanism.METRICS_WRITE,
        latency=timedelta(minutes=1),
        form="holds nothing about persons",
    )
    LOGS = FlowFacts(
        subject="the sanitised index of application logs",
        carries=DataClass.LOGS,
        direction=Direction.REGIONS_TO_GLOBAL,
        mechanism=Mechanism.LOG_INDEX,
        latency=timedelta(hours=1),
        form="redacted before it leaves; the logs themselves stay",
    )

    @property
    def facts(self) -> FlowFacts:
        """The row."""
        return self.value

    @property
    def is_mirrored(self) -> bool:
        """Whether Kafka itself carries it."""
        return self.value.mechanism in {Mechanism.MIRROR_PULL, Mechanism.MIRROR_PUSH}

    def joins(self, source: Cluster, target: Cluster) -> bool:
        """Whether this flow may go from one cluster to another."""
        if self is Flow.AUDIT and source in AUDIT_STAYS:
            return False
        match self.value.direction:
            case Direction.GLOBAL_TO_REGIONS:
                return source is Cluster.GLOBAL and target.holds_personal_data
            case Direction.REGIONS_TO_GLOBAL:
                return source.holds_personal_data and target is Cluster.GLOBAL
            case Direction.NEVER:
                return False


AUDIT_STAYS = frozenset({Cluster.CHINA})
"""Whether entries about persons there may be archived abroad is not decided (docs/decisions/0019)."""

MIRRORED = tuple(flow for flow in Flow if flow.is_mirrored)
"""The flows that MirrorMaker 2 carries; lists of topics to mirror are made from their data classes."""
