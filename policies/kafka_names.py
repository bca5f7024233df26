"""Names of other clusters that a Kafka cluster has by right: topics, groups, users, and Global's broker."""

from __future__ import annotations

from functools import cache

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.hostnames import cross_cluster, private_domain
from catalog.kafka_rights import users_of
from catalog.mirrors import mirrors_of
from policies.embedded import Leaf
from policies.views import ResourceView, StackView

_DECLARED = ("kubernetes:kafka.strimzi.io/v1:KafkaTopic", "kubernetes:kafka.strimzi.io/v1:KafkaUser")
_RECORDS = ("aws:route53/record:Record", "alicloud:pvtz/zoneRecord:ZoneRecord")
_BROKER = cross_cluster("kafka-bootstrap", Cluster.GLOBAL, Environment.PROD)


@cache
def _declared_names(cluster: Cluster, environment: Environment) -> frozenset[str]:
    return frozenset(right.name for user in users_of(cluster, environment) for right in user.rights)


def is_due_to_kafka(stack: StackView, resource: ResourceView, leaf: Leaf) -> bool:
    """Whether a value only names what the catalogue puts on this cluster, or is the record of Global's broker.

    Neither moves a record: a topic and a right are declarations, and who connects to the broker is judged.
    """
    facts = stack.facts
    if resource.type in _DECLARED:
        return leaf.value in _declared_names(facts.cluster, facts.environment)
    if resource.type in _RECORDS and mirrors_of(facts.cluster, facts.environment):
        name = resource.get("name") or resource.get("rr")
        return name in {_BROKER, _BROKER.removesuffix(f".{private_domain(Environment.PROD)}")}
    return False
