"""Where a resource speaks of a foreign place, and which of those words can move no data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.clusters import Cluster
from policies.embedded import Leaf
from policies.kafka_names import is_due_to_kafka
from policies.mirror_flows import covered_paths
from policies.places import Kind, Mention, places
from policies.rules import Family, Violation, on
from policies.views import ResourceView, StackView


@dataclass(frozen=True, kw_only=True)
class ForeignPlace:
    """One word of a resource about a place that is not its stack's home."""

    leaf: Leaf
    mention: Mention

    def __str__(self) -> str:
        return f"{self.leaf.path} names {self.mention}"


_WORDS_FOR_PEOPLE = frozenset(
    {
        *(
            "description",
            "descriptions",
            "comment",
            "comments",
            "notes",
            "note",
            "summary",
            "title",
            "remark",
        ),
        *("displayname", "alarmdescription", "message", "runbook", "runbook_url", "doc", "documentation"),
        *("tags", "tagsall", "labels", "matchlabels", "labelselector", "alias", "sid", "externallabels"),
        *("external_labels", "extrausertags", "reason", "expr"),
    }
)
"""Keys whose values move nothing."""

_PROSE = re.compile(r"readme|changelog|licen[cs]e|\.md$|\.html$|^notes", re.IGNORECASE)
_HARMLESS_TOKEN = re.compile(
    # container images and charts (M§14.7)
    r"\.dkr\.ecr(?:-fips)?\.|\bapi\.ecr\.|^arn:aws[\w-]*:ecr(?:-public)?:|\.cr\.aliyuncs\.com|^acs:cr:"
    r"|\bregistry(?:-vpc|-internal)?\.[\w-]+\.aliyuncs\.com|\bregistry\.(?:smp-global|global)\b"
    # services without a region, which answer in Virginia
    r"|^arn:aws[\w-]*:(?:iam|sts|acm|budgets|ce|cur|route53\w*|cloudfront|organizations|health|support|shield"
    r"|account|servicequotas|sso|elasticloadbalancing-default):"
    r"|^arn:aws[\w-]*:wafv2:us-east-1:\d+:global/"
    r"|(?:^|[/@.])(?:sts|iam|budgets|ce|organizations|route53|cloudfront|acm|health|support|pricing|cur)\.us-east-1\.amazonaws"
    r"|(?:^|[/@.])sts\.[\w-]+\.amazonaws|\boidc\.eks\."
    # what AWS publishes for everybody
    r"|:layer:|^arn:aws:iam::aws:|\bamazon-eks\b|\bamazoncloudwatch-agent|\bamazon-ssm-|truststore\.pki\.rds"
    r"|storage\.googleapis\.com/(?:kubernetes|istio|k8s|gke|chromedriver|golang)|console\.aws|docs\.aws|\bawscli\b|\bal20\d\d-repos",
    re.IGNORECASE,
)

_AWS_OWN_ACCOUNTS = frozenset(
    {
        *("127311923021", "114774131450"),  # load balancers that write access logs, in Virginia and Singapore
        *("602401143452", "900889452093", "137112412989", "591542846629"),  # EKS add-ons, Amazon Linux, ECS
        "840364872350",
    }
)

_ELSEWHERE_TYPES = (
    *("aws:iam/", "aws:sso", "aws:organizations/", "aws:budgets/", "aws:costexplorer/", "aws:cur/"),
    *("aws:bcmdata/", "aws:billing/", "aws:acm/", "aws:ecr/", "aws:ecrpublic/", "aws:account/"),
    *("aws:servicequotas/", "aws:savingsplans/", "aws:shield/", "aws:costoptimizationhub/"),
    *("aws:notifications/", "aws:resourceexplorer/", "aws:uxc/", "aws:lb/listenerCertificate"),
    *("aws:ec2/vpcIpam", "alicloud:ram/", "alicloud:cr/", "alicloud:cs/registryEnterprise"),
    *("alicloud:vpc/ipam", "cloudflare:index/originCaCertificate", "cloudflare:index/certificatePack"),
    "cloudflare:index/notificationPolicy",
)
"""Types that hold or move no data about persons. Grants in policy documents are judged statement by statement."""

_ACCOUNT_KEY = re.compile(r"account(?:_?id)?s?$|aliuid$|aliyunid$", re.IGNORECASE)
_ACCOUNT = re.compile(r"\d{12}|\d{16}")
_OWN_NAMES = frozenset({"name", "nameprefix", "identifier", "identifierprefix", "generatename"})
_TRUST_KEYS = re.compile(r"role|principal|assume|trust|owner|signing|caller|^user|registry", re.IGNORECASE)
_FLOW_KEYS = re.compile(
    r"target|dest|dst|sink|replica|remote|peer|backup|mirror|export|sync|failover|fallback|secondary|standby|copy"
    r"|forward|upstream|endpoint|host|url|uri|broker|bootstrap|server|bucket|addr|database|dsn|region|source"
    r"|(?:^|_)dr(?:_|$)",
    re.IGNORECASE,
)
"""Keys whose value is where something goes or comes from."""


def foreign_places(stack: StackView, resource: ResourceView) -> tuple[ForeignPlace, ...]:
    """Give the foreign places of one resource that could be the end of a flow; found once and kept."""
    known = stack.memo.get(resource.urn)
    if known is None:
        known = tuple(_foreign(stack, resource))
        stack.memo[resource.urn] = known
    return known


def _foreign(stack: StackView, resource: ResourceView) -> Iterator[ForeignPlace]:
    if resource.type.startswith(_ELSEWHERE_TYPES):
        return
    for leaf in resource.leaves:
        if not isinstance(leaf.value, str):
            continue
        mentions = (*places(leaf.value), *_bare_account(leaf), *_place_as_key(leaf))
        if not mentions or is_for_people(leaf) or names_itself(resource, leaf):
            continue
        if is_due_to_kafka(stack, resource, leaf):
            continue
        for mention in mentions:
            if _is_foreign(stack, resource, leaf, mention) and not _HARMLESS_TOKEN.search(mention.token):
                yield ForeignPlace(leaf=leaf, mention=mention)


def _bare_account(leaf: Leaf) -> Iterator[Mention]:
    if isinstance(leaf.value, str) and _ACCOUNT_KEY.search(leaf.key) and _ACCOUNT.fullmatch(leaf.value):
        yield Mention(kind=Kind.ACCOUNT, text=leaf.value, token=leaf.value, homes=frozenset())


def _place_as_key(leaf: Leaf) -> Iterator[Mention]:
    """Read maps by region, such as ``replicaRegions: {us-east-1: ...}``."""
    return (item for item in places(leaf.key) if item.kind is Kind.REGION and item.is_bare)


def is_for_people(leaf: Leaf) -> bool:
    """Whether a value is only read by people or only compared: a description, a tag, a label, a read-me."""
    return (
        any(key.lower() in _WORDS_FOR_PEOPLE for key in leaf.keys)
        or "Statement" in leaf.keys
        or _PROSE.search(leaf.key) is not None
    )


def names_itself(resource: ResourceView, leaf: Leaf) -> bool:
    """Whether a value is the resource's own name, or its region, which is judged with its provider's."""
    if len(leaf.keys) == 1:
        key = leaf.key.lower()
        own = resource.type.rsplit(":", maxsplit=1)[-1].lower().removesuffix("v2")
        if own == "bucket" and key in {"bucket", "bucketprefix"}:
            return True
        if key == "region" and resource.package == "aws":
            return True  # judged with its provider's
        return key in _OWN_NAMES or key in {f"{own}name", f"{own}id", f"{own}identifier"}
    return leaf.keys[0] == "metadata" and leaf.key in {"name", "namespace", "generateName"}


def _is_foreign(stack: StackView, resource: ResourceView, leaf: Leaf, mention: Mention) -> bool:
    home = stack.facts.cluster
    if mention.kind is Kind.ACCOUNT:
        own = resource.accounts
        return (
            bool(own)
            and mention.text not in own | _AWS_OWN_ACCOUNTS
            and not any(_TRUST_KEYS.search(key) for key in leaf.keys)
        )
    if not mention.is_foreign_to(home):
        return False
    if mention.kind is Kind.ADDRESS and leaf.key in {"cidrBlock", "ipv4CidrBlock"}:
        return False  # its own range
    if mention.kind is Kind.CLUSTER:
        if home is Cluster.GLOBAL:  # which names every cluster in dashboards, tenants and users
            return any(mark in mention.token for mark in "./:@") or _leads_somewhere(leaf)
        if Cluster.GLOBAL in mention.homes and mention.is_bare:
            return _leads_somewhere(leaf)
    return True


def is_address(leaf: Leaf) -> bool:
    """Whether a value is where something goes or comes from: by its key, or because it is a host, a URL or an ARN."""
    return _leads_somewhere(leaf) or (
        isinstance(leaf.value, str) and any(mark in leaf.value for mark in ("://", ".smp.", "arn:"))
    )


def _leads_somewhere(leaf: Leaf) -> bool:
    return _FLOW_KEYS.search(leaf.key) is not None


def said(resource: ResourceView, found: list[ForeignPlace], what: str) -> Iterator[Violation]:
    """Object once to a resource for all its foreign places; at most three are named."""
    if not found:
        return
    named = list(dict.fromkeys(str(place) for place in found))
    more = f", and {len(named) - 3} more" if len(named) > 3 else ""
    yield on(resource, f"{'; '.join(named[:3])}{more}: {what}")


_OBSERVING_HOST = re.compile(
    r"(?:^|[/.@-])(?:mimir|prometheus|prom|thanos|cortex|loki|tempo|jaeger|otel|otlp|zipkin|fluent|logs?|vector|grafana"
    r"|alertmanager|elastic-apm|apm)[\w-]*\.",
    re.IGNORECASE,
)
_OBSERVING_KEY = re.compile(
    r"remote_?write|remote_?read|loki|promtail|tempo|jaeger|otel|otlp|exporter|trac(?:e|ing)|fluent|grafana|prometheus"
    r"|scrape|datasources|mimir|alertmanager|logging|(?:^|_)logs?(?:_|$)|syslog|telemetry|cloudwatch",
    re.IGNORECASE,
)
_OBSERVING_TYPE = re.compile(
    r"^aws:(?:amp|grafana|xray|observabilityadmin|oam|internetmonitor|rum|synthetics)/|^aws:cloudwatch/(?:log|metric|query)"
    r"|^alicloud:(?:log|sls|arms|cms)/|^mongodbatlas:index/(?:logIntegration|thirdParty|metricIntegration"
    r"|orgLogIntegration|pushBasedLogExport)|^kubernetes:.*:(?:Prometheus|PrometheusAgent|ServiceMonitor|PodMonitor|Probe|ScrapeConfig"
    r"|GrafanaDatasource|OpenTelemetryCollector|Instrumentation|ClusterOutput|ClusterFlow|Output|Flow|LogPipeline"
    r"|TracePipeline|MetricPipeline|ClusterLogForwarder|LokiStack|GrafanaAgent|PodLogs|MetricsInstance|LogsInstance"
    r"|FluentBit\w*|Logging)$",
)
_MIRROR_TYPE = re.compile(r"^kubernetes:kafka\.strimzi\.io/|^aws:msk(?:connect)?/|^alicloud:alikafka/")
_MIRROR_TEXT = re.compile(r"kafka-mirror-maker|connect-mirror-maker|MirrorSource|\bbootstrap\.servers\s*[=:]")
"""Texts that set up a mirror or a client of Kafka in its own language."""
_ROUTING_TYPE = re.compile(
    r"^cloudflare:index/(?:dnsRecord|record|loadBalancer|healthcheck|worker|pages|ruleset|pageRule|spectrum|tunnel"
    r"|zeroTrustTunnel|customHostname|regionalHostname|snippet|list|webAnalytics|waitingRoom|customPages|originCloud)"
    r"|^aws:route53/(?!zoneAssociation|vpcAssoc)|^aws:route53\w+/|^aws:cloudfront/|^aws:arcregionswitch/|^aws:a?lb/"
    r"|^aws:globalaccelerator/|^alicloud:(?:alidns|dns|gtm|cdn|dcdn|esa|alb|slb|nlb|eipanycast)/"
    r"|^kubernetes:.*:(?:Ingress|HTTPRoute|TLSRoute|TCPRoute|GRPCRoute|Gateway|VirtualService|DestinationRule|DNSEndpoint"
    r"|IngressRoute|TraefikService|BackendTLSPolicy)$",
)


def subject_of(resource: ResourceView, place: ForeignPlace) -> Family:
    """Say which family of rules a foreign place belongs to."""
    if _MIRROR_TYPE.search(resource.type) or _MIRROR_TEXT.search(str(place.leaf.value)):
        return Family.MIRRORS
    if _OBSERVING_TYPE.search(resource.type):
        return Family.OBSERVABILITY
    if _ROUTING_TYPE.search(resource.type):
        return Family.ROUTING
    if _OBSERVING_HOST.search(place.mention.token) or any(
        _OBSERVING_KEY.search(key) for key in place.leaf.keys
    ):
        return Family.OBSERVABILITY
    return Family.RESIDENCY


def undue(stack: StackView, resource: ResourceView, family: Family) -> list[ForeignPlace]:
    """Give the foreign places of a resource that belong to one family, without those that mirrors are judged by."""
    found = [place for place in foreign_places(stack, resource) if subject_of(resource, place) is family]
    if not found:
        return found
    covered = covered_paths(resource)
    return [place for place in found if not place.leaf.path.startswith(covered)] if covered else found


def foreign_places_under(stack: StackView, resource: ResourceView, path: str) -> list[ForeignPlace]:
    """Give the foreign places of a resource below a path."""
    return [place for place in foreign_places(stack, resource) if place.leaf.path.startswith(path)]
