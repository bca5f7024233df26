"""Where things run: clouds, regions and countries."""

from __future__ import annotations

from enum import StrEnum


class Cloud(StrEnum):
    """A provider that hosts a cluster (M§14.2)."""

    AWS = "aws"
    ALIBABA = "alibaba"


class Region(StrEnum):
    """The three regions a cluster may live in (M§14.1). No other region is anybody's home."""

    SINGAPORE = "ap-southeast-1"
    BEIJING = "cn-beijing"
    VIRGINIA = "us-east-1"

    @property
    def cloud(self) -> Cloud:
        """The provider whose region this is."""
        return Cloud.ALIBABA if self is Region.BEIJING else Cloud.AWS


class Country(StrEnum):
    """The countries SMP serves, as ISO 3166-1 alpha-2 codes (M§14.1)."""

    VIETNAM = "VN"
    THAILAND = "TH"
    SINGAPORE = "SG"
    INDONESIA = "ID"
    MALAYSIA = "MY"
    PHILIPPINES = "PH"
    CHINA = "CN"
    UNITED_STATES = "US"
