"""What a name in a private zone is, on every cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pulumi

from components.core.component import Args, Outputs

TTL_SECONDS = 60
"""How long others may remember where a name leads."""


class NameKind(StrEnum):
    """What a name leads to."""

    ADDRESS = "A"
    ALIAS = "CNAME"


@dataclass(frozen=True, kw_only=True)
class PrivateNameArgs(Args):
    """The full ``name`` below the private domain, and the address or host name it leads to."""

    zone_id: pulumi.Output[str]
    name: str
    kind: NameKind
    target: str

    def problems(self) -> Iterator[str]:
        """Check that the zone can hold the name."""
        if not self.name.endswith(f".{self.scope.private_domain}"):
            yield f"name {self.name} is not below {self.scope.private_domain}"


@dataclass(frozen=True, kw_only=True)
class PrivateNameOutputs(Outputs):
    """The name that resolves inside the network."""

    name: str
