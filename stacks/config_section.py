"""The base of all sections of a stack file, and two helpers they share."""

from __future__ import annotations

from typing import TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
)
from pydantic.alias_generators import to_camel

from stacks.config_types import (
    problem,
)


class Section(BaseModel):
    """Base of all sections: frozen, unknown keys refused, camel case in the file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        use_attribute_docstrings=True,
        # What a key's absence means depends on its neighbours, so its rule runs then too.
        validate_default=True,
    )


def within(value: int, least: int, most: int) -> int:
    """Return ``value`` if it lies within the bounds, both included; else a problem the user reads."""
    if not least <= value <= most:
        msg = f"{value} is out of bounds; write {least} to {most}"
        raise problem(msg)
    return value


PresentT = TypeVar("PresentT")


def present(value: PresentT | None, key: str) -> PresentT:
    """Narrow what validation has made sure of; an error here is a mistake of the program, not of the file."""
    if value is None:
        msg = f"smp:{key} is not configured, and validation let that pass"
        raise LookupError(msg)
    return value
