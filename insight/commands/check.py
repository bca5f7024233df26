"""``smp check``: policy findings."""

from __future__ import annotations

import sys
from enum import StrEnum

from rich.text import Text

from insight.commands.inputs import Selection, snapshots
from insight.documents import findings_document
from insight.findings import Judged, blocks, judge
from insight.findings_markdown import findings_markdown
from insight.locations import Locations
from insight.rendering.findings import print_findings
from insight.running import placeholder_secrets
from insight.sarif import sarif_document
from insight.snapshot import Snapshot
from insight.terminal import out, show_error, show_json


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"


def run(selection: Selection, *, style: CheckFormat, links: str | None = None) -> int:
    """Judge each stack; 1 when a mandatory rule is broken or a stack could not be planned."""
    judged: list[Judged] = []
    failures: list[str] = []
    for found in snapshots(selection):
        if not isinstance(found, Snapshot):
            show_error(str(found))
            failures.append(str(found))
            continue
        findings = judge(found, known_secrets=placeholder_secrets(found.stack).values())
        judged.append(Judged(stack=found.stack, origin=found.origin, findings=findings))
        if style is CheckFormat.TEXT:
            _print(judged[-1])
    locations = Locations(selection.root)
    match style:
        case CheckFormat.TEXT:
            pass
        case CheckFormat.JSON:
            show_json({"stacks": [_document(stack) for stack in judged], "failures": failures})
        case CheckFormat.SARIF:
            show_json(sarif_document(judged, failures, locations))
        case CheckFormat.MARKDOWN:
            sys.stdout.write(findings_markdown(judged, failures, locations, links=links))
    return 1 if failures or any(blocks(stack.findings) for stack in judged) else 0


def _document(judged: Judged) -> dict[str, object]:
    return {"stack": judged.stack, "findings": findings_document(judged.findings)}


def _print(judged: Judged) -> None:
    console = out()
    console.print(Text(f"{judged.stack}  {judged.origin}", style="bold"))
    print_findings(console, judged.findings)
    console.print()
