"""Policy findings, grouped by rule."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from insight.rendering.resources import count
from insight.terminal import short_type
from policies.pack import RULES
from policies.rules import Finding, Level, Rule

_STYLES = {Level.MANDATORY: "bold red", Level.ADVISORY: "bold yellow"}


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print each rule once, with where it is broken, why it is there and what to do."""
    if not findings:
        console.print(Text(f"Policies: nothing found by {count(len(RULES), 'rule')}", style="green"))
        return
    mandatory = sum(finding.level is Level.MANDATORY for finding in findings)
    console.print(
        Text(
            f"Policies: {mandatory} mandatory, {len(findings) - mandatory} advisory",
            style="bold red" if mandatory else "yellow",
        )
    )
    grouped: dict[tuple[Level, str], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.level, finding.rule.id), []).append(finding)
    for (level, _), found in grouped.items():
        _print_rule(console, level, found[0].rule, found)


def _print_rule(console: Console, level: Level, rule: Rule, findings: Sequence[Finding]) -> None:
    head = Text(f"{level} ", style=_STYLES[level])
    head.append(rule.id, style="bold default")
    head.append(f"  {rule.sentence}", style="not bold default")
    head.append(f" ({rule.source})", style="dim not bold")
    console.print(Padding(head, (0, 0, 0, 2)))
    for finding in findings:
        where = Text()
        parts = finding.urn.split("::")
        if len(parts) > 3:
            where.append(f"{parts[3]} ", style="cyan")
            where.append(f"{short_type(parts[2].split('$')[-1])}: ", style="dim")
        where.append(finding.detail)
        console.print(Padding(where, (0, 0, 0, 4)))
    console.print(Padding(Text(f"to do: {rule.remedy}", style="italic"), (0, 0, 0, 4)))
