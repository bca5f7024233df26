"""What production stores can be had back: backups, versions, and an audit log nobody can shorten."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deletion import is_read_replica
from policies.demands import ON, Absent, Demand, Wanted, Where, at_least, broken, none_of, one_of
from policies.relations import companions, named_by
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, dig
from policies.views import ResourceView, StackView, is_set

SHORTEST_BACKUP_DAYS = 7
SHORTEST_AUDIT_DAYS = 365
"""How long the audit log is kept at least; DESIGN 6 has seven years."""
SHORTEST_LOG_DAYS = 180
"""Six months: Cybersecurity Law of China, article 21 (3); the other clusters keep no less."""
SHORTEST_ANY_LOG_DAYS = 30
"""Of any other log of production: an incident is often found weeks later."""

_WEEK = at_least(SHORTEST_BACKUP_DAYS)


def _from_source(resource: ResourceView) -> bool:
    return is_read_replica(resource) or is_set(resource.get("globalClusterIdentifier"))


def _backup(token: str, path: str, wanted: Wanted, absent: Absent = Absent.BREAKS) -> Demand:
    return Demand(
        types=(token,),
        path=path,
        wanted=wanted,
        absent=absent,
        where=Where.PRODUCTION,
        because="what is lost could not be had back",
        unless=_from_source,
    )


_DEMANDS = (
    _backup("aws:rds/instance:Instance", "backupRetentionPeriod", _WEEK),
    _backup("aws:rds/cluster:Cluster", "backupRetentionPeriod", _WEEK),
    _backup("aws:docdb/cluster:Cluster", "backupRetentionPeriod", _WEEK),
    _backup("aws:neptune/cluster:Cluster", "backupRetentionPeriod", _WEEK),
    _backup("aws:redshift/cluster:Cluster", "automatedSnapshotRetentionPeriod", _WEEK),
    _backup("aws:elasticache/replicationGroup:ReplicationGroup", "snapshotRetentionLimit", at_least(1)),
    _backup("aws:memorydb/cluster:Cluster", "snapshotRetentionLimit", at_least(1)),
    _backup("aws:dynamodb/table:Table", "pointInTimeRecovery.enabled", ON),
    _backup("aws:efs/backupPolicy:BackupPolicy", "backupPolicy.status", one_of("ENABLED")),
    _backup("aws:fsx/windowsFileSystem:WindowsFileSystem", "automaticBackupRetentionDays", _WEEK),
    _backup("aws:backup/plan:Plan", "rules?.lifecycle?.deleteAfter", _WEEK, Absent.HOLDS),
    _backup("aws:dlm/lifecyclePolicy:LifecyclePolicy", "state", none_of("DISABLED"), Absent.HOLDS),
    _backup("mongodbatlas:index/advancedCluster:AdvancedCluster", "backupEnabled", ON),
    _backup("mongodbatlas:index/advancedCluster:AdvancedCluster", "pitEnabled", ON),
    _backup("mongodbatlas:index/cluster:Cluster", "cloudBackup", ON),
    _backup("mongodbatlas:index/cluster:Cluster", "pitEnabled", ON),
    _backup(
        "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule",
        "restoreWindowDays",
        at_least(1),
        Absent.HOLDS,
    ),
    _backup("alicloud:rds/backupPolicy:BackupPolicy", "backupRetentionPeriod", _WEEK, Absent.HOLDS),
    _backup("alicloud:rds/backupPolicy:BackupPolicy", "enableBackupLog", ON, Absent.HOLDS),
    _backup("alicloud:mongodb/instance:Instance", "backupRetentionPeriod", _WEEK, Absent.HOLDS),
    _backup("alicloud:mongodb/instance:Instance", "enableBackupLog", ON, Absent.HOLDS),
    _backup(
        "alicloud:kvstore/instance:Instance", "backupPeriods", Wanted(said="set", holds=is_set), Absent.HOLDS
    ),
    _backup(
        "alicloud:polardb/backupPolicy:BackupPolicy", "dataLevel1BackupRetentionPeriod", _WEEK, Absent.HOLDS
    ),
    _backup(
        "alicloud:ecs/autoSnapshotPolicy:AutoSnapshotPolicy",
        "retentionDays",
        Wanted(
            said="7 or more, or -1",
            holds=lambda value: (as_int(value) or 0) == -1 or (as_int(value) or 0) >= 7,
        ),
    ),
    _backup("alicloud:nas/recycleBin:RecycleBin", "status", one_of("Enable"), Absent.HOLDS),
    _backup(
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        "minRetentionDays",
        at_least(1),
        Absent.HOLDS,
    ),
)

_BUCKET = "aws:s3/bucket:Bucket"
_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_OSS = "alicloud:oss/bucket:Bucket"
_WORM = "alicloud:oss/bucketWorm:BucketWorm"


def _old_versions(stack: StackView) -> Iterator[Violation]:
    """What somebody deletes can be had back for a week; what a lifecycle has expired need not be."""
    for lifecycle in stack.of_type(_LIFECYCLE):
        for place, rule in enumerate(as_list(lifecycle.get("rules"))):
            days = as_int(dig(rule, "noncurrentVersionExpiration", "noncurrentDays"))
            if days is not None and days < 7 and dig(rule, "expiration", "days") is None:
                where = f"rules[{place}].noncurrentVersionExpiration.noncurrentDays"
                yield on(
                    lifecycle, f"{where} is {days}, not at least 7: what is deleted could not be had back"
                )


def _backups(stack: StackView) -> Iterator[Violation]:
    yield from broken(stack, _DEMANDS)
    if not stack.is_production:
        return
    yield from _old_versions(stack)
    for schedule in stack.of_type("mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"):
        for item in as_list(schedule.get("policyItemDaily")):
            value, unit = as_int(dig(item, "retentionValue")), dig(item, "retentionUnit")
            if unit == "days" and value is not None and value < SHORTEST_BACKUP_DAYS:
                yield on(schedule, f"policyItemDaily keeps {value} days, not {SHORTEST_BACKUP_DAYS}")


def _versions(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for versioning in stack.of_type(_VERSIONING):
        status = dig(as_list(versioning.get("versioningConfiguration")), 0, "status")
        if isinstance(status, Opaque):
            yield unproven(versioning, "versioningConfiguration.status", status)
        elif status != "Enabled":
            yield on(versioning, f"status is {status or 'absent'}: what is overwritten is lost")
    for bucket in stack.of_type(_BUCKET):
        inline = dig(as_list(bucket.get("versioning")), 0, "enabled")
        if inline is not True and not any(companions(stack, bucket, "bucket", _VERSIONING)):
            yield on(bucket, "keeps no versions: what is overwritten is lost")
    for bucket in stack.of_type(_OSS):
        if dig(as_list(bucket.get("versioning")), 0, "status") == "Suspended":
            yield on(bucket, "versioning is suspended: what is overwritten is lost")
    for versioning in stack.of_type("alicloud:oss/bucketVersioning:BucketVersioning"):
        if versioning.get("status") == "Suspended":
            yield on(versioning, "versioning is suspended: what is overwritten is lost")


def _is_audit(bucket: ResourceView) -> bool:
    return any(isinstance(name, str) and "audit" in name for name in (bucket.name, bucket.get("bucket")))


def _about_audit(stack: StackView, resource: ResourceView) -> bool:
    return _is_audit(resource) or any(
        _is_audit(item) for item in named_by(stack, resource, "bucket", _BUCKET)
    )


def _audit(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for bucket in stack.of_type(_BUCKET):
        if _is_audit(bucket):
            yield from _locked(stack, bucket)
    yield from _oss_audit(stack)
    for lock in stack.of_type(_LOCK):
        audit = _about_audit(stack, lock)
        rule = dig(as_list(dig(as_list(lock.get("rule")), 0, "defaultRetention")), 0)
        mode, days, years = dig(rule, "mode"), as_int(dig(rule, "days")), as_int(dig(rule, "years"))
        if audit and mode != "COMPLIANCE":
            yield on(
                lock, f"mode is {mode or 'absent'}, not COMPLIANCE: an administrator could delete entries"
            )
        if audit:
            yield from _short(lock, years * 365 if years else days or 0, "the lock")
    for lifecycle in stack.of_type(_LIFECYCLE):
        if _about_audit(stack, lifecycle):
            for rule in as_list(lifecycle.get("rules")):
                days = as_int(dig(as_list(dig(rule, "expiration")), 0, "days"))
                if str(dig(rule, "status")) != "Disabled":
                    yield from _short(lifecycle, days, "a lifecycle rule")


def _oss_audit(stack: StackView) -> Iterator[Violation]:
    for bucket in stack.of_type(_OSS):
        if not _is_audit(bucket):
            continue
        worms = tuple(companions(stack, bucket, "bucket", _WORM))
        if not worms:
            yield on(bucket, "no BucketWorm belongs to it: the audit log could be changed")
        for rule in as_list(bucket.get("lifecycleRules")):
            for expiration in as_list(dig(rule, "expirations")):
                yield from _short(bucket, as_int(dig(expiration, "days")), "a lifecycle rule")
    for worm in stack.of_type(_WORM):
        if worm.get("status") not in {None, "Locked"}:
            yield on(worm, f"status is {worm.get('status')}, not Locked")
        yield from _short(worm, as_int(worm.get("retentionPeriodInDays")), "the lock")


def _locked(stack: StackView, bucket: ResourceView) -> Iterator[Violation]:
    locks = tuple(companions(stack, bucket, "bucket", _LOCK))
    inline = dig(as_list(bucket.get("objectLockConfiguration")), 0, "rule") is not None
    if bucket.get("objectLockEnabled") is not True and not inline:
        yield on(bucket, "objectLockEnabled is not on: the audit log could be changed")
    elif not locks and not inline:
        yield on(bucket, "no lock configuration belongs to it: entries could be deleted")


def _short(resource: ResourceView, days: int | None, what: str) -> Iterator[Violation]:
    if days is not None and days < SHORTEST_AUDIT_DAYS:
        yield on(resource, f"{what} keeps the audit log {days} days, not {SHORTEST_AUDIT_DAYS}")


_AUDIT_LOGS = ("audit-log", "cloudtrail", "/aws/eks/", "vault-audit", "audit/", "flow-logs", "access-log")


def _logs(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    kept = (
        ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays", ("name", "namePrefix")),
        ("alicloud:log/store:Store", "retentionPeriod", ("logstoreName", "name")),
    )
    for token, path, names in kept:
        for group in stack.of_type(token):
            text = " ".join(str(value) for value in (group.name, *(group.get(name) for name in names)))
            audit = any(word in text for word in _AUDIT_LOGS) and "/aws/rds/" not in text
            days = as_int(group.get(path))
            if audit and days and days < SHORTEST_LOG_DAYS:  # none, or 0, is for ever
                yield on(group, f"{path} is {days} days, not {SHORTEST_LOG_DAYS}: it says who did what")
            elif days and days < SHORTEST_ANY_LOG_DAYS:
                yield on(group, f"{path} is {days} days, not {SHORTEST_ANY_LOG_DAYS}")
    for cluster in stack.of_type("alicloud:cs/managedKubernetes:ManagedKubernetes"):
        days = as_int(cluster.get("controlPlaneLogTtl"))
        if days is not None and days < SHORTEST_LOG_DAYS:
            yield on(cluster, f"controlPlaneLogTtl is {days} days, not {SHORTEST_LOG_DAYS}")


RULES = (
    Rule(
        id="backups-databases",
        family=Family.DELETION,
        sentence="Databases, caches and file systems of production are backed up for a week or more.",
        source="M§14.6; P 5: full backups",
        level=Level.MANDATORY,
        remedy="set the retention of its backups, and point-in-time recovery where the service has it",
        judge=_backups,
        alone=True,
    ),
    Rule(
        id="backups-versions",
        family=Family.DELETION,
        sentence="Buckets of production keep versions of what is overwritten.",
        source="M§14.6",
        level=Level.MANDATORY,
        remedy="turn versioning on, and let a lifecycle rule expire old versions",
        judge=_versions,
    ),
    Rule(
        id="backups-audit",
        family=Family.DELETION,
        sentence="The audit log of production is locked for a year or more, and nothing expires it sooner.",
        source="M§14.3: audit log, immutable",
        level=Level.MANDATORY,
        remedy="use Object Lock in COMPLIANCE mode (BucketWorm, Locked, on OSS)",
        judge=_audit,
    ),
    Rule(
        id="backups-logs",
        family=Family.DELETION,
        sentence="Logs that say who did what are kept for six months or more.",
        source="M§9; Cybersecurity Law of China art. 21",
        level=Level.MANDATORY,
        remedy="lengthen the retention",
        judge=_logs,
        alone=True,
    ),
)
