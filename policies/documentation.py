"""``docs/policies.md``, from the rules themselves. ``python -m policies.documentation`` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from policies import waivers
from policies.pack import RULES
from policies.rules import Family, Rule

FILE = Path(__file__).parents[1] / "docs" / "policies.md"

_TITLES = {
    Family.TAGS: "Tags",
    Family.BUDGETS: "Budgets",
    Family.RESIDENCY: "No personal data across regions",
    Family.MIRRORS: "Mirrors and connectors",
    Family.ROUTING: "Routing and failover",
    Family.OBSERVABILITY: "Metrics, logs and traces",
    Family.EXPOSURE: "Public exposure",
    Family.ENCRYPTION: "Encryption",
    Family.SECRETS: "Secrets in plain text",
    Family.ACCESS: "Access",
    Family.AVAILABILITY: "Availability",
    Family.DELETION: "Protection, backups and deletion",
    Family.WORKLOADS: "Workloads",
    Family.EXCEPTIONS: "Exceptions",
}

_HEAD = """\
# Policies

What must hold in every stack. The same rules run in `./smp check` and `./smp plan`, on every pull request
([review.yml](../.github/workflows/review.yml)), and in `pulumi preview --policy-pack policies`,
`pulumi up --policy-pack policies` and `pulumi policy analyze --policy-pack policies`. *Mandatory* stops a deployment
and a merge; *advisory* tells a reviewer; a finding may be softer than its rule where dev and staging are not prod.
What cannot be decided because a value is not known yet is a mandatory finding that names the value.

What may stay for a while stands in [policies/exceptions.yaml](../policies/exceptions.yaml)
([0039](decisions/0039-exceptions.md)); how the pack runs under Pulumi: [0038](decisions/0038-pack-server.md).

This file is generated from the rules by `python -m policies.documentation`; do not edit.
"""


def text() -> str:
    """Write all families that have rules, in their order."""
    return "\n".join([_HEAD, *_families()])


def _families() -> Iterator[str]:
    every = (*RULES, *waivers.RULES)
    for family in Family:
        rules = [rule for rule in every if rule.family is family]
        if rules:
            yield f"## {_TITLES[family]}"
            yield ""
            yield "| rule | level | what must hold | source | what to do |"
            yield "|---|---|---|---|---|"
            yield from (_row(rule) for rule in rules)
            yield ""


def _row(rule: Rule) -> str:
    cells = (f"`{rule.id}`", str(rule.level), rule.sentence, rule.source, rule.remedy)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
