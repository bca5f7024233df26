"""What Kubernetes itself says of jobs that run by the clock, as expressions of Prometheus."""

from __future__ import annotations


def since_success(namespace: str, job: str) -> str:
    """Write how long ago a job last succeeded, in seconds; one that never did counts from when it was made."""
    which = f'namespace="{namespace}", cronjob="{job}"'
    return (
        f"time() - (max(kube_cronjob_status_last_successful_time{{{which}}})"
        f" or max(kube_cronjob_created{{{which}}}))"
    )


def failed_today(namespace: str, job: str) -> str:
    """Write whether a run that began within a day has failed."""
    here = f'namespace="{namespace}"'
    return (
        "max(kube_job_status_failed{"
        f'{here}, job_name=~"{job}-.*"}}'
        f" and on (job_name) time() - kube_job_created{{{here}}} < 86400) > 0"
    )


def unseen(namespace: str, job: str) -> str:
    """Write whether nobody tells anything of a job: an alarm over series that are gone says nothing."""
    return f'absent(kube_cronjob_created{{namespace="{namespace}", cronjob="{job}"}})'
