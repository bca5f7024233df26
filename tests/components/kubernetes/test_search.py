"""What the parts of the read model say to the operators, and that they agree with each other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from catalog.clusters import Cluster
from catalog.environments import Environment
from catalog.kafka_clients import PlatformClient
from catalog.kafka_rights import Kind, Pattern, users_of
from catalog.read_model import Figure
from catalog.stack_facts import Stack
from catalog.topics import SINK_DEAD_LETTERS, TOPICS
from components.core.component import InvalidArgumentsError
from components.kubernetes.search.cluster import SearchClusterArgs
from components.kubernetes.search.monitoring import ALERTS
from components.kubernetes.search.settings import SnapshotStore, mappings, requests
from components.kubernetes.search.sink import SECRET_MOUNTS
from tests.contracts import examples_search
from tests.contracts.harness import Recording, World, known, record

STORE = SnapshotStore(bucket="bucket", prefix="read-model", hour=18)


def recorded(name: str, stack: Stack = Stack.PROD_ASIA) -> Recording:
    return record(next(each for each in examples_search.EXAMPLES if each.id == name), stack)


def only(recording: Recording, kind: str) -> dict[str, Any]:
    found = [each.inputs for each in recording.resources if each.type.endswith(f":{kind}")]
    assert len(found) == 1, kind
    return dict(found[0])


def nodes(stack: Stack) -> dict[str, Any]:
    return only(recorded("search", stack), "Elasticsearch")["spec"]["nodeSets"][0]


def test_production_has_a_node_in_each_zone_and_development_one() -> None:
    prod, dev = nodes(Stack.PROD_ASIA), nodes(Stack.DEV)
    assert (prod["count"], dev["count"]) == (3, 1)
    assert "zoneAwareness" in prod
    assert "zoneAwareness" not in dev
    spread = prod["podTemplate"]["spec"]["topologySpreadConstraints"][0]
    assert spread["whenUnsatisfiable"] == "DoNotSchedule"


def test_pods_keep_the_restricted_level() -> None:
    pod = nodes(Stack.PROD_US)["podTemplate"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_token_lies_where_the_s3_client_may_read_and_nowhere_in_china() -> None:
    pod = nodes(Stack.PROD_ASIA)["podTemplate"]["spec"]
    mount = pod["containers"][0]["volumeMounts"][0]["mountPath"]
    token = pod["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]
    environment = {each["name"]: each["value"] for each in pod["containers"][0]["env"]}
    assert environment["AWS_WEB_IDENTITY_TOKEN_FILE"] == f"{mount}/{token['path']}"
    assert mount == "/usr/share/elasticsearch/config/repository-s3"
    assert "AWS" not in json.dumps(nodes(Stack.PROD_CHINA))


@pytest.mark.parametrize(("stack", "count"), [(Stack.PROD_ASIA, 1), (Stack.PROD_ASIA, 4), (Stack.DEV, 2)])
def test_a_number_of_nodes_that_cannot_be_is_refused(stack: Stack, count: int) -> None:
    from catalog.quantities import Storage

    with pytest.raises(InvalidArgumentsError, match=f"nodes {count} nodes"):
        SearchClusterArgs(
            scope=World(stack).scope,
            namespace=known("search"),
            nodes=count,
            storage=Storage(40),
            storage_class=known("durable"),
            image_registry=examples_search.IMAGES,
            client_namespaces=frozenset({"kafka"}),
            realm=(),
            roles=known("roles"),
        )


def connector() -> dict[str, Any]:
    return only(recorded("figure-sink"), "KafkaConnector")["spec"]["config"]


def test_the_sink_reads_every_figure_and_nothing_about_persons() -> None:
    topics = connector()["topics"].split(",")
    assert topics == [figure.facts.topic.name for figure in Figure]
    assert {TOPICS[topic].data_class for topic in topics} == {"anonymised-analytics"}


def test_the_sink_names_the_index_that_the_template_is_for() -> None:
    config = connector()
    for figure in Figure:
        index = re.sub(
            config["transforms.index.regex"],
            config["transforms.index.replacement"].replace("$1", r"\1"),
            figure.facts.topic.name,
        )
        assert index == figure.index


def test_the_sink_keeps_exactly_the_fields_of_the_templates() -> None:
    kept = set(connector()["transforms.known.include"].split(","))
    assert kept == {name for figure in Figure for name in mappings(figure)["properties"]}


def test_what_cannot_be_read_stays_in_the_cluster() -> None:
    config = connector()
    assert config["errors.deadletterqueue.topic.name"] == SINK_DEAD_LETTERS.name
    assert not SINK_DEAD_LETTERS.is_mirrored
    assert config["errors.deadletterqueue.context.headers.enable"] is True


def test_the_sink_reads_in_a_group_that_the_workers_may_join_and_its_alarm_watches_it() -> None:
    group = connector()["consumer.override.group.id"]
    users = {user.name: user for user in users_of(Cluster.ASIA, Environment.PROD)}
    allowed = [right for right in users[PlatformClient.CONNECT.id].rights if right.kind is Kind.GROUP]
    assert allowed
    assert all(right.pattern is Pattern.PREFIX for right in allowed)
    assert group.startswith(tuple(right.name for right in allowed))
    slow = next(alert for alert in ALERTS if alert.name == "ReadModelSinkSlow")
    assert f'consumergroup="{group}"' in slow.expression


def test_every_secret_of_the_sink_is_mounted_by_the_workers() -> None:
    named = re.findall(r"\$\{directory:([^:]+):", json.dumps(connector()))
    assert set(named) <= set(SECRET_MOUNTS)
    assert connector()["connection.ssl.truststore.location"].startswith(tuple(SECRET_MOUNTS))


def test_what_is_named_by_another_request_comes_before_it() -> None:
    paths = [request.path for request in requests(STORE)]
    for earlier, later in (
        ("/_snapshot/home", "/_slm/policy/figures-daily"),
        ("/_slm/policy/figures-daily", "/_ilm/policy/figures"),
        ("/_ilm/policy/figures", "/_index_template/figures-gmv-monthly"),
        ("/_ingest/pipeline/figures-gmv", "/_index_template/figures-gmv"),
    ):
        assert paths.index(earlier) < paths.index(later)


def test_a_month_goes_through_all_phases_in_order() -> None:
    body = next(each.body for each in requests(STORE) if each.path.startswith("/_ilm"))
    phases = body["policy"]["phases"]
    assert list(phases) == ["hot", "warm", "cold", "delete"]
    ages = [int(re.sub(r"\D", "", phase["min_age"])) for phase in phases.values()]
    assert ages == sorted(ages)
    assert phases["delete"]["actions"]["wait_for_snapshot"] == {"policy": "figures-daily"}
    assert "searchable_snapshot" not in json.dumps(phases)


def test_the_patterns_of_two_figures_never_meet() -> None:
    patterns = [each.body["index_patterns"][0] for each in requests(None) if "index_patterns" in each.body]
    assert len(set(patterns)) == len(patterns)
    for pattern in patterns:
        others = [other for other in patterns if other != pattern]
        expression = re.compile(re.escape(pattern).replace(r"\*", ".*"))
        assert not any(expression.fullmatch(other.rstrip("*")) for other in others)


def test_the_writer_cannot_read_and_the_reader_cannot_write() -> None:
    secret = next(
        each.inputs
        for each in recorded("search-users").resources
        if each.inputs.get("metadata", {}).get("name") == "elasticsearch-roles"
    )
    roles = json.loads(secret["stringData"]["roles.yml"])
    allowed = {role: set(entry["indices"][0]["privileges"]) for role, entry in roles.items()}
    assert allowed == {
        "sink": {"create_index", "index"},
        "dashboards": {"read", "view_index_metadata"},
    }
    assert {name for entry in roles.values() for name in entry["indices"][0]["names"]} == {"figures-*"}


def test_the_settings_job_may_write_one_secret() -> None:
    rule = only(recorded("search-jobs"), "Role")["rules"]
    assert rule == [
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["elasticsearch-trust"],
            "verbs": ["get", "patch"],
        }
    ]


def test_alerts_watch_jobs_by_the_names_they_have() -> None:
    jobs = recorded("search-jobs")
    names = {each.inputs["metadata"]["name"] for each in jobs.resources if each.type.endswith(":CronJob")}
    assert names == {"search-settings", "read-model-reconciliation"}
    watched = set(re.findall(r'cronjob="([^"]+)"', " ".join(alert.expression for alert in ALERTS)))
    assert watched == names


def test_a_drift_is_not_tried_again_and_a_failure_is() -> None:
    jobs = recorded("search-jobs").resources
    job = next(each.inputs for each in jobs if each.name.endswith("read-model-reconciliation"))
    spec = job["spec"]["jobTemplate"]["spec"]
    assert spec["backoffLimit"] == 2
    assert spec["podFailurePolicy"]["rules"][0]["action"] == "FailJob"
    assert spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"] == [1]
