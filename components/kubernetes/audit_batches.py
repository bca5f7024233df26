"""The job that keeps every closed day of the audit log as a batch, and the alarms on it (M§14.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.audit_batches import NAME, chain_name, reach_archive, seal_key
from catalog.clusters import Cluster
from catalog.copied_artifacts import JOBS_IMAGE
from catalog.environments import Environment
from catalog.forms import ImageRegistry
from catalog.hostnames import AUDIT_ARCHIVE_BUCKET
from catalog.kafka_clients import PlatformClient
from catalog.places import Cloud
from catalog.quantities import Cpu, Memory
from catalog.search_versions import JOBS
from components.core.component import Args, Component, Outputs, about
from components.core.naming import NameLimit
from components.core.scope import Scope
from components.kubernetes.alerts import Alert, Severity, create_alerts, once_defined
from components.kubernetes.alibaba_roles import INJECTED, ROLE_ANNOTATION
from components.kubernetes.job_alerts import failed_today, since_success, unseen
from components.kubernetes.kafka.pods import Footprint
from components.kubernetes.kafka.resources import (
    CA_KEY,
    KAFKA_NAMESPACE,
    PASSWORD_KEY,
    bootstrap_servers,
    ca_secret,
)
from components.kubernetes.scheduled_job import (
    ScheduledJob,
    config_volume,
    create_scheduled_job,
    secret_volume,
)

SCHEDULE = "40 2 * * *"
"""UTC. A day ends at midnight; clocks of whoever writes may be off by an hour, and the batch has 24 (M§14.3)."""

DEADLINE_SECONDS = 4 * 3600
"""Fourteen missed days are read in one run."""

LONGEST_SILENCE_SECONDS = 26 * 3600

FOOTPRINT = Footprint(cpu=Cpu(50), memory=Memory(768))
"""A day is in memory as a whole; docs/decisions/0071 says when that ends."""

_AUTHORITY = "/run/kafka-authority"
_PASSWORD = "/run/kafka-password"
_SEAL = "/etc/audit-seal"
_SEAL_KEY = "seal.pem"


@dataclass(frozen=True, kw_only=True)
class AuditBatchesArgs(Args):
    """Where the job runs, and where batches go.

    ``namespace`` is that of Kafka's users, after which it comes; ``definitions`` is the version of Prometheus' kinds of
    object. ``kept_days`` is how long the bucket keeps a batch.
    """

    namespace: pulumi.Output[str]
    definitions: pulumi.Output[str]
    image_registry: ImageRegistry
    bucket: str
    kept_days: int
    role_name: str | None
    """The account's RAM role on Alibaba Cloud; on AWS EKS itself knows which role the account is."""
    chain: str | None = None
    """Name of the chain that was begun anew, where the topic once was; none for the first."""
    seal_key: str | None
    """Public key (PEM) that closes what goes to the archive; none where nothing does."""

    def problems(self) -> Iterator[str]:
        """Check that the cluster has an audit log, and that it is sealed if and only if it leaves."""
        scope = self.scope
        if not scope.cluster.holds_personal_data:
            yield f"{scope.cluster.id} has no audit log of persons; leave the job out"
        try:
            NameLimit.S3_BUCKET.check(self.bucket)
        except ValueError as error:
            yield f"bucket: {error}"
        if self.kept_days < 1:
            yield f"kept_days {self.kept_days} must be 1 or more"
        if self.chain is not None:
            yield from about("chain", chain_name(self.chain))
        if (scope.cluster.cloud is Cloud.ALIBABA) != bool(self.role_name):
            yield "role_name is for Alibaba Cloud, and needed there; on AWS the association names the role"
        archived = reach_archive(scope.cluster, scope.environment)
        if archived and self.seal_key is None:
            yield "seal_key is missing; what goes to the archive is sealed"
        if not archived and self.seal_key is not None:
            yield f"seal_key is given, and batches of {scope.stack.facts.name} do not go to the archive (decision 0019)"
        if self.seal_key is not None:
            yield from about("seal_key", seal_key(self.seal_key))


@dataclass(frozen=True, kw_only=True)
class AuditBatchesOutputs(Outputs):
    """The job, when it runs (UTC), and the buckets its batches are in: the own one, and the archive's if it sends."""

    name: str
    schedule: str
    buckets: tuple[str, ...]
    alerts: tuple[str, ...]


def alerts_of(scope: Scope) -> tuple[Alert, ...]:
    """Give the alerts on the job. dev has none (M§12)."""
    return () if scope.environment is Environment.DEV else ALERTS


ALERTS = (
    Alert(
        name="AuditBatchBroken",
        expression=failed_today(KAFKA_NAMESPACE, NAME),
        holds="5m",
        severity=Severity.PAGE,
        summary="a batch of the audit log is missing, was changed, or could not be made: the job's log says which",
        runbook=NAME,
    ),
    Alert(
        name="AuditBatchMissing",
        expression=f"{since_success(KAFKA_NAMESPACE, NAME)} > {LONGEST_SILENCE_SECONDS}",
        holds="10m",
        severity=Severity.TICKET,
        summary="no run has ended well for 26 hours; what the cluster's own bucket has not got is lost after 14 days",
        runbook=NAME,
    ),
    Alert(
        name="AuditBatchesUnseen",
        expression=unseen(KAFKA_NAMESPACE, NAME),
        holds="1h",
        severity=Severity.TICKET,
        summary="nobody tells whether the audit log is archived: the job is gone, or not watched",
        runbook=NAME,
    ),
)


class AuditBatches(Component[AuditBatchesOutputs]):
    """One run a day, as the only reader of the audit topic, beside the brokers whose secrets it mounts.

    It may read one topic, join one group, and write below one prefix of its own bucket and of the archive. Nobody
    calls it, so nobody may; what it calls is not narrowed: a network policy knows no names, and S3 no fixed addresses.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:AuditBatches"

    def __init__(
        self,
        name: str,
        args: AuditBatchesArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        account = kubernetes.core.v1.ServiceAccount(
            self.scope.name(f"{NAME}-account"),
            metadata=self._metadata(
                annotations=None if args.role_name is None else {ROLE_ANNOTATION: args.role_name}
            ),
            automount_service_account_token=False,
            opts=self.child(),
        )
        self._close()
        self._create_job(account.metadata.name)
        alerts = alerts_of(self.scope)
        if alerts:
            create_alerts(
                self,
                f"{NAME}-alerts",
                name=NAME,
                namespace=once_defined(args.namespace, args.definitions),
                labels={**self.scope.labels(NAME), "smp.vn/namespace": KAFKA_NAMESPACE},
                alerts=alerts,
            )
        self.publish(
            AuditBatchesOutputs(
                name=NAME,
                schedule=SCHEDULE,
                buckets=(args.bucket, *(() if args.seal_key is None else (AUDIT_ARCHIVE_BUCKET,))),
                alerts=tuple(alert.name for alert in alerts),
            )
        )

    def _metadata(self, annotations: Mapping[str, str] | None = None) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(
            name=NAME,
            namespace=self._args.namespace,
            labels=self.scope.labels(NAME),
            annotations=annotations,
        )

    def _close(self) -> None:
        networking = kubernetes.networking.v1
        kubernetes.networking.v1.NetworkPolicy(
            self.scope.name(f"{NAME}-policy"),
            metadata=self._metadata(),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=kubernetes.meta.v1.LabelSelectorArgs(
                    match_labels={"app.kubernetes.io/name": NAME}
                ),
                policy_types=["Ingress"],
                ingress=[],
            ),
            opts=self.child(),
        )

    def _create_job(self, account: pulumi.Output[str]) -> None:
        args, user = self._args, PlatformClient.AUDIT_ARCHIVER.id
        environment = {
            "CLUSTER": self.scope.cluster.id,
            "KAFKA_BOOTSTRAP": bootstrap_servers(self.scope),
            "KAFKA_USERNAME": user,
            "KAFKA_PASSWORD_FILE": f"{_PASSWORD}/{PASSWORD_KEY}",
            "KAFKA_CA_FILE": f"{_AUTHORITY}/{CA_KEY}",
            "AUDIT_BUCKET": args.bucket,
            "AUDIT_REGION": str(self.scope.region),
            "AUDIT_KEPT_DAYS": str(args.kept_days),
        }
        if args.chain is not None:
            environment["AUDIT_CHAIN"] = args.chain
        volumes = {
            _AUTHORITY: secret_volume("authority", ca_secret(self.scope)),
            _PASSWORD: secret_volume("password", user),
        }
        if args.seal_key is not None:
            environment |= {
                "ARCHIVE_BUCKET": AUDIT_ARCHIVE_BUCKET,
                "ARCHIVE_REGION": str(Cluster.GLOBAL.home),
                "SEAL_KEY_FILE": f"{_SEAL}/{_SEAL_KEY}",
            }
            config = kubernetes.core.v1.ConfigMap(
                self.scope.name(f"{NAME}-seal"),
                metadata=self._metadata(),
                data={_SEAL_KEY: args.seal_key},
                opts=self.child(),
            )
            volumes[_SEAL] = config_volume("seal", config.metadata.name)
        create_scheduled_job(
            self,
            args.namespace,
            ScheduledJob(
                name=NAME,
                schedule=SCHEDULE,
                image=args.image_registry.image(f"{JOBS_IMAGE}:{JOBS}"),
                module="jobs.audit_batches",
                environment=environment,
                service_account=account,
                footprint=FOOTPRINT,
                deadline_seconds=DEADLINE_SECONDS,
                volumes=volumes,
                pod_labels={} if args.role_name is None else INJECTED,
            ),
        )
