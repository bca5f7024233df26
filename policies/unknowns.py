"""Values that are not known before a deployment, and which of them the dependency graph explains."""

from __future__ import annotations

import re

from policies.values import Opaque
from policies.views import ResourceView, StackView, region_of

_PLACED = frozenset({"aws", "alicloud", "mongodbatlas", "kubernetes", "cloudflare", "vault"})
"""Packages whose resources other rules hold to be at home: in a region, in the stack's cluster or at its edge."""
_STACK_REFERENCE = "pulumi:pulumi:StackReference"


def is_explained(stack: StackView, resource: ResourceView, path: str) -> bool:
    """Whether a value not yet known comes from a resource of the same home.

    Properties depend as wholes: what is inside ``rules[0].destination`` depends on whatever ``rules`` does.
    A stack reference explains nothing: it may be of any cluster.
    """
    top = re.split(r"[.\[:]", path, maxsplit=1)[0]
    sources = resource.property_dependencies.get(top, ())
    return any(_is_home(stack, urn) for urn in sources) and not any(
        _STACK_REFERENCE in urn for urn in sources
    )


def _is_home(stack: StackView, urn: str) -> bool:
    source = stack.by_urn.get(urn)
    if source is None:  # a file may hold a part of a stack; the type still stands in the name
        parts = urn.split("::")
        token = parts[2].split("$")[-1] if len(parts) > 3 else ""
        return token.split(":")[0] in _PLACED or token.startswith("smp:")
    if not source.custom:
        return source.type != _STACK_REFERENCE
    if source.package not in _PLACED:
        return False
    region = region_of(source.package, source.inputs, source.provider.inputs if source.provider else None)
    return region is None or isinstance(region, Opaque) or region == stack.facts.cluster.home
