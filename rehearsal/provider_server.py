# ruff: noqa: N802 - method names are the service's
"""The stand-in cloud as a gRPC provider plugin: what the real engine is attached to.

One server on one port serves every package. The engine opens a connection for each provider instance, so a connection
(its peer address) tells which instance, account and region a request is for.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, cast

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal import sdk, standin, values
from rehearsal.diffs import differences
from rehearsal.errors import ResourceFailure
from rehearsal.faults import FaultPlan, ProviderFault
from rehearsal.schema_check import Violation, check_inputs
from rehearsal.standin_identity import ProviderFacts, provider_facts
from rehearsal.standin_invoke import InvokeError, invoke
from rehearsal.standin_replace import deletes_before_replacing
from rehearsal.standin_updates import refusal
from rehearsal.values import Properties

# Newer than any SDK, so that the engine never thinks the attached plugin too old.
_VERSION = "1000.0.0"
# The engine compares the program with what the cloud has, and the stand-in has nothing that no run made.
_NO_IMPORT = "an import cannot be rehearsed with the real engine; use the embedded host: --engine embedded."
_MESSAGE_SIZE = 400 * 1024 * 1024


class StandInProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The service `pulumirpc.ResourceProvider`; method names are the service's."""

    def __init__(self, faults: FaultPlan) -> None:
        self.failures: list[ResourceFailure] = []
        self._faults = faults
        self._lock = threading.Lock()
        self._facts: dict[str, ProviderFacts] = {}
        # Read by their id alone. A comparison that follows is an import's.
        self._found: set[str] = set()

    def failure_of(self, urn: str) -> ResourceFailure | None:
        """What was refused for a URN."""
        return next((failure for failure in self.failures if failure.urn == urn), None)

    # The plugin

    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on what both sides understand."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Learn the engine's address; nothing is asked of it."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """Say the version."""
        return plugin_pb2.PluginInfo(version=_VERSION)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Go on: the engine cancels each instance, the server belongs to the rehearsal."""
        return empty_pb2.Empty()

    # Providers

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Check a provider's configuration against its class."""
        found = self._violations(request)
        failures = [provider_pb2.CheckFailure(property="", reason=violation.reason) for violation in found]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """A changed configuration updates the provider, it never replaces it."""
        old = request.old_inputs if request.HasField("old_inputs") else request.olds
        return self._diff(_token(request), old, request.news)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        """Learn the account and region of the instance on this connection."""
        token = request.type or (_token(request) if request.urn else "")
        package = sdk.package_of(token) if token else _package_of_variables(request.variables)
        with self._lock:
            self._facts[context.peer()] = provider_facts(package, values.from_struct(request.args))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptResources=True, supportsPreview=True)

    # Resources

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Check a resource's inputs against its class.

        The engine ends the whole run at the first check that fails. So what is wrong is kept, and the operation on the
        resource fails instead: all mistakes of a program are found in one run, as by the embedded host.
        """
        self._violations(request)
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """Compare the inputs of a resource with those it was made from; refused ones always differ."""
        if self.failure_of(request.urn) is not None:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_SOME)
        if request.urn in self._found:
            self.failures.append(ResourceFailure(urn=request.urn, reason=_NO_IMPORT))
            _abort(context, _NO_IMPORT)
        return self._diff(_token(request), request.old_inputs, request.news)

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        """Make a resource."""
        wanted = self._request(request, request.properties, context)
        self._refuse(wanted.urn, context)
        if request.preview:
            made = standin.preview_create(wanted)
            return provider_pb2.CreateResponse(id="", properties=values.to_struct(made.outputs))
        self._operate(wanted, context)
        made = standin.create(wanted)
        return provider_pb2.CreateResponse(id=made.id, properties=values.to_struct(made.outputs))

    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        """Change a resource."""
        wanted = self._request(request, request.news, context)
        self._refuse(wanted.urn, context)
        inputs = values.from_struct(request.old_inputs)
        before = standin.Before(inputs=inputs, outputs=values.from_struct(request.olds))
        refused = refusal(wanted.token, inputs, wanted.inputs)
        if refused is not None:
            self.failures.append(ResourceFailure(urn=wanted.urn, reason=refused))
            _abort(context, refused)
        if request.preview:
            made = standin.preview_update(wanted, resource_id=request.id, before=before)
        else:
            self._operate(wanted, context)
            made = standin.update(wanted, resource_id=request.id, before=before)
        return provider_pb2.UpdateResponse(properties=values.to_struct(made.outputs))

    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        """Read a resource: one of the stack is as it was left, another has whatever it is asked for."""
        wanted = self._request(request, request.inputs, context)
        if len(request.inputs.fields):
            properties = request.properties
        else:
            self._operate(wanted, context)
            self._found.add(wanted.urn)
            wanted = self._request(request, request.properties, context)
            properties = values.to_struct(standin.read(wanted, resource_id=request.id).outputs)
        return provider_pb2.ReadResponse(
            id=request.id, properties=properties, inputs=values.to_struct(wanted.inputs)
        )

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Delete a resource."""
        self._operate(self._request(request, request.properties, context), context)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        """Call a function."""
        facts = self._facts_for(sdk.package_of(request.tok), context)
        try:
            answer = invoke(request.tok, values.from_struct(request.args), facts)
        except InvokeError as error:
            _abort(context, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(values.to_struct(answer))
        return response

    # Parts

    def _violations(self, request: Any) -> tuple[Violation, ...]:
        with self._lock:
            found = check_inputs(
                token=_token(request), urn=request.urn, inputs=values.from_struct(request.news)
            )
            if found:
                self.failures.append(_refused(request.urn, found))
        return found

    def _diff(self, token: str, old: struct_pb2.Struct, new: struct_pb2.Struct) -> provider_pb2.DiffResponse:
        news = values.from_struct(new)
        kind = provider_pb2.PropertyDiff.Kind
        with self._lock:
            changes = differences(token, values.from_struct(old), news)
        detailed: dict[str, provider_pb2.PropertyDiff] = {}
        for change in changes:
            what = "ADD" if change.old is None else "DELETE" if change.new is None else "UPDATE"
            name = f"{what}_REPLACE" if change.forces_replacement else what
            detailed[change.path] = provider_pb2.PropertyDiff(kind=kind.Value(name), inputDiff=True)
        replaces = {str(values.split_path(change.path)[0]) for change in changes if change.forces_replacement}
        some = provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            replaces=sorted(replaces),
            diffs=sorted({str(values.split_path(change.path)[0]) for change in changes}),
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replaces) and deletes_before_replacing(token, news),
        )

    def _request(self, request: Any, inputs: struct_pb2.Struct, context: Any) -> standin.Request:
        token = _token(request)
        return standin.Request(
            token=token,
            urn=request.urn,
            inputs=values.from_struct(inputs),
            facts=self._facts_for(sdk.package_of(token), context),
        )

    def _facts_for(self, package: str, context: Any) -> ProviderFacts:
        with self._lock:
            known = self._facts.get(context.peer())
            if known is not None and known.package in {package, ""}:
                return known
            same = [facts for facts in self._facts.values() if facts.package == package]
        if len(same) == 1:
            return same[0]
        empty: Properties = {}
        return provider_facts(package, empty)

    def _refuse(self, urn: str, context: Any) -> None:
        failure = self.failure_of(urn)
        if failure is not None:
            _abort(context, failure.reason)

    def _operate(self, wanted: standin.Request, context: Any) -> None:
        with self._lock:
            try:
                self._faults.before_operation(urn=wanted.urn, token=wanted.token)
            except ProviderFault as fault:
                self.failures.append(ResourceFailure(urn=wanted.urn, reason=str(fault)))
                _abort(context, str(fault))


@contextlib.contextmanager
def serving(faults: FaultPlan) -> Generator[tuple[StandInProvider, int], None, None]:
    """Serve the stand-in on a free loopback port while the context lasts."""
    provider = StandInProvider(faults)
    server = grpc.server(
        ThreadPoolExecutor(max_workers=8),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_SIZE),
            ("grpc.max_send_message_length", _MESSAGE_SIZE),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield provider, port
    finally:
        server.stop(grace=None).wait()


def _token(request: Any) -> str:
    """The type token of a request: newer engines send it, a URN always ends with it."""
    return cast("str", request.type) or cast("str", request.urn).split("::", 3)[2].rpartition("$")[2]


def _package_of_variables(variables: Any) -> str:
    return next((str(key).partition(":")[0] for key in variables), "")


def _refused(urn: str, found: tuple[Violation, ...]) -> ResourceFailure:
    return ResourceFailure(
        urn=urn, reason="; ".join(violation.reason for violation in found), violations=found
    )


def _abort(context: Any, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
    raise AssertionError("abort raises")
