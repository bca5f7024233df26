"""Versions in standard support: extended support is dear, and ends too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.demands import Absent, Demand, Wanted, broken, none_of, one_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value
from policies.views import StackView

OLDEST_KUBERNETES = (1, 35)
OLDEST_MYSQL = (8, 4)


def version_of(value: Value) -> tuple[int, ...] | None:
    """Read the numbers a version begins with."""
    found = re.match(r"v?(\d+)(?:\.(\d+))?", str(value)) if isinstance(value, str | int | float) else None
    return tuple(int(part) for part in found.groups() if part is not None) if found else None


def _from(oldest: tuple[int, ...]) -> Wanted:
    said = ".".join(str(part) for part in oldest)
    return Wanted(said=f"{said} or newer", holds=lambda value: (version_of(value) or oldest) >= oldest)


_CLUSTERS = (
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "alicloud:cs/managedKubernetes:ManagedKubernetes",
    "alicloud:cs/kubernetes:Kubernetes",
)
_DEMANDS = (
    Demand(types=_CLUSTERS, path="version", wanted=_from(OLDEST_KUBERNETES), absent=Absent.HOLDS),
    Demand(
        types=("aws:eks/cluster:Cluster",),
        path="upgradePolicy.supportType",
        wanted=one_of("STANDARD"),
        because="extended support is the default, and costs six times as much",
    ),
    Demand(
        types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
        path="engineLifecycleSupport",
        wanted=none_of("open-source-rds-extended-support"),
        absent=Absent.HOLDS,
        because="extended support is paid by the processor",
    ),
    Demand(
        types=("aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/cluster:Cluster"),
        path="engineVersion",
        wanted=_from((6,)),
        absent=Absent.HOLDS,
        unless=lambda cache: cache.get("engine") == "memcached",
    ),
    Demand(
        types=("alicloud:rds/instance:Instance",),
        path="engineVersion",
        wanted=_from((8,)),
        absent=Absent.HOLDS,
        unless=lambda database: str(database.get("engine")).lower() != "mysql",
    ),
)


def _supported(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    for database in stack.of_type("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"):
        engine, version = str(database.get("engine")), database.get("engineVersion")
        if isinstance(version, Opaque):
            yield unproven(database, "engineVersion", version)
            continue
        numbers = version_of(version)
        if numbers is None:
            continue
        if engine == "mysql" and numbers < OLDEST_MYSQL:
            yield on(database, f"MySQL {version} has left standard support; 8.4 has not")
        if engine == "aurora-mysql" and numbers < (8, 0):
            yield on(database, f"Aurora MySQL {version} has left standard support")
        if engine in {"postgres", "aurora-postgresql"} and numbers < (14,):
            yield on(database, f"PostgreSQL {version} has left standard support")


RULES = (
    Rule(
        id="availability-versions",
        family=Family.AVAILABILITY,
        sentence="Kubernetes is 1.35 or newer, MySQL on RDS 8.4, and neither is in extended support.",
        source="DESIGN 5; docs/decisions/0002, 0006",
        level=Level.MANDATORY,
        remedy="upgrade, and set upgradePolicy.supportType to STANDARD",
        judge=_supported,
        alone=True,
    ),
)
