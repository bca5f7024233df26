"""Findings as SARIF 2.1.0, in the part of it that code scanning reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from insight.findings import Judged
from insight.locations import Locations
from policies import waivers
from policies.pack import RULES
from policies.rules import Finding, Level, Rule

_LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning"}
_SEVERITIES = {Level.MANDATORY: "8.0", Level.ADVISORY: "4.0"}
"""Code scanning's scale: from 7.0 high, from 4.0 medium."""
_ALL = (*RULES, *waivers.RULES)


def sarif_document(judged: Sequence[Judged], failures: Sequence[str], locations: Locations) -> dict[str, Any]:
    """Put all stacks into one run. ``failures`` are stacks that could not be judged, in words."""
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "smp",
                        "semanticVersion": version("smp-infrastructure"),
                        "rules": [_rule(rule) for rule in _ALL],
                    }
                },
                "automationDetails": {"id": "smp-policies/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not failures,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": failure}} for failure in failures
                        ],
                    }
                ],
                "results": [result for stack in judged for result in _results(stack, locations)],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    text = f"{rule.sentence}\n\nSource: {rule.source}.\n\nTo do: {rule.remedy}."
    return {
        "id": rule.id,
        "name": rule.id.title().replace("-", ""),
        "shortDescription": {"text": rule.sentence},
        "fullDescription": {"text": f"{rule.sentence} ({rule.source})"},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {
            "tags": ["security", str(rule.family)],
            "precision": "very-high",
            "problem.severity": _LEVELS[rule.level],
            "security-severity": _SEVERITIES[rule.level],
        },
    }


def _results(judged: Judged, locations: Locations) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in judged.findings:
        place = locations.of(finding, stack=judged.stack)
        same = "|".join((finding.rule.id, judged.stack, finding.urn, finding.detail))
        seen[same] += 1
        result: dict[str, Any] = {
            "ruleId": finding.rule.id,
            "ruleIndex": next(index for index, rule in enumerate(_ALL) if rule.id == finding.rule.id),
            "level": _LEVELS[finding.level],
            "message": {"text": _message(judged.stack, finding)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": place.path, "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": place.line},
                    },
                    "logicalLocations": [
                        {"fullyQualifiedName": finding.urn or judged.stack, "kind": "resource"}
                    ],
                }
            ],
            "partialFingerprints": {
                "smpFinding/v1": hashlib.sha256(f"{same}|{seen[same]}".encode()).hexdigest()
            },
            "properties": {"stack": judged.stack, "urn": finding.urn, "family": str(finding.rule.family)},
        }
        if finding.waiver is not None:
            waiver = finding.waiver
            justification = f"{waiver.reason} ({waiver.owner}, until {waiver.expires})"
            result["suppressions"] = [
                {"kind": "external", "status": "accepted", "justification": justification}
            ]
        yield result


def _message(stack: str, finding: Finding) -> str:
    name = finding.urn.split("::", maxsplit=3)[-1]
    where = f"{stack}, {name}" if finding.urn else stack
    return f"{where}: {finding.detail}. To do: {finding.rule.remedy}."
