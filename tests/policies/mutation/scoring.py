"""Which mutants the rules catch, and which survivors are explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog.stack_facts import Stack
from insight.findings import stack_view
from insight.snapshot_reading import parse_snapshot
from policies.pack import RULES
from policies.rules import Rule
from policies.views import ResourceView, StackView
from tests.policies.mutation.operators import OPERATORS, Mutant
from tests.stacks.programs import planned

SURVIVORS = Path(__file__).with_name("survivors.yaml")
_ALONE = tuple(rule for rule in RULES if rule.alone)
_TOGETHER = tuple(rule for rule in RULES if not rule.alone)


@dataclass(frozen=True, kw_only=True)
class Score:
    """What became of some mutants."""

    made: Counter[str]
    """By operator."""
    caught: Counter[str]
    survivors: tuple[Mutant, ...]

    def table(self) -> str:
        """One line per operator."""
        rows = [(name, self.caught[name], self.made[name]) for name in OPERATORS if self.made[name]]
        rows.append(("all", self.caught.total(), self.made.total()))
        return "\n".join(f"{name:18} {caught:5} of {made:5}" for name, caught, made in rows)


def total(scores: Iterable[Score]) -> Score:
    """Several scores as one."""
    listed = list(scores)
    return Score(
        made=sum((item.made for item in listed), Counter()),
        caught=sum((item.caught for item in listed), Counter()),
        survivors=tuple(mutant for item in listed for mutant in item.survivors),
    )


@cache
def view_of(stack: Stack) -> StackView:
    """A stack's plan as rules see it."""
    name = stack.facts.name
    return stack_view(parse_snapshot(planned(stack).deployment, origin=f"the plan of {name}"))


def score(stack: StackView, chosen: Iterable[Mutant]) -> Score:
    """Judge mutants: one is caught when a finding appears that the stack does not have."""
    judge = _Judge(stack)
    made: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    survivors: list[Mutant] = []
    for mutant in chosen:
        made[mutant.operator] += 1
        if judge.catches(mutant):
            caught[mutant.operator] += 1
        else:
            survivors.append(mutant)
    return Score(made=made, caught=caught, survivors=tuple(survivors))


class _Judge:
    """Asks the rules that look at a resource alone first, about that resource alone; the others about the stack."""

    def __init__(self, stack: StackView) -> None:
        self._stack = stack
        self._places = {resource.urn: place for place, resource in enumerate(stack.resources)}
        self._together = set(_found(_TOGETHER, stack))

    def catches(self, mutant: Mutant) -> bool:
        if mutant.changed is not None and self._alone(mutant.changed) - self._alone(mutant.resource):
            return True
        resources = list(self._stack.resources)
        place = self._places[mutant.resource.urn]
        resources[place : place + 1] = [mutant.changed] if mutant.changed else []
        mutated = replace(self._stack, resources=tuple(resources))
        return any(item not in self._together for item in _found(_TOGETHER, mutated))

    def _alone(self, resource: ResourceView) -> set[tuple[str, str, str]]:
        return set(_found(_ALONE, replace(self._stack, resources=(resource,))))


def _found(rules: Iterable[Rule], stack: StackView) -> Iterator[tuple[str, str, str]]:
    for rule in rules:
        for violation in rule.judge(stack):
            yield rule.id, violation.urn, violation.detail


@cache
def reasons() -> Mapping[str, str]:
    """Why survivors are none of the rules' business, by a pattern of their labels."""
    read: Any = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8"))
    return read or {}


def pattern_of(mutant: Mutant) -> str | None:
    """The first pattern that fits a survivor; None where nobody gave a reason."""
    return next((pattern for pattern in reasons() if fnmatchcase(mutant.label, pattern)), None)
