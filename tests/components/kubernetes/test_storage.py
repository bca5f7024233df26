from __future__ import annotations

import pytest

from catalog.stack_facts import Stack
from components.core.component import InvalidArgumentsError
from components.kubernetes.storage import (
    STORAGE_CLASS,
    DefaultStorage,
    DefaultStorageArgs,
    EssdLevel,
    VolumeType,
    alibaba_essd,
    ebs_gp3,
)
from tests.contracts.harness import Recorded, World, known, record_build

KEY = "arn:aws:kms:ap-southeast-1:111122223333:key/volumes"


def _volume(world: World) -> VolumeType:
    if world.scope.stack is Stack.PROD_CHINA:
        return alibaba_essd(world.scope, performance=EssdLevel.PL0, key_id=known("key-1"))
    return ebs_gp3(known(KEY))


def _class(stack: Stack) -> Recorded:
    return record_build(
        lambda world: DefaultStorage(
            "storage", DefaultStorageArgs(scope=world.scope, volume=_volume(world)), provider=world.kubernetes
        ),
        stack,
    ).one("kubernetes:storage.k8s.io/v1:StorageClass")


@pytest.mark.parametrize("stack", [Stack.DEV, Stack.PROD_ASIA, Stack.PROD_CHINA])
def test_the_class_is_the_default_and_waits_for_the_pod(stack: Stack) -> None:
    storage_class = _class(stack).inputs
    assert storage_class["metadata"]["name"] == STORAGE_CLASS
    assert storage_class["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert storage_class["volumeBindingMode"] == "WaitForFirstConsumer"
    assert storage_class["allowVolumeExpansion"] is True


def test_volumes_outlive_their_claims_in_production_only() -> None:
    assert _class(Stack.PROD_ASIA).inputs["reclaimPolicy"] == "Retain"
    assert _class(Stack.DEV).inputs["reclaimPolicy"] == "Delete"


def test_ebs_volumes_are_encrypted_with_the_key() -> None:
    parameters = _class(Stack.PROD_ASIA).inputs["parameters"]
    assert parameters["type"] == "gp3"
    assert (parameters["encrypted"], parameters["kmsKeyId"]) == ("true", KEY)


def test_alibaba_disks_carry_level_key_and_tags() -> None:
    parameters = _class(Stack.PROD_CHINA).inputs["parameters"]
    assert parameters["performanceLevel"] == "PL0"
    assert (parameters["encrypted"], parameters["kmsKeyId"]) == ("true", "key-1")
    tags = dict(pair.split(":") for pair in parameters["diskTags"].split(","))
    assert tags["Cluster"] == "smp-china"
    assert "Name" not in tags


def test_a_class_without_a_key_is_refused() -> None:
    with pytest.raises(InvalidArgumentsError, match="not encrypted"):
        DefaultStorageArgs(
            scope=World(Stack.DEV).scope,
            volume=VolumeType(provisioner="ebs.csi.aws.com", parameters={"type": "gp3"}),
        )
