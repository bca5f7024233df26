"""All rules, and one function that applies them."""

from __future__ import annotations

from policies import (
    availability,
    deletion,
    encryption,
    explicit_providers,
    exposure,
    home,
    plain_secrets,
    tags,
)
from policies.rules import Finding, Level, Rule
from policies.views import StackView

RULES: tuple[Rule, ...] = (
    *tags.RULES,
    *home.RULES,
    *explicit_providers.RULES,
    *exposure.RULES,
    *encryption.RULES,
    *plain_secrets.RULES,
    *availability.RULES,
    *deletion.RULES,
)


def evaluate(stack: StackView) -> tuple[Finding, ...]:
    """Apply every rule; mandatory findings first, then by rule, in the order of the resources."""
    findings = [
        Finding(rule=rule, urn=violation.urn, detail=violation.detail)
        for rule in RULES
        for violation in rule.judge(stack)
    ]
    return tuple(sorted(findings, key=lambda finding: finding.rule.level is not Level.MANDATORY))
