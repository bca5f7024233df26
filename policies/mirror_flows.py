"""Reads what mirrors and connectors move: from which cluster, to which, and which topics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.clusters import Cluster
from policies.places import Kind, places
from policies.values import Opaque, Value, as_list, as_map, dig
from policies.views import ResourceView

EVERYTHING = ".*"
"""What MirrorMaker 2 takes when no topics are named. Source: Apache Kafka, MirrorMaker configuration, ``topics``."""


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of a flow as it is written: brokers, and the name the mirror gives the cluster."""

    brokers: Value = None
    alias: Value = None

    def __str__(self) -> str:
        known = self.brokers if isinstance(self.brokers, str) else self.alias
        return str(known) if known else "somewhere"


@dataclass(frozen=True, kw_only=True)
class TopicFlow:
    """Topics on their way between two ends; patterns are Java regular expressions, lists allowed."""

    where: str
    """The path of the mirror within its resource."""
    source: End
    target: End
    topics: Value
    excluded: Value = None


@dataclass(frozen=True, kw_only=True)
class Connector:
    """A connector that is no mirror, with its configuration."""

    where: str
    config: Mapping[str, Value]
    topics: Value


_MIRROR_CONNECTOR = re.compile(r"Mirror(?:Source|Checkpoint|Heartbeat)Connector$|ReplicatorSourceConnector$")
_LINE = re.compile(r"^[ \t]*([\w.>-]+?)[ \t]*[=:][ \t]*(.*?)[ \t]*$", re.MULTILINE)
_ARROW = re.compile(r"^([\w.-]+)->([\w.-]+)\.(\w[\w.]*)$")


def topic_flows(resource: ResourceView) -> Iterator[TopicFlow]:
    """Give every flow of topics that a resource sets up, in any of its forms."""
    if resource.type.startswith("aws:msk/replicator:"):
        yield from _managed_replicator(resource)
    for path, block in resource.mappings:
        kind = _kind(resource, path, block)
        if kind == "KafkaMirrorMaker2":
            yield from _strimzi(path, as_map(block.get("spec")))
        elif kind == "KafkaMirrorMaker":
            yield from _first_generation(path, as_map(block.get("spec")))
        elif (config := _connector_config(kind, block)) is not None and _is_mirror(config):
            yield from _connector_flow(path, config)
        if any("->" in key for key in block):
            yield from _standalone(path, block)
    for leaf in resource.leaves:
        if isinstance(leaf.value, str) and "->" in leaf.value and "\n" in leaf.value:
            yield from _standalone(leaf.path, dict(_LINE.findall(leaf.value)))


def connectors(resource: ResourceView) -> Iterator[Connector]:
    """Give the connectors of a resource that are no mirrors."""
    if resource.type.startswith("aws:mskconnect/connector:"):
        config = as_map(resource.tree.get("connectorConfiguration"))
        yield Connector(where="connectorConfiguration", config=config, topics=_topics_of(config))
        return
    for path, block in resource.mappings:
        config = _connector_config(_kind(resource, path, block), block)
        if config is not None and not _is_mirror(config):
            yield Connector(where=path, config=config, topics=_topics_of(config))


def covered_paths(resource: ResourceView) -> tuple[str, ...]:
    """Give the paths whose words about places are read here, so that no other rule repeats them."""
    if resource.type.startswith(("aws:msk/replicator:", "aws:mskconnect/connector:")):
        return ("",)
    found = [
        path
        for path, block in resource.mappings
        if _kind(resource, path, block) in {"KafkaMirrorMaker2", "KafkaMirrorMaker", "KafkaConnector"}
        or "connector.class" in block
        or any("->" in key for key in block)
    ]
    found += [
        leaf.path
        for leaf in resource.leaves
        if isinstance(leaf.value, str)
        and "->" in leaf.value
        and any(_ARROW.match(name) for name, _ in _LINE.findall(leaf.value))
    ]
    return tuple(found)


def _kind(resource: ResourceView, path: str, block: Mapping[str, Value]) -> str | None:
    kind = block.get("kind")
    if isinstance(kind, str) and "spec" in block:
        return kind
    return (
        resource.type.rsplit(":", maxsplit=1)[-1] if not path and resource.package == "kubernetes" else None
    )


def _connector_config(kind: str | None, block: Mapping[str, Value]) -> Mapping[str, Value] | None:
    if kind == "KafkaConnector":
        spec = as_map(block.get("spec"))
        return {**as_map(spec.get("config")), "connector.class": spec.get("class")}
    return block if "connector.class" in block else None


def _is_mirror(config: Mapping[str, Value]) -> bool:
    name = config.get("connector.class")
    return isinstance(name, str) and _MIRROR_CONNECTOR.search(name) is not None


def _topics_of(config: Mapping[str, Value]) -> Value:
    for key in ("topics", "topics.regex", "topic.regex", "topic.whitelist", "kafka.topic", "topic"):
        if config.get(key) is not None:
            return config[key]
    return None


def _strimzi(path: str, spec: Mapping[str, Value]) -> Iterator[TopicFlow]:
    clusters = {str(dig(item, "alias")): item for item in as_list(spec.get("clusters"))}
    for place, mirror in enumerate(as_list(spec.get("mirrors"))):
        source, target = dig(mirror, "source"), dig(mirror, "target") or spec.get("target")
        if source is None:
            source = _named(clusters, dig(mirror, "sourceCluster"))
        if target is None:
            target = _named(clusters, dig(mirror, "targetCluster") or spec.get("connectCluster"))
        config = as_map(dig(mirror, "sourceConnector", "config"))
        topics = dig(mirror, "topicsPattern")
        if topics is None:
            topics = dig(mirror, "topicsWhitelistPattern") or config.get("topics")
        excluded = [
            *(dig(mirror, name) for name in ("topicsExcludePattern", "topicsBlacklistPattern")),
            *(config.get(name) for name in ("topics.exclude", "topics.blacklist")),
        ]
        yield TopicFlow(
            where=f"{path}.spec.mirrors[{place}]".lstrip("."),
            source=_end(source),
            target=_end(target),
            topics=EVERYTHING if topics is None else topics,
            excluded=_joined(excluded),
        )


def _named(clusters: Mapping[str, Value], alias: Value) -> Value:
    return clusters.get(str(alias), {"alias": alias})


def _end(block: Value) -> End:
    if isinstance(block, Opaque):
        return End(brokers=block)
    return End(brokers=dig(block, "bootstrapServers"), alias=dig(block, "alias"))


def _joined(values: list[Value]) -> Value:
    known = [value for value in values if value is not None]
    return next((item for item in known if isinstance(item, Opaque)), ",".join(str(item) for item in known))


def _first_generation(path: str, spec: Mapping[str, Value]) -> Iterator[TopicFlow]:
    topics = spec.get("include", spec.get("whitelist"))
    yield TopicFlow(
        where=f"{path}.spec".lstrip("."),
        source=End(brokers=dig(spec, "consumer", "bootstrapServers")),
        target=End(brokers=dig(spec, "producer", "bootstrapServers")),
        topics=EVERYTHING if topics is None else topics,
    )


def _connector_flow(path: str, config: Mapping[str, Value]) -> Iterator[TopicFlow]:
    def first(*names: str) -> Value:
        return next((config[name] for name in names if config.get(name) is not None), None)

    topics = _topics_of(config)
    yield TopicFlow(
        where=path,
        source=End(
            brokers=first("source.cluster.bootstrap.servers", "src.kafka.bootstrap.servers"),
            alias=first("source.cluster.alias"),
        ),
        target=End(
            brokers=first("target.cluster.bootstrap.servers", "dest.kafka.bootstrap.servers"),
            alias=first("target.cluster.alias"),
        ),
        topics=EVERYTHING if topics is None else topics,
        excluded=first("topics.exclude", "topics.blacklist", "topic.blacklist"),
    )


def _standalone(path: str, lines: Mapping[str, Value]) -> Iterator[TopicFlow]:
    """Read connect-mirror-maker.properties: a flow exists where ``<source>-><target>.enabled`` is true."""
    pairs: dict[tuple[str, str], dict[str, Value]] = {}
    for name, value in lines.items():
        arrow = _ARROW.match(name)
        if arrow:
            pairs.setdefault((arrow[1], arrow[2]), {})[arrow[3]] = value
    for (source, target), settings in pairs.items():
        if str(settings.get("enabled", "false")).strip().lower() != "true":
            continue
        topics = settings.get("topics", lines.get("topics"))
        excluded = settings.get("topics.exclude", settings.get("topics.blacklist"))
        yield TopicFlow(
            where=f"{path}: {source}->{target}",
            source=End(brokers=lines.get(f"{source}.bootstrap.servers"), alias=source),
            target=End(brokers=lines.get(f"{target}.bootstrap.servers"), alias=target),
            topics=EVERYTHING if topics is None else topics,
            excluded=lines.get("topics.exclude", lines.get("topics.blacklist"))
            if excluded is None
            else excluded,
        )


def _managed_replicator(resource: ResourceView) -> Iterator[TopicFlow]:
    for place, info in enumerate(as_list(resource.tree.get("replicationInfoList"))):
        for rule in as_list(dig(info, "topicReplications")):
            yield TopicFlow(
                where=f"replicationInfoList[{place}]",
                source=End(brokers=dig(info, "sourceKafkaClusterArn")),
                target=End(brokers=dig(info, "targetKafkaClusterArn")),
                topics=_joined(list(as_list(dig(rule, "topicsToReplicates")))),
                excluded=_joined(list(as_list(dig(rule, "topicsToExcludes")))),
            )


_INSIDE = re.compile(
    r"\.svc(?:[.:,]|$)|\.cluster\.local|localhost|127\.0\.0\.1|^[\w-]+(?::\d+)?(?:,|$)|\.(?:dev|staging|prod)\.smp\.local"
)
_WORDS = {
    "asia": Cluster.ASIA,
    "sg": Cluster.ASIA,
    "singapore": Cluster.ASIA,
    "apac": Cluster.ASIA,
    "us": Cluster.US,
    "virginia": Cluster.US,
    "usa": Cluster.US,
    "cn": Cluster.CHINA,
    "china": Cluster.CHINA,
    "beijing": Cluster.CHINA,
    "global": Cluster.GLOBAL,
}


def home_of(end: End, own: Cluster) -> Cluster | Opaque | None:
    """Find whose cluster an end is; ``None`` for brokers that belong to none of ours.

    The address decides, the alias only where there is no address: it is a name that the mirror makes up.
    """
    if isinstance(end.brokers, Opaque):
        return end.brokers
    named = _worded(end.alias)
    if isinstance(end.brokers, str) and end.brokers:
        return _home_of_brokers(end.brokers, named, own)
    return end.alias if isinstance(end.alias, Opaque) else named or Opaque.UNKNOWN


def _home_of_brokers(brokers: str, named: Cluster | None, own: Cluster) -> Cluster | Opaque | None:
    if "$" in brokers or "{{" in brokers:
        return named or Opaque.UNKNOWN
    mentions = [item for item in places(brokers) if item.kind is not Kind.ACCOUNT]
    if not mentions:
        return own if _INSIDE.search(brokers) else _worded(brokers) or named
    foreign = [item for item in mentions if item.is_foreign_to(own)]
    homes = (foreign or mentions)[0].homes
    if named in homes:  # Virginia has two clusters
        return named
    if not foreign:
        return own
    return Cluster.US if Cluster.US in homes else next(iter(homes), None)


def _worded(text: Value) -> Cluster | None:
    if not isinstance(text, str):
        return None
    return next((_WORDS[word] for word in re.split(r"[^a-z0-9]+", text.lower()) if word in _WORDS), None)
