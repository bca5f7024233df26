"""All rules, and one function that applies them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policies import (
    access,
    availability,
    backups,
    budgets,
    deletion,
    encryption,
    explicit_providers,
    exposure,
    home,
    mirrors,
    observability,
    plain_secrets,
    residency_copies,
    residency_grants,
    residency_networks,
    residency_places,
    routing,
    stack_references,
    tags,
    workloads,
)
from policies.rules import Finding, Level, Rule
from policies.views import StackView

RULES: tuple[Rule, ...] = (
    *tags.RULES,
    *budgets.RULES,
    *stack_references.RULES,
    *home.RULES,
    *residency_places.RULES,
    *residency_copies.RULES,
    *residency_networks.RULES,
    *residency_grants.RULES,
    *mirrors.RULES,
    *routing.RULES,
    *observability.RULES,
    *explicit_providers.RULES,
    *exposure.RULES,
    *encryption.RULES,
    *plain_secrets.RULES,
    *access.RULES,
    *availability.RULES,
    *deletion.RULES,
    *backups.RULES,
    *workloads.RULES,
)


def evaluate(stack: StackView) -> tuple[Finding, ...]:
    """Apply every rule; mandatory findings first, then by rule, in the order of the resources."""
    return _evaluate(RULES, stack)


def evaluate_alone(stack: StackView) -> tuple[Finding, ...]:
    """Apply the rules that need no more than a resource and its provider."""
    return _evaluate(tuple(rule for rule in RULES if rule.alone), stack)


def _evaluate(rules: tuple[Rule, ...], stack: StackView) -> tuple[Finding, ...]:
    findings = [finding for rule in rules for finding in _apply(rule, stack)]
    return tuple(sorted(findings, key=lambda finding: finding.level is not Level.MANDATORY))


def _apply(rule: Rule, stack: StackView) -> Iterator[Finding]:
    """Apply one rule. Where it fails, the resources it fails on get a finding, and the others are judged."""
    try:
        violations = list(rule.judge(stack))
    except Exception as error:  # noqa: BLE001 - whatever a rule stumbles over must not pass as "nothing found"
        yield from _apply_around(rule, stack, error)
        return
    for violation in violations:
        level = violation.level or rule.level
        yield Finding(rule=rule, urn=violation.urn, detail=violation.detail, level=level)


def _apply_around(rule: Rule, stack: StackView, error: Exception) -> Iterator[Finding]:
    culprits: dict[str, Exception] = {}
    for resource in stack.resources:
        try:
            list(rule.judge(replace(stack, resources=(resource,))))
        except Exception as found:  # noqa: BLE001 - as above
            culprits[resource.urn] = found
    for urn, found in culprits.items() or [("", error)]:
        detail = f"the rule could not be applied: {type(found).__name__}: {found}"
        yield Finding(rule=rule, urn=urn, detail=detail, level=Level.MANDATORY, error=found)
    if culprits:
        others = tuple(resource for resource in stack.resources if resource.urn not in culprits)
        yield from _apply(rule, replace(stack, resources=others))
