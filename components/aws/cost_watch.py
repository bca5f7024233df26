"""What lets AWS split a bill by our tags, and who hears when spending is not as usual (M§14.8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from catalog import forms
from catalog.budgets import ANOMALY_THRESHOLD
from catalog.quantities import Usd
from catalog.tags import DATA_CLASS_TAG, TagKey
from components.core.component import Args, Component, Outputs, about


@dataclass(frozen=True, kw_only=True)
class CostWatchArgs(Args):
    """How much a stack may cost in a month, and who hears when a day is out of the ordinary."""

    monthly: Usd
    email_addresses: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        """Check the amount, and that somebody hears of it."""
        if self.monthly <= Usd.of(0):
            yield f"monthly is {self.monthly}; a budget is more than nothing"
        if not self.email_addresses:
            yield "email_addresses are empty; name at least one"
        for address in self.email_addresses:
            yield from about("email_addresses", forms.mailbox(address))


@dataclass(frozen=True, kw_only=True)
class CostWatchOutputs(Outputs):
    """What watches."""

    allocation_tags: tuple[str, ...]
    """Keys that the bill can be split by."""
    anomaly_monitor: pulumi.Output[str]
    """ARN."""
    anomaly_threshold: Usd
    """A day's spending above the usual by less than this is not reported."""


class CostWatch(Component[CostWatchOutputs]):
    """Cost allocation tags, and Cost Anomaly Detection over what carries the cluster's tag.

    Both belong to the paying account; each stack's account here pays for itself. Source: AWS Billing user guide,
    "Activating user-defined cost allocation tags"; Cost Management user guide, "Cost Anomaly Detection".

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:CostWatch"

    def __init__(
        self, name: str, args: CostWatchArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        keys = (*TagKey, DATA_CLASS_TAG)
        tags = {str(key): self._activate(str(key)) for key in keys}
        monitor = self._monitor(tags[TagKey.CLUSTER])
        threshold = ANOMALY_THRESHOLD.of_usd(args.monthly)
        self._subscribe(monitor, args.email_addresses, threshold)
        self.publish(
            CostWatchOutputs(
                allocation_tags=tuple(tags), anomaly_monitor=monitor.arn, anomaly_threshold=threshold
            )
        )

    def _activate(self, key: str) -> aws.costexplorer.CostAllocationTag:
        return aws.costexplorer.CostAllocationTag(
            self.scope.name(f"cost-tag-{key.lower()}"), tag_key=key, status="Active", opts=self.child()
        )

    def _monitor(self, tag: aws.costexplorer.CostAllocationTag) -> aws.costexplorer.AnomalyMonitor:
        """Learn what is usual for the cluster. A monitor takes one tag, and an account holds one environment."""
        name = self.scope.name("cost-anomalies")
        expression = {"Tags": {"Key": str(TagKey.CLUSTER), "Values": [self.scope.cluster.id]}}
        return aws.costexplorer.AnomalyMonitor(
            name,
            name=name,
            monitor_type="CUSTOM",
            monitor_specification=json.dumps(expression, separators=(",", ":")),
            tags=self.scope.tags(name),
            opts=self.child(depends_on=[tag]),
        )

    def _subscribe(
        self, monitor: aws.costexplorer.AnomalyMonitor, addresses: tuple[str, ...], threshold: Usd
    ) -> None:
        name = self.scope.name("cost-anomalies-daily")
        aws.costexplorer.AnomalySubscription(
            name,
            name=name,
            account_id=self.scope.account,
            frequency="DAILY",
            monitor_arn_lists=[monitor.arn],
            subscribers=[
                aws.costexplorer.AnomalySubscriptionSubscriberArgs(type="EMAIL", address=address)
                for address in addresses
            ],
            threshold_expression=aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs(
                dimension=aws.costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
                    key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    match_options=["GREATER_THAN_OR_EQUAL"],
                    values=[f"{threshold.amount:f}"],
                )
            ),
            tags=self.scope.tags(name),
            opts=self.child(),
        )
