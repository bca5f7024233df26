"""Former identities of a resource: its own aliases, and those it inherits from a parent that was renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rehearsal.embedded_goal import AliasSpec, Goal
from rehearsal.project import LoadedProject
from rehearsal.resources import make_urn, name_of


def former_urns(goal: Goal, *, urn: str, renamed: Mapping[str, str], project: LoadedProject) -> Iterator[str]:
    """The URNs under which the state may know `goal`, nearest first.

    `renamed` maps the URNs of resources that were found under a former one to that one.
    """
    specs = [AliasSpec(), *goal.aliases]
    former_parent = renamed.get(goal.parent, "")
    seen = {urn}
    for spec in specs:
        for candidate in _candidates(spec, goal, former_parent, project):
            if candidate not in seen:
                seen.add(candidate)
                yield candidate


def _candidates(spec: AliasSpec, goal: Goal, former_parent: str, project: LoadedProject) -> Iterator[str]:
    if spec.urn:
        yield spec.urn
        return
    name = spec.name or goal.name

    def under(parent: str, own_name: str) -> str:
        return make_urn(
            stack=spec.stack or project.stack,
            project=spec.project or project.name,
            parent=parent,
            token=spec.type or goal.type,
            name=own_name,
        )

    if spec.no_parent:
        yield under("", name)
    elif spec.parent:
        yield under(spec.parent, name)
    else:
        yield under(goal.parent, name)
        if former_parent:
            # By convention a child's name begins with its parent's; a renamed parent renames it too.
            parent_name = name_of(goal.parent)
            if name.startswith(parent_name):
                yield under(former_parent, name_of(former_parent) + name.removeprefix(parent_name))
            yield under(former_parent, name)
