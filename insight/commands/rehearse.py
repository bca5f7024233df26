"""``smp rehearse``: deploy a stack into the stand-in cloud, and show what changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from catalog.stack_facts import Stack
from insight.commands.plan import name_prefix
from insight.documents import findings_document, plain
from insight.files import check_target, export_text, write_atomically
from insight.findings import blocks, judge
from insight.rendering.changes import change_tree
from insight.rendering.findings import print_findings
from insight.rendering.messages import print_messages
from insight.rendering.outputs import print_outputs
from insight.running import placeholder_secrets, teller
from insight.snapshot_reading import decode_value, parse_snapshot
from insight.terminal import err, out, progress, show_error, show_json
from policies.rules import Finding
from rehearsal import (
    DeploymentError,
    EngineChoice,
    Faults,
    Op,
    Project,
    RehearsalResult,
    destroy,
    rehearse,
)

_WORDS = {
    Op.CREATE: "created",
    Op.UPDATE: "updated",
    Op.REPLACE: "replaced",
    Op.DELETE: "deleted",
    Op.IMPORT: "imported",
    Op.READ: "read",
    Op.SAME: "unchanged",
}


def run(
    root: Path,
    stack: str,
    *,
    engine: str,
    file: Path | None,
    take_down: bool,
    as_json: bool,
    failures: Mapping[str, str],
) -> int:
    """Rehearse a stack or take it down; 1 when something failed or a mandatory rule is broken."""
    if file is not None:
        check_target(file)
    choice = EngineChoice(engine)
    project = Project(root=root, stack=stack)
    faults = Faults(fail=failures)
    error: DeploymentError | None = None
    with progress(f"{stack}: starting") as say:
        tell = teller(stack, say)
        try:
            if take_down:
                result = destroy(project, engine=choice, faults=faults, on_event=tell)
            else:
                secrets = placeholder_secrets(stack)
                result = rehearse(
                    project, engine=choice, placeholder_secrets=secrets, faults=faults, on_event=tell
                )
        except DeploymentError as raised:
            if raised.result is None:
                raise
            error, result = raised, raised.result
    findings = () if take_down or error else _findings(result)
    if file is not None:
        write_atomically(file, export_text(result.deployment))
    if as_json:
        show_json(_document(stack, result, choice, findings, error))
    else:
        _print(out(), stack, result, choice, findings)
    if file is not None:
        err().print(Text(f"wrote {file}", style="dim"), soft_wrap=True)
    if error is not None:
        show_error(f"{error}\nWhat was done is recorded; the same command continues from there.")
    return 1 if error is not None or blocks(findings) else 0


def _findings(result: RehearsalResult) -> tuple[Finding, ...]:
    snapshot = parse_snapshot(result.deployment, origin="the rehearsal")
    known = {stack.facts.name for stack in Stack}
    return judge(snapshot) if snapshot.stack in known else ()


def _why(result: RehearsalResult, choice: EngineChoice) -> str:
    if choice is not EngineChoice.AUTO:
        return "as --engine asks"
    if result.engine is EngineChoice.PULUMI:
        return "the Pulumi CLI is on PATH"
    return "no Pulumi CLI is on PATH"


def _counts(result: RehearsalResult) -> str:
    parts = [f"{result.counts[op]} {word}" for op, word in _WORDS.items() if result.counts.get(op)]
    return ", ".join(parts) or "nothing to do"


def _document(
    stack: str,
    result: RehearsalResult,
    choice: EngineChoice,
    findings: tuple[Finding, ...],
    error: DeploymentError | None,
) -> dict[str, Any]:
    return {
        "stack": stack,
        "engine": str(result.engine),
        "engineReason": _why(result, choice),
        "changed": result.changed,
        "counts": {str(op): count for op, count in result.counts.items()},
        "steps": [
            {
                "op": str(step.op),
                "urn": step.urn,
                "changes": [
                    {
                        "path": change.path,
                        "old": plain(decode_value(change.old)),
                        "new": plain(decode_value(change.new)),
                        "forcesReplacement": change.forces_replacement,
                    }
                    for change in step.changes
                ],
            }
            for step in result.steps
        ],
        "findings": findings_document(findings),
        "messages": [
            {"severity": str(message.severity), "text": message.text} for message in result.messages
        ],
        "failures": [{"urn": item.urn, "reason": item.reason} for item in error.failures] if error else [],
        "outputs": plain(decode_value(result.outputs)),
        "statePath": str(result.state_path),
    }


def _print(
    console: Console, stack: str, result: RehearsalResult, choice: EngineChoice, findings: tuple[Finding, ...]
) -> None:
    console.print(
        Text.assemble(
            ("Rehearsal of ", "bold"),
            (stack, "bold"),
            f" by the {result.engine} engine ({_why(result, choice)}), in a stand-in for all clouds",
        )
    )
    console.print()
    tree = change_tree(result.steps, stack=stack, prefix=_prefix(stack))
    if tree is None:
        console.print(Text("no changes", style="bold green"))
    else:
        console.print(tree)
    console.print()
    console.print(Text(_counts(result), style="bold"))
    if findings:
        print_findings(console, findings)
    if result.outputs:
        print_outputs(console, result.outputs)
    print_messages(console, result.messages)
    console.print()
    console.print(Text(f"State: {_near(result.state_path)}"), soft_wrap=True)


def _prefix(stack: str) -> str:
    try:
        return name_prefix(Stack.named(stack).facts)
    except KeyError:
        return stack


def _near(path: Path) -> Path:
    """Write a path from here where that is shorter."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
