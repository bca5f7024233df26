"""Kafka, Elasticsearch and Vault in the cluster: as many as the matrix says, spread, and with copies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.clusters import Cluster
from catalog.environments import Environment
from policies.demands import is_off, is_on
from policies.kubernetes_objects import KubernetesObject, chart_values, kubernetes_objects
from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_int, as_list, as_map, dig
from policies.views import StackView

BROKERS = {Environment.DEV: 1, Environment.STAGING: 3, Environment.PROD: 5}
"""Brokers of Kafka (M§2)."""
_COPIES, _IN_SYNC = 3, 2
"""Replication factor and least in-sync replicas, from three brokers up (DESIGN 5)."""
_SEARCH_NODES = 3
_VAULT_NODES = 3
_CLUSTER_LABEL = "strimzi.io/cluster"
_FACTORS = {
    "default.replication.factor": _COPIES,
    "offsets.topic.replication.factor": _COPIES,
    "transaction.state.log.replication.factor": _COPIES,
    "min.insync.replicas": _IN_SYNC,
    "transaction.state.log.min.isr": _IN_SYNC,
}


def _wanted_brokers(stack: StackView) -> int:
    """Give the brokers of the stack's Kafka; the control plane's has one lean broker (DESIGN 4)."""
    return 1 if stack.facts.cluster is Cluster.GLOBAL else BROKERS[stack.facts.environment]


def _kafka(stack: StackView) -> Iterator[Violation]:
    wanted = _wanted_brokers(stack)
    pools: dict[str, list[KubernetesObject]] = {}
    for pool in kubernetes_objects(stack, "KafkaNodePool"):
        if "broker" in as_list(pool.spec.get("roles")):
            pools.setdefault(str(pool.labels.get(_CLUSTER_LABEL)), []).append(pool)
    for members in pools.values():
        counts = [as_int(pool.spec.get("replicas")) for pool in members]
        total = sum(count or 0 for count in counts)
        if total < wanted:
            for pool in members:
                yield on(pool.view, f"Kafka has {total} broker(s), not {wanted}")
    for kafka in kubernetes_objects(stack, "Kafka"):
        if "strimzi" not in kafka.group:
            continue
        brokers = dig(kafka.spec, "kafka", "replicas")
        if isinstance(brokers, Opaque):
            yield unproven(kafka.view, "spec.kafka.replicas", brokers)
        elif brokers is not None and (as_int(brokers) or 0) < wanted:
            yield on(kafka.view, f"Kafka has {brokers} broker(s), not {wanted}")
        if wanted > 1:
            yield from _durable(stack, kafka)


def _durable(stack: StackView, kafka: KubernetesObject) -> Iterator[Violation]:
    config = as_map(dig(kafka.spec, "kafka", "config"))
    for name, least in _FACTORS.items():
        value = config.get(name)
        if isinstance(value, Opaque):
            yield unproven(kafka.view, name, value)
        elif (as_int(value) or 1) < least:
            said = "1 by silence" if value is None else value
            yield on(kafka.view, f"{name} is {said}, not {least}")
    if is_on(config.get("unclean.leader.election.enable")):
        yield on(kafka.view, "unclean.leader.election.enable is on: messages are lost with a broker")
    whole = any(kubernetes_objects(stack, "KafkaNodePool"))
    if stack.is_production and whole and dig(kafka.spec, "kafka", "rack") is None:
        yield on(kafka.view, "no rack: copies may lie in one zone")


def _topics(stack: StackView) -> Iterator[Violation]:
    if _wanted_brokers(stack) < _COPIES:
        return
    for topic in kubernetes_objects(stack, "KafkaTopic"):
        copies = topic.spec.get("replicas")
        if copies is not None and not isinstance(copies, Opaque) and (as_int(copies) or 0) < _COPIES:
            yield on(topic.view, f"replicas is {copies}, not {_COPIES}")
        config = as_map(topic.spec.get("config"))
        in_sync = config.get("min.insync.replicas")
        if in_sync is not None and (as_int(in_sync) or 0) < _IN_SYNC:
            yield on(topic.view, f"min.insync.replicas is {in_sync}, not {_IN_SYNC}")
        if is_on(config.get("unclean.leader.election.enable")):
            yield on(topic.view, "unclean.leader.election.enable is on")
    for config in stack.of_type("aws:msk/configuration:Configuration"):
        text = str(config.get("serverProperties"))
        for name, least in (("default.replication.factor", _COPIES), ("min.insync.replicas", _IN_SYNC)):
            found = re.search(rf"^\s*{re.escape(name)}\s*=\s*(\d+)", text, re.MULTILINE)
            if found and int(found[1]) < least:
                yield on(config, f"{name} is {found[1]}, not {least}")
        if re.search(r"^\s*unclean\.leader\.election\.enable\s*=\s*true", text, re.MULTILINE):
            yield on(config, "unclean.leader.election.enable is on")
    for topic in stack.of_type("alicloud:alikafka/topic:Topic"):
        if is_on(topic.get("localTopic")) and (as_int(topic.get("replicationFactor")) or _COPIES) < _COPIES:
            yield on(topic, f"replicationFactor is {topic.get('replicationFactor')}, not {_COPIES}")


def _others(stack: StackView) -> Iterator[Violation]:
    if not stack.is_production:
        return
    for item in kubernetes_objects(stack, "Elasticsearch"):
        counts = [as_int(dig(nodes, "count")) for nodes in as_list(item.spec.get("nodeSets"))]
        if counts and None not in counts and sum(count or 0 for count in counts) < _SEARCH_NODES:
            yield on(item.view, f"has {sum(count or 0 for count in counts)} node(s), not {_SEARCH_NODES}")
    for item in kubernetes_objects(stack, "StatefulSet"):
        copies = as_int(item.spec.get("replicas")) or 1
        if item.name.rsplit("/", maxsplit=1)[-1] in {"vault", "vault-server"} and copies < _VAULT_NODES:
            yield on(item.view, f"Vault has {copies} node(s), not {_VAULT_NODES}")
    for chart in chart_values(stack):
        if chart.chart.rsplit("/", maxsplit=1)[-1] != "vault" or is_off(
            dig(chart.values, "server", "enabled")
        ):
            continue
        ha = dig(chart.values, "server", "ha")
        if not is_on(dig(ha, "enabled")):
            yield on(chart.view, "server.ha is not enabled: Vault is one pod")
        elif dig(ha, "replicas") is not None and (as_int(dig(ha, "replicas")) or 0) < _VAULT_NODES:
            yield on(chart.view, f"Vault has {dig(ha, 'replicas')} node(s), not {_VAULT_NODES}")


RULES = (
    Rule(
        id="availability-kafka",
        family=Family.AVAILABILITY,
        sentence="Kafka has 1, 3 or 5 brokers, and from three up three copies over zones, two of them in sync.",
        source="M§2; P 3; DESIGN 5",
        level=Level.MANDATORY,
        remedy="take brokers from the matrix, and set the replication factors and the rack",
        judge=_kafka,
    ),
    Rule(
        id="availability-topics",
        family=Family.AVAILABILITY,
        sentence="Topics have three copies, two of them in sync.",
        source="DESIGN 5",
        level=Level.MANDATORY,
        remedy="set replicas to 3 and min.insync.replicas to 2",
        judge=_topics,
        alone=True,
    ),
    Rule(
        id="availability-cluster-stores",
        family=Family.AVAILABILITY,
        sentence="Elasticsearch and Vault of production have three nodes.",
        source="P 3; M§14.6",
        level=Level.MANDATORY,
        remedy="raise the number of nodes to three",
        judge=_others,
        alone=True,
    ),
)
