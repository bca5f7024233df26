"""Holds the rules against the corpus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.pack import evaluate
from policies.rules import Finding
from tests.policies.corpus_cases import FAMILIES, CorpusCase


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the rules say about one case."""

    case: CorpusCase
    findings: tuple[Finding, ...]

    @property
    def is_right(self) -> bool:
        """Whether a violation was found where it is, by its family, or a near miss was left alone."""
        if not self.case.is_violation:
            return not self.false_alarms
        return any(self._is_the_one(finding) for finding in self.findings)

    @property
    def false_alarms(self) -> tuple[Finding, ...]:
        """Findings on a near miss's resources; what a stack as a whole lacks is not theirs."""
        return () if self.case.is_violation else tuple(item for item in self.findings if item.urn)

    def _is_the_one(self, finding: Finding) -> bool:
        assert self.case.at is not None
        accepted = {self.case.family, *self.case.also}
        return (
            finding.urn == self.case.urn_of(self.case.at)
            and finding.level is self.case.severity
            and getattr(finding.rule, "family", self.case.family) in accepted
        )


@dataclass(frozen=True, kw_only=True)
class FamilyScore:
    """One row of the table."""

    family: str
    violations: int
    found: int
    near_misses: int
    false_alarms: int

    @property
    def recall(self) -> float:
        """Share of the violations that were found, 0 to 1."""
        return self.found / self.violations if self.violations else 1.0


def outcome_of(case: CorpusCase) -> Outcome:
    """Judge one case with every rule."""
    return Outcome(case=case, findings=evaluate(case.stack_view()))


def scores(outcomes: Iterable[Outcome]) -> dict[str, FamilyScore]:
    """Count by family, in the order of the families."""
    by_family: dict[str, list[Outcome]] = {family: [] for family in FAMILIES}
    for outcome in outcomes:
        by_family[outcome.case.family].append(outcome)
    return {family: _score(family, of_it) for family, of_it in by_family.items()}


def _score(family: str, outcomes: list[Outcome]) -> FamilyScore:
    violations = [item for item in outcomes if item.case.is_violation]
    near = [item for item in outcomes if not item.case.is_violation]
    return FamilyScore(
        family=family,
        violations=len(violations),
        found=sum(item.is_right for item in violations),
        near_misses=len(near),
        false_alarms=sum(not item.is_right for item in near),
    )
