"""All access to production is logged (M§9): clusters, databases, accounts, Vault."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deletion import is_read_replica
from policies.demands import OFF, ON, Absent, Demand, Wanted, Where, broken, is_on, none_of
from policies.relations import texts_of
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_list, dig
from policies.views import StackView

_TRAIL = "aws:cloudtrail/trail:Trail"


def _log(token: str, path: str, wanted: Wanted = ON, absent: Absent = Absent.HOLDS) -> Demand:
    return Demand(
        types=(token,),
        path=path,
        wanted=wanted,
        absent=absent,
        where=Where.PRODUCTION,
        because="who did what would not be known",
    )


_DEMANDS = (
    _log(_TRAIL, "enableLogging"),
    _log(_TRAIL, "enableLogFileValidation", ON, Absent.BREAKS),
    _log(_TRAIL, "includeGlobalServiceEvents"),
    _log(_TRAIL, "eventSelectors?.readWriteType", none_of("WriteOnly", "ReadOnly")),
    _log("alicloud:actiontrail/trail:Trail", "status", none_of("Disable")),
    _log("alicloud:actiontrail/trail:Trail", "eventRw", none_of("Write", "Read")),
    _log("alicloud:cs/managedKubernetes:ManagedKubernetes", "auditLogConfig.enabled", ON, Absent.BREAKS),
    _log("alicloud:rds/instance:Instance", "sqlCollectorStatus", none_of("Disabled")),
    _log("alicloud:kvstore/auditLogConfig:AuditLogConfig", "dbAudit"),
    _log("alicloud:mongodb/auditPolicy:AuditPolicy", "auditStatus", none_of("disabled")),
    _log("mongodbatlas:index/auditing:Auditing", "enabled", ON, Absent.BREAKS),
    _log("aws:ec2/flowLog:FlowLog", "trafficType", none_of("ACCEPT", "REJECT")),
    _log("vault:index/audit:Audit", "options?.log_raw", OFF),
    _log("aws:lb/loadBalancer:LoadBalancer", "accessLogs?.enabled"),
)
_EXPORTS = (
    ("aws:rds/instance:Instance", {"mysql", "mariadb"}, "audit"),
    ("aws:rds/cluster:Cluster", {"aurora-mysql"}, "audit"),
    ("aws:docdb/cluster:Cluster", None, "audit"),
)


def _logged(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    if not stack.is_production:
        return
    for cluster in stack.of_type("aws:eks/cluster:Cluster"):
        kinds = cluster.get("enabledClusterLogTypes")
        if isinstance(kinds, Opaque):
            yield unproven(cluster, "enabledClusterLogTypes", kinds)
        elif "audit" not in list(texts_of(kinds)):
            yield on(cluster, "enabledClusterLogTypes does not name audit: who did what would not be known")
    for token, engines, kind in _EXPORTS:
        for database in stack.of_type(token):
            engine = str(database.get("engine"))
            exported = database.get("enabledCloudwatchLogsExports")
            if (
                is_read_replica(database)
                or isinstance(exported, Opaque)
                or (engines and engine not in engines)
            ):
                continue
            if kind not in list(texts_of(exported)):
                yield on(database, f"enabledCloudwatchLogsExports does not name {kind}")
    for group in stack.of_type("aws:rds/clusterParameterGroup:ClusterParameterGroup"):
        for parameter in as_list(group.get("parameters")):
            name, value = dig(parameter, "name"), dig(parameter, "value")
            if name in {"server_audit_logging", "audit_logs"} and not is_on(value):
                yield on(group, f"{name} is {value}")


RULES = (
    Rule(
        id="access-audit",
        family=Family.ACCESS,
        sentence="Access to production is logged, whole and unaltered.",
        source="M§9: all access logged in audit log",
        level=Level.MANDATORY,
        remedy="turn the audit log on, for reads and writes",
        judge=_logged,
        alone=True,
    ),
)
