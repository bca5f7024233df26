"""AWS Budgets: a stack's month, watched while it runs (M§13, M§14.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from catalog import forms
from catalog.budgets import ALARM_THRESHOLD, MOST_SUBSCRIBERS, WARNING_THRESHOLD
from catalog.quantities import Percent, Usd
from catalog.tags import TagKey, required_tags
from components.core.component import Args, Component, Outputs, about
from components.core.naming import NameLimit


@dataclass(frozen=True, kw_only=True)
class BudgetArgs(Args):
    """How much a stack may cost in a month and who hears of it.

    ``topic_arn`` is an SNS topic that budgets.amazonaws.com may publish to. One of the two must be given.
    """

    monthly: Usd
    email_addresses: tuple[str, ...] = ()
    topic_arn: pulumi.Output[str] | None = None

    def problems(self) -> Iterator[str]:
        """Check the amount, and that somebody hears of it."""
        if self.monthly <= Usd.of(0):
            yield f"monthly is {self.monthly}; a budget is more than nothing"
        if not self.email_addresses and self.topic_arn is None:
            yield "nobody is told; give email_addresses or a topic_arn"
        if len(self.email_addresses) > MOST_SUBSCRIBERS:
            yield (
                f"{len(self.email_addresses)} addresses; AWS takes {MOST_SUBSCRIBERS}, so write to a list or a topic"
            )
        for address in self.email_addresses:
            yield from about("email_addresses", forms.mailbox(address))


@dataclass(frozen=True, kw_only=True)
class BudgetOutputs(Outputs):
    """A budget in force."""

    name: pulumi.Output[str]
    monthly: Usd


class Budget(Component[BudgetOutputs]):
    """A monthly budget over what carries the stack's ``Cluster`` and ``Environment`` tags.

    dev, staging and prod-asia share a cluster tag, so both are needed, and both must hold. The older ``cost_filters``
    cannot say so: its tag filter takes several ``tag$value`` pairs and means any of them. Both tags must be active
    as cost allocation tags in the paying account, or the budget sees nothing.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:Budget"

    def __init__(
        self, name: str, args: BudgetArgs, *, provider: aws.Provider, parent: pulumi.Resource | None = None
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        budget = self._create_budget()
        self.publish(BudgetOutputs(name=budget.name, monthly=args.monthly))

    def _create_budget(self) -> aws.budgets.Budget:
        name = self.scope.name("monthly", NameLimit.BUDGET)
        tags = required_tags(self.scope.stack.facts)
        return aws.budgets.Budget(
            name,
            name=name,
            account_id=self.scope.account,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{self._args.monthly.amount:f}",
            limit_unit="USD",
            metrics="UnblendedCost",
            filter_expression=aws.budgets.BudgetFilterExpressionArgs(
                ands=[
                    aws.budgets.BudgetFilterExpressionAndArgs(
                        tags=aws.budgets.BudgetFilterExpressionAndTagsArgs(key=key, values=[tags[key]])
                    )
                    for key in (TagKey.CLUSTER, TagKey.ENVIRONMENT)
                ]
            ),
            notifications=[
                # Before the money is gone, and when it is gone for good.
                self._notification("FORECASTED", WARNING_THRESHOLD),
                self._notification("ACTUAL", ALARM_THRESHOLD),
            ],
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _notification(self, kind: str, threshold: Percent) -> aws.budgets.BudgetNotificationArgs:
        topic = self._args.topic_arn
        return aws.budgets.BudgetNotificationArgs(
            notification_type=kind,
            comparison_operator="GREATER_THAN",
            threshold=float(threshold.value),
            threshold_type="PERCENTAGE",
            subscriber_email_addresses=list(self._args.email_addresses) or None,
            subscriber_sns_topic_arns=[topic] if topic is not None else None,
        )
