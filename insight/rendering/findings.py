"""Policy findings, grouped by rule."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from insight.findings import Judged
from insight.rendering.resources import count
from insight.terminal import short_type
from policies.pack import RULES
from policies.rules import Finding, Level, Rule

_EXCEPTED = "excepted"
_STYLES = {str(Level.MANDATORY): "bold red", str(Level.ADVISORY): "bold yellow", _EXCEPTED: "bold"}


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print each rule once, with where it is broken, why it is there and what to do."""
    if not findings:
        console.print(Text(f"Policies: nothing found by {count(len(RULES), 'rule')}", style="green"))
        return
    judged = Judged(stack="", origin="", findings=tuple(findings))
    excepted = f", {judged.excepted} excepted" if judged.excepted else ""
    console.print(
        Text(
            f"Policies: {judged.mandatory} mandatory, {judged.advisory} advisory{excepted}",
            style="bold red" if judged.mandatory else "yellow",
        )
    )
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda item: item.waiver is not None):
        level = str(finding.level) if finding.waiver is None else _EXCEPTED
        grouped.setdefault((level, finding.rule.id), []).append(finding)
    for (level, _), found in grouped.items():
        _print_rule(console, level, found[0].rule, found)


def _print_rule(console: Console, level: str, rule: Rule, findings: Sequence[Finding]) -> None:
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
        if finding.waiver is not None:
            waiver = finding.waiver
            said = f"until {waiver.expires}, {waiver.owner}: {waiver.reason}"
            console.print(Padding(Text(said, style="dim"), (0, 0, 0, 6)))
    if level != _EXCEPTED:
        console.print(Padding(Text(f"to do: {rule.remedy}", style="italic"), (0, 0, 0, 4)))
