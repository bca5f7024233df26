"""Tags that split the bill and name the law (M§14.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from catalog.tags import required_tags
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, Value, as_list, as_map, dig
from policies.views import ResourceView, StackView, decoded

_SCALING_GROUP = "aws:autoscaling/group:Group"
_LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_LAUNCHED = ("instance", "volume")
"""What a launch template makes and must tag: the machines and their disks."""


@cache
def taggable_types() -> frozenset[str]:
    """List every type of AWS, Alibaba Cloud and Atlas that has tags, from the provider SDKs' own classes."""
    return frozenset(files("policies").joinpath("taggable_types.txt").read_text(encoding="utf-8").split())


def _tags_of(resource: ResourceView) -> Mapping[str, Value] | Opaque:
    """Bring both shapes, a map and a list of key and value, together with the provider's default tags."""
    default = decoded(resource.provider.inputs.get("defaultTags")) if resource.provider else None
    merged: dict[str, Value] = {**as_map(dig(default, "tags"))}
    tags = resource.get("tags")
    if isinstance(tags, Opaque):
        return tags
    if isinstance(tags, Mapping):
        return {**merged, **as_map(tags)}
    for entry in as_list(tags):
        key = dig(entry, "key")
        if isinstance(key, Opaque):
            return key
        if isinstance(key, str):
            merged[key] = dig(entry, "value")
    return merged


def _compare(
    resource: ResourceView, where: str, tags: Mapping[str, Value] | Opaque, stack: StackView
) -> Iterator[Violation]:
    if isinstance(tags, Opaque):
        yield unproven(resource, where, tags)
        return
    problems: list[str] = []
    for key, expected in required_tags(stack.facts).items():
        value = tags.get(key)
        if isinstance(value, Opaque):
            yield unproven(resource, f"{where}.{key}", value)
        elif value is None:
            near = next((other for other in tags if other.lower() == key.lower()), None)
            problems.append(f"{key} is missing" + (f" (there is {near}, but keys are exact)" if near else ""))
        elif value != expected:
            problems.append(f"{key} is {value!r}, not {str(expected)!r}")
    if problems:
        yield on(resource, f"{where}: {'; '.join(problems)}")


def _required(stack: StackView) -> Iterator[Violation]:
    taggable = taggable_types()
    for resource in stack.made():
        if resource.type in taggable:
            yield from _compare(resource, "tags", _tags_of(resource), stack)


def _propagated(stack: StackView) -> Iterator[Violation]:
    for group in stack.of_type(_SCALING_GROUP):
        names = {str(key) for key in required_tags(stack.facts)}
        for entry in as_list(group.get("tags")):
            if str(dig(entry, "key")) in names and dig(entry, "propagateAtLaunch") is not True:
                yield on(group, f"tag {dig(entry, 'key')} stays on the group: propagateAtLaunch is not true")
    for template in stack.of_type(_LAUNCH_TEMPLATE):
        found = template.get("tagSpecifications")
        if isinstance(found, Opaque):
            yield unproven(template, "tagSpecifications", found)
            continue
        by_kind = {str(dig(entry, "resourceType")): dig(entry, "tags") for entry in as_list(found)}
        for kind in _LAUNCHED:
            tags = by_kind.get(kind)
            where = f"tagSpecifications[{kind}]"
            yield from _compare(template, where, tags if isinstance(tags, Opaque) else as_map(tags), stack)


RULES = (
    Rule(
        id="tags-required",
        family=Family.TAGS,
        sentence="Every taggable cloud resource carries the six tags with exactly its stack's values.",
        source="M§14.8",
        level=Level.MANDATORY,
        remedy="take the tags from the component's scope (Scope.tags), which has all of them",
        judge=_required,
        alone=True,
    ),
    Rule(
        id="tags-propagated",
        family=Family.TAGS,
        sentence="Machines and disks that a launch template or a scaling group makes carry the six tags too.",
        source="M§14.8",
        level=Level.MANDATORY,
        remedy="repeat the tags in tagSpecifications for instance and volume, or set propagateAtLaunch",
        judge=_propagated,
        alone=True,
    ),
)
