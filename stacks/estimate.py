"""What the stack will cost, exported by the stack itself: the estimate of ``./smp cost``, over what is registered.

The program keeps a copy of every registration on its way to the engine. Once all are answered, the copies make the
same snapshot a plan makes, and the same pure function prices it; nothing is priced twice in two ways
(docs/decisions/0042).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import register_stack_transformation
from pulumi.runtime.settings import SETTINGS

from insight.cost import estimate_cost
from insight.cost_summary import summarize, summary_document
from insight.snapshot import STACK_TYPE, Resource, Snapshot
from insight.snapshot_reading import decode_value
from policies.values import Value
from stacks.config_source import Settings

OUTPUT = "estimate"
"""Name of the stack output; its form is ``insight/estimate.schema.json``."""


class Recorder:
    """Stands between the SDK and the engine, and hands everything on."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._made: list[pulumi.Resource] = []
        self._registered: dict[str, Any] = {}

    @classmethod
    def start(cls) -> Recorder:
        """Record from now on, whatever this program registers; the stack's own resource is there already."""
        settings = cast(
            "Any", SETTINGS
        )  # its properties are made by a decorator that no type checker follows
        recorder = cls(settings.monitor)
        settings.monitor = recorder
        register_stack_transformation(recorder._note)
        return recorder

    def _note(self, made: pulumi.ResourceTransformationArgs) -> None:
        self._made.append(made.resource)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the service's name
        """Hand a registration on, and keep it with the URN it is answered with."""
        answer = self._engine.RegisterResource(request)
        self._registered[answer.urn] = request
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def resources(self) -> tuple[Resource, ...]:
        """Wait until everything that the program has made is registered, and give it, ordered by URN."""
        for made in self._made:
            await made.urn.future()
        return tuple(_resource(urn, request) for urn, request in sorted(self._registered.items()))


def export_estimate(settings: Settings, recorder: Recorder) -> None:
    """Export what is registered, priced; what has no price is said as a warning and stands in the output."""
    pulumi.export(OUTPUT, pulumi.Output.from_input(_estimate(settings, recorder)))


async def _estimate(settings: Settings, recorder: Recorder) -> dict[str, Any]:
    facts = settings.stack.facts
    stack, project = pulumi.get_stack(), pulumi.get_project()
    root = Resource(
        urn=f"urn:pulumi:{stack}::{project}::{STACK_TYPE}::{project}-{stack}",
        type=STACK_TYPE,
        name=f"{project}-{stack}",
        custom=False,
        outputs={"budget": {"monthlyUsd": str(settings.config.budget.monthly_usd.amount)}},
    )
    snapshot = Snapshot(
        stack=stack,
        project=project,
        resources=(root, *await recorder.resources()),
        origin=f"the program of {stack}",
    )
    estimate = estimate_cost(snapshot, facts)
    for item in estimate.unpriced:
        pulumi.log.warn(f"{item.name} ({item.type}) is missing from the stack's estimate: {item.reason}")
    return summary_document(summarize(estimate))


def _resource(urn: str, request: Any) -> Resource:
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=_inputs(request.object),
        parent=request.parent or None,
        dependencies=tuple(request.dependencies),
        property_dependencies={
            name: tuple(found.urns) for name, found in request.propertyDependencies.items()
        },
        provider=request.provider.rpartition("::")[0] or None,
    )


def _inputs(struct: Any) -> Mapping[str, Value]:
    found: dict[str, Any] = MessageToDict(struct)
    return {name: decode_value(value) for name, value in found.items() if value is not None}
