"""The rules as Pulumi's engine asks for them: a server of its analyzer protocol.

The engine sends what it registers, this makes a snapshot of it, and the same rules judge it as in ``smp check``.
Values are read from the messages themselves: the policy SDK would raise on every unknown value, report that as
advice, and decode each resource once per rule.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto import analyzer_pb2_grpc as services
from pulumi.runtime.proto import plugin_pb2

from insight.errors import InsightError
from insight.findings import judge, judge_alone
from insight.snapshot import Resource, Snapshot
from insight.snapshot_reading import decode_value
from policies.pack import RULES
from policies.rules import Finding, Level
from policies.values import Value

PACK = "smp"
_MOST_BYTES = 400 * 1024 * 1024
"""Of one message; a stack arrives in one."""
_SHORTEST_SECRET = 8
"""Shorter ones would be found in ordinary words."""
_LEVELS = {Level.MANDATORY: messages.MANDATORY, Level.ADVISORY: messages.ADVISORY}
_SEVERITIES = {
    Level.MANDATORY: messages.POLICY_SEVERITY_HIGH,
    Level.ADVISORY: messages.POLICY_SEVERITY_MEDIUM,
}
_NOT_CUSTOM = frozenset({"smp", "pulumi"})
"""Packages of components: ours, and the engine's own."""
_ENGINES_OWN = ("pulumi:providers:", "pulumi:pulumi:StackReference")
"""What is no component although its package is among those."""

Described = messages.AnalyzeRequest | messages.AnalyzerResource


class Pack(services.AnalyzerServicer):
    """Judges one stack. The engine sends inputs one resource at a time, then the outputs of all together.

    During an update each resource is judged before it is made, as far as it can be judged alone: a run without
    preview stops before the cloud is touched. Everything else, and every preview, is judged at the end, whole;
    what was said by then is not said again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inputs: dict[str, dict[str, Value]] = {}
        self._said: set[tuple[str, str, str]] = set()
        self._known_secrets: frozenset[str] = frozenset()
        self._is_update = False

    def Handshake(  # noqa: N802 - named by the protocol, as all below
        self, request: messages.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> messages.AnalyzerHandshakeResponse:
        """Greet the engine, of which nothing is needed."""
        del request, context
        return messages.AnalyzerHandshakeResponse()

    def GetPluginInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """Tell the version."""
        del request, context
        return plugin_pb2.PluginInfo(version=version("smp-infrastructure"))

    def GetAnalyzerInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> messages.AnalyzerInfo:
        """List the rules."""
        del request, context
        return messages.AnalyzerInfo(
            name=PACK,
            version=version("smp-infrastructure"),
            supportsConfig=False,
            policies=[
                messages.PolicyInfo(
                    name=rule.id,
                    description=rule.sentence,
                    enforcementLevel=_LEVELS[rule.level],
                    severity=_SEVERITIES[rule.level],
                    policy_type=messages.POLICY_TYPE_STACK,
                    remediation_steps=rule.remedy,
                    tags=[rule.family],
                )
                for rule in RULES
            ],
        )

    def Configure(  # noqa: N802
        self, request: messages.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Refuse a configuration: a rule is never switched off from a command line."""
        if request.policyConfig:
            names = ", ".join(sorted(request.policyConfig))
            said = (
                f"the pack takes no configuration ({names}); write an exception into policies/exceptions.yaml"
            )
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, said)
        return empty_pb2.Empty()

    def ConfigureStack(  # noqa: N802
        self, request: messages.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> messages.AnalyzerStackConfigureResponse:
        """Learn whether this is an update, and which values must never appear without their mark."""
        del context
        self._is_update = not request.dry_run
        values = (request.config.get(key, "") for key in request.config_secret_keys)
        self._known_secrets = frozenset(value for value in values if len(value) >= _SHORTEST_SECRET)
        return messages.AnalyzerStackConfigureResponse()

    def Remediate(  # noqa: N802
        self, request: messages.AnalyzeRequest, context: grpc.ServicerContext
    ) -> messages.RemediateResponse:
        """Change nothing."""
        del request, context
        return messages.RemediateResponse()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        """Nothing is under way that would have to be stopped."""
        del request, context
        return empty_pb2.Empty()

    def Analyze(  # noqa: N802
        self, request: messages.AnalyzeRequest, context: grpc.ServicerContext
    ) -> messages.AnalyzeResponse:
        """Keep the inputs of a resource that is about to be made; in an update, judge it alone."""
        inputs = _properties(request.properties)
        with self._lock:
            self._inputs[request.urn] = inputs
        if not self._is_update:
            return messages.AnalyzeResponse()
        snapshot = _snapshot([_resource(request, inputs=inputs, outputs={})], [request])
        findings = _judged(context, lambda: judge_alone(snapshot, known_secrets=self._known_secrets))
        findings = tuple(finding for finding in findings if finding.urn == request.urn)
        with self._lock:
            self._said.update(map(_key, findings))
        return _answer(findings)

    def AnalyzeStack(  # noqa: N802
        self, request: messages.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> messages.AnalyzeResponse:
        """Judge the whole stack."""
        if not request.resources:
            return messages.AnalyzeResponse()
        with self._lock:
            known, self._inputs = self._inputs, {}
            said, self._said = self._said, set()
        resources: list[Resource] = []
        for sent in request.resources:
            outputs = _properties(sent.properties)
            resources.append(_resource(sent, inputs=known.get(sent.urn, outputs), outputs=outputs))
        snapshot = _snapshot(resources, request.resources)
        findings = _judged(context, lambda: judge(snapshot, known_secrets=self._known_secrets))
        return _answer(finding for finding in findings if _key(finding) not in said)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.id, finding.urn, finding.detail


def _judged(context: grpc.ServicerContext, judged: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Turn an error into the engine's: whatever goes wrong here stops the deployment and says why."""
    try:
        return judged()
    except InsightError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _answer(findings: Iterable[Finding]) -> messages.AnalyzeResponse:
    return messages.AnalyzeResponse(
        diagnostics=[
            messages.AnalyzeDiagnostic(
                policyName=finding.rule.id,
                policyPackName=PACK,
                policyPackVersion=version("smp-infrastructure"),
                description=finding.rule.sentence,
                message=_message(finding),
                # An excepted finding stays in sight and stops nothing.
                enforcementLevel=_LEVELS[finding.level if finding.waiver is None else Level.ADVISORY],
                severity=_SEVERITIES[finding.level],
                urn=finding.urn,
            )
            for finding in findings
        ]
    )


def _message(finding: Finding) -> str:
    waiver = finding.waiver
    said = (
        f"to do: {finding.rule.remedy}"
        if waiver is None
        else f"excepted until {waiver.expires} by {waiver.owner}: {waiver.reason}"
    )
    return f"{finding.detail}\nwhy: {finding.rule.sentence} ({finding.rule.source})\n{said}"


def _properties(struct: struct_pb2.Struct) -> dict[str, Value]:
    decoded: dict[str, Any] = json_format.MessageToDict(struct)
    return {name: decode_value(value) for name, value in decoded.items()}


def _resource(sent: Described, *, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> Resource:
    whole = sent if isinstance(sent, messages.AnalyzerResource) else None
    package = sent.type.split(":")[0]
    return Resource(
        urn=sent.urn,
        type=sent.type,
        name=sent.name or sent.urn.split("::")[-1],
        # The protocol does not say it: components have no provider and a package without one.
        custom=sent.HasField("provider") or sent.type.startswith(_ENGINES_OWN) or package not in _NOT_CUSTOM,
        inputs=inputs,
        outputs=outputs,
        parent=(whole.parent if whole else sent.options.parent) or None,
        dependencies=tuple(whole.dependencies) if whole else (),
        property_dependencies={
            name: tuple(found.urns) for name, found in (whole.propertyDependencies if whole else {}).items()
        },
        provider=_provider_urn(sent) if sent.HasField("provider") else None,
        protect=sent.options.protect,
    )


def _provider_urn(sent: Described) -> str:
    """Give the provider's URN, or one after its resource's where a caller left it away."""
    head = "::".join(sent.urn.split("::")[:2])
    return sent.provider.urn or f"{head}::{sent.provider.type}::{sent.provider.name}"


def _snapshot(resources: Sequence[Resource], sent: Iterable[Described]) -> Snapshot:
    """Put resources together with those of their providers that are not among them."""
    found = {resource.urn: resource for resource in resources}
    for item in sent:
        if not item.HasField("provider"):
            continue
        urn = _provider_urn(item)
        if urn not in found:
            found[urn] = Resource(
                urn=urn,
                type=item.provider.type,
                name=item.provider.name,
                custom=True,
                inputs=_properties(item.provider.properties),
            )
    stack, project = resources[0].urn.removeprefix("urn:pulumi:").split("::")[:2]
    return Snapshot(stack=stack, project=project, resources=tuple(found.values()), origin="the engine")


def serve() -> None:
    """Serve until the engine ends this process; the first line of output is the port, as the engine expects."""
    options = [
        ("grpc.max_receive_message_length", _MOST_BYTES),
        ("grpc.max_send_message_length", _MOST_BYTES),
    ]
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=options)
    services.add_AnalyzerServicer_to_server(Pack(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
