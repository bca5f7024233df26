"""Redis and MongoDB as pods: for development only, with a password, closed to all but their clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.forms import ImageRegistry
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from components.kubernetes.mongodb import InClusterMongodbArgs
from components.kubernetes.redis import InClusterRedisArgs
from tests.contracts.examples_data import PASSWORD, in_cluster_mongodb, in_cluster_redis, store_arguments
from tests.contracts.harness import Recording, World, record_build

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

BUILDERS: dict[str, Callable[[World], Any]] = {"redis": in_cluster_redis, "mongodb": in_cluster_mongodb}
PORTS = {"redis": 6379, "mongodb": 27017}


@pytest.fixture(scope="module", params=list(BUILDERS))
def thing(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def recording(thing: str) -> Recording:
    return record_build(BUILDERS[thing], Stack.DEV)


def _pod(recording: Recording) -> dict[str, Any]:
    pod: dict[str, Any] = recording.one(STATEFUL_SET).inputs["spec"]["template"]["spec"]
    return pod


def test_data_survives_the_pod_on_an_encrypted_volume(recording: Recording, thing: str) -> None:
    spec = recording.one(STATEFUL_SET).inputs["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "durable"
    assert claim["spec"]["resources"]["requests"] == {"storage": "8Gi"}
    (container,) = spec["template"]["spec"]["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts["data"] == {"redis": "/data", "mongodb": "/data/db"}[thing]
    assert spec["replicas"] == 1


def test_the_pod_keeps_the_restricted_pod_security_standard(recording: Recording) -> None:
    pod = _pod(recording)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_password_is_in_the_secret_and_nowhere_else(recording: Recording) -> None:
    secret = recording.one(SECRET)
    assert "stringData" in secret.secret_inputs
    assert secret.inputs["stringData"]["password"] == PASSWORD
    for resource in recording.resources:
        if resource.type != SECRET:
            assert PASSWORD not in str(resource.inputs), resource.urn
    assert PASSWORD not in str(recording.registered_outputs)


def test_only_client_namespaces_connect_and_the_store_calls_nobody(recording: Recording, thing: str) -> None:
    spec = recording.one(POLICY).inputs["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in spec
    (rule,) = spec["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": PORTS[thing]}]
    assert rule["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "smp-dev"}}}
    ]


def test_service_policy_and_set_mean_the_same_pods(recording: Recording) -> None:
    stateful_set = recording.one(STATEFUL_SET).inputs["spec"]
    labels = stateful_set["template"]["metadata"]["labels"].items()
    assert stateful_set["selector"]["matchLabels"].items() <= labels
    assert recording.one(SERVICE).inputs["spec"]["selector"].items() <= labels
    assert recording.one(POLICY).inputs["spec"]["podSelector"]["matchLabels"].items() <= labels
    assert recording.one(SERVICE).inputs["metadata"]["name"] == stateful_set["serviceName"]
    assert recording.one(SERVICE).inputs["spec"]["clusterIP"] == "None"


def test_outputs_say_where_it_is_and_where_the_password_is_kept(recording: Recording, thing: str) -> None:
    outputs = recording.registered_outputs[recording.root.urn]
    assert outputs["host"] == f"{thing}.data.svc.cluster.local"
    assert outputs["credentials"] == f"Secret data/{thing}"
    assert (outputs["placement"], outputs["dataClass"]) == ("in-cluster", "pseudo")


def test_images_are_pinned_and_come_through_the_mirror() -> None:
    def mirrored(world: World) -> Any:
        from components.kubernetes.mongodb import InClusterMongodb

        args = InClusterMongodbArgs(
            **store_arguments(world), image_registry=ImageRegistry("mirror.example/library")
        )
        return InClusterMongodb("mongodb", args, provider=world.kubernetes)

    (container,) = _pod(record_build(mirrored, Stack.DEV))["containers"]
    assert container["image"] == "mirror.example/library/mongo:8.0.17"


def test_redis_refuses_callers_without_the_password() -> None:
    secret = record_build(in_cluster_redis, Stack.DEV).one(SECRET).inputs["stringData"]
    assert f"requirepass {PASSWORD}" in secret["redis.conf"].splitlines()


@pytest.mark.parametrize("kind", [InClusterRedisArgs, InClusterMongodbArgs])
def test_production_is_refused(kind: Callable[..., object]) -> None:
    with pytest.raises(InvalidArgumentsError, match="production takes the managed one"):
        kind(**store_arguments(World(Stack.PROD_ASIA)))


def test_every_mistake_is_listed_at_once() -> None:
    wrong = {
        **store_arguments(World(Stack.DEV)),
        "client_namespaces": frozenset({"Not_A_Name"}),
        "storage": Storage(0),
        "version": "7.0",
    }
    with pytest.raises(InvalidArgumentsError) as caught:
        InClusterMongodbArgs(**wrong)
    assert len(caught.value.problems) == 3
