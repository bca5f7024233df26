"""The committed stacks hold the pods they plan, and what is said not to be counted is true."""

from __future__ import annotations

import pytest

from catalog.stack_facts import Stack
from insight.capacity import assess_capacity
from insight.snapshot_reading import parse_snapshot
from tests.stacks.programs import planned

_OF_LATER = "not counted, because not in this snapshot: Vault, monitoring, ArgoCD, ingress"


@pytest.mark.parametrize("stack", Stack, ids=lambda stack: stack.facts.name)
def test_every_stack_holds_its_pods(stack: Stack) -> None:
    snapshot = parse_snapshot(planned(stack).deployment, origin="the plan")
    report = assess_capacity(snapshot, stack.facts)
    assert report.scenarios
    assert [scenario.left_over for scenario in report.scenarios if not scenario.fits] == []
    assert sum(note.startswith(_OF_LATER) for note in report.notes) == 1
    assert not any("Helm releases" in note for note in report.notes)
