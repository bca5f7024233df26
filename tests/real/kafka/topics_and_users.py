"""From the resources KafkaTopic and KafkaUser to topics, credentials and rights, as the operator translates them.

Source of what it does: Strimzi's documentation of both resources and its user operator: a user with ``tls`` is the
principal ``CN=<name>``, one with ``scram-sha-512`` is ``<name>`` and its password lies in a secret of its name; a rule
allows unless it says deny, for every host unless it names one, and its pattern is literal unless it says prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from tests.real.kafka.broker_config import fitted
from tests.real.kafka.manifests import Manifest, known, name_of, understood
from tests.real.kafka.properties import texts

OPERATIONS = {
    "All": AclOperation.ALL,
    "Alter": AclOperation.ALTER,
    "AlterConfigs": AclOperation.ALTER_CONFIGS,
    "ClusterAction": AclOperation.CLUSTER_ACTION,
    "Create": AclOperation.CREATE,
    "Delete": AclOperation.DELETE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "IdempotentWrite": AclOperation.IDEMPOTENT_WRITE,
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
}
RESOURCE_TYPES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "cluster": ResourceType.BROKER,
    "transactionalId": ResourceType.TRANSACTIONAL_ID,
}
PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefix": ResourcePatternType.PREFIXED}
PERMISSIONS = {"allow": AclPermissionType.ALLOW, "deny": AclPermissionType.DENY}
WHOLE_CLUSTER = "kafka-cluster"


def topic_name(manifest: Manifest) -> str:
    """The topic's own name: a resource may not be named with underscores, a topic may."""
    return manifest["spec"].get("topicName", name_of(manifest))


def new_topic(manifest: Manifest, *, planned: int, running: int) -> NewTopic:
    """A topic with its partitions and settings; replicas brought down where fewer brokers run than are planned."""
    spec = understood(manifest, used=("topicName", "partitions", "replicas", "config"))
    config = fitted(spec.get("config", {}), planned=planned, running=running)
    return NewTopic(
        topic_name(manifest),
        num_partitions=int(spec["partitions"]),
        replication_factor=min(int(spec["replicas"]), running),
        config=texts(config),
    )


@dataclass(frozen=True, kw_only=True)
class User:
    """A Kafka user as its resource describes it."""

    name: str
    namespace: str
    authentication: str
    rules: tuple[Mapping[str, Any], ...]

    @property
    def principal(self) -> str:
        return f"User:CN={self.name}" if self.authentication.startswith("tls") else f"User:{self.name}"

    def bindings(self) -> list[AclBinding]:
        """Its rights, one per rule and operation."""
        return [self._binding(rule, operation) for rule in self.rules for operation in rule["operations"]]

    def _binding(self, rule: Mapping[str, Any], operation: str) -> AclBinding:
        where = f"KafkaUser {self.name}"
        known(rule, where=f"{where}: a rule", used=("type", "host", "operations", "resource"))
        resource = known(
            rule["resource"], where=f"{where}: a rule's resource", used=("type", "name", "patternType")
        )
        return AclBinding(
            restype=RESOURCE_TYPES[resource["type"]],
            name=resource.get("name", WHOLE_CLUSTER),
            resource_pattern_type=PATTERNS[resource.get("patternType", "literal")],
            principal=self.principal,
            host=rule.get("host", "*"),
            operation=OPERATIONS[operation],
            permission_type=PERMISSIONS[rule.get("type", "allow")],
        )


def user(manifest: Manifest) -> User:
    """Read a KafkaUser."""
    where = f"KafkaUser {name_of(manifest)}"
    spec = understood(manifest, used=("authentication", "authorization"), left_out=("quotas", "template"))
    authentication = known(
        spec["authentication"],
        where=f"{where}.authentication",
        used=("type",),
        left_out=("validityDays", "renewalDays"),
    )
    authorization = known(
        spec.get("authorization", {"type": "simple"}), where=f"{where}.authorization", used=("type", "acls")
    )
    assert authorization["type"] == "simple", f"{where}: unknown authorization {authorization['type']}"
    kind = authentication["type"]
    assert kind in {"tls", "tls-external", "scram-sha-512"}, f"{where}: unknown authentication {kind}"
    return User(
        name=name_of(manifest),
        namespace=manifest["metadata"]["namespace"],
        authentication=kind,
        rules=tuple(authorization.get("acls", ())),
    )
