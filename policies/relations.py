"""Which resource belongs to which: a bucket and its policy, a network and its subnets."""

from __future__ import annotations

from collections.abc import Iterator

from policies.values import Opaque, Value, as_list
from policies.views import ResourceView, StackView

_NAMES = (
    *("id", "arn", "name", "bucket", "identifier", "clusterIdentifier", "replicationGroupId", "bucketName"),
    *("dbInstanceId", "functionName", "repository", "url"),
)
"""Properties by which other resources name one."""


def identities(resource: ResourceView) -> frozenset[str]:
    """Give every text by which another resource may name this one."""
    named = {resource.id} if resource.id else set[str]()
    for name in _NAMES:
        for value in (resource.inputs.get(name), resource.outputs.get(name)):
            if isinstance(value, str) and value:
                named.add(value)
    return frozenset(named)


def refers(resource: ResourceView, name: str, target: ResourceView) -> bool:
    """Whether a property names another resource: by the dependency graph, else by its text."""
    if target.urn in resource.property_dependencies.get(name, ()):
        return True
    value = resource.get(name)
    if isinstance(value, Opaque):
        return not resource.property_dependencies.get(name) and target.urn in resource.dependencies
    return isinstance(value, str) and value in identities(target)


def companions(stack: StackView, target: ResourceView, name: str, *types: str) -> Iterator[ResourceView]:
    """Give the resources of some types whose property names a resource."""
    for resource in _candidates(stack, target, name, types):
        if refers(resource, name, target):
            yield resource


def _candidates(
    stack: StackView, target: ResourceView, name: str, types: tuple[str, ...]
) -> Iterator[ResourceView]:
    """Give those that may name it, in their order: asking every policy about every bucket would take the square."""
    key = f"companions {name} {types}"
    index: dict[str, dict[int, ResourceView]] | None = stack.memo.get(key)
    if index is None:
        index = {}
        for place, resource in enumerate(stack.of_type(*types)):
            value = resource.get(name)
            texts = (value,) if isinstance(value, str) else ()
            for word in (*texts, *resource.property_dependencies.get(name, ()), *resource.dependencies):
                index.setdefault(word, {})[place] = resource
        stack.memo[key] = index
    found: dict[int, ResourceView] = {}
    for word in (target.urn, *identities(target)):
        found.update(index.get(word, {}))
    return (found[place] for place in sorted(found))


def named_by(stack: StackView, resource: ResourceView, name: str, *types: str) -> Iterator[ResourceView]:
    """Give the resources of some types that a property names, one or a list of them."""
    values = resource.get(name)
    texts = {item for item in (as_list(values) or [values]) if isinstance(item, str)}
    urns = set(resource.property_dependencies.get(name, ()))
    for target in stack.of_type(*types):
        if target.urn in urns or texts & identities(target):
            yield target


def explained(stack: StackView, resource: ResourceView, path: str) -> bool:
    """Whether a value that is not known yet comes from resources of this stack.

    Those have rules of their own, so a reference to them needs no proof; what comes from another stack does.
    """
    top = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    sources = [stack.by_urn.get(urn) for urn in resource.property_dependencies.get(top, ())]
    return bool(sources) and all(
        source is not None and source.type != "pulumi:pulumi:StackReference" for source in sources
    )


def texts_of(value: Value) -> Iterator[str | Opaque]:
    """Give one text or a list of them as texts, and what cannot be read as it is."""
    for item in as_list(value) or [value]:
        if isinstance(item, str | Opaque):
            yield item
