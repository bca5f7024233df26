"""Public keys of SMP's access tokens, as the router reads them (RFC 7517)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SHORTEST_MODULUS = 342
"""Base64url digits of 2048 bits; the router ignores shorter keys."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """The public half of an RS256 key (M§5.1); both parts base64url, without padding."""

    modulus: str
    exponent: str = "AQAB"

    def problems(self, key_id: str) -> Iterator[str]:
        """Check what would make the router ignore the key."""
        if re.fullmatch(r"[\w-]+", self.modulus) is None or len(self.modulus) < SHORTEST_MODULUS:
            yield (
                f"signing key {key_id}: the modulus is not base64url of 2048 bits or more; copy `n` of the JSON Web Key"
            )
        if re.fullmatch(r"[\w-]{2,8}", self.exponent) is None:
            yield f"signing key {key_id}: the exponent {self.exponent!r} is none; copy `e` of the JSON Web Key"


def key_set(keys: Mapping[str, SigningKey]) -> str:
    """Write a JSON Web Key Set, keys by their id (``kid``)."""
    entries = [
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id, "n": key.modulus, "e": key.exponent}
        for key_id, key in keys.items()
    ]
    return json.dumps({"keys": entries}, separators=(",", ":"))
