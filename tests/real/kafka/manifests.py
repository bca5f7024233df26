"""The custom resources of the Kafka operator, as the plan of a stack holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalog.stack_facts import Stack
from tests.stacks.programs import resources

GROUP = "kafka.strimzi.io/"

Manifest = Mapping[str, Any]


def name_of(manifest: Manifest) -> str:
    return manifest["metadata"]["name"]


def namespace_of(manifest: Manifest) -> str:
    return manifest["metadata"]["namespace"]


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """What one stack asks of the operator."""

    stack: Stack
    objects: tuple[Manifest, ...]

    def all(self, kind: str) -> list[Manifest]:
        """Every resource of a kind, such as ``KafkaTopic``, in the plan's order."""
        return [manifest for manifest in self.objects if manifest["kind"] == kind]

    def one(self, kind: str) -> Manifest:
        """The only resource of a kind."""
        found = self.all(kind)
        assert len(found) == 1, f"{self.stack.facts.name} has {len(found)} resources of kind {kind}, not one"
        return found[0]


@cache
def manifests(stack: Stack) -> Manifests:
    """Read the plan of a stack; fails when it holds nothing for the operator, or a secret in a resource."""
    found = [
        resource["inputs"]
        for resource in resources(stack)
        if str(resource.get("inputs", {}).get("apiVersion", "")).startswith(GROUP)
    ]
    assert found, f"the plan of {stack.facts.name} holds no resource of {GROUP}"
    return Manifests(stack=stack, objects=tuple(found))


def understood(manifest: Manifest, *, used: Iterable[str], left_out: Iterable[str] = ()) -> Mapping[str, Any]:
    """Give a resource's spec, once every key in it is either translated or knowingly left out.

    A key that the translation has never heard of would otherwise be tested by nobody.
    """
    return known(manifest["spec"], where=f"{manifest['kind']}.spec", used=used, left_out=left_out)


def known(
    part: Mapping[str, Any], *, where: str, used: Iterable[str], left_out: Iterable[str] = ()
) -> Mapping[str, Any]:
    """As ``understood``, for a part of a resource."""
    strange = sorted(set(part) - set(used) - set(left_out))
    assert not strange, (
        f"{where}: the tests translate no {', '.join(strange)}; teach them, or list it as left out"
    )
    return part


def accepted(
    config: Mapping[str, Any], *, where: str, dropped: Iterable[str], kept: Iterable[str] = ()
) -> None:
    """Fail on a setting that the operator would drop without a word, because it decides such things itself."""
    exceptions = tuple(kept)
    lost = [key for key in config if key.startswith(tuple(dropped)) and not key.startswith(exceptions)]
    assert not lost, f"{where}: the operator ignores {', '.join(lost)}"
