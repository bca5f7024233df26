"""`docs/policies.md` says what the rules say."""

from __future__ import annotations

from policies import waivers
from policies.documentation import FILE, text
from policies.pack import RULES


def test_the_committed_document_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m policies.documentation`"


def test_every_rule_is_in_it_once() -> None:
    rows = [line for line in text().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(rule.id for rule in (*RULES, *waivers.RULES))
