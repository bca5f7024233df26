"""Every tenth mutant of two stacks: caught, or explained. bench/policies/mutate.py has all of them."""

from __future__ import annotations

import pytest

from catalog.stack_facts import Stack
from tests.policies.mutation.operators import OPERATORS, distinct
from tests.policies.mutation.scoring import pattern_of, reasons, score, view_of

EVERY = 10


@pytest.mark.parametrize("stack", [Stack.PROD_ASIA, Stack.PROD_CHINA])
def test_no_mutant_survives_without_a_reason(stack: Stack) -> None:
    view = view_of(stack)
    result = score(view, distinct(view)[::EVERY])
    assert not [mutant.label for mutant in result.survivors if pattern_of(mutant) is None]
    assert result.caught.total() > 0.8 * result.made.total()


def test_operators_find_something_to_break_in_production() -> None:
    made = {mutant.operator for mutant in distinct(view_of(Stack.PROD_ASIA))}
    assert made == set(OPERATORS)


def test_reasons_are_sentences() -> None:
    assert all(why.endswith(".") for why in reasons().values())
