"""OSS and ACR: closed, encrypted, immutable where promised."""

from __future__ import annotations

import dataclasses
import json

import pytest

from catalog.services import Service
from catalog.stack_facts import Stack
from components.alicloud.objects import ObjectsArgs
from components.alicloud.registry import registry_host
from components.core.component import InvalidArgumentsError
from components.core.scope import Scope
from tests.contracts.examples_alicloud import objects, registry
from tests.contracts.harness import ACCOUNT, Recorded, Recording, known, record_build

SCOPE = Scope(stack=Stack.PROD_CHINA, account=ACCOUNT)
BUCKET = "alicloud:oss/bucket:Bucket"


@pytest.fixture(scope="module")
def built() -> Recording:
    return record_build(objects, Stack.PROD_CHINA)


def _buckets(recording: Recording) -> dict[str, Recorded]:
    return {bucket.name: bucket for bucket in recording.of_type(BUCKET)}


class TestObjects:
    def test_the_audit_log_has_its_conventional_name_and_cannot_be_deleted(self, built: Recording) -> None:
        worm = built.one("alicloud:oss/bucketWorm:BucketWorm")
        assert worm.inputs["status"] == "Locked"
        assert worm.inputs["retentionPeriodInDays"] == 2555
        assert worm.protect
        audit = _buckets(built)["smp-china-audit-log"]
        assert "versioning" not in audit.inputs
        (days,) = [
            expiry["days"]
            for rule in audit.inputs["lifecycleRules"]
            for expiry in rule.get("expirations", [])
        ]
        assert days == 2556, "kept until nobody is barred from deleting it, and no longer"
        assert audit.inputs["serverSideEncryptionRule"]["kmsMasterKeyId"] == "key-of-the-audit-log"

    def test_only_production_locks_for_good(self) -> None:
        worm = record_build(objects, Stack.DEV).one("alicloud:oss/bucketWorm:BucketWorm")
        assert worm.inputs["status"] == "InProgress"

    @pytest.mark.parametrize(
        "token",
        [
            "alicloud:oss/bucketAcl:BucketAcl",
            "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "alicloud:oss/bucketHttpsConfig:BucketHttpsConfig",
            "alicloud:oss/bucketPolicy:BucketPolicy",
        ],
    )
    def test_every_bucket_is_closed(self, built: Recording, token: str) -> None:
        assert {child.inputs["bucket"] for child in built.of_type(token)} == set(_buckets(built))

    def test_plain_http_is_denied_to_everybody(self, built: Recording) -> None:
        for policy in built.of_type("alicloud:oss/bucketPolicy:BucketPolicy"):
            (statement,) = json.loads(policy.inputs["policy"])["Statement"]
            assert (statement["Effect"], statement["Principal"]) == ("Deny", ["*"])
            assert statement["Condition"] == {"Bool": {"acs:SecureTransport": ["false"]}}
            assert f"acs:oss:*:*:{policy.inputs['bucket']}/*" in statement["Resource"]

    def test_what_exists_once_survives_a_zone(self, built: Recording) -> None:
        redundancy = {name: bucket.inputs["redundancyType"] for name, bucket in _buckets(built).items()}
        assert redundancy == {
            "smp-china-prod-access-objects": "LRS",
            "smp-china-prod-personal-objects": "ZRS",
            "smp-china-prod-logs-objects": "ZRS",
            "smp-china-audit-log": "ZRS",
        }

    def test_access_is_logged_by_bucket_and_not_of_the_log_itself(self, built: Recording) -> None:
        logging = built.of_type("alicloud:oss/bucketLogging:BucketLogging")
        assert len(logging) == 3
        assert {log.inputs["targetBucket"] for log in logging} == {"smp-china-prod-access-objects"}

    def test_nothing_is_replicated(self, built: Recording) -> None:
        assert not built.of_type("alicloud:oss/bucketReplication:BucketReplication")

    def test_periods_are_checked(self) -> None:
        with pytest.raises(InvalidArgumentsError) as error:
            ObjectsArgs(
                scope=SCOPE,
                key_id=known("k"),
                audit_key_id=known("k"),
                audit_retention_days=0,
                log_retention_days=10,
            )
        assert len(error.value.problems) == 2


class TestRegistry:
    def test_a_private_immutable_repository_per_service(self) -> None:
        recording = record_build(registry, Stack.PROD_CHINA)
        repositories = recording.of_type("alicloud:cs/registryEnterpriseRepo:RegistryEnterpriseRepo")
        assert sorted(r.inputs["name"] for r in repositories) == sorted(service.id for service in Service)
        assert {(r.inputs["repoType"], r.inputs["tagImmutability"]) for r in repositories} == {
            ("PRIVATE", True)
        }

    def test_it_is_reached_from_the_vpc_only(self) -> None:
        recording = record_build(registry, Stack.PROD_CHINA)
        assert {
            endpoint.inputs["moduleName"]
            for endpoint in recording.of_type("alicloud:cr/vpcEndpointLinkedVpc:VpcEndpointLinkedVpc")
        } == {"Registry", "Chart"}
        assert not recording.of_type("alicloud:cr/endpointAclPolicy:EndpointAclPolicy")

    def test_the_mirror_takes_new_images_and_our_own_namespace_does_not(self) -> None:
        recording = record_build(registry, Stack.PROD_CHINA)
        namespaces = {
            n.inputs["name"]: n.inputs["autoCreate"]
            for n in recording.of_type("alicloud:cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace")
        }
        assert namespaces == {"smp": False, "mirror": True}
        scan = recording.one("alicloud:cr/scanRule:ScanRule").inputs
        assert set(scan["namespaces"]) == {"smp", "mirror"}

    def test_the_host_is_known_before_the_registry(self) -> None:
        assert registry_host(SCOPE) == "smp-china-prod-images-registry-vpc.cn-beijing.cr.aliyuncs.com"
        recording = record_build(registry, Stack.PROD_CHINA)
        outputs = recording.registered_outputs[recording.root.urn]["repositories"]
        assert outputs["order-svc"] == f"{registry_host(SCOPE)}/smp/order-svc"


def test_arguments_are_frozen() -> None:
    args = ObjectsArgs(
        scope=SCOPE, key_id=known("k"), audit_key_id=known("k"), audit_retention_days=1, log_retention_days=60
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        args.log_retention_days = 61  # type: ignore[misc]
