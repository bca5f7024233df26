# ruff: noqa: N802 - method names are the service's
"""The resource monitor that Pulumi's Python SDK talks to when the embedded host runs a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from google.protobuf import empty_pb2
from pulumi.runtime.proto import resource_pb2

from rehearsal import values
from rehearsal.embedded_goal import Goal, goal_of
from rehearsal.errors import UnsupportedError
from rehearsal.values import Properties, Value

# Not announced, so that the SDK keeps to what this monitor does: output values, transforms, hooks, parameterization.
_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    # Announced to be refused with a message of ours instead of "please update the Pulumi CLI".
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
)


class Outcome(StrEnum):
    """How a registration ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """The answer to a registration; `id` is empty while it is unknown."""

    urn: str
    id: str = ""
    outputs: Properties = field(default_factory=dict[str, Value])
    outcome: Outcome = Outcome.DONE


class Deployment(Protocol):
    """What decides about registrations: a plan, or a deployment against stored state."""

    def register(self, goal: Goal) -> Registered:
        """Make a resource as wanted."""
        ...

    def read(self, goal: Goal, resource_id: str) -> Registered:
        """Read an existing resource."""
        ...

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep the outputs of a component or of the stack."""
        ...

    def invoke(self, token: str, arguments: Properties, provider: str) -> Properties:
        """Call a provider's function."""
        ...


_RESULTS = {
    Outcome.DONE: resource_pb2.Result.SUCCESS,
    Outcome.FAILED: resource_pb2.Result.FAIL,
    Outcome.SKIPPED: resource_pb2.Result.FAIL,
}


class Monitor:
    """The service `pulumirpc.ResourceMonitor` as a plain object; method names are the service's."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def GetDeploymentInfo(self, request: Any) -> resource_pb2.DeploymentInfo:
        """Say what this monitor can do."""
        del request
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def SupportsFeature(self, request: Any) -> resource_pb2.SupportsFeatureResponse:
        """Say what this monitor can do, to an older SDK."""
        return resource_pb2.SupportsFeatureResponse(
            hasSupport=request.id in {"secrets", "resourceReferences", "aliasSpecs", "deletedWith"}
        )

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Register one resource."""
        answer = self._deployment.register(goal_of(request))
        return resource_pb2.RegisterResourceResponse(
            urn=answer.urn,
            id="" if answer.id == values.UNKNOWN else answer.id,
            object=values.to_struct(answer.outputs),
            result=_RESULTS[answer.outcome],
        )

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        """Read one resource that exists outside the stack."""
        goal = Goal(
            type=request.type,
            name=request.name,
            custom=True,
            parent=request.parent,
            provider=request.provider,
            inputs={
                key: value
                for key, value in values.from_struct(request.properties).items()
                if value is not None
            },
            version=request.version,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={},
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            custom_timeouts={},
        )
        answer = self._deployment.read(goal, request.id)
        return resource_pb2.ReadResourceResponse(
            urn=answer.urn,
            id="" if answer.id == values.UNKNOWN else answer.id,
            properties=values.to_struct(answer.outputs),
            result=_RESULTS[answer.outcome],
        )

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        """Keep the outputs of a component."""
        self._deployment.register_outputs(request.urn, values.from_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> resource_pb2.ResourceInvokeResponse:
        """Call a provider's function."""
        answer = self._deployment.invoke(request.tok, values.from_struct(request.args), request.provider)
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(values.to_struct(answer))
        return response

    def SignalAndWaitForShutdown(self, request: Any) -> empty_pb2.Empty:
        """The program has registered everything."""
        del request
        return empty_pb2.Empty()

    def Call(self, request: Any) -> Any:
        """Refuse: methods of remote components."""
        raise _unsupported(f"the method {request.tok}")

    def RegisterPackage(self, request: Any) -> Any:
        """Refuse: parameterized providers."""
        raise _unsupported(f"the parameterized provider {request.name}")

    def RegisterStackTransform(self, request: Any) -> Any:
        """Refuse: transforms of a whole stack."""
        del request
        raise _unsupported("transforms of a whole stack")

    def RegisterStackInvokeTransform(self, request: Any) -> Any:
        """Refuse: transforms of invokes."""
        del request
        raise _unsupported("transforms of invokes")

    def RegisterResourceHook(self, request: Any) -> Any:
        """Refuse: resource hooks."""
        raise _unsupported(f"the resource hook {request.name!r}")

    def RegisterErrorHook(self, request: Any) -> Any:
        """Refuse: error hooks."""
        raise _unsupported(f"the error hook {request.name!r}")

    def ExistsResource(self, request: Any) -> Any:
        """Refuse: the stand-in cloud holds nothing outside the stack."""
        raise _unsupported(f"asking whether {request.type} {request.id!r} exists")


def _unsupported(what: str) -> UnsupportedError:
    return UnsupportedError(
        f"the embedded host cannot run this program ({what}). Use the Pulumi CLI for it: --engine pulumi."
    )
