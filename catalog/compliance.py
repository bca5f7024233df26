"""The privacy regimes SMP answers to (M§14.8, P 5 week 3)."""

from __future__ import annotations

from enum import StrEnum


class Compliance(StrEnum):
    """Value of the ``Compliance`` tag: the law that governs the personal data of a cluster."""

    PDPA = "PDPA"
    """Personal data protection acts of Singapore and Thailand, and Vietnam's personal data protection law."""

    PIPL = "PIPL"
    """Personal Information Protection Law of the People's Republic of China; article 40 keeps the data there."""

    CPRA = "CPRA"
    """California Privacy Rights Act."""

    NONE = "none"
    """No personal data at all: the global control plane."""
