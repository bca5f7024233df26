"""What a job is told: by environment variables, and by files whose paths they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jobs.failures import JobError


def variable(environment: Mapping[str, str], name: str) -> str:
    """Give a variable.

    Raises:
        JobError: it is not set, or is empty.

    """
    value = environment.get(name, "").strip()
    if not value:
        msg = f"the environment variable {name} is not set; the job's manifest sets it"
        raise JobError(msg)
    return value


def text_of(path: Path) -> str:
    """Read a small file, such as a password, without the end of its line.

    Raises:
        JobError: it cannot be read.

    """
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {error}"
        raise JobError(msg) from error


def properties_of(path: Path) -> dict[str, str]:
    """Read ``key=value`` lines, as the Vault agent writes them.

    Raises:
        JobError: it cannot be read.

    """
    lines = [line for line in text_of(path).splitlines() if "=" in line]
    return {key.strip(): value for key, value in (line.split("=", maxsplit=1) for line in lines)}


def required(values: Mapping[str, str], key: str, *, where: Path) -> str:
    """Give a property.

    Raises:
        JobError: the file does not have it.

    """
    if key not in values:
        msg = f"{where} has no {key}; see which keys Vault keeps for it"
        raise JobError(msg)
    return values[key]
