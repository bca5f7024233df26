"""The spending alarm of a stack on Alibaba Cloud, which has no budget resource: its bill, read once a day (M§14.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.budgets import ALARM_THRESHOLD, USD_PER_CNY
from catalog.copied_artifacts import BILL, BILL_TAG
from catalog.forms import ImageRegistry
from catalog.quantities import Cpu, Memory, Usd
from components.core.component import Args, Component, Outputs
from components.kubernetes.alerts import Alert, Severity, create_alerts, once_defined
from components.kubernetes.alibaba_roles import INJECTED, ROLE_ANNOTATION
from components.kubernetes.kafka.pods import Footprint
from components.kubernetes.scheduled_job import ScheduledJob, create_scheduled_job

NAME = "bill-watch"
"""Of the job, its service account, and the last part of its role."""

SCHEDULE = "30 1 * * *"
"""UTC. Alibaba Cloud completes a day's bill in the night of Beijing that follows it."""

READ_ONLY_POLICY = "AliyunBSSReadOnlyAccess"
"""Alibaba Cloud's own policy for reading bills; the billing service knows no single resources to name."""


@dataclass(frozen=True, kw_only=True)
class BillWatchArgs(Args):
    """Where the job runs, as whom, and against which budget.

    ``definitions`` is the version of Prometheus' kinds of object, which come first.
    """

    namespace: pulumi.Output[str]
    definitions: pulumi.Output[str]
    image_registry: ImageRegistry
    role_name: str
    monthly: Usd

    def problems(self) -> Iterator[str]:
        """Check the amount, and that there is a role."""
        if self.monthly <= Usd.of(0):
            yield f"monthly is {self.monthly}; a budget is more than nothing"
        if not self.role_name:
            yield "role_name is empty; without a role nobody may read the bill"


@dataclass(frozen=True, kw_only=True)
class BillWatchOutputs(Outputs):
    """What watches, and when (UTC)."""

    name: str
    schedule: str
    monthly: Usd


class BillWatch(Component[BillWatchOutputs]):
    """A job that fails when the month's bill is over 110 % of the budget, and the alert on it.

    The bill stays in the account it is of: the job asks the billing service, sums up, and prints amounts.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:alicloud:BillWatch"

    def __init__(
        self,
        name: str,
        args: BillWatchArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        account = kubernetes.core.v1.ServiceAccount(
            self.scope.name(f"{NAME}-account"),
            metadata=self._metadata(args, {ROLE_ANNOTATION: args.role_name}),
            automount_service_account_token=False,
            opts=self.child(),
        )
        create_scheduled_job(
            self,
            args.namespace,
            ScheduledJob(
                name=NAME,
                schedule=SCHEDULE,
                image=args.image_registry.image(f"{BILL}:{BILL_TAG}"),
                module="jobs.bill",
                environment={
                    "BUDGET_USD": f"{args.monthly.amount:f}",
                    "USD_PER_CNY": f"{USD_PER_CNY:f}",
                },
                service_account=account.metadata.name,
                footprint=Footprint(cpu=Cpu(100), memory=Memory(768)),
                deadline_seconds=3600,
                pod_labels=INJECTED,
            ),
        )
        self._alert(args)
        self.publish(BillWatchOutputs(name=NAME, schedule=SCHEDULE, monthly=args.monthly))

    def _metadata(
        self, args: BillWatchArgs, annotations: Mapping[str, str]
    ) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(
            name=NAME, namespace=args.namespace, labels=self.scope.labels(NAME), annotations=annotations
        )

    def _alert(self, args: BillWatchArgs) -> None:
        """Tell somebody when a run failed, and when none has succeeded for two days."""
        failed = f'kube_job_status_failed{{job_name=~"{NAME}-.*"}} > 0'
        silent = f'time() - max(kube_cronjob_status_last_successful_time{{cronjob="{NAME}"}}) > 172800'
        create_alerts(
            self,
            f"{NAME}-alert",
            name=NAME,
            namespace=once_defined(args.namespace, args.definitions),
            labels=self.scope.labels(NAME),
            alerts=(
                Alert(
                    name="BillOverBudget",
                    expression=failed,
                    holds="5m",
                    severity=Severity.TICKET,
                    summary=(
                        f"The bill is over {ALARM_THRESHOLD} of {args.monthly} a month,"
                        f" or cannot be read: kubectl logs job/{NAME}-..."
                    ),
                    runbook=NAME,
                ),
                Alert(
                    name="BillNotRead",
                    expression=silent,
                    holds="1h",
                    severity=Severity.TICKET,
                    summary="Nobody has read the bill for two days",
                    runbook=NAME,
                ),
            ),
        )
