"""No stack reads another's outputs: a region can be destroyed or restored without touching another (M§14.6).

Pulumi sends stack references to no policy, so they are found in plans and exports, and refused by the program itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.rules import Family, Level, Rule, Violation, on
from policies.views import StackView

STACK_REFERENCE = "pulumi:pulumi:StackReference"


def _references(stack: StackView) -> Iterator[Violation]:
    for reference in stack.of_type(STACK_REFERENCE):
        yield on(reference, f"reads the outputs of {reference.get('name') or reference.name}")


RULES = (
    Rule(
        id="stack-reference",
        family=Family.RESIDENCY,
        sentence="No stack reads another stack's outputs.",
        source="M§14.3, M§14.6, P 5 rollback",
        level=Level.MANDATORY,
        remedy="build the name by convention (catalog.hostnames), or put what is needed into the stack's configuration",
        judge=_references,
        alone=True,
    ),
)
