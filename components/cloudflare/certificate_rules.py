"""What an Origin CA certificate is made from: rules that need no provider's package, so the configuration asks too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import Enum

_REQUEST = re.compile(
    r"-----BEGIN CERTIFICATE REQUEST-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE REQUEST-----\n?"
)


class Validity(Enum):
    """How long a certificate holds; the value is in days, and Cloudflare takes no other within these bounds."""

    QUARTER = 90
    YEAR = 365
    TWO_YEARS = 730


def certificate_name(name: str) -> str | None:
    """Say what is wrong with the name of a certificate, or ``None``: it becomes part of resource names."""
    if re.fullmatch(r"[a-z0-9-]{1,20}", name):
        return None
    return f"{name!r} is no name; take small letters, digits and dashes, such as 2026-11"


def certificate_request(text: str) -> str | None:
    """Say what is wrong with a certificate request, or ``None``."""
    if "PRIVATE KEY" in text:
        return "holds a private key; it is public now: throw it away, and give a request alone"
    if _REQUEST.fullmatch(text) is None:
        return "is no PEM certificate request; give the whole output of `openssl req`"
    return None


def distinct_ends(ends: Sequence[date]) -> str | None:
    """Say what is wrong with the last days of certificates that follow each other, or ``None``."""
    if len(set(ends)) == len(ends):
        return None
    return "has two certificates that end on the same day; the newer one must outlive the other"
