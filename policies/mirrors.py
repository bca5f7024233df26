"""Mirrors and connectors: master data comes in, anonymised key figures go out, nothing else travels (M§14.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.flows import MIRRORED
from catalog.tags import DATA_CLASS_TAG
from catalog.topics import TOPICS
from policies.flows import foreign_places_under, said, undue
from policies.mirror_flows import Connector, TopicFlow, connectors, home_of, topic_flows
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.unknowns import is_explained
from policies.values import Opaque, Value, as_list, dig
from policies.views import ResourceView, StackView

_CLASSES: dict[str, DataClass] = {
    **{name: topic.data_class for name, topic in TOPICS.items()},
    # What a mirror of a mirror would find: the name with its source's alias in front.
    **{
        f"{cluster.id}.{name}": topic.data_class
        for cluster in Cluster
        for name, topic in TOPICS.items()
        if topic.data_class is not DataClass.MASTER_DATA
    },
}
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|$)", re.DOTALL)


def matched(patterns: str, excluded: str = "") -> frozenset[str]:
    r"""Give the topics that a list of patterns takes, as MirrorMaker 2 does: comma-separated, each for a whole name.

    Where it takes none of the catalogue's, names with a cluster's alias in front are tried: what a second mirror,
    behind the first, would find.

    Raises:
        re.error: one is no regular expression.

    """
    wanted, refused = _compiled(patterns), _compiled(excluded)

    def taken(name: str) -> bool:
        return any(item.fullmatch(name) for item in wanted) and not any(
            item.fullmatch(name) for item in refused
        )

    return frozenset(filter(taken, TOPICS)) or frozenset(filter(taken, _CLASSES))


def _compiled(patterns: str) -> list[re.Pattern[str]]:
    found: list[re.Pattern[str]] = []
    for item in re.split(r",(?![\d ]*\})", patterns):
        text = item.strip().strip("\"'")
        if text:
            java = _QUOTED.sub(lambda match: re.escape(match[1]), text)
            found.append(re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", java)))
    return found


def _mirrors(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        for flow in topic_flows(resource):
            yield from _judge(stack, resource, flow)


def _judge(stack: StackView, resource: ResourceView, flow: TopicFlow) -> Iterator[Violation]:
    own = stack.facts.cluster
    ends: list[Cluster] = []
    for what, end in (("from where", flow.source), ("to where", flow.target)):
        home = home_of(end, own)
        if (
            home is Opaque.UNKNOWN
            and end.brokers is home
            and is_explained(stack, resource, flow.where or "spec")
        ):
            home = own
        if isinstance(home, Opaque):
            yield unproven(resource, f"{flow.where}: {what} topics are mirrored", home)
            return
        if home is None:
            yield on(resource, f"{flow.where}: {end} is no cluster of SMP, so nothing allows topics {what}")
            return
        ends.append(home)
    source, target = ends
    if source is target and source is own:
        return
    if own not in ends:
        yield on(
            resource, f"{flow.where}: {source.id} to {target.id}: neither end is {own.id}, where it runs"
        )
        return
    carried = {item.facts.carries for item in MIRRORED if item.joins(source, target)}
    way = f"{flow.where}: {source.id} to {target.id}"
    if not carried:
        yield on(resource, f"{way}: regions never mirror from one another")
        return
    yield from _judge_topics(resource, flow, way, carried)


def _judge_topics(
    resource: ResourceView, flow: TopicFlow, way: str, carried: set[DataClass]
) -> Iterator[Violation]:
    for value in (flow.topics, flow.excluded):
        if isinstance(value, Opaque):
            yield unproven(resource, f"{way}: which topics travel", value)
            return
    patterns, excluded = _text(flow.topics), _text(flow.excluded)
    try:
        taken = matched(patterns, excluded)
    except re.error as error:
        yield on(resource, f"{way}: cannot be proven: {patterns!r} cannot be read as a pattern ({error})")
        return
    undue_topics = sorted(name for name in taken if _CLASSES[name] not in carried)
    if undue_topics:
        more = f" and {len(undue_topics) - 3} more" if len(undue_topics) > 3 else ""
        allowed = " and ".join(sorted(carried))
        yield on(
            resource,
            f"{way}: {patterns!r} takes {', '.join(undue_topics[:3])}{more}; only {allowed} travels this way",
        )


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ",".join(str(item) for item in as_list(value))


_LEADS = re.compile(
    r"(?:^|\.)(?:url|uri|urls|hostname|hosts?|servers?|endpoint|bucket|region|database\.hostname|bucket\.name)$"
)


_ELSEWHERE = re.compile(
    r"BigQuery|Snowflake|GcsSink|GcsSource|PubSub|AzureBlob|AzureData|CosmosDb|Databricks|Synapse|EventHub|Salesforce"
    r"|Zendesk|Segment|Datadog|Splunk|NewRelic|Rockset|Firebase"
)
"""Connectors whose other end is always somebody else's, whatever their configuration says."""


def _connectors(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        for connector in connectors(resource):
            yield from _judge_connector(stack, resource, connector)


def _judge_connector(stack: StackView, resource: ResourceView, connector: Connector) -> Iterator[Violation]:
    own = stack.facts.cluster
    for key, value in connector.config.items():
        if (
            value is Opaque.UNKNOWN
            and _LEADS.search(key)
            # An object of Kafka's operator says it in its specification.
            and not is_explained(stack, resource, connector.where or "spec")
        ):
            yield unproven(resource, f"{connector.where}.{key}".lstrip("."), value)
    name = str(connector.config.get("connector.class"))
    if _ELSEWHERE.search(name):
        yield on(resource, f"{name} writes to another company's cloud, or reads from it")
    elif name.endswith("S3SinkConnector") and connector.config.get("s3.region") is None:
        yield on(resource, "s3.region is absent, and the connector then takes us-west-2")
    found = foreign_places_under(stack, resource, connector.where)
    if not found:
        return
    targets = {home for place in found for home in place.mention.homes} - {own}
    topics = _text(connector.topics)
    if targets == {Cluster.GLOBAL} and topics:
        try:
            taken = matched(topics)
        except re.error:
            taken = frozenset[str]()
        carried = {item.facts.carries for item in MIRRORED if item.joins(own, Cluster.GLOBAL)}
        if taken and all(_CLASSES[name] in carried for name in taken):
            return
    yield from said(resource, found, "a connector moves records there or from there")


def _brokers(stack: StackView) -> Iterator[Violation]:
    for resource in stack.made():
        yield from said(resource, undue(stack, resource, Family.MIRRORS), "Kafka of another cluster")


_DATABASES = (
    *("aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:docdb/cluster:Cluster"),
    *(
        "aws:neptune/cluster:Cluster",
        "aws:redshift/cluster:Cluster",
        "aws:redshiftserverless/namespace:Namespace",
    ),
    *("mongodbatlas:index/advancedCluster:AdvancedCluster", "mongodbatlas:index/cluster:Cluster"),
    "mongodbatlas:index/flexCluster:FlexCluster",
)


def _held_by_global(stack: StackView) -> Iterator[Violation]:
    """Judge what the control plane keeps: it has no personal data, in Kafka or anywhere (M§14.1)."""
    if stack.facts.cluster is not Cluster.GLOBAL:
        return
    travels = {item.facts.carries for item in MIRRORED}
    for database in stack.of_type(*_DATABASES):
        yield on(database, "is a database; the control plane has none, just observability")
    for resource in stack.made():
        if resource.type.endswith(":KafkaTopic"):
            name = resource.get("spec", "topicName") or resource.get("metadata", "name")
            topic = TOPICS.get(name) if isinstance(name, str) else None
            if topic is not None and topic.data_class not in travels:
                yield on(resource, f"holds {topic.name} ({topic.data_class}), which never leaves its region")
        for tags in (resource.get("tags"), resource.get("labels")):
            kept = dig(tags, DATA_CLASS_TAG) if not as_list(tags) or isinstance(tags, Mapping) else None
            if kept in (DataClass.PERSONAL, DataClass.PSEUDO):
                yield on(
                    resource,
                    f"is tagged {DATA_CLASS_TAG} {kept}; the control plane holds no data about persons",
                )


RULES = (
    Rule(
        id="mirrors-control-plane",
        family=Family.MIRRORS,
        sentence="The control plane keeps no topic and no store with data about persons.",
        source="M§14.1: no PII data; M§14.2: DB tier none; M§14.3",
        level=Level.MANDATORY,
        remedy="keep it in its region; the control plane has master data, key figures, metrics and the archive",
        judge=_held_by_global,
        alone=True,
    ),
    Rule(
        id="mirrors-topics",
        family=Family.MIRRORS,
        sentence="A mirror takes master data from smp-global or gives it anonymised key figures, and no other topic.",
        source="M§14.3; PIPL art. 38-40",
        level=Level.MANDATORY,
        remedy=r"name topics that may travel: smp_global\..* from smp-global, analytics\.kpi\..*\.anonymized to it",
        judge=_mirrors,
    ),
    Rule(
        id="mirrors-connectors",
        family=Family.MIRRORS,
        sentence="A connector reads from its own cluster and writes to its own cluster.",
        source="M§14.3, P 3 weeks 3 to 6",
        level=Level.MANDATORY,
        remedy="point the connector at a store of its own cluster",
        judge=_connectors,
    ),
    Rule(
        id="mirrors-brokers",
        family=Family.MIRRORS,
        sentence="Nothing but a judged mirror speaks to the Kafka of another cluster.",
        source="M§14.3",
        level=Level.MANDATORY,
        remedy="connect to the cluster's own brokers, and let MirrorMaker carry what may travel",
        judge=_brokers,
        alone=True,
    ),
)
