"""Where the Pulumi CLI is."""

from __future__ import annotations

import shutil
from pathlib import Path


def find_cli() -> Path | None:
    """The `pulumi` on PATH, when its Python language host is there too."""
    cli = shutil.which("pulumi")
    return Path(cli) if cli is not None and shutil.which("pulumi-language-python") is not None else None
