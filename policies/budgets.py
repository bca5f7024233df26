"""A stack costs what was approved, and somebody hears of it when it does not (M§13, M§14.2, M§14.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from catalog.budgets import ALARM_THRESHOLD, WARNING_THRESHOLD
from catalog.quantities import Percent, Usd
from catalog.stack_facts import Stack
from catalog.tags import TagKey, required_tags
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, as_map, dig
from policies.views import ResourceView, StackView, is_set

_BUDGET = "aws:budgets/budget:Budget"
_CLUSTER = "aws:eks/cluster:Cluster"
_SPLIT_BY = (TagKey.CLUSTER, TagKey.ENVIRONMENT)
"""dev, staging and prod-asia share a cluster: only both tags together are one stack's money."""


def _estimate(stack: StackView) -> Iterator[Violation]:
    cost = stack.monthly_cost
    if cost is None:
        return
    share = cost.estimate.share_of(cost.budget)
    if share > WARNING_THRESHOLD:
        level = Level.MANDATORY if share > ALARM_THRESHOLD else Level.ADVISORY
        said = f"estimated at {cost.estimate} a month, {share} of the budget of {cost.budget}"
        yield Violation(urn="", detail=said, level=level)


def _alarm(stack: StackView) -> Iterator[Violation]:
    budgets = [item for item in stack.of_type(_BUDGET) if item.get("budgetType") in (None, "COST")]
    found = {budget.urn: list(_problems(budget, stack)) for budget in budgets}
    if any(not problems for problems in found.values()):
        return
    for problems in found.values():
        yield from problems
    if budgets:
        return
    for other in stack.of_type(_BUDGET):
        if other.get("budgetType") == "USAGE":
            yield on(other, "counts usage, and no budget beside it counts money")
    if any(stack.of_type(_CLUSTER)):
        yield Violation(urn="", detail="no AWS budget watches what its cluster costs")


def _problems(budget: ResourceView, stack: StackView) -> Iterator[Violation]:
    """Say why a budget is not the alarm of this stack."""
    if budget.get("timeUnit") != "MONTHLY":
        yield _objection(budget, "timeUnit", "is not MONTHLY")
    limit = _amount(budget.get("limitAmount"))
    wanted = stack.monthly_cost.budget if stack.monthly_cost else stack.facts.approved_budget
    if limit is None:
        yield _objection(budget, "limitAmount", "is not an amount")
    elif limit > wanted:
        yield on(budget, f"limitAmount is {limit}, above the budget of {wanted}")
    if budget.get("limitUnit") not in (None, "USD"):
        yield _objection(budget, "limitUnit", "is not USD")
    yield from _filter_problems(budget, stack)
    yield from _notification_problems(budget, limit)


def _objection(budget: ResourceView, name: str, said: str) -> Violation:
    value = budget.get(name)
    return unproven(budget, name, value) if isinstance(value, Opaque) else on(budget, f"{name} {said}")


def _amount(value: Value) -> Usd | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return Usd(Decimal(str(value)))
    except InvalidOperation:
        return None


def _filter_problems(budget: ResourceView, stack: StackView) -> Iterator[Violation]:
    filters = budget.get("filterExpression")
    if isinstance(filters, Opaque):
        yield unproven(budget, "filterExpression", filters)
        return
    if not is_set(filters):
        if _is_only_stack(stack) and _counts_cluster(budget, stack):
            return
        older = is_set(budget.get("costFilters")) or is_set(budget.get("costFilterLegacies"))
        said = (
            "costFilters means any of its values, so it counts other stacks too; take filterExpression"
            if older
            else "it has no filterExpression, so it counts the whole account"
        )
        yield on(budget, said)
        return
    found = dict(_tags_that_must_hold(dig(as_list(filters), 0)))
    tags = required_tags(stack.facts)
    for key in _SPLIT_BY:
        values = found.get(key)
        if isinstance(values, Opaque):
            yield unproven(budget, f"its filter by {key}", values)
        elif values is None:
            yield on(budget, f"does not filter by {key}; dev, staging and prod-asia share a cluster")
        elif list(as_list(values)) != [tags[key]]:
            yield on(budget, f"filters by another {key} than {tags[key]}")


def _is_only_stack(stack: StackView) -> bool:
    """Whether no other stack shares the cluster, so that its tag alone tells whose money it is."""
    return sum(other.facts.cluster is stack.facts.cluster for other in Stack) == 1


def _counts_cluster(budget: ResourceView, stack: StackView) -> bool:
    """Whether the older form of filters names the cluster's tag, and nothing beside it."""
    wanted = f"user:{TagKey.CLUSTER}${required_tags(stack.facts)[TagKey.CLUSTER]}"
    filters = list(as_list(budget.get("costFilters")))
    return len(filters) == 1 and (
        dig(filters[0], "name") == "TagKeyValue" and list(as_list(dig(filters[0], "values"))) == [wanted]
    )


def _tags_that_must_hold(expression: Value) -> Iterator[tuple[str, Value]]:
    """Give the tags of an expression and of all its ``and`` parts: those hold together, ``or`` parts do not."""
    for tag in as_list(dig(expression, "tags")):
        key = dig(tag, "key")
        if isinstance(key, str) and dig(tag, "matchOptions") in (None, [], ["EQUALS"]):
            yield key.removeprefix("user:"), dig(tag, "values")
    for part in as_list(dig(expression, "ands")):
        yield from _tags_that_must_hold(part)


def _notification_problems(budget: ResourceView, limit: Usd | None) -> Iterator[Violation]:
    notifications = budget.get("notifications")
    if isinstance(notifications, Opaque):
        yield unproven(budget, "notifications", notifications)
        return
    alarms = [item for item in map(as_map, as_list(notifications)) if _is_alarm(item, limit)]
    hidden = next((item for item in map(as_map, as_list(notifications)) if _is_hidden(item)), None)
    if not alarms and hidden is not None:
        yield unproven(budget, "the threshold of a notification", Opaque.UNKNOWN)
    elif not alarms:
        yield on(budget, f"no notification of actual costs above {ALARM_THRESHOLD.value:f} %")
    elif not any(_is_heard(item) for item in alarms):
        yield on(budget, f"the notification at {ALARM_THRESHOLD.value:f} % has no subscriber")


def _is_hidden(notification: Mapping[str, Value]) -> bool:
    return any(isinstance(value, Opaque) for value in notification.values()) and _is_heard(notification)


def _is_alarm(notification: Mapping[str, Value], limit: Usd | None) -> bool:
    threshold = _amount(notification.get("threshold"))
    if threshold is None or notification.get("notificationType") != "ACTUAL":
        return False
    if notification.get("comparisonOperator") not in (None, "GREATER_THAN"):
        return False
    if notification.get("thresholdType") == "ABSOLUTE_VALUE":
        return limit is not None and threshold == ALARM_THRESHOLD.of_usd(limit)
    return Percent(threshold.amount) == ALARM_THRESHOLD


def _is_heard(notification: Mapping[str, Value]) -> bool:
    return is_set(notification.get("subscriberEmailAddresses")) or is_set(
        notification.get("subscriberSnsTopicArns")
    )


RULES = (
    Rule(
        id="budget-estimate",
        family=Family.BUDGETS,
        sentence="A stack's estimate stays within its budget; up to 110 % a reviewer is told, above it nothing lands.",
        source="M§13, M§14.2, M§14.8",
        level=Level.MANDATORY,
        remedy="make it cheaper (./smp cost STACK shows what it is made of), or have a larger smp:budget approved",
        judge=_estimate,
    ),
    Rule(
        id="budget-alarm",
        family=Family.BUDGETS,
        sentence="Every AWS cluster has a monthly budget by its two tags, which tells somebody over 110 %.",
        source="M§13, M§14.8; docs/decisions/0018",
        level=Level.MANDATORY,
        remedy="build it with the component Budget, which filters by both tags; China's alarm comes from its bill",
        judge=_alarm,
    ),
)
