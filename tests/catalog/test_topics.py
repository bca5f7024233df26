"""Topics, flows and mirrors: the catalogue's own promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from catalog.environments import Environment
from catalog.flows import MIRRORED, Flow
from catalog.kafka_clients import PlatformClient, group_prefix
from catalog.mirrors import mirrors_of, topics_carried_by, topics_on
from catalog.services import Service
from catalog.topics import TOPICS, Topic, topics_of

REGIONS = (Cluster.ASIA, Cluster.CHINA, Cluster.US)

DOMAINS = ("orders", "payments", "agents", "partners", "dispatch", "quality", "integration", "audit")
MASTER_DATA = {
    f"smp_global.{table}"
    for table in ("countries", "currencies", "currency_rates", "tax_configs", "i18n_translations")
}
ANALYTICS = {
    f"analytics.kpi.{figure}.anonymized"
    for figure in ("gmv", "completion_rate", "agent_utilization", "partner_gmv")
}


def test_the_topics_are_those_of_the_design() -> None:
    events = {f"{domain}.events" for domain in DOMAINS}
    assert set(TOPICS) == events | {f"{name}.dlq" for name in events} | MASTER_DATA | ANALYTICS | {
        "read_model.dlq"
    }


def test_a_topic_without_a_data_class_does_not_load() -> None:
    orders = TOPICS["orders.events"]
    arguments = {name: getattr(orders, name) for name in Topic.__dataclass_fields__ if name != "data_class"}
    with pytest.raises(TypeError, match="data_class"):
        Topic(**arguments)
    for wrong in (None, "", DataClass.PSEUDO, DataClass.PUBLIC):
        with pytest.raises(ValueError, match=r"orders\.events: its data class is"):
            Topic(**arguments, data_class=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Orders Events"}, "its name"),
        ({"retention": None}, "retention"),
        ({"producers": ()}, "nobody writes it"),
    ],
)
def test_a_topic_that_contradicts_itself_does_not_load(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(TOPICS["payments.events"], **change)  # type: ignore[arg-type]


def test_there_are_partitions_for_every_replica_of_a_reader() -> None:
    for topic in TOPICS.values():
        if topic.name.endswith(".dlq") or topic.is_mirrored:
            continue
        for environment in Environment:
            readers = [client for client in topic.consumers if isinstance(client, Service)]
            most = max((s.facts.replicas(environment).maximum for s in readers), default=1)
            assert topic.partitions.in_environment(environment) >= most, (topic.name, environment)


def test_a_dead_letter_topic_has_its_topic_s_class_and_is_reviewed_by_its_owner() -> None:
    for topic in TOPICS.values():
        letters = TOPICS.get(f"{topic.name}.dlq")
        if letters is not None:
            assert letters.data_class is topic.data_class
            assert letters.producers == topic.consumers
            assert letters.consumers == (topic.owner,)


@pytest.mark.parametrize("region", REGIONS, ids=lambda cluster: cluster.id)
def test_only_master_data_enters_a_region_and_only_key_figures_leave_it(region: Cluster) -> None:
    carried = {
        (mirror.source, mirror.target): {topic.name for topic in mirror.topics}
        for mirror in mirrors_of(region, Environment.PROD)
    }
    assert carried == {(Cluster.GLOBAL, region): MASTER_DATA, (region, Cluster.GLOBAL): ANALYTICS}


def test_no_topic_goes_both_ways_so_that_one_name_on_both_sides_makes_no_circle() -> None:
    carried = [topic.name for flow in MIRRORED for topic in topics_carried_by(flow)]
    assert len(set(carried)) == len(carried)


def test_nothing_but_mirrored_flows_has_topics_to_mirror() -> None:
    for flow in set(Flow) - set(MIRRORED):
        assert topics_carried_by(flow) == ()
    for topic in topics_of(DataClass.PERSONAL) + topics_of(DataClass.AUDIT):
        assert not topic.is_mirrored


@pytest.mark.parametrize("environment", [Environment.DEV, Environment.STAGING])
def test_without_production_there_is_no_mirror_and_every_topic_is_written_where_it_is(
    environment: Environment,
) -> None:
    assert mirrors_of(Cluster.ASIA, environment) == ()
    placed = topics_on(Cluster.ASIA, environment)
    assert {item.topic.name for item in placed} == set(TOPICS)
    assert not any(item.is_copy for item in placed)
    assert TOPICS["orders.events"].class_in(environment) is DataClass.PSEUDO


def test_the_control_plane_runs_no_mirror_and_holds_nothing_about_persons() -> None:
    assert mirrors_of(Cluster.GLOBAL, Environment.PROD) == ()
    placed = {item.topic.name: item for item in topics_on(Cluster.GLOBAL, Environment.PROD)}
    assert set(placed) == MASTER_DATA | ANALYTICS
    assert placed["smp_global.countries"].producers == (PlatformClient.MASTER_DATA_PUBLISHER,)
    assert placed["analytics.kpi.gmv.anonymized"].producers == (PlatformClient.MIRROR,)


def test_a_region_s_services_read_master_data_and_cannot_write_it() -> None:
    for item in topics_on(Cluster.US, Environment.PROD):
        if item.topic.data_class is DataClass.MASTER_DATA:
            assert item.is_copy
            assert item.producers == (PlatformClient.MIRROR,)
            assert set(item.consumers) <= set(Service)


def test_one_group_prefix_covers_no_other_client() -> None:
    prefixes = [group_prefix(client) for client in (*Service, *PlatformClient)]
    for one in prefixes:
        assert sum(other.startswith(one) for other in prefixes) == 1
