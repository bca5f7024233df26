"""In which zones a database stands, who may reach it, when it is backed up: the same for all engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi

from catalog.addresses import Cidr

EVERY_DAY = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""Days of the full backup. The hours are UTC: 18:00Z is two in the morning in Beijing."""

_ANYWHERE = Cidr.parse("0.0.0.0/0")


def placement_problems(
    zones: Mapping[str, str],
    subnets: Mapping[str, pulumi.Output[str]],
    allowed_ranges: tuple[Cidr, ...],
) -> Iterator[str]:
    """Yield what is wrong; ``zones`` maps an argument's name to its zone."""
    if len(set(zones.values())) != len(zones):
        yield f"{', '.join(zones)} must be different zones; losing one would take the data with it"
    for argument, zone in zones.items():
        if zone not in subnets:
            yield f"{argument} {zone} has no data subnet; the network has {', '.join(subnets)}"
    if not allowed_ranges:
        yield "allowed_ranges are empty; nobody could connect"
    for cidr in allowed_ranges:
        if cidr == _ANYWHERE or not cidr.network.is_private:
            yield f"allowed_ranges {cidr} is not private; give ranges of this network only"
