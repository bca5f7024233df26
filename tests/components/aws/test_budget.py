from __future__ import annotations

import pytest

from catalog.quantities import Usd
from catalog.stack_facts import Stack
from components.aws.budget import Budget, BudgetArgs
from components.core.component import InvalidArgumentsError
from tests.contracts.harness import Recorded, World, known, record_build

TOPIC = "arn:aws:sns:us-east-1:111122223333:alerts"


def _budget(stack: Stack) -> Recorded:
    return record_build(
        lambda world: Budget(
            "budget",
            BudgetArgs(
                scope=world.scope,
                monthly=Usd.of("800.50"),
                email_addresses=("devops@smp.vn",),
                topic_arn=known(TOPIC),
            ),
            provider=world.aws,
        ),
        stack,
    ).one("aws:budgets/budget:Budget")


def test_cluster_and_environment_must_both_match() -> None:
    expression = _budget(Stack.STAGING).inputs["filterExpression"]
    assert expression.keys() == {"ands"}
    assert [part["tags"] for part in expression["ands"]] == [
        {"key": "Cluster", "values": ["smp-asia"]},
        {"key": "Environment", "values": ["staging"]},
    ]


def test_the_amount_is_monthly_dollars_to_the_cent() -> None:
    budget = _budget(Stack.STAGING).inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("800.50", "USD", "MONTHLY")


def test_the_forecast_warns_at_the_budget_and_the_bill_alarms_above_it() -> None:
    notifications = _budget(Stack.DEV).inputs["notifications"]
    assert {n["notificationType"]: n["threshold"] for n in notifications} == {
        "FORECASTED": 100.0,
        "ACTUAL": 110.0,
    }
    for notification in notifications:
        assert notification["subscriberEmailAddresses"] == ["devops@smp.vn"]
        assert notification["subscriberSnsTopicArns"] == [TOPIC]


def test_every_problem_is_told() -> None:
    scope = World(Stack.DEV).scope
    with pytest.raises(InvalidArgumentsError) as caught:
        BudgetArgs(scope=scope, monthly=Usd.of(0))
    assert len(caught.value.problems) == 2
    with pytest.raises(InvalidArgumentsError, match="AWS takes 10"):
        BudgetArgs(scope=scope, monthly=Usd.of(1), email_addresses=tuple(f"a{n}@smp.vn" for n in range(11)))
    with pytest.raises(InvalidArgumentsError, match="no e-mail address"):
        BudgetArgs(scope=scope, monthly=Usd.of(1), email_addresses=("devops",))
