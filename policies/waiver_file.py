"""Reads ``exceptions.yaml``. ``python -m policies.waiver_file`` writes the JSON schema of it, for editors."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policies.waivers import FILE, Waiver, WaiverFile

PATH = Path(__file__).with_name("exceptions.yaml")
SCHEMA_FILE = Path(__file__).with_name("exceptions.schema.json")
LONGEST = timedelta(days=366)
"""From today: what must hold for longer is a change of the rule."""

_RESOURCE = r"^(stack|urn:pulumi:[^*]+::[^*]+::[^*]+::[^*]+|[a-z0-9-]+:[^:*]+:[^:*]+::[*]*[^:*]+.*)$"
_StackName = Literal["dev", "staging", "prod-asia", "prod-us", "prod-china", "prod-global"]
_Sentence = Annotated[str, Field(min_length=20)]


class _Entry(BaseModel):
    """One finding of one stack that may stay for a while."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    rule: Annotated[str, Field(min_length=1, description="Id of the rule, as in docs/policies.md.")]
    stack: Annotated[_StackName, Field(description="The one stack it holds for.")]
    resource: Annotated[
        str,
        Field(
            pattern=_RESOURCE,
            description="A URN; TYPE::NAME, where the name may hold *; or `stack` for the stack as a whole.",
        ),
    ]
    reason: Annotated[_Sentence, Field(description="Why it may stay, and what will end it.")]
    owner: Annotated[
        str,
        Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="Who answers for it: an e-mail address."),
    ]
    expires: Annotated[date, Field(description="The last day it holds, at most a year ahead.")]


class _File(BaseModel):
    """Exceptions from the rules of the policy pack."""

    model_config = ConfigDict(extra="forbid")

    exceptions: list[_Entry] = Field(default_factory=list[_Entry])


def schema() -> dict[str, Any]:
    """Give the JSON schema of the file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_File.model_json_schema()}


def read_waivers(path: Path, *, rules: Collection[str], today: date) -> WaiverFile:
    """Read the file; what is wrong in it becomes a problem, never an error: the other entries still hold."""
    if not path.is_file():
        return WaiverFile()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return WaiverFile(problems=(f"{FILE} cannot be read: {' '.join(str(error).split())}",))
    if document is None:
        return WaiverFile()
    entries = cast("object", document.get("exceptions")) if isinstance(document, dict) else None
    if not isinstance(entries, list) or set(cast("dict[str, object]", document)) != {"exceptions"}:
        return WaiverFile(problems=(f"{FILE}: the top must be `exceptions:` with a list, and nothing else",))
    waivers: list[Waiver] = []
    problems: list[str] = []
    for place, entry in enumerate(cast("list[object]", entries)):
        where = f"{FILE}: exceptions[{place}]"
        try:
            parsed = _Entry.model_validate(entry)
        except ValidationError as error:
            problems += [_complaint(where, item["loc"], item["msg"]) for item in error.errors()]
            continue
        if parsed.rule not in rules:
            problems.append(f"{where}.rule: there is no rule {parsed.rule!r}")
        elif parsed.expires > today + LONGEST:
            problems.append(f"{where}.expires: {parsed.expires} is more than a year ahead")
        else:
            waivers.append(Waiver(**parsed.model_dump()))
    twice = sorted({item.rule for item in waivers if waivers.count(item) > 1})
    problems += [f"{FILE}: the same exception from {rule} stands there twice" for rule in twice]
    return WaiverFile(waivers=tuple(dict.fromkeys(waivers)), problems=tuple(problems))


def _complaint(where: str, place: tuple[int | str, ...], said: str) -> str:
    return f"{'.'.join([where, *map(str, place)])}: {said[:1].lower()}{said[1:]}"


def schema_text() -> str:
    """Give the schema as it stands in the file."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
