"""``smp plan``: what a stack is, before anything is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from catalog.stack_facts import StackFacts
from insight.capacity import CapacityReport, assess_capacity
from insight.cost import Estimate, estimate_cost
from insight.documents import (
    capacity_document,
    cost_document,
    findings_document,
    plain,
    resources_document,
)
from insight.event_rollout import find_event_rollout
from insight.files import check_target, export_text, write_atomically
from insight.findings import blocks, facts_of, judge
from insight.rendering.findings import print_findings
from insight.rendering.messages import print_messages
from insight.rendering.money import print_short_cost
from insight.rendering.resources import resource_tree
from insight.rendering.room import print_capacity
from insight.running import Planned, placeholder_secrets, placeholders_of_set_secrets, run_plan
from insight.snapshot_reading import decode_value
from insight.terminal import err, out, show_json
from policies.rules import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(root: Path, stack: str, *, file: Path | None, as_json: bool, require_secrets: bool) -> int:
    """Plan a stack and print its report; 1 when a mandatory rule is broken."""
    if file is not None:
        check_target(file)
    # An encrypted one is set, and only its owner can read it.
    secrets = placeholders_of_set_secrets(root, stack) if require_secrets else placeholder_secrets(stack)
    planned = run_plan(root, stack, secrets=secrets)
    snapshot = planned.snapshot
    facts = facts_of(snapshot)
    findings = judge(snapshot, known_secrets=secrets.values())
    cost = estimate_cost(snapshot, facts)
    capacity = assess_capacity(snapshot, facts)
    if file is not None:
        write_atomically(file, export_text(planned.result.deployment))
    if as_json:
        show_json(_document(planned, facts, findings, cost, capacity))
    else:
        _print(out(), planned, facts, findings, cost, capacity)
    if file is not None:
        err().print(Text(f"wrote {file}", style="dim"), soft_wrap=True)
    return 1 if blocks(findings) else 0


def name_prefix(facts: StackFacts) -> str:
    """Give what all names of a stack begin with."""
    return f"{facts.cluster.id}-{facts.environment}"


def _document(
    planned: Planned, facts: StackFacts, findings: Sequence[Finding], cost: Estimate, capacity: CapacityReport
) -> dict[str, Any]:
    return {
        "stack": facts.name,
        "cluster": facts.cluster.id,
        "environment": str(facts.environment),
        "region": str(facts.cluster.home),
        "resources": resources_document(planned.snapshot),
        "findings": findings_document(findings),
        "cost": cost_document(cost),
        "capacity": capacity_document(capacity),
        "kafkaEvents": _events_document(planned),
        "messages": [
            {"severity": str(message.severity), "text": message.text, "urn": message.urn}
            for message in planned.result.messages
        ],
        "outputs": plain(decode_value(planned.result.outputs)),
    }


def _events_document(planned: Planned) -> dict[str, list[str]] | None:
    rollout = find_event_rollout(planned.snapshot)
    return None if rollout is None else {"on": list(rollout.on), "off": list(rollout.off)}


def _print(
    console: Console,
    planned: Planned,
    facts: StackFacts,
    findings: Sequence[Finding],
    cost: Estimate,
    capacity: CapacityReport,
) -> None:
    prefix = name_prefix(facts)
    console.print(
        Text(
            f"Plan of {facts.name}: {facts.cluster.id}, {facts.environment}, {facts.cluster.home}",
            style="bold",
        )
    )
    console.print(Text(f"Names are shown without {prefix}-", style="dim"))
    console.print()
    console.print(resource_tree(planned.snapshot, prefix=prefix))
    console.print()
    print_findings(console, findings)
    console.print()
    print_short_cost(console, cost, prefix=prefix)
    console.print()
    print_capacity(console, capacity, prefix=prefix)
    rollout = find_event_rollout(planned.snapshot)
    if rollout is not None:
        console.print()
        console.print(Text.assemble(("Kafka events: ", "bold"), str(rollout)))
    print_messages(console, planned.result.messages)
