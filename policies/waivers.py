"""Exceptions from rules: one finding each, with a reason, an owner and an end.

They are called waivers in the code, because an exception is something else in Python. ``exceptions.yaml`` holds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from policies.rules import Family, Finding, Level, Rule

THE_STACK = "stack"
"""In place of a resource: the stack as a whole."""
FILE = "policies/exceptions.yaml"


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One exception, as the file has it; valid through the day it expires."""

    rule: str
    stack: str
    resource: str
    """A URN, ``TYPE::NAME`` with ``*`` allowed in the name, or ``stack``."""
    reason: str
    owner: str
    expires: date

    def covers(self, finding: Finding, *, stack: str) -> bool:
        """Whether a finding is the one that is excepted."""
        if finding.rule.id != self.rule or stack != self.stack or finding.error is not None:
            return False
        if self.resource == THE_STACK or not finding.urn:
            return self.resource == THE_STACK and not finding.urn
        if self.resource.startswith("urn:"):
            return finding.urn == self.resource
        token, _, name = self.resource.partition("::")
        found = finding.urn.split("::", maxsplit=3)
        return len(found) == 4 and found[2].split("$")[-1] == token and fnmatchcase(found[3], name)


@dataclass(frozen=True, kw_only=True)
class WaiverFile:
    """What the file says, and what is wrong with it."""

    waivers: tuple[Waiver, ...] = ()
    problems: tuple[str, ...] = ()
    """Each says where; what it is about excepts nothing."""


def apply_waivers(
    findings: Iterable[Finding], file: WaiverFile, *, stack: str, today: date
) -> tuple[Finding, ...]:
    """Mark the findings that are excepted, and add what is wrong with the exceptions of this stack."""
    here = [waiver for waiver in file.waivers if waiver.stack == stack]
    valid = [waiver for waiver in here if today <= waiver.expires]
    used: set[Waiver] = set()
    marked: list[Finding] = []
    for finding in findings:
        waiver = next((item for item in valid if item.covers(finding, stack=stack)), None)
        if waiver is not None:
            used.add(waiver)
        marked.append(replace(finding, waiver=waiver))
    found = [*marked, *_own_findings(file, here, used, today)]
    return tuple(sorted(found, key=lambda item: item.level is not Level.MANDATORY))


def _own_findings(
    file: WaiverFile, here: Iterable[Waiver], used: set[Waiver], today: date
) -> Iterator[Finding]:
    for problem in file.problems:
        yield _finding(_VALID, problem)
    for waiver in here:
        what = f"{waiver.rule} on {waiver.resource} in {waiver.stack} ({waiver.owner})"
        if waiver.expires < today:
            yield _finding(_EXPIRED, f"{what} ended on {waiver.expires}")
        elif waiver not in used:
            yield _finding(_UNUSED, f"{what} excepts nothing")


def _finding(rule: Rule, detail: str) -> Finding:
    return Finding(rule=rule, urn="", detail=detail, level=rule.level)


_VALID = Rule(
    id="exceptions-valid",
    family=Family.EXCEPTIONS,
    sentence="Every exception names a rule, a stack, a resource, a reason, an owner and a day within a year.",
    source="docs/decisions/0039",
    level=Level.MANDATORY,
    remedy=f"mend the entry in {FILE}; policies/exceptions.schema.json says its form",
    judge=lambda _: (),
)
_EXPIRED = Rule(
    id="exceptions-expired",
    family=Family.EXCEPTIONS,
    sentence="An exception ends on its day.",
    source="docs/decisions/0039",
    level=Level.MANDATORY,
    remedy=f"mend what it excepted and delete it from {FILE}, or have its owner renew it",
    judge=lambda _: (),
)
_UNUSED = Rule(
    id="exceptions-unused",
    family=Family.EXCEPTIONS,
    sentence="An exception that excepts nothing is deleted.",
    source="docs/decisions/0039",
    level=Level.ADVISORY,
    remedy=f"delete it from {FILE}",
    judge=lambda _: (),
)
RULES = (_VALID, _EXPIRED, _UNUSED)
"""They judge the file, not a stack."""
