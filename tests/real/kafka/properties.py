"""Java's properties files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})


def text(value: object) -> str:
    """A value as Java spells it: ``true``, not ``True``; whole numbers without a fraction."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def texts(values: Mapping[str, object]) -> dict[str, str]:
    return {key: text(value) for key, value in values.items()}


def write(path: Path, values: Mapping[str, object]) -> Path:
    lines = [f"{key}={value.translate(ESCAPES)}" for key, value in texts(values).items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
