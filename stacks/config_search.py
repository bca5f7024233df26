"""The section ``smp:search``: what differs between the stacks' read models."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from catalog import search_limits
from catalog.quantities import Storage
from stacks.config_section import Section
from stacks.config_types import Count, Gibibytes, refuse, stack_of


class SearchConfig(Section):
    """Elasticsearch in a product cluster (P 3 week 5)."""

    nodes: Count
    """3, one in each zone; 1 where there is one node to stand on."""
    storage_gib: Gibibytes
    """Disk of each node."""

    @field_validator("nodes")
    @classmethod
    def _fits_the_environment(cls, nodes: int, info: ValidationInfo) -> int:
        refuse(search_limits.nodes(nodes, stack_of(info).facts.environment))
        return nodes

    @field_validator("storage_gib")
    @classmethod
    def _is_a_disk(cls, storage: Storage, info: ValidationInfo) -> Storage:
        refuse(search_limits.volume(storage.gibibytes, stack_of(info).facts.cluster))
        return storage
