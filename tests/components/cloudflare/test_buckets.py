"""R2: only what is about nobody, where the cluster is at home."""

from __future__ import annotations

import pytest

from catalog.data_classes import DataClass
from catalog.stack_facts import Stack
from components.cloudflare.buckets import R2Bucket, R2BucketsArgs
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_data import ACCOUNT_OF_CLOUDFLARE as ACCOUNT
from tests.contracts.examples_data import buckets as r2_buckets
from tests.contracts.examples_data import buckets_args
from tests.contracts.harness import World, record_build

BUCKET = "cloudflare:index/r2Bucket:R2Bucket"
LIFECYCLE = "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle"
CORS = "cloudflare:index/r2BucketCors:R2BucketCors"
MANAGED_DOMAIN = "cloudflare:index/r2ManagedDomain:R2ManagedDomain"


@pytest.mark.parametrize(
    ("stack", "jurisdiction", "location"),
    [
        (Stack.DEV, None, "apac"),
        (Stack.PROD_ASIA, None, "apac"),
        (Stack.PROD_US, "us", None),
        (Stack.PROD_GLOBAL, "us", None),
    ],
)
def test_a_bucket_lives_where_its_cluster_does(
    stack: Stack, jurisdiction: str | None, location: str | None
) -> None:
    recording = record_build(r2_buckets, stack)
    for bucket in recording.of_type(BUCKET):
        assert bucket.inputs.get("jurisdiction") == jurisdiction
        assert bucket.inputs.get("location") == location
        assert "location" in bucket.ignore_changes
    for lifecycle in recording.of_type(LIFECYCLE):
        assert lifecycle.inputs.get("jurisdiction") == jurisdiction
    named = recording.registered_outputs[recording.root.urn]["buckets"]["media"]
    prefix = f"{stack.facts.cluster.id}-{stack.facts.environment}"
    assert named["name"] == f"{prefix}-media"
    assert named["placement"] == (f"jurisdiction {jurisdiction}" if jurisdiction else f"hint {location}")
    middle = f"{ACCOUNT}.{jurisdiction}" if jurisdiction else ACCOUNT
    assert named["endpoint"] == f"https://{middle}.r2.cloudflarestorage.com"


def test_no_bucket_has_an_address_of_its_own_on_the_internet() -> None:
    recording = record_build(r2_buckets, Stack.PROD_ASIA)
    domains = recording.of_type(MANAGED_DOMAIN)
    assert {domain.inputs["bucketName"] for domain in domains} == {
        "smp-asia-prod-media",
        "smp-asia-prod-artefacts",
    }
    assert all(domain.inputs["enabled"] is False for domain in domains)


def test_named_origins_may_read_and_nobody_else() -> None:
    cors = record_build(r2_buckets, Stack.PROD_ASIA).one(CORS)
    assert cors.inputs["bucketName"] == "smp-asia-prod-media"
    (rule,) = cors.inputs["rules"]
    assert rule["allowed"] == {"methods": ["GET", "HEAD"], "origins": ["https://smp-admin.pages.dev"]}


def test_unfinished_uploads_end_and_only_what_has_a_term_expires() -> None:
    recording = record_build(r2_buckets, Stack.DEV)
    rules = {
        lifecycle.name: {rule["id"]: rule for rule in lifecycle.inputs["rules"]}
        for lifecycle in recording.of_type(LIFECYCLE)
    }
    media, artefacts = rules["smp-asia-dev-media-lifecycle"], rules["smp-asia-dev-artefacts-lifecycle"]
    assert media.keys() == {"abandoned-uploads"}
    abort = media["abandoned-uploads"]["abortMultipartUploadsTransition"]["condition"]
    assert abort == {"type": "Age", "maxAge": 7 * 86_400}
    expiry = artefacts["expiry"]["deleteObjectsTransition"]["condition"]
    assert expiry == {"type": "Age", "maxAge": 90 * 86_400}


@pytest.mark.parametrize(
    "data_class", [DataClass.PERSONAL, DataClass.PSEUDO, DataClass.AUDIT, DataClass.LOGS]
)
def test_what_must_stay_with_the_cluster_is_refused(data_class: DataClass) -> None:
    with pytest.raises(InvalidArgumentsError, match=f"bucket media: {data_class} data may not be in R2"):
        buckets_args(World(Stack.PROD_US), bucket=R2Bucket(data_class=data_class))


def test_every_mistake_is_listed_at_once_and_china_is_refused() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        R2BucketsArgs(
            scope=World(Stack.PROD_CHINA).scope,
            account_id="smp",
            buckets={
                "Media": R2Bucket(data_class=DataClass.PUBLIC),
                "old": R2Bucket(
                    data_class=DataClass.PUBLIC, expiry_days=0, origins=("*", "http://localhost:3000")
                ),
            },
        )
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 6
    for words in (
        "smp-china has no place in R2",
        "32 hexadecimal digits",
        "bucket Media:",
        "expiry_days 0",
        "origin '*'",
        "a developer's machine",
    ):
        assert words in problems
