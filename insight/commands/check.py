"""``smp check``: policy findings."""

from __future__ import annotations

from enum import StrEnum

from rich.text import Text

from insight.commands.inputs import Selection, snapshots
from insight.documents import findings_document
from insight.findings import blocks, judge
from insight.rendering.findings import print_findings
from insight.snapshot import Snapshot
from insight.terminal import out, show_error, show_json


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


def run(selection: Selection, *, style: CheckFormat) -> int:
    """Judge each stack; 1 when a mandatory rule is broken or a stack could not be planned."""
    failed = False
    documents: list[dict[str, object]] = []
    for found in snapshots(selection):
        if not isinstance(found, Snapshot):
            show_error(str(found))
            failed = True
            continue
        findings = judge(found)
        failed = failed or blocks(findings)
        documents.append({"stack": found.stack, "findings": findings_document(findings)})
        if style is CheckFormat.TEXT:
            console = out()
            console.print(Text(f"{found.stack}  {found.origin}", style="bold"))
            print_findings(console, findings)
            console.print()
    if style is CheckFormat.JSON:
        show_json({"stacks": documents})
    return 1 if failed else 0
