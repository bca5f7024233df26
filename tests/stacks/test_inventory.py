"""What each stack creates, as a reviewed text file: a change of it is seen in the pull request as a diff."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.stack_facts import Stack
from tests.stacks.programs import resources

GOLDEN = Path(__file__).parent / "golden"


def inventory(stack: Stack) -> str:
    """One line per resource, ordered by where it stands in the tree."""
    lines: list[str] = []
    for resource in resources(stack):
        _, _, types, name = resource["urn"].split("::", maxsplit=3)
        place = " > ".join(part for part in types.split("$") if part != "pulumi:pulumi:Stack")
        marks = " [protected]" if resource.get("protect") else ""
        lines.append(f"{place or 'stack'}  {name}{marks}")
    return "\n".join(sorted(lines)) + "\n"


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_the_inventory_is_the_reviewed_one(stack: Stack, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{stack.facts.name}.txt"
    text = inventory(stack)
    if request.config.getoption("--update-golden"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), (
        "reviewed? then `./smp test tests/stacks --update-golden`"
    )
