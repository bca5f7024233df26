"""What metrics, logs and traces may leave a cluster: metrics to Mimir, and the sanitised index of logs (M§14.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.clusters import Cluster
from policies.embedded import Leaf
from policies.flows import ForeignPlace, is_for_people, said, undue
from policies.log_pipelines import is_sanitised
from policies.places import Kind
from policies.rules import Family, Level, Rule, Violation, on
from policies.unknowns import is_explained
from policies.values import Opaque, as_flag, as_list, as_map, dig
from policies.views import ResourceView, StackView

_METRICS_HOST = re.compile(
    r"(?:^|[/.@=])(?:mimir|prometheus|thanos|cortex|alertmanager|grafana)[\w-]*\.", re.IGNORECASE
)
_NOT_METRICS = re.compile(r"/loki/|/v1/(?:traces|logs)|/otlp/v1/(?:traces|logs)|tempo|jaeger", re.IGNORECASE)
_NAMES_ONLY = re.compile(
    r"^kubernetes:.*:(?:Service|ServiceEntry|NetworkPolicy|CiliumNetworkPolicy)(?:Patch)?$"
)
_LOKI = re.compile(r"loki", re.IGNORECASE)


def _egress(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        found = undue(stack, resource, Family.OBSERVABILITY)
        if found and not _shares_metrics_only(resource):
            left = [place for place in found if not _is_due(stack, resource, place)]
            yield from said(
                resource,
                left,
                "only metrics to Mimir of smp-global and the sanitised log index leave a cluster",
            )


def _is_due(stack: StackView, resource: ResourceView, place: ForeignPlace) -> bool:
    token = place.mention.token
    is_metrics = _METRICS_HOST.search(token) is not None and _NOT_METRICS.search(token) is None
    if stack.facts.cluster is Cluster.GLOBAL:
        is_probe = place.mention.kind is Kind.HOST and place.mention.text.endswith(".vn")
        return is_metrics or is_probe
    if Cluster.GLOBAL not in place.mention.homes:
        return False
    if _NAMES_ONLY.search(resource.type) and (is_metrics or _LOKI.search(token)):
        return True  # a name inside the cluster; who uses it is judged there
    if is_metrics:
        return not _is_used_for_more(resource, place.leaf)
    return _LOKI.search(token) is not None and is_sanitised(resource, place.leaf)


def _is_used_for_more(resource: ResourceView, leaf: Leaf) -> bool:
    """Whether an exporter of an OpenTelemetry Collector to Mimir also takes logs or traces."""
    if "exporters" not in leaf.keys:
        return False
    place = leaf.keys.index("exporters")
    name = leaf.keys[place + 1] if place + 1 < len(leaf.keys) else ""
    for _, block in resource.mappings:
        for pipeline, body in as_map(block.get("pipelines")).items():
            kind = pipeline.split("/", maxsplit=1)[0]
            if kind in {"logs", "traces"} and name in [str(item) for item in as_list(dig(body, "exporters"))]:
                return True
    return False


_METRICS_ONLY = frozenset(
    {"AWS::CloudWatch::Metric", "AWS::InternetMonitor::Monitor", "AWS::ApplicationInsights::Application"}
)


def _shares_metrics_only(resource: ResourceView) -> bool:
    shared = {str(item) for item in as_list(resource.get("resourceTypes"))}
    return resource.type.startswith("aws:oam/link:") and bool(shared) and shared <= _METRICS_ONLY


def _links(stack: StackView) -> Iterator[Violation]:
    for link in stack.of_type("aws:oam/link:Link"):
        if not _shares_metrics_only(link) and not is_explained(stack, link, "sinkIdentifier"):
            kinds = ", ".join(str(item) for item in as_list(link.get("resourceTypes"))) or "everything"
            yield on(link, f"shares {kinds} with another account")


_VENDOR = re.compile(
    r"(?<![a-z0-9-])(?P<host>(?:[a-z0-9-]+\.)*(?:datadoghq\.(?:com|eu)|ddog-gov\.com|splunkcloud\.com|splunk\.com|signalfx\.com"
    r"|newrelic\.com|nr-data\.net|honeycomb\.io|sentry\.io|logz\.io|loggly\.com|papertrailapp\.com|grafana\.net"
    r"|lightstep\.com|sumologic\.(?:com|net)|elastic-cloud\.com|cloud\.es\.io|found\.io|axiom\.co|logtail\.com"
    r"|betterstack\.com|betterstackdata\.com|logdna\.com|mezmo\.com|dynatrace\.com|instana\.io|rollbar\.com|bugsnag\.com"
    r"|uptrace\.dev|coralogix\.(?:com|us|in)|chronosphere\.io|observeinc\.com|appdynamics\.com|raygun\.(?:io|com)"
    r"|airbrake\.io|sematext\.com|logflare\.app|cribl\.cloud|humio\.com|crowdstrike\.com|solarwinds\.com|scoutapm\.com"
    r"|logrocket\.(?:io|com)|highlight\.io|fullstory\.com|hotjar\.(?:io|com)|mixpanel\.com|amplitude\.com|segment\.(?:io|com)"
    r"|posthog\.com|heapanalytics\.com|google-analytics\.com|snowflakecomputing\.com|opentelemetry\.aiven\.io))(?![a-z0-9-])",
    re.IGNORECASE,
)
"""Companies that take logs, traces, errors or visits of users, by domain."""
_NOT_A_SINK = re.compile(
    r"^(?:helm|charts?|docs?|www|apt|yum|repo|keys|raw|status|support|community|download|install|registry|images?)\.",
    re.IGNORECASE,
)
_VENDOR_SCHEMES = re.compile(r"^(?:datadog|splunk|sumo|gs|azure|https?)://", re.IGNORECASE)


def _vendors(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        for leaf in resource.leaves:
            if isinstance(leaf.value, str) and "." in leaf.value and not is_for_people(leaf):
                match = _VENDOR.search(leaf.value)
                if match and not _NOT_A_SINK.match(match["host"]):
                    yield on(resource, f"{leaf.path} sends to {match['host']}, which is no cluster of SMP")
                    break
        if resource.type.startswith("cloudflare:index/logpushJob:"):
            target = resource.get("destinationConf")
            if isinstance(target, str) and _VENDOR_SCHEMES.match(target) and not _VENDOR.search(target):
                yield on(resource, f"pushes requests to {target.split('?', maxsplit=1)[0]}")
        if resource.type.startswith("mongodbatlas:index/thirdPartyIntegration:"):
            kind = resource.get("type")
            if kind in ("DATADOG", "NEW_RELIC", "SPLUNK"):
                yield on(resource, f"sends what the database does to {kind}")


def _kept_at_the_edge(stack: StackView) -> Iterator[Violation]:
    for worker in stack.made():
        if worker.type.startswith("cloudflare:index/worker"):
            if as_flag(dig(worker.get("observability"), "enabled")) is True:
                yield on(
                    worker, "observability keeps each request, with its visitor's address, at Cloudflare"
                )
            if as_flag(worker.get("logpush")) is True:
                yield on(worker, "logpush copies each request, with its visitor's address, out of the edge")


def _hidden(stack: StackView) -> Iterator[Violation]:
    """Judge agents whose destination is not known before the deployment."""
    for resource in stack.made():
        for leaf in resource.leaves:
            if (
                leaf.value is Opaque.UNKNOWN
                and leaf.key in {"url", "endpoint", "host", "address"}
                and any(_DESTINATIONS.search(key) for key in leaf.keys[:-1])
                and not is_explained(stack, resource, leaf.path)
            ):
                yield on(
                    resource,
                    f"cannot be proven: {leaf.path}, where it is sent, is not known before the deployment",
                )


_DESTINATIONS = re.compile(r"^(?:remote_?write|clients|exporters|sinks|outputs|loki|otlp\w*)$", re.IGNORECASE)


RULES = (
    Rule(
        id="observability-egress",
        family=Family.OBSERVABILITY,
        sentence="Only metrics to Mimir of smp-global and the sanitised log index leave; logs and traces stay.",
        source="M§14.3, M§12; PIPL art. 38-40",
        level=Level.MANDATORY,
        remedy="send logs and traces to the cluster's own Loki and Tempo; the index goes to tenant sanitized-index"
        " after replace stages",
        judge=_egress,
        alone=True,
    ),
    Rule(
        id="observability-shared-accounts",
        family=Family.OBSERVABILITY,
        sentence="No log group or trace is shared with another account.",
        source="M§14.3; CloudWatch cross-account observability",
        level=Level.MANDATORY,
        remedy="share metrics only (AWS::CloudWatch::Metric)",
        judge=_links,
    ),
    Rule(
        id="observability-vendors",
        family=Family.OBSERVABILITY,
        sentence="No log, trace, error or visit goes to a company outside; SMP observes itself.",
        source="M§12, M§14.3; PIPL art. 38",
        level=Level.MANDATORY,
        remedy="send it to the cluster's own Loki, Tempo and Prometheus",
        judge=_vendors,
        alone=True,
    ),
    Rule(
        id="observability-edge-requests",
        family=Family.OBSERVABILITY,
        sentence="The edge keeps no record of single requests.",
        source="M§14.3: personal data redacted before egress",
        level=Level.ADVISORY,
        remedy="leave observability and logpush of the Worker off; its counters are enough",
        judge=_kept_at_the_edge,
        alone=True,
    ),
    Rule(
        id="observability-destination-known",
        family=Family.OBSERVABILITY,
        sentence="Where metrics, logs and traces are sent can be seen before the deployment.",
        source="M§14.3; docs/decisions: unknown values fail closed",
        level=Level.MANDATORY,
        remedy="write the address down",
        judge=_hidden,
    ),
)
