"""Prints how the rules do on the corpus: ``.venv/bin/python -m tests.policies.corpus_report [--floors] [FAMILY]``.

``--floors`` prints only what belongs into ``corpus/_floors.yaml``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from tests.policies.corpus_cases import cases
from tests.policies.corpus_score import FamilyScore, Outcome, outcome_of, scores


def report(outcomes: Sequence[Outcome]) -> str:
    """One table, then what is wrong."""
    rows = [score for score in scores(outcomes).values() if score.violations or score.near_misses]
    total = FamilyScore(
        family="all",
        violations=sum(row.violations for row in rows),
        found=sum(row.found for row in rows),
        near_misses=sum(row.near_misses for row in rows),
        false_alarms=sum(row.false_alarms for row in rows),
    )
    lines = [
        f"{'family':<14}{'violations':>11}{'found':>7}{'recall':>8}{'near misses':>13}{'false alarms':>14}"
    ]
    lines += [_row(row) for row in (*rows, total)]
    missed = [item for item in outcomes if item.case.is_violation and not item.is_right]
    alarms = [item for item in outcomes if item.false_alarms]
    lines += ["", f"Missed ({len(missed)}):", *(_missed(item) for item in missed)]
    lines += ["", f"False alarms ({len(alarms)}):"]
    lines += [
        f"  {item.case.file}: {item.case.id}: {finding.rule.id} on {finding.urn.rsplit('::', 1)[-1]}: {finding.detail}"
        for item in alarms
        for finding in item.false_alarms
    ]
    return "\n".join(lines)


def floors(outcomes: Sequence[Outcome]) -> str:
    """The measured numbers as the file of floors has them."""
    return "\n".join(
        f"{score.family}: {{recall: {math.floor(score.recall * 100) / 100:.2f}, false_alarms: {score.false_alarms}}}"
        for score in scores(outcomes).values()
    )


def _row(score: FamilyScore) -> str:
    return (
        f"{score.family:<14}{score.violations:>11}{score.found:>7}{score.recall:>8.0%}"
        f"{score.near_misses:>13}{score.false_alarms:>14}"
    )


def _missed(item: Outcome) -> str:
    near = sorted({f"{finding.rule.id}/{finding.level}" for finding in item.findings if finding.urn})
    also = f" (only {', '.join(near)})" if near else ""
    return f"  {item.case.file}: {item.case.id} [{item.case.severity}]: {item.case.why}{also}"


def main(arguments: Sequence[str]) -> None:
    """Print the report, or the floors."""
    wanted = [item for item in arguments if not item.startswith("--")]
    outcomes = [outcome_of(case) for case in cases() if not wanted or case.family in wanted]
    print(floors(outcomes) if "--floors" in arguments else report(outcomes))


if __name__ == "__main__":
    main(sys.argv[1:])
