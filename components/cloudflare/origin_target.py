"""Where an origin really is: the address behind a proxied name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address


@dataclass(frozen=True)
class OriginTarget:
    """A load balancer's IPv4 address or host name."""

    text: str

    @classmethod
    def parse(cls, text: str) -> OriginTarget:
        """Read a target.

        Raises:
            ValueError: neither an IPv4 address nor a host name; the message says what to write.

        """
        if (
            _as_address(text) is None
            and re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", text) is None
        ):
            msg = f"{text!r} is neither an IPv4 address nor a host name; write the load balancer's, without scheme"
            raise ValueError(msg)
        return cls(text)

    @property
    def address(self) -> str | None:
        """The address, if that is what this is."""
        return _as_address(self.text)

    def __str__(self) -> str:
        return self.text


def _as_address(text: str) -> str | None:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        return None
