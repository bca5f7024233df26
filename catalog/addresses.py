"""IPv4 ranges as a type, and how a stack's block is divided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network


@dataclass(frozen=True, order=True)
class Cidr:
    """An IPv4 range such as ``10.20.0.0/16``; host bits must be zero."""

    network: IPv4Network

    @classmethod
    def parse(cls, text: str) -> Cidr:
        """Read a range.

        Raises:
            ValueError: not a range, or host bits are set; the message says what to write.

        """
        try:
            loose = IPv4Network(text, strict=False)
        except ValueError as error:
            msg = f"{text!r} is not an IPv4 range; write it like 10.20.0.0/16"
            raise ValueError(msg) from error
        if "/" not in text:
            msg = (
                f"{text!r} has no prefix length; write {text}/32 for one address or a range like 10.20.0.0/16"
            )
            raise ValueError(msg)
        if str(loose.network_address) != text.split("/", maxsplit=1)[0]:
            msg = f"{text!r} has bits set behind its prefix; the range that contains it is {loose}"
            raise ValueError(msg)
        return cls(loose)

    @property
    def prefix_length(self) -> int:
        """Number of fixed leading bits."""
        return self.network.prefixlen

    def overlaps(self, other: Cidr) -> bool:
        """Whether the two ranges share an address."""
        return self.network.overlaps(other.network)

    def contains(self, other: Cidr) -> bool:
        """Whether ``other`` lies wholly inside."""
        return other.network.subnet_of(self.network)

    def __str__(self) -> str:
        return str(self.network)


KUBERNETES_SERVICES = Cidr.parse("172.20.0.0/16")
"""Virtual addresses of Kubernetes services; the same in every cluster since they never leave it."""

LARGEST_NETWORK = 16
"""AWS allows no VPC larger than /16."""

SMALLEST_NETWORK = 18
"""Below this the private subnets would have fewer than 2048 addresses, too few for pods on VPC addresses."""


class Tier(Enum):
    """The kinds of subnet. The value is how many bits longer than the network's prefix they are."""

    PRIVATE = 3
    """Nodes and pods: an eighth of the network each."""
    PUBLIC = 8
    """Load balancers and NAT gateways: a 256th each."""
    DATA = 9
    """Databases and caches, without a route out: a 512th each."""


@dataclass(frozen=True, kw_only=True)
class ZoneRanges:
    """The ranges of one availability zone."""

    private: Cidr
    public: Cidr
    data: Cidr


def divide(network: Cidr, zones: tuple[str, ...]) -> dict[str, ZoneRanges]:
    """Divide a network among its zones: the first four eighths private, the fifth public and data.

    A range depends only on the network and the zone's place, so adding a zone moves none of the others.

    Raises:
        ValueError: the network is too small or too large, or there are more than four zones.

    """
    if not LARGEST_NETWORK <= network.prefix_length <= SMALLEST_NETWORK:
        msg = f"{network} must be a /{LARGEST_NETWORK} to /{SMALLEST_NETWORK}"
        raise ValueError(msg)
    if len(zones) > 4:
        msg = f"{len(zones)} zones do not fit; at most four do"
        raise ValueError(msg)
    eighths = list(network.network.subnets(prefixlen_diff=Tier.PRIVATE.value))
    shared = eighths[4]
    public = list(shared.subnets(new_prefix=network.prefix_length + Tier.PUBLIC.value))
    data = list(shared.subnets(new_prefix=network.prefix_length + Tier.DATA.value))
    return {
        zone: ZoneRanges(
            private=Cidr(eighths[place]), public=Cidr(public[place]), data=Cidr(data[len(data) // 2 + place])
        )
        for place, zone in enumerate(zones)
    }
