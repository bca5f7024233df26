"""What the budget rules must find and must leave alone, and the reference to another stack."""

from __future__ import annotations

from typing import Any

from tests.policies.builders import Thing
from tests.policies.parts import ASIA, CHINA, DEV, EKS, GOOD_EKS, UNKNOWN, VIRGINIA, VPC, Case

REFERENCE = "pulumi:pulumi:StackReference"
CLUSTER = Thing(type=EKS, inputs=GOOD_EKS, name="cluster")


def tag(key: str, *values: Any) -> dict[str, Any]:
    return {"tags": {"key": key, "values": list(values)}}


def notification(**changes: Any) -> dict[str, Any]:
    return {
        "notificationType": "ACTUAL",
        "comparisonOperator": "GREATER_THAN",
        "threshold": 110,
        "thresholdType": "PERCENTAGE",
        "subscriberEmailAddresses": ["cost@smp.example"],
    } | changes


BOTH = {"ands": [tag("Cluster", "smp-asia"), tag("Environment", "prod")]}


def budget(*notifications: dict[str, Any], name: str = "budget", **changes: Any) -> Thing:
    inputs: dict[str, Any] = {
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "4000",
        "limitUnit": "USD",
        "filterExpression": BOTH,
        "notifications": list(notifications) or [notification()],
    }
    return Thing(type="aws:budgets/budget:Budget", name=name, inputs=inputs | changes)


def _bad(what: str, *things: Thing) -> Case:
    return ("budget-alarm", ASIA, what, things)


VIOLATIONS: list[Case] = [
    _bad("a cluster without a budget", CLUSTER),
    _bad("too late", budget(notification(threshold=120))),
    _bad("only a forecast", budget(notification(notificationType="FORECASTED"))),
    _bad("falls below", budget(notification(comparisonOperator="LESS_THAN"))),
    _bad("nobody hears", budget(notification(subscriberEmailAddresses=[]))),
    _bad("no notification", budget(notifications=[])),
    _bad("110 dollars, not percent", budget(notification(thresholdType="ABSOLUTE_VALUE"))),
    _bad("threshold not known", budget(notification(threshold=UNKNOWN))),
    _bad("a year", budget(timeUnit="ANNUALLY")),
    _bad("amount not known", budget(limitAmount=UNKNOWN)),
    _bad("whole account", budget(filterExpression=None)),
    _bad("any of two tags", budget(filterExpression={"ors": BOTH["ands"]})),
    _bad(
        "older filter means any of them",
        budget(
            filterExpression=None,
            costFilters=[
                {"name": "TagKeyValue", "values": ["user:Cluster$smp-asia", "user:Environment$prod"]}
            ],
        ),
    ),
    _bad("cluster alone is three stacks", budget(filterExpression=tag("Cluster", "smp-asia"))),
    _bad(
        "another environment's",
        budget(filterExpression={"ands": [tag("Cluster", "smp-asia"), tag("Environment", "dev")]}),
    ),
    _bad(
        "two environments",
        budget(filterExpression={"ands": [tag("Cluster", "smp-asia"), tag("Environment", "prod", "dev")]}),
    ),
    _bad("in another currency", budget(limitUnit="VND")),
    _bad("counts usage", CLUSTER, budget(budgetType="USAGE")),
    (
        "stack-reference",
        ASIA,
        "another cluster",
        (Thing(type=REFERENCE, inputs={"name": "smp/prod-us"}, provider=None),),
    ),
]

NEAR_MISSES: list[Case] = [
    _bad(
        "forecast beside actual", CLUSTER, budget(notification(notificationType="FORECASTED"), notification())
    ),
    _bad("to a topic", budget(notification(subscriberEmailAddresses=[], subscriberSnsTopicArns=[UNKNOWN]))),
    _bad("in dollars", budget(notification(thresholdType="ABSOLUTE_VALUE", threshold="4400"))),
    _bad("one of two is the alarm", budget(notification(threshold=80), name="early"), budget()),
    _bad("of a part, beside the stack's", budget(budgetType="USAGE", name="hours"), budget()),
    _bad("through Virginia", Thing(type=budget().type, inputs=budget().inputs, provider=VIRGINIA)),
    _bad("a network costs no cluster", Thing(type=VPC)),
    _bad(
        "keys with the prefix of user tags",
        budget(filterExpression={"ands": [tag("user:Cluster", "smp-asia"), tag("user:Environment", "prod")]}),
    ),
    (
        "budget-alarm",
        CHINA,
        "none in the provider",
        (Thing(type="alicloud:cs/managedKubernetes:ManagedKubernetes"),),
    ),
    (
        "stack-reference",
        DEV,
        "the stack itself",
        (Thing(type="pulumi:pulumi:Stack", custom=False, provider=None),),
    ),
]
