"""Findings as Markdown, for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from insight.findings import Judged
from insight.locations import Locations
from insight.terminal import short_type
from policies.rules import Finding, Level

_WORDS = {Level.MANDATORY: "mandatory", Level.ADVISORY: "advisory"}


def findings_markdown(
    judged: Sequence[Judged], failures: Sequence[str], locations: Locations, *, links: str | None
) -> str:
    """Write one table over all stacks, and the findings of each. ``links`` is what stands before a file's path."""
    return "\n".join(_lines(judged, failures, locations, links)) + "\n"


def _lines(
    judged: Sequence[Judged], failures: Sequence[str], locations: Locations, links: str | None
) -> Iterator[str]:
    yield "## Policies"
    yield ""
    yield "| stack | mandatory | advisory | excepted |"
    yield "|---|---:|---:|---:|"
    for stack in judged:
        yield f"| {stack.stack} | {_bold(stack.mandatory)} | {stack.advisory} | {stack.excepted} |"
    yield ""
    for failure in failures:
        yield f"**Not judged:** {cell(failure)}"
        yield ""
    for stack in judged:
        if stack.findings:
            yield f"### {stack.stack}"
            yield ""
            yield "| level | rule | where | what, and what to do |"
            yield "|---|---|---|---|"
            for finding in stack.findings:
                yield _row(finding, stack.stack, locations, links)
            yield ""


def _row(finding: Finding, stack: str, locations: Locations, links: str | None) -> str:
    place = locations.of(finding, stack=stack)
    parts = finding.urn.split("::", maxsplit=3)
    what = f"`{code(parts[3])}` {short_type(parts[2].split('$')[-1])}" if len(parts) == 4 else "the stack"
    file = f"{place.path}:{place.line}"
    link = f"[{file}]({links.rstrip('/')}/{place.path}#L{place.line})" if links else f"`{file}`"
    if finding.waiver is None:
        level, then = _WORDS[finding.level], f"*To do:* {cell(finding.rule.remedy)}"
    else:
        waiver = finding.waiver
        level, then = "excepted", cell(f"Until {waiver.expires}, {waiver.owner}: {waiver.reason}")
    level = f"**{level}**" if finding.blocks else level
    return f"| {level} | {finding.rule.id} | {what}<br>{link} | {cell(finding.detail)}<br>{then} |"


def _bold(count: int) -> str:
    return f"**{count}**" if count else "0"


def cell(text: str) -> str:
    """Write text so that it stays in its cell, and neither is markup nor calls anybody."""
    escaped = re.sub(r"([\\`*_\[\]|])", r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def code(text: str) -> str:
    """Write text that stands between backticks in a cell."""
    return " ".join(text.split()).replace("`", "'").replace("|", "\\|")
