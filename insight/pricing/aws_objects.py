"""Prices of S3 buckets: what is kept, and requests."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.usage import UsageKey
from insight.pricing.charges import Charge, Pricer, PricingContext
from insight.snapshot import Resource

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


def _bucket(context: PricingContext, resource: Resource) -> Iterator[Charge]:
    """Everything in the standard class: objects reach colder ones only after a month, and not all do."""
    yield context.kept("S3 Standard first 50TB", UsageKey.OBJECTS, resource, *_BUCKETS)
    yield context.assumed("S3 PUT", UsageKey.OBJECT_WRITES, resource, *_BUCKETS)
    yield context.assumed("S3 GET", UsageKey.OBJECT_READS, resource, *_BUCKETS)


PRICERS: dict[str, Pricer] = dict.fromkeys(_BUCKETS, _bucket)
"""By type."""
