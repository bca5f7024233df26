"""Policy findings of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from catalog.stack_facts import Stack, StackFacts
from insight.cost import estimate_cost
from insight.errors import StackMismatchError
from insight.snapshot import Resource, Snapshot
from policies.pack import RULES, evaluate, evaluate_alone
from policies.rules import Family, Finding
from policies.stack_references import STACK_REFERENCE
from policies.views import MonthlyCost, ProviderView, ResourceView, StackView
from policies.waivers import WaiverFile, apply_waivers


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found in one stack."""

    stack: str
    origin: str
    """Where its resources were read."""
    findings: tuple[Finding, ...]

    @property
    def mandatory(self) -> int:
        """How many findings stop it."""
        return sum(finding.blocks for finding in self.findings)

    @property
    def excepted(self) -> int:
        """How many findings fall under an exception."""
        return sum(finding.waiver is not None for finding in self.findings)

    @property
    def advisory(self) -> int:
        """How many findings a reviewer is told of."""
        return len(self.findings) - self.mandatory - self.excepted


def facts_of(snapshot: Snapshot) -> StackFacts:
    """Give the catalogue's facts about a snapshot's stack.

    Raises:
        StackMismatchError: the snapshot is of a stack the catalogue does not know.

    """
    try:
        return Stack.named(snapshot.stack).facts
    except KeyError as error:
        msg = f"{snapshot.origin}: {error.args[0]}"
        raise StackMismatchError(msg) from None


def judge(
    snapshot: Snapshot, *, known_secrets: Iterable[str] = (), waivers: WaiverFile | None = None
) -> tuple[Finding, ...]:
    """Apply every rule to a snapshot; what is only read is not judged, but for references to other stacks.

    ``known_secrets`` are values that no property may hold without being marked secret. ``waivers`` are those of
    ``policies/exceptions.yaml`` unless others are given.
    """
    stack = stack_view(snapshot, known_secrets)
    estimate = estimate_cost(snapshot, stack.facts)
    cost = MonthlyCost(estimate=estimate.total, budget=estimate.budget.month)
    findings = evaluate(replace(stack, monthly_cost=cost))
    file = committed_waivers() if waivers is None else waivers
    return apply_waivers(findings, file, stack=snapshot.stack, today=_today())


def judge_alone(snapshot: Snapshot, *, known_secrets: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Apply the rules that need no other resources to a part of a stack; exceptions hold here too."""
    findings = evaluate_alone(stack_view(snapshot, known_secrets))
    marked = apply_waivers(findings, committed_waivers(), stack=snapshot.stack, today=_today())
    return tuple(finding for finding in marked if finding.rule.family is not Family.EXCEPTIONS)


def committed_waivers() -> WaiverFile:
    """Read the exceptions of this project."""
    from policies.waiver_file import PATH, read_waivers  # noqa: PLC0415 - brings YAML and pydantic

    return read_waivers(PATH, rules={rule.id for rule in RULES}, today=_today())


def _today() -> date:
    return datetime.now(UTC).date()


def stack_view(snapshot: Snapshot, known_secrets: Iterable[str] = ()) -> StackView:
    """Give a snapshot as rules see it: what is managed, and references to other stacks."""
    resources = tuple(
        _view(snapshot, resource)
        for resource in snapshot.resources
        if not resource.external or resource.type == STACK_REFERENCE
    )
    return StackView(facts=facts_of(snapshot), resources=resources, known_secrets=frozenset(known_secrets))


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether one of them stops a deployment."""
    return any(finding.blocks for finding in findings)


def _view(snapshot: Snapshot, resource: Resource) -> ResourceView:
    provider = snapshot.provider_of(resource)
    view = None
    if provider is not None:
        view = ProviderView(package=provider.package, name=provider.name, inputs=provider.inputs)
    elif resource.provider is not None:
        # The file names a provider it does not hold; its name still tells a default one.
        parts = resource.provider.split("::")
        view = ProviderView(package=parts[-2].split(":")[-1], name=parts[-1], inputs={}, known=False)
    dependencies = {
        *resource.dependencies,
        *(urn for urns in resource.property_dependencies.values() for urn in urns),
    }
    return ResourceView(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        inputs=resource.inputs,
        outputs=resource.outputs,
        custom=resource.custom,
        id=resource.id,
        parent=resource.parent,
        protect=resource.protect,
        provider=view,
        dependencies=frozenset(dependencies),
        property_dependencies=resource.property_dependencies,
    )
