"""Runs one component in-process and records every registration the way the engine would see it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi import _types
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import _get_rpc_manager
from pulumi.runtime.stack import run_pulumi_func
from pulumi.runtime.sync_await import _sync_await

from catalog.stack_facts import Stack
from components.core.component import Component
from components.core.scope import Scope
from rehearsal import sdk
from rehearsal.program import InlineExecutor

ACCOUNT = "111122223333"


class World:
    """The scope and the explicit providers an example may use; a provider is made when first asked for."""

    def __init__(self, stack: Stack) -> None:
        self.scope = Scope(stack=stack, account=ACCOUNT)

    @cached_property
    def aws(self) -> Any:
        import pulumi_aws as aws

        return aws.Provider("aws", region=self.scope.region, allowed_account_ids=[ACCOUNT])

    @cached_property
    def alicloud(self) -> Any:
        import pulumi_alicloud as alicloud

        return alicloud.Provider("alicloud", region=self.scope.region, account_id=ACCOUNT)

    @cached_property
    def kubernetes(self) -> Any:
        import pulumi_kubernetes as kubernetes

        return kubernetes.Provider("kubernetes", kubeconfig="{}")

    @cached_property
    def cloudflare(self) -> Any:
        import pulumi_cloudflare as cloudflare

        return cloudflare.Provider("cloudflare", api_token=secret("token-of-the-example"))

    @cached_property
    def mongodbatlas(self) -> Any:
        import pulumi_mongodbatlas as mongodbatlas

        return mongodbatlas.Provider("mongodbatlas")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A component with valid arguments; ``stacks`` are those it is made for."""

    id: str
    build: Callable[[World], Component[Any]]
    stacks: tuple[Stack, ...] = (Stack.DEV, Stack.PROD_ASIA)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One registration."""

    urn: str
    type: str
    name: str
    parent: str
    provider: str
    custom: bool
    protect: bool
    inputs: Mapping[str, Any]
    """Camel-case properties; secrets unwrapped."""
    secret_inputs: frozenset[str]
    dependencies: tuple[str, ...]
    ignore_changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Everything one example registered."""

    resources: tuple[Recorded, ...]
    registered_outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    component: Component[Any]

    def of_type(self, *tokens: str) -> list[Recorded]:
        return [resource for resource in self.resources if resource.type in tokens]

    def one(self, token: str) -> Recorded:
        (resource,) = self.of_type(token)
        return resource

    @property
    def root(self) -> Recorded:
        """The component itself."""
        return next(r for r in self.resources if r.type == self.component.token)


class _EchoMocks(pulumi_mocks.Mocks):
    def call(self, args: pulumi_mocks.MockCallArgs) -> Any:
        msg = f"components read nothing while they are built, but {args.token} was called"
        raise AssertionError(msg)

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        outputs: dict[str, Any] = {**_text_outputs(args.typ, args.name), **args.inputs}
        for key, value in _NESTED_OUTPUTS.get(args.typ, {}).items():
            outputs[key] = {**outputs.get(key, {}), **value} if isinstance(value, dict) else value
        return f"{args.name}-id", outputs


_NESTED_OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    "aws:eks/cluster:Cluster": {
        "certificateAuthority": {"data": "Y2VydGlmaWNhdGU="},
        "identities": [{"oidcs": [{"issuer": "https://oidc.eks.example/id/0123456789ABCDEF"}]}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-cluster"},
    },
    "aws:rds/instance:Instance": {
        "masterUserSecrets": [
            {"secretArn": f"arn:aws:secretsmanager:ap-southeast-1:{ACCOUNT}:secret:rds!db-example-AbCdEf"}
        ],
    },
    "mongodbatlas:index/advancedCluster:AdvancedCluster": {
        "connectionStrings": {
            "privateEndpoints": [{"srvConnectionString": "mongodb+srv://mongo-pl-0.abcde.mongodb.net"}]
        },
    },
}
"""Outputs inside outputs that components read; each is merged into what the example gave."""


@cache
def _text_output_names(token: str) -> tuple[str, ...]:
    package, module, type_name = token.split(":")
    if package not in {"aws", "alicloud", "mongodbatlas"} or "/" not in module:
        return ()
    name = module.split("/", maxsplit=1)[0]
    sdk = importlib.import_module(f"pulumi_{package}" + ("" if name == "index" else f".{name}"))
    types = _types.resource_types(getattr(sdk, type_name))
    return tuple(wire for wire, hint in types.items() if hint is str)


def _text_outputs(token: str, name: str) -> dict[str, str]:
    return {output: f"{name}-{output}" for output in _text_output_names(token)}


class _RecordingMonitor(pulumi_mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(_EchoMocks())
        self.requests: list[tuple[str, Any]] = []
        self.outputs: dict[str, Mapping[str, Any]] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self.requests.append((response.urn, request))
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        self.outputs[request.urn] = _plain(rpc.deserialize_properties(request.outputs))
        return empty_pb2.Empty()


def _plain(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _holds_secret(value: Any) -> bool:
    if rpc.is_rpc_secret(value):
        return True
    if isinstance(value, Mapping):
        return any(_holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secret(item) for item in value)


def secret(value: str) -> pulumi.Output[str]:
    """A secret output, as configuration gives it."""
    return pulumi.Output.secret(value)


def known(value: str) -> pulumi.Output[str]:
    """An output of another resource."""
    return pulumi.Output.from_input(value)


def record(example: Example, stack: Stack) -> Recording:
    """Build the example for a stack and give what it registered, in order."""
    return record_build(example.build, stack)


def record_build(build: Callable[[World], Component[Any]], stack: Stack) -> Recording:
    """Build a component and give what was registered, in order."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(InlineExecutor(max_workers=1))
    asyncio.set_event_loop(loop)
    _forget_what_is_left()
    monitor = _RecordingMonitor()
    pulumi_mocks.set_mocks(
        _EchoMocks(), project="smp", stack=stack.facts.name, preview=False, monitor=monitor
    )
    built: list[Component[Any]] = []

    async def run() -> None:
        built.append(build(World(stack)))
        await sdk.settled()

    with sdk.without_stack_traces():
        _sync_await(run_pulumi_func(run))
    resources = tuple(_recorded(urn, request) for urn, request in monitor.requests)
    return Recording(resources=resources, registered_outputs=monitor.outputs, component=built[0])


def _forget_what_is_left() -> None:
    """Drop outputs made outside a recording, and calls of one that failed: their loop never runs again."""
    with settings.SETTINGS.lock:
        settings.SETTINGS.outputs.clear()
    _get_rpc_manager().clear()


def _recorded(urn: str, request: resource_pb2.RegisterResourceRequest) -> Recorded:
    raw = rpc.deserialize_properties(request.object, keep_unknowns=True)
    return Recorded(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        provider=request.provider or next(iter(request.providers.values()), ""),
        custom=request.custom,
        protect=request.protect,
        inputs=_plain(raw),
        secret_inputs=frozenset(key for key, value in raw.items() if _holds_secret(value)),
        dependencies=tuple(request.dependencies),
        ignore_changes=tuple(request.ignoreChanges),
    )
