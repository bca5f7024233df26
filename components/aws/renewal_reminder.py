"""Reminds people of what ends on a known day, from inside the cloud: no program has to run for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pulumi
import pulumi_aws as aws

from catalog import forms
from components.aws.iam import Statement, policy_document, service_trust
from components.core.component import Args, Component, Outputs, about
from components.core.naming import NameLimit


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A weekly reminder from the first day to the last."""

    subject: str
    """What ends, in a few words."""
    first_day: date
    last_day: date
    runbook: str
    """Where it says what to do."""


@dataclass(frozen=True, kw_only=True)
class RenewalReminderArgs(Args):
    """What ends, by a short name that becomes part of resource names, and who hears of it."""

    deadlines: Mapping[str, Deadline]
    email_addresses: tuple[str, ...]

    def problems(self) -> Iterator[str]:
        """Check that there is something to say, in time, to somebody."""
        if not self.deadlines:
            yield "deadlines are empty; name what ends"
        for name, deadline in self.deadlines.items():
            try:
                self.scope.name(name, NameLimit.SCHEDULE)
            except ValueError as error:
                yield f"deadline {name}: {error}"
            if deadline.first_day >= deadline.last_day:
                yield f"deadline {name}: {deadline.first_day} is not before {deadline.last_day}; begin earlier"
        if not self.email_addresses:
            yield "nobody is told; give email_addresses"
        for address in self.email_addresses:
            yield from about("email_addresses", forms.mailbox(address))


@dataclass(frozen=True, kw_only=True)
class RenewalReminderOutputs(Outputs):
    """Where reminders go, and the first day of each."""

    topic_arn: str
    first_days: Mapping[str, str]


class RenewalReminder(Component[RenewalReminderOutputs]):
    """One schedule for each deadline: every Monday from its first day until it is past.

    A schedule whose first day is past when it is made is refused by AWS: what ends has to be followed first.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:RenewalReminder"

    def __init__(
        self,
        name: str,
        args: RenewalReminderArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._topic_name = self.scope.name("renewals", NameLimit.SNS_TOPIC)
        self._topic_arn = f"arn:aws:sns:{self.scope.region}:{self.scope.account}:{self._topic_name}"
        topic = self._create_topic()
        role = self._create_role()
        group = self._create_group()
        for key, deadline in args.deadlines.items():
            self._create_schedule(key, deadline, topic, role, group)
        self.publish(
            RenewalReminderOutputs(
                topic_arn=self._topic_arn,
                first_days={key: deadline.first_day.isoformat() for key, deadline in args.deadlines.items()},
            )
        )

    def _create_topic(self) -> aws.sns.Topic:
        topic = aws.sns.Topic(
            self._topic_name,
            name=self._topic_name,
            kms_master_key_id="alias/aws/sns",
            tags=self.scope.tags(self._topic_name),
            opts=self.child(),
        )
        for number, address in enumerate(self._args.email_addresses, start=1):
            aws.sns.TopicSubscription(
                f"{self._topic_name}-{number}",
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=self.child(),
            )
        return topic

    def _create_role(self) -> aws.iam.Role:
        name = self.scope.name("renewals", NameLimit.IAM_ROLE)
        role = aws.iam.Role(
            name,
            name=name,
            assume_role_policy=service_trust(
                "scheduler.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.scope.account}}
            ),
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{name}-publish",
            name=f"{name}-publish",
            role=role.name,
            policy=policy_document(
                Statement(sid="Remind", actions=("sns:Publish",), resources=(self._topic_arn,))
            ),
            opts=self.child(),
        )
        return role

    def _create_group(self) -> aws.scheduler.ScheduleGroup:
        name = self.scope.name("renewals", NameLimit.SCHEDULE)
        return aws.scheduler.ScheduleGroup(name, name=name, tags=self.scope.tags(name), opts=self.child())

    def _create_schedule(
        self,
        key: str,
        deadline: Deadline,
        topic: aws.sns.Topic,
        role: aws.iam.Role,
        group: aws.scheduler.ScheduleGroup,
    ) -> None:
        name = self.scope.name(key, NameLimit.SCHEDULE)
        aws.scheduler.Schedule(
            name,
            name=name,
            group_name=group.name,
            description=f"Reminds of: {deadline.subject}",
            schedule_expression="cron(0 2 ? * MON *)",
            schedule_expression_timezone="UTC",
            start_date=f"{deadline.first_day.isoformat()}T00:00:00Z",
            end_date=f"{deadline.last_day.isoformat()}T00:00:00Z",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=topic.arn,
                role_arn=role.arn,
                input=json.dumps(
                    f"{deadline.subject} ends on {deadline.last_day.isoformat()}. What to do: {deadline.runbook}"
                ),
            ),
            opts=self.child(),
        )
