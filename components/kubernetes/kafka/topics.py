"""The topics of a cluster, each as an object of the operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_kubernetes as kubernetes

from catalog.data_classes import DataClass
from catalog.kafka_internals import internal_topics
from catalog.mirrors import topics_on
from catalog.topics import Cleanup
from components.core.component import Args, Component, Outputs
from components.kubernetes.kafka.cluster import replicas_of
from components.kubernetes.kafka.resources import (
    cluster_label,
    custom_resource,
    data_label,
    namespace_of,
    object_name,
)


@dataclass(frozen=True, kw_only=True)
class KafkaTopicsArgs(Args):
    """Where the topics are made, and on how many brokers."""

    namespace: pulumi.Output[str]
    brokers: int

    def problems(self) -> Iterator[str]:
        """Check that there is somewhere to put them."""
        if self.brokers < 1:
            yield f"brokers {self.brokers} must be 1 or more"


@dataclass(frozen=True, kw_only=True)
class KafkaTopicsOutputs(Outputs):
    """The topics by name, with their data class; an object made in this ``namespace`` waits for all of them."""

    namespace: pulumi.Output[str]
    data_classes: Mapping[str, DataClass]


class KafkaTopics(Component[KafkaTopicsOutputs]):
    """Every topic of the catalogue that this cluster holds, and the programs' own ones.

    Protected in production: the operator deletes a topic with its object, and all records with the topic.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:kubernetes:KafkaTopics"

    def __init__(
        self,
        name: str,
        args: KafkaTopicsArgs,
        *,
        provider: kubernetes.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        cluster, environment = self.scope.cluster, self.scope.environment
        made: dict[str, kubernetes.apiextensions.CustomResource] = {}
        classes: dict[str, DataClass] = {}
        for placed in topics_on(cluster, environment):
            topic = placed.topic
            classes[topic.name] = topic.class_in(environment)
            made[topic.name] = self._create_topic(
                topic.name,
                topic.partitions.in_environment(environment),
                cleanup=topic.cleanup,
                retention=topic.retention,
                data_class=topic.class_in(environment),
            )
        for own in internal_topics(cluster, environment):
            classes[own.name] = own.data_class
            made[own.name] = self._create_topic(
                own.name,
                own.partitions,
                cleanup=own.cleanup,
                retention=own.retention,
                data_class=own.data_class,
            )
        namespaces = pulumi.Output.all(*(namespace_of(resource) for resource in made.values()))
        self.publish(
            KafkaTopicsOutputs(namespace=namespaces.apply(lambda names: names[0]), data_classes=classes)
        )

    def _create_topic(
        self,
        name: str,
        partitions: int,
        *,
        cleanup: Cleanup,
        retention: timedelta | None,
        data_class: DataClass,
    ) -> kubernetes.apiextensions.CustomResource:
        return custom_resource(
            self,
            "KafkaTopic",
            object_name(name),
            namespace=self._args.namespace,
            labels={**cluster_label(self.scope), **data_label(data_class)},
            spec={
                "topicName": name,
                "partitions": partitions,
                "replicas": replicas_of(self._args.brokers),
                "config": topic_config(cleanup, retention),
            },
            opts=self.stateful_child(),
        )


def topic_config(cleanup: Cleanup, retention: timedelta | None) -> dict[str, str]:
    """Write a topic's own settings; what the brokers set for all is left to them."""
    milliseconds = -1 if retention is None else int(retention.total_seconds() * 1000)
    if cleanup is Cleanup.COMPACT:
        return {"cleanup.policy": str(cleanup)}
    return {"cleanup.policy": str(cleanup), "retention.ms": str(milliseconds)}
