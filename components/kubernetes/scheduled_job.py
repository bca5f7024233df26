"""A program of ours that runs by the clock: one hardened pod, no two at a time, and a verdict that is not retried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.core.component import Component
from components.kubernetes.kafka.pods import Footprint

USER_ID = 10001
"""Of the images of our jobs."""

VERDICT = 1
"""Exit code of a job that did its work and found something wrong; another code than 0 means it could not."""

SCRATCH = "/tmp"  # noqa: S108 - a volume of the pod's own


class AccountToken(Enum):
    """Whether the pod holds its account's token for the API server; a cloud's own token comes without it."""

    NONE = False
    MOUNTED = True


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """What differs between the jobs. ``schedule`` is cron's, in UTC; ``deadline_seconds`` ends one that hangs."""

    name: str
    schedule: str
    image: str
    module: str
    """The Python module that is run."""
    environment: Mapping[str, pulumi.Input[str]]
    service_account: pulumi.Output[str]
    footprint: Footprint
    deadline_seconds: int
    volumes: Mapping[str, kubernetes.core.v1.VolumeArgs] = field(
        default_factory=dict[str, kubernetes.core.v1.VolumeArgs]
    )
    """By the path they are mounted at, to be read only."""
    account_token: AccountToken = AccountToken.NONE
    pod_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    pod_annotations: Mapping[str, str] | None = None


def secret_volume(name: str, secret: str) -> kubernetes.core.v1.VolumeArgs:
    """Give a volume of a secret's files; the pod waits for a secret that is not there yet."""
    v1 = kubernetes.core.v1
    return v1.VolumeArgs(name=name, secret=v1.SecretVolumeSourceArgs(secret_name=secret))


def config_volume(name: str, config_map: pulumi.Output[str | None]) -> kubernetes.core.v1.VolumeArgs:
    """Give a volume of a config map's files."""
    v1 = kubernetes.core.v1
    return v1.VolumeArgs(name=name, config_map=v1.ConfigMapVolumeSourceArgs(name=config_map))


def create_scheduled_job(
    component: Component[Any], namespace: pulumi.Output[str], job: ScheduledJob
) -> kubernetes.batch.v1.CronJob:
    """Create the job as a child of a component."""
    batch, meta = kubernetes.batch.v1, kubernetes.meta.v1
    labels = component.scope.labels(job.name)
    return batch.CronJob(
        component.scope.name(job.name),
        metadata=meta.ObjectMetaArgs(name=job.name, namespace=namespace, labels=labels),
        spec=batch.CronJobSpecArgs(
            schedule=job.schedule,
            time_zone="Etc/UTC",
            concurrency_policy="Forbid",
            successful_jobs_history_limit=1,
            failed_jobs_history_limit=3,
            job_template=batch.JobTemplateSpecArgs(
                spec=batch.JobSpecArgs(
                    backoff_limit=2,
                    active_deadline_seconds=job.deadline_seconds,
                    # What was found wrong is found again: only what could not be said is tried again.
                    pod_failure_policy=batch.PodFailurePolicyArgs(
                        rules=[
                            batch.PodFailurePolicyRuleArgs(
                                action="FailJob",
                                on_exit_codes=batch.PodFailurePolicyOnExitCodesRequirementArgs(
                                    container_name=job.name, operator="In", values=[VERDICT]
                                ),
                            )
                        ]
                    ),
                    template=kubernetes.core.v1.PodTemplateSpecArgs(
                        metadata=meta.ObjectMetaArgs(
                            labels={**labels, **job.pod_labels}, annotations=job.pod_annotations
                        ),
                        spec=_pod(job),
                    ),
                )
            ),
        ),
        opts=component.child(),
    )


def _pod(job: ScheduledJob) -> kubernetes.core.v1.PodSpecArgs:
    v1 = kubernetes.core.v1
    figures = job.footprint.resources()
    mounts = [
        v1.VolumeMountArgs(name=volume.name, mount_path=path, read_only=True)
        for path, volume in job.volumes.items()
    ]
    return v1.PodSpecArgs(
        service_account_name=job.service_account,
        automount_service_account_token=job.account_token.value,
        restart_policy="Never",
        security_context=v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER_ID,
            run_as_group=USER_ID,
            fs_group=USER_ID,
            seccomp_profile=v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[
            v1.ContainerArgs(
                name=job.name,
                image=job.image,
                command=["python3", "-m", job.module],
                env=[v1.EnvVarArgs(name=key, value=value) for key, value in job.environment.items()],
                resources=v1.ResourceRequirementsArgs(requests=figures["requests"], limits=figures["limits"]),
                security_context=v1.SecurityContextArgs(
                    allow_privilege_escalation=False,
                    read_only_root_filesystem=True,
                    capabilities=v1.CapabilitiesArgs(drop=["ALL"]),
                ),
                volume_mounts=[*mounts, v1.VolumeMountArgs(name="scratch", mount_path=SCRATCH)],
            )
        ],
        volumes=[
            *job.volumes.values(),
            v1.VolumeArgs(name="scratch", empty_dir=v1.EmptyDirVolumeSourceArgs(size_limit="512Mi")),
        ],
    )
