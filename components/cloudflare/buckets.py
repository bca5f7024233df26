"""Object storage on R2, for what is about nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import pulumi
import pulumi_cloudflare as cloudflare

from catalog.clusters import Cluster
from catalog.data_classes import DataClass
from components.core.component import Args, Component, Outputs
from components.core.naming import NameLimit

SECONDS_PER_DAY = 86_400

ABANDONED_UPLOAD_DAYS = 7

ALLOWED_CLASSES = frozenset({DataClass.PUBLIC, DataClass.MASTER_DATA, DataClass.ANALYTICS})
"""What R2 may hold. An R2 location hint is best effort, so nothing with persons in it, however far inside."""


class R2Placement(Enum):
    """Where R2 keeps a bucket. The value is how Cloudflare's addresses name it."""

    HINT_APAC = ""
    """Asked for, not promised: somewhere in Asia-Pacific if Cloudflare can."""
    JURISDICTION_US = "us"
    """Promised: stored and processed in the United States (since 2026-08-17)."""

    @property
    def location(self) -> str | None:
        """The location hint, if that is what this is."""
        return "apac" if self is R2Placement.HINT_APAC else None

    @property
    def jurisdiction(self) -> str | None:
        """The jurisdiction, if that is what this is."""
        return self.value or None

    def endpoint(self, account_id: str) -> str:
        """Give the address of the S3-compatible API."""
        host = ".".join(part for part in (account_id, self.value, "r2.cloudflarestorage.com") if part)
        return f"https://{host}"


PLACEMENTS: Mapping[Cluster, R2Placement] = {
    Cluster.ASIA: R2Placement.HINT_APAC,
    Cluster.US: R2Placement.JURISDICTION_US,
    Cluster.GLOBAL: R2Placement.JURISDICTION_US,
}
"""One per cluster, and none for China: Cloudflare's network there is another company's."""


@dataclass(frozen=True, kw_only=True)
class R2Bucket:
    """One bucket. ``origins`` are web origins such as ``https://smp-admin.pages.dev`` whose pages may read it."""

    data_class: DataClass
    origins: tuple[str, ...] = ()
    expiry_days: int | None = None
    """``None``: kept until somebody deletes it."""


@dataclass(frozen=True, kw_only=True)
class R2BucketsArgs(Args):
    """What the buckets need to know; ``buckets`` are keyed by purpose, the end of their names."""

    account_id: str
    """Cloudflare's account id: 32 hexadecimal digits."""
    buckets: Mapping[str, R2Bucket]

    def problems(self) -> Iterator[str]:
        """Check the account, the cluster, and that no bucket is meant for persons' data."""
        if re.fullmatch(r"[0-9a-f]{32}", self.account_id) is None:
            yield f"account_id {self.account_id!r} is not one of Cloudflare's; write its 32 hexadecimal digits"
        if self.scope.cluster not in PLACEMENTS:
            known = ", ".join(cluster.id for cluster in PLACEMENTS)
            yield f"{self.scope.cluster.id} has no place in R2; only {known} have buckets there"
        if not self.buckets:
            yield "buckets are empty; name at least one, by its purpose"
        for purpose, bucket in self.buckets.items():
            yield from self._bucket_problems(purpose, bucket)

    def _bucket_problems(self, purpose: str, bucket: R2Bucket) -> Iterator[str]:
        try:
            self.scope.name(purpose, NameLimit.R2_BUCKET)
        except ValueError as error:
            yield f"bucket {purpose}: {error}"
        if bucket.data_class not in ALLOWED_CLASSES:
            allowed = ", ".join(sorted(ALLOWED_CLASSES))
            yield (
                f"bucket {purpose}: {bucket.data_class} data may not be in R2, only {allowed}; take S3 in the"
                " cluster's own region"
            )
        if bucket.expiry_days is not None and bucket.expiry_days < 1:
            yield f"bucket {purpose}: expiry_days {bucket.expiry_days} must be 1 or more"
        for origin in bucket.origins:
            if re.fullmatch(r"https://[a-z0-9.-]+|http://localhost:\d+", origin) is None:
                yield f"bucket {purpose}: origin {origin!r} is none; write it like https://admin.smp.vn, without path"
            elif self.scope.is_production and not origin.startswith("https://"):
                yield f"bucket {purpose}: origin {origin} is a developer's machine; leave it out in production"


@dataclass(frozen=True, kw_only=True)
class R2BucketOutputs(Outputs):
    """A bucket of R2."""

    name: pulumi.Output[str]
    endpoint: str
    """Address of the S3-compatible API."""
    placement: str
    """``hint apac`` or ``jurisdiction us``."""
    data_class: DataClass


@dataclass(frozen=True, kw_only=True)
class R2BucketsOutputs(Outputs):
    """The buckets of a stack, keyed by purpose."""

    buckets: Mapping[str, R2BucketOutputs]


class R2Buckets(Component[R2BucketsOutputs]):
    """R2 buckets where the cluster is (M§2), none of them open to the internet by itself.

    The ``r2.dev`` address of each is off: what the public may see is served through the edge, where caching and
    the firewall are. R2 encrypts by itself, and its buckets carry no tags; their names say whose they are.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:cloudflare:R2Buckets"

    def __init__(
        self,
        name: str,
        args: R2BucketsArgs,
        *,
        provider: cloudflare.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._placement = PLACEMENTS[self.scope.cluster]
        self.publish(
            R2BucketsOutputs(
                buckets={
                    purpose: self._create_bucket(purpose, spec) for purpose, spec in args.buckets.items()
                }
            )
        )

    def _create_bucket(self, purpose: str, spec: R2Bucket) -> R2BucketOutputs:
        name = self.scope.name(purpose, NameLimit.R2_BUCKET)
        bucket = cloudflare.R2Bucket(
            name,
            name=name,
            account_id=self._args.account_id,
            location=self._placement.location,
            jurisdiction=self._placement.jurisdiction,
            storage_class="Standard",
            # A hint counts once: afterwards R2 reports where the bucket is, and that must not replace it.
            opts=self.stateful_child(ignore_changes=["location"]),
        )
        cloudflare.R2ManagedDomain(
            f"{name}-private",
            account_id=self._args.account_id,
            bucket_name=bucket.name,
            jurisdiction=self._placement.jurisdiction,
            enabled=False,
            opts=self.child(),
        )
        self._create_lifecycle(name, bucket, spec)
        if spec.origins:
            self._create_cors(name, bucket, spec)
        return R2BucketOutputs(
            name=bucket.name,
            endpoint=self._placement.endpoint(self._args.account_id),
            placement=self._placement.name.lower().replace("_", " "),
            data_class=spec.data_class,
        )

    def _create_lifecycle(self, name: str, bucket: cloudflare.R2Bucket, spec: R2Bucket) -> None:
        everything = cloudflare.R2BucketLifecycleRuleConditionsArgs(prefix="")
        rules = [
            cloudflare.R2BucketLifecycleRuleArgs(
                id="abandoned-uploads",
                enabled=True,
                conditions=everything,
                abort_multipart_uploads_transition=(
                    cloudflare.R2BucketLifecycleRuleAbortMultipartUploadsTransitionArgs(
                        condition=(
                            cloudflare.R2BucketLifecycleRuleAbortMultipartUploadsTransitionConditionArgs(
                                type="Age", max_age=ABANDONED_UPLOAD_DAYS * SECONDS_PER_DAY
                            )
                        )
                    )
                ),
            )
        ]
        if spec.expiry_days is not None:
            rules.append(
                cloudflare.R2BucketLifecycleRuleArgs(
                    id="expiry",
                    enabled=True,
                    conditions=everything,
                    delete_objects_transition=cloudflare.R2BucketLifecycleRuleDeleteObjectsTransitionArgs(
                        condition=cloudflare.R2BucketLifecycleRuleDeleteObjectsTransitionConditionArgs(
                            type="Age", max_age=spec.expiry_days * SECONDS_PER_DAY
                        )
                    ),
                )
            )
        cloudflare.R2BucketLifecycle(
            f"{name}-lifecycle",
            account_id=self._args.account_id,
            bucket_name=bucket.name,
            jurisdiction=self._placement.jurisdiction,
            rules=rules,
            opts=self.child(),
        )

    def _create_cors(self, name: str, bucket: cloudflare.R2Bucket, spec: R2Bucket) -> None:
        cloudflare.R2BucketCors(
            f"{name}-cors",
            account_id=self._args.account_id,
            bucket_name=bucket.name,
            jurisdiction=self._placement.jurisdiction,
            rules=[
                cloudflare.R2BucketCorsRuleArgs(
                    id="read",
                    allowed=cloudflare.R2BucketCorsRuleAllowedArgs(
                        methods=["GET", "HEAD"], origins=list(spec.origins)
                    ),
                    max_age_seconds=3600,
                )
            ],
            opts=self.child(),
        )
