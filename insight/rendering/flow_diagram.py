"""What flows where, drawn from the catalogue as Mermaid text: between clusters, and inside a region."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.flows import Direction, Flow
from catalog.read_model import Figure
from catalog.topics import SINK_DEAD_LETTERS, Topic, topics_of


def flows_document() -> str:
    """Write docs/data-flows.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Data flows"
    yield ""
    yield "Made from the catalogue, not by hand: `./smp test tests/insight/test_flow_diagram.py --update-golden`."
    yield "An arrow that is not here does not exist (M§14.3): China's audit log stays in China for now (decision 0019)."
    yield ""
    yield "## Between clusters"
    yield ""
    yield "```mermaid"
    yield "flowchart LR"
    for cluster in Cluster:
        yield f'  {_node(cluster)}["{cluster.id}"]'
    for flow in Flow:
        for source in Cluster:
            for target in Cluster:
                if flow.joins(source, target):
                    yield f'  {_node(source)} -->|"{_label(flow)}"| {_node(target)}'
    yield "```"
    yield ""
    never = [flow.facts.subject for flow in Flow if flow.facts.direction is Direction.NEVER]
    yield f"Never: {', '.join(never)}."
    yield ""
    yield "## The read model, inside each region"
    yield ""
    yield "```mermaid"
    yield "flowchart LR"
    for figure in Figure:
        topic = figure.facts.topic.name
        yield f'  {figure.owner.name.lower()}["{figure.owner.id}"] --> {figure.id}["{topic}"] --> sink["figures-sink"]'
    yield '  sink --> search[("Elasticsearch figures-*")]'
    yield f'  sink -->|"unreadable"| letters["{SINK_DEAD_LETTERS.name}"]'
    yield '  search --> reconciliation["read-model-reconciliation"]'
    yield '  mysql[("MySQL views")] --> reconciliation'
    yield "```"
    yield ""
    yield "## Topics by class"
    yield ""
    yield "| class | leaves its cluster | topics |"
    yield "|---|---|---|"
    for data_class in DataClass:
        ways: dict[str, list[str]] = {}
        for topic in topics_of(data_class):
            ways.setdefault(_leaves(topic), []).append(f"`{topic.name}`")
        for leaves, names in ways.items():
            yield f"| {data_class} | {leaves} | {', '.join(names)} |"


def _leaves(topic: Topic) -> str:
    """Say how a topic leaves its cluster; what could not be handled waits there for its owner, whatever it is about."""
    if topic.dead_letters_of is not None:
        return "never"
    return next((_label(flow) for flow in Flow if flow.facts.carries is topic.data_class), "no")


def _node(cluster: Cluster) -> str:
    return cluster.id.replace("-", "_")


def _label(flow: Flow) -> str:
    facts = flow.facts
    if facts.latency is None:
        return "never"
    return f"{facts.carries}: {facts.mechanism}, within {int(facts.latency.total_seconds()) // 60} minutes"
