"""What a Kafka user can really do: every attempt is made on a live broker, and its answer is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclOperation,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

REFUSALS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
}
NO_ENTRY = {
    KafkaError._AUTHENTICATION,
    KafkaError._SSL,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
}
"""A wrong password, a wrong or missing certificate, and a connection closed without a word."""
ANSWER_SECONDS = 60


def refused(error: KafkaError | None) -> bool:
    """Whether an answer is a refusal; any other error is no answer to the question and raised."""
    if error is None:
        return False
    if error.code() in REFUSALS:
        return True
    raise KafkaException(error)


def _answer(future: Future[Any]) -> tuple[Any, bool]:
    """What a request gave, and whether it was refused."""
    try:
        return future.result(timeout=ANSWER_SECONDS), False
    except KafkaException as error:
        return None, refused(error.args[0])


def turned_away(config: Mapping[str, Any]) -> bool:
    """Whether a connection with these settings is refused; an answer of the broker means that it is not."""
    errors: list[KafkaError] = []
    admin = AdminClient({**config, "error_cb": errors.append})
    end = time.monotonic() + ANSWER_SECONDS
    while not errors and time.monotonic() < end:
        try:
            admin.list_topics(timeout=0.5)
        except KafkaException:
            admin.poll(0.1)
        else:
            return False
    assert errors, "neither an answer nor a refusal"
    return errors[0].code() in NO_ENTRY


def writable(config: Mapping[str, Any], topics: Iterable[str], value: bytes) -> set[str]:
    """The topics into which a record can be written; it is."""
    producer = Producer({**config, "acks": "all", "message.send.max.retries": 0, "linger.ms": 0})
    answers: dict[str, KafkaError | None] = {}
    wanted = set(topics)
    for topic in wanted:
        producer.produce(
            topic,
            value,
            key=b"probe",
            partition=0,
            on_delivery=lambda error, record: answers.__setitem__(record.topic(), error),
        )
    producer.flush(ANSWER_SECONDS)
    assert set(answers) == wanted, f"no answer for {sorted(wanted - set(answers))}"
    return {topic for topic, error in answers.items() if not refused(error)}


def readable(config: Mapping[str, Any], topics: Iterable[str], *, group: str) -> set[str]:
    """The topics out of which a record can be read; each must hold one in partition 0 and be told by name.

    A topic whose name the broker does not tell cannot be fetched from: the client never learns where it is.
    """
    open_questions = set(topics)
    found: set[str] = set()
    consumer = Consumer({**config, "group.id": group, "enable.auto.commit": False, "fetch.wait.max.ms": 50})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING) for topic in open_questions])
    end = time.monotonic() + ANSWER_SECONDS
    while open_questions and time.monotonic() < end:
        message = consumer.poll(1)
        if message is None:
            continue
        topic = message.topic()
        if not refused(message.error()):
            found.add(topic)
        open_questions.discard(topic)
    consumer.close()
    assert not open_questions, f"no answer for {sorted(open_questions)}"
    return found


def topic_rights(admin: AdminClient, topics: Iterable[str]) -> dict[str, set[AclOperation]]:
    """What the broker says the user may do with each topic; empty where not even its name is told."""
    wanted = list(topics)
    futures = admin.describe_topics(TopicCollection(wanted), include_authorized_operations=True)
    return {topic: _rights(future) for topic, future in futures.items()}


def group_rights(admin: AdminClient, groups: Iterable[str]) -> dict[str, set[AclOperation]]:
    """The same of consumer groups."""
    rights: dict[str, set[AclOperation]] = {}
    for group in groups:
        futures = admin.describe_consumer_groups([group], include_authorized_operations=True)
        rights[group] = _rights(futures[group])
    return rights


def cluster_rights(admin: AdminClient) -> set[AclOperation]:
    """The same of the cluster as a whole."""
    return _rights(admin.describe_cluster(include_authorized_operations=True))


def _rights(future: Future[Any]) -> set[AclOperation]:
    answer, was_refused = _answer(future)
    return set() if was_refused else set(answer.authorized_operations or ())


def joinable_groups(admin: AdminClient, groups: Iterable[str], topic: str) -> set[str]:
    """The groups whose offset for a readable topic the user can move."""
    found: set[str] = set()
    for group in groups:
        request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 0)])
        _, was_refused = _answer(admin.alter_consumer_group_offsets([request])[group])
        if not was_refused:
            found.add(group)
    return found


def administered(admin: AdminClient, topics: Iterable[str], *, new_topic: str) -> dict[str, set[str]]:
    """What the user manages to do to topics as an administrator would: by kind of deed, the topics it succeeded on.

    Nothing is only asked: a deed that is allowed is done.
    """
    names = list(topics)
    setting = ConfigEntry("retention.ms", "60000", incremental_operation=AlterConfigOpType.SET)
    resources = [ConfigResource(ResourceType.TOPIC, name, incremental_configs=[setting]) for name in names]
    deeds: dict[str, Callable[[], Mapping[Any, Future[Any]]]] = {
        "create": lambda: admin.create_topics([NewTopic(new_topic, 1, 1)]),
        "add partitions": lambda: admin.create_partitions([NewPartitions(name, 50) for name in names]),
        "change settings": lambda: admin.incremental_alter_configs(resources),
        "delete": lambda: admin.delete_topics(names),
    }
    done: dict[str, set[str]] = {}
    for deed, attempt in deeds.items():
        succeeded = {
            getattr(name, "name", name) for name, future in attempt().items() if not _answer(future)[1]
        }
        if succeeded:
            done[deed] = succeeded
    return done
