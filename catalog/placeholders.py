"""Values that stand for real ones in the committed files: nothing may be deployed with them.

All are reserved for documentation or plainly nobody's: names of RFC 2606 and RFC 6761, addresses of RFC 5737, ids of
nothing but one digit, and texts that say so.
"""

from __future__ import annotations

import base64
import binascii
import re
from ipaddress import IPv4Network, ip_network

_NAMES = re.compile(
    r"(?:^|[\s@.:/])(?:[a-z0-9-]+\.)*(?:example|invalid|test|example\.(?:com|net|org))(?=$|[\s/:;,])",
    re.IGNORECASE,
)
_ADDRESSES = tuple(ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\d.])")
_ONE_DIGIT_ACCOUNT = re.compile(r"(?<!\d)(\d)\1{11}(?:\1{4})?(?!\d)")
_COUNTED_ID = re.compile(r"(?<![0-9a-z])0{20,}\d{0,3}(?![0-9a-z])")
_SAYS_SO = re.compile(r"placeholder", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")


def placeholder_in(text: str) -> str | None:
    """Give the part of a text that stands for something real, or ``None``."""
    for pattern in (_NAMES, _ONE_DIGIT_ACCOUNT, _COUNTED_ID, _SAYS_SO):
        if found := pattern.search(text):
            return found[0].strip(" @.:/")
    for found in _ADDRESS.finditer(text):
        if _is_documentation(found[0]):
            return found[0]
    return next((found[0] for found in _BASE64.finditer(text) if _hides_one(found[0])), None)


def _is_documentation(address: str) -> bool:
    try:
        network = IPv4Network(address, strict=False)
    except ValueError:
        return False
    return any(network.subnet_of(block) for block in _ADDRESSES if isinstance(block, IPv4Network))


def _hides_one(text: str) -> bool:
    try:
        return _SAYS_SO.search(base64.b64decode(text, validate=True).decode("ascii")) is not None
    except (binascii.Error, ValueError):
        return False
