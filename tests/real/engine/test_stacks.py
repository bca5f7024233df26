"""SMP's own stacks under the real engine: the same export as the embedded host gives, and nothing left to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.stack_facts import Stack
from rehearsal import EngineChoice, Op, rehearse
from rehearsal.engine_cli import find_cli
from tests.real.engine.test_engine import comparable
from tests.stacks.programs import placeholders, project_with

pytestmark = pytest.mark.skipif(
    find_cli() is None, reason="the Pulumi CLI (pulumi and pulumi-language-python) is not on PATH"
)


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_both_hosts_give_the_same_stack(stack: Stack, tmp_path: Path) -> None:
    project = project_with(tmp_path, stack, {})
    secrets = placeholders(stack)
    real = rehearse(project, engine=EngineChoice.PULUMI, placeholder_secrets=secrets)
    embedded = rehearse(project, engine=EngineChoice.EMBEDDED, placeholder_secrets=secrets)
    assert comparable(real.deployment) == comparable(embedded.deployment)
    assert real.outputs == embedded.outputs
    assert real.counts.keys() == {Op.CREATE}
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [value for value in secrets.values() if value.encode() in content], file
