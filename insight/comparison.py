"""What would change between two snapshots of a stack: the base of a pull request and its head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from insight.documents import plain
from insight.snapshot import Resource, Snapshot


class Change(StrEnum):
    """What would happen to a resource."""

    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class ChangedProperty:
    """One leaf; None is absent, secrets and unknown values are the words reports show."""

    path: str
    old: Any
    new: Any
    forces_replacement: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """One resource that would not stay as it is."""

    urn: str
    type: str
    name: str
    change: Change
    was_protected: bool
    properties: tuple[ChangedProperty, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StackComparison:
    """All changes of one stack, in the order of the head, then what is gone."""

    stack: str
    changes: tuple[ResourceChange, ...]

    def count(self, change: Change) -> int:
        """Count one kind."""
        return sum(item.change is change for item in self.changes)


def compare(base: Snapshot | None, head: Snapshot | None) -> StackComparison:
    """Compare by URN; without a base everything is created, without a head everything is deleted.

    Components are left out: they are nothing in a cloud. Whether a property forces a replacement is what the
    provider's own SDK says of it.
    """
    before = _managed(base)
    after = _managed(head)
    changes = [change for urn, new in after.items() if (change := _change(before.get(urn), new)) is not None]
    gone = [_whole(old, Change.DELETED) for urn, old in before.items() if urn not in after]
    named = head or base
    return StackComparison(stack=named.stack if named else "", changes=(*changes, *gone))


def _managed(snapshot: Snapshot | None) -> Mapping[str, Resource]:
    if snapshot is None:
        return {}
    return {item.urn: item for item in snapshot.resources if item.custom and not item.external}


def _whole(resource: Resource, change: Change) -> ResourceChange:
    return ResourceChange(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        change=change,
        was_protected=resource.protect and change is Change.DELETED,
    )


def _change(old: Resource | None, new: Resource) -> ResourceChange | None:
    if old is None:
        return _whole(new, Change.CREATED)
    properties = tuple(_properties(old, new))
    if not properties:
        return None
    replaced = any(item.forces_replacement for item in properties)
    return ResourceChange(
        urn=new.urn,
        type=new.type,
        name=new.name,
        change=Change.REPLACED if replaced else Change.UPDATED,
        was_protected=old.protect and replaced,
        properties=properties,
    )


def _properties(old: Resource, new: Resource) -> Iterator[ChangedProperty]:
    before, after = plain(old.inputs), plain(new.inputs)
    if before != after:
        from rehearsal.diffs import differences  # noqa: PLC0415 - brings the provider's SDK, where there is a change

        for item in differences(new.type, before, after):
            yield ChangedProperty(
                path=item.path, old=item.old, new=item.new, forces_replacement=item.forces_replacement
            )
    if old.protect != new.protect:
        yield ChangedProperty(path="(protect)", old=old.protect, new=new.protect)
    if old.provider != new.provider:
        yield ChangedProperty(path="(provider)", old=old.provider, new=new.provider, forces_replacement=True)
