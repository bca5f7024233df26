"""What the zone allows: rules that need no provider's package, so the configuration asks too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.edge import ZonePlan
from catalog.environments import Environment
from catalog.places import Country

_TOR, _UNKNOWN = "T1", "XX"

HIGHEST_PREFERENCE = 65_535
"""Of a mail server (RFC 5321)."""


def rate_limited(environments: Sequence[Environment], plan: ZonePlan) -> str | None:
    """Say what is wrong with the environments that have a rate limit of their own, or ``None``."""
    allowed = plan.value.rate_limiting_rules
    found: list[str] = []
    if len(set(environments)) != len(environments):
        found.append("names an environment twice; name each once")
    if len(environments) > allowed:
        found.append(
            f"has {len(environments)} environments and the plan {plan.value.id} {allowed} rules;"
            " leave one to its gateway or take a larger plan"
        )
    if Environment.PROD not in environments:
        found.append("leaves prod without a limit; add it")
    return " and ".join(found) or None


def visitors_from(country: str) -> str | None:
    """Say what is wrong with a country whose visitors are kept out or checked, or ``None``."""
    if country in list(Country):
        return f"{country}: a cluster serves this country; leave it out"
    if country == _UNKNOWN:
        return f"{country}: that is everybody whose country is not known; leave it out"
    if country != _TOR and re.fullmatch(r"[A-Z]{2}", country) is None:
        return f"{country}: write two capital letters, such as KP, or T1 for Tor"
    return None


def mail_preference(preference: int) -> str | None:
    """Say what is wrong with the preference of a mail server, or ``None``."""
    return (
        None if 0 <= preference <= HIGHEST_PREFERENCE else f"{preference} must be 0 to {HIGHEST_PREFERENCE}"
    )


def zone_text(text: str) -> str | None:
    """Say what is wrong with a text record, or ``None``."""
    return (
        "must be text without quotes, and at least a word of it" if not text.strip() or '"' in text else None
    )
