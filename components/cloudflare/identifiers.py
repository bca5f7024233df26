"""Forms of Cloudflare's identifiers, checked before anything is made."""

from __future__ import annotations

import re
from collections.abc import Iterator


def identifier_problems(name: str, value: str) -> Iterator[str]:
    """Check an account or zone id: 32 hexadecimal digits."""
    if re.fullmatch(r"[0-9a-f]{32}", value) is None:
        yield f"{name} {value!r} is not one of Cloudflare's; write its 32 hexadecimal digits"
