"""Mutants of every stack: how many the rules catch, by operator, and why the others survive.

    .venv/bin/python bench/policies/mutate.py            all six stacks, about a minute of processor time
    .venv/bin/python bench/policies/mutate.py dev        one

Exits with 1 where a survivor has no reason in tests/policies/mutation/survivors.yaml, and for all stacks also where
a reason fits no survivor any more. docs/policy-mutation.md has the numbers and how the mutants are made.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from catalog.stack_facts import Stack  # noqa: E402
from tests.policies.mutation.operators import distinct  # noqa: E402
from tests.policies.mutation.scoring import Score, pattern_of, reasons, score, total, view_of  # noqa: E402


def main() -> None:
    stacks = [Stack.named(name) for name in sys.argv[1:]] or list(Stack)
    scores: list[Score] = []
    for stack in stacks:
        view = view_of(stack)
        scores.append(score(view, distinct(view)))
        one = scores[-1]
        print(f"{stack.facts.name}: {one.caught.total()} of {one.made.total()}", flush=True)
    everything = total(scores)
    print(everything.table())
    patterns = Counter(pattern_of(mutant) for mutant in everything.survivors)
    for pattern, why in reasons().items():
        if patterns[pattern]:
            print(f"survived {patterns[pattern]:3} x {pattern}\n    {why}")
    wrong = [f"not explained: {item.label}" for item in everything.survivors if pattern_of(item) is None]
    if len(stacks) == len(Stack):
        wrong += [f"fits no survivor: {pattern}" for pattern in reasons() if not patterns[pattern]]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
