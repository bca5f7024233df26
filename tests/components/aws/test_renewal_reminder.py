"""Reminders: weekly, from the day to renew until the end, to people."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import reminder, reminder_args
from tests.contracts.harness import ACCOUNT, World, record_build


def test_a_reminder_comes_every_week_until_the_end() -> None:
    recording = record_build(reminder, Stack.PROD_ASIA)
    schedule = recording.one("aws:scheduler/schedule:Schedule").inputs
    assert schedule["scheduleExpression"] == "cron(0 2 ? * MON *)"
    assert (schedule["startDate"], schedule["endDate"]) == ("2027-10-02T00:00:00Z", "2027-12-01T00:00:00Z")
    text = json.loads(schedule["target"]["input"])
    assert "certificate 2026-12 ends on 2027-12-01" in text
    assert "docs/runbooks/origin-certificates.md" in text


def test_it_goes_to_people_and_may_do_nothing_else() -> None:
    recording = record_build(reminder, Stack.PROD_ASIA)
    subscription = recording.one("aws:sns/topicSubscription:TopicSubscription").inputs
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "devops@smp.vn")
    policy = json.loads(recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    (statement,) = policy["Statement"]
    assert statement["Action"] == ["sns:Publish"]
    assert statement["Resource"] == [f"arn:aws:sns:ap-southeast-1:{ACCOUNT}:smp-asia-prod-renewals"]


def test_problems_are_listed() -> None:
    world = World(Stack.PROD_ASIA)
    (deadline,) = reminder_args(world).deadlines.values()
    late = replace(deadline, first_day=date(2028, 1, 1))
    with pytest.raises(InvalidArgumentsError) as caught:
        reminder_args(world, deadlines={"late": late, "x" * 80: deadline}, email_addresses=("nobody",))
    problems = "\n".join(caught.value.problems)
    assert "begin earlier" in problems
    assert "80" in problems or "allows 64" in problems
    assert "no e-mail address" in problems
    with pytest.raises(InvalidArgumentsError, match="deadlines are empty"):
        reminder_args(world, deadlines={})
