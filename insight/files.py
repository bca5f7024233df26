"""Files that reports write: whole or not at all, and without a secret."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from insight.errors import OutputFileError

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's mark of a secret
_SEALED = "[secret]"


def check_target(path: Path) -> None:
    """Refuse a path that cannot become a file, before any work is done for it.

    Raises:
        OutputFileError: a directory, a missing folder, or one that may not be written.

    """
    if path.is_dir():
        msg = f"--out {path} is a directory; name a file in it, such as {path / 'deployment.json'}"
        raise OutputFileError(msg)
    folder = path.parent
    if not folder.is_dir():
        msg = f"--out {path}: the folder {folder} does not exist; make it first, or name another file"
        raise OutputFileError(msg)
    if not os.access(folder, os.W_OK):
        msg = f"--out {path}: the folder {folder} may not be written; name another file"
        raise OutputFileError(msg)


def write_atomically(path: Path, text: str) -> None:
    """Write a file under a temporary name and put it in place in one step.

    Raises:
        OutputFileError: it could not be written; whatever was there before is untouched.

    """
    check_target(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        os.fchmod(handle, _mode_of(path))
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        msg = f"{path} was not written: {error.strerror or error}; what was there before is untouched"
        raise OutputFileError(msg) from error
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()


def _mode_of(path: Path) -> int:
    """Give a replaced file's permissions, and a new file's as the user's umask wants them."""
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def export_text(deployment: Mapping[str, Any]) -> str:
    """Write a deployment in Pulumi's form: the same bytes for the same resources, secrets sealed."""
    return json.dumps(_sealed(deployment), indent=4, ensure_ascii=False) + "\n"


def _sealed(value: Any) -> Any:
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        if mapping.get(_SIGNATURE) == _SECRET:
            return {_SIGNATURE: _SECRET, "ciphertext": mapping.get("ciphertext", _SEALED)}
        return {key: _sealed(item) for key, item in mapping.items()}
    if isinstance(value, list):
        return [_sealed(item) for item in cast("list[Any]", value)]
    return value
