"""Tags that split the bill and name the law (M§14.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from catalog.tags import KUBERNETES_CLUSTER_LABEL, TagKey, required_tags
from policies.demands import is_on
from policies.kubernetes_objects import kubernetes_objects
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.tokens import canonical
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
    """Bring both shapes, a map and a list of key and value, together with the provider's default tags.

    Scaling groups get no default tags (provider aws, "Resource tagging").
    """
    default: Value = None
    if resource.provider and resource.type != _SCALING_GROUP:
        default = decoded(resource.provider.inputs.get("defaultTags"))
    inherited = dig(as_list(default), 0, "tags")
    own = _as_tags(resource.get("tags"))
    if isinstance(own, Opaque):
        return own
    merged = {**as_map(inherited), **own}
    if isinstance(default, Opaque) or isinstance(inherited, Opaque):
        return merged if len(own) >= len(TagKey) else Opaque.UNKNOWN
    return merged


def _as_tags(tags: Value) -> Mapping[str, Value] | Opaque:
    if isinstance(tags, Opaque | Mapping):
        return tags if isinstance(tags, Opaque) else as_map(tags)
    found: dict[str, Value] = {}
    for entry in as_list(tags):
        key = dig(entry, "key")
        if isinstance(key, Opaque):
            return key
        if isinstance(key, str):
            found[key] = dig(entry, "value")
    return found


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
        if resource.type in taggable or canonical(resource.type) in taggable:
            yield from _compare(resource, "tags", _tags_of(resource), stack)


def _propagated(stack: StackView) -> Iterator[Violation]:
    for group in stack.of_type(_SCALING_GROUP):
        names = {str(key) for key in required_tags(stack.facts)}
        for entry in as_list(group.get("tags")):
            if str(dig(entry, "key")) in names and not is_on(dig(entry, "propagateAtLaunch")):
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
            yield from _compare(template, where, _as_tags(tags), stack)
    yield from _machines(stack)


def _machines(stack: StackView) -> Iterator[Violation]:
    for machine in stack.of_type("aws:ec2/instance:Instance"):
        found = machine.get("volumeTags")
        if found is None:
            found = dig(as_list(machine.get("rootBlockDevice")), 0, "tags")
        where = "volumeTags"
        yield from _compare(machine, where, _as_tags(found), stack)
    for service in stack.of_type("aws:ecs/service:Service"):
        if service.get("propagateTags") not in ("SERVICE", "TASK_DEFINITION"):
            yield on(service, "propagateTags is neither SERVICE nor TASK_DEFINITION: its tasks carry no tags")
    for environment in stack.of_type("aws:batch/computeEnvironment:ComputeEnvironment"):
        for block in as_list(environment.get("computeResources")):
            if str(dig(block, "type")) in {"EC2", "SPOT"}:
                tags = as_map(dig(block, "tags"))
                yield from _compare(environment, "computeResources.tags", tags, stack)
    for fleet in stack.of_type("aws:ec2/spotFleetRequest:SpotFleetRequest"):
        for block in as_list(fleet.get("launchSpecifications")):
            yield from _compare(fleet, "launchSpecifications.tags", as_map(dig(block, "tags")), stack)


def _labelled(stack: StackView) -> Iterator[Violation]:
    wanted = stack.facts.cluster.id
    for item in kubernetes_objects(stack):
        if item.view.type.endswith("Patch") or item.view.type.startswith("kubernetes:helm.sh"):
            continue
        value = item.labels.get(KUBERNETES_CLUSTER_LABEL)
        if isinstance(value, Opaque):
            yield unproven(item.view, f"the label {KUBERNETES_CLUSTER_LABEL}", value)
        elif value is None:
            yield on(item.view, f"the label {KUBERNETES_CLUSTER_LABEL} is missing", level=Level.ADVISORY)
        elif value != wanted:
            yield on(item.view, f"the label {KUBERNETES_CLUSTER_LABEL} is {value}, not {wanted}")


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
    Rule(
        id="tags-label",
        family=Family.TAGS,
        sentence="Every Kubernetes object says by a label which cluster it is of.",
        source="DESIGN 6",
        level=Level.MANDATORY,
        remedy="take the labels from the component's scope (Scope.labels)",
        judge=_labelled,
        alone=True,
    ),
)
