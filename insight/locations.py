"""Where in the repository a finding is to be mended: the component that made the resource, or the stack's file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from policies.rules import Family, Finding
from policies.waivers import FILE

_TOKEN = re.compile(r"^\s+token = \"([a-z0-9]+:[\w:/]+)\"$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Location:
    """A line of a file, counted from one; ``path`` is relative to the root of the repository."""

    path: str
    line: int = 1


@dataclass(frozen=True)
class Locations:
    """Finds places below a root."""

    root: Path

    @cached_property
    def _components(self) -> dict[str, Location]:
        """Read which file declares which component type."""
        found: dict[str, Location] = {}
        for path in sorted((self.root / "components").glob("**/*.py")):
            text = path.read_text(encoding="utf-8")
            for match in _TOKEN.finditer(text):
                line = text.count("\n", 0, match.start(1)) + 1
                found[match[1]] = Location(path=path.relative_to(self.root).as_posix(), line=line)
        return found

    def of(self, finding: Finding, *, stack: str) -> Location:
        """Give the innermost component that the URN names, else the stack's configuration."""
        if finding.rule.family is Family.EXCEPTIONS:
            return Location(path=FILE)
        parts = finding.urn.split("::", maxsplit=3)
        for token in reversed(parts[2].split("$") if len(parts) == 4 else []):
            if token in self._components:
                return self._components[token]
        return Location(path=f"Pulumi.{stack}.yaml")
