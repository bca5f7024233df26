"""What the plans give the audit batches' job is what it asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.stack_facts import Stack
from jobs.audit_batches.__main__ import UNKNOWN, archive_of, main, own_bucket
from jobs.audit_batches.buckets import S3Bucket
from jobs.failures import JobError
from tests.stacks.programs import resources

PRODUCT = [stack for stack in Stack if stack is not Stack.PROD_GLOBAL]
SENDING = {Stack.PROD_ASIA, Stack.PROD_US}
NOW = datetime(2026, 11, 26, 2, 40, tzinfo=UTC)


def named(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [
        item["inputs"]
        for item in resources(stack)
        if item["type"] == kind and item["inputs"]["metadata"]["name"] == "audit-batches"
    ]


def manifest(stack: Stack, folder: Path) -> dict[str, str]:
    """The job's environment; what it mounts from config maps lies in a folder."""
    (job,) = named(stack, "kubernetes:batch/v1:CronJob")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    environment = {item["name"]: item["value"] for item in container["env"]}
    for config in named(stack, "kubernetes:core/v1:ConfigMap"):
        for name, content in config["data"].items():
            (folder / name).write_text(content, encoding="utf-8")
            assert environment["SEAL_KEY_FILE"].endswith(f"/{name}")
            environment["SEAL_KEY_FILE"] = str(folder / name)
    return environment


@pytest.mark.parametrize("stack", PRODUCT, ids=lambda stack: stack.facts.name)
def test_the_archive_is_where_batches_go_and_nowhere_else(stack: Stack, tmp_path: Path) -> None:
    archive = archive_of(manifest(stack, tmp_path))
    assert (archive is not None) == (stack in SENDING)
    if archive is not None:
        assert isinstance(archive.bucket, S3Bucket)
        assert archive.bucket.name == "smp-global-audit-archive"
        assert archive.bucket.client.meta.region_name == "us-east-1"


@pytest.mark.parametrize("stack", PRODUCT, ids=lambda stack: stack.facts.name)
def test_the_own_bucket_is_one_the_stack_makes_in_its_region(stack: Stack, tmp_path: Path) -> None:
    environment = manifest(stack, tmp_path)
    buckets = {item["inputs"].get("bucket") for item in resources(stack) if item["type"].endswith(":Bucket")}
    assert environment["AUDIT_BUCKET"] in buckets
    if stack is Stack.PROD_CHINA:
        with pytest.raises(
            JobError, match="the pod has no role"
        ):  # it went to OSS, where this machine has none
            own_bucket(environment)
        return
    own = own_bucket(environment)
    assert isinstance(own, S3Bucket)
    assert own.client.meta.region_name == stack.facts.cluster.home


@pytest.mark.parametrize("stack", [Stack.STAGING, Stack.PROD_US], ids=lambda stack: stack.facts.name)
def test_nothing_is_missing_but_the_brokers_secrets(stack: Stack, tmp_path: Path) -> None:
    environment = manifest(stack, tmp_path)
    said: list[str] = []
    assert main(environment, NOW, said.append) == UNKNOWN
    assert "/run/kafka-password/password cannot be read" in said[-1]
    password = tmp_path / "password"
    password.write_text("p", encoding="utf-8")
    environment["KAFKA_PASSWORD_FILE"] = str(password)
    assert main(environment, NOW, said.append) == UNKNOWN
    assert "does /run/kafka-authority/ca.crt hold the brokers' authority?" in said[-1]
