"""Small stacks for rules to judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.stack_facts import Stack
from catalog.tags import required_tags
from policies.pack import evaluate
from policies.rules import Finding
from policies.tags import taggable_types
from policies.views import ProviderView, ResourceView, StackView

HOME = "home"
"""In place of a provider: the stack's own."""


def provider_of(stack: Stack, package: str) -> ProviderView:
    home = stack.facts.cluster.home
    inputs: dict[str, Any] = {}
    if package == "aws":
        inputs = {"region": str(home), "allowedAccountIds": '["111122223333"]'}
    elif package == "alicloud":
        inputs = {"region": str(home), "accountId": "1111222233334444"}
    return ProviderView(package=package, name=f"{package}-main", inputs=inputs)


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A resource as a test writes it: its tags and its provider are right unless it says otherwise."""

    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    name: str = "thing"
    provider: ProviderView | str | None = HOME
    protect: bool = True
    custom: bool = True
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def urn_of(thing: Thing) -> str:
    return f"urn:pulumi:stack::smp::{thing.type}::{thing.name}"


def view(stack: Stack, thing: Thing) -> ResourceView:
    package = thing.type.split(":")[0]
    inputs = dict(thing.inputs)
    if thing.type in taggable_types() and "tags" not in inputs:
        inputs["tags"] = {str(key): str(value) for key, value in required_tags(stack.facts).items()}
    provider = provider_of(stack, package) if thing.provider == HOME else thing.provider
    assert not isinstance(provider, str)
    return ResourceView(
        urn=urn_of(thing),
        type=thing.type,
        name=thing.name,
        inputs=inputs,
        outputs=thing.outputs,
        custom=thing.custom,
        protect=thing.protect,
        provider=None if package == "pulumi" else provider,
        dependencies=frozenset(urn for urns in thing.depends.values() for urn in urns),
        property_dependencies=thing.depends,
    )


def findings(stack: Stack, *things: Thing, known_secrets: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    resources = tuple(view(stack, thing) for thing in things)
    found = evaluate(
        StackView(facts=stack.facts, resources=resources, known_secrets=frozenset(known_secrets))
    )
    for finding in found:
        if finding.error is not None:  # a fault of a rule is no finding, however mandatory it is
            raise finding.error
    return found


def rules_broken(stack: Stack, *things: Thing, known_secrets: tuple[str, ...] = ()) -> set[str]:
    return {finding.rule.id for finding in findings(stack, *things, known_secrets=known_secrets)}
