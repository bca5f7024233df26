"""A product cluster on AWS: dev, staging, prod-asia, prod-us. Reads as a table of contents."""

from __future__ import annotations

from components.aws.keys import KeyPurpose
from stacks import aws_data, aws_workloads, edge, exports
from stacks.aws_foundation import foundation
from stacks.config import Layer
from stacks.config_source import Settings
from stacks.providers import cloudflare_provider


def build(settings: Settings) -> None:
    """Build the stack: the cloud, its data, and as far as its layers say what runs in it."""
    exports.export_identity(settings)
    base = foundation(settings, frozenset(KeyPurpose))
    registry = aws_data.registry(base)
    buckets = aws_data.buckets(base)
    cloudflare = cloudflare_provider(base.scope)
    public_buckets = aws_data.public_buckets(base, cloudflare)
    exports.export_parts(edge.product_cluster(base, cloudflare))
    stores = aws_data.managed_stores(base)
    if settings.config.builds(Layer.PLATFORM):
        platform = aws_workloads.platform(base)
        stores |= aws_workloads.in_cluster_stores(base, platform)
        aws_workloads.events(base, platform, registry, stores["mysql"])
        if settings.config.builds(Layer.SERVICES):
            aws_workloads.services(base, platform)
    exports.export_parts({"registry": registry, "objects": buckets, "publicObjects": public_buckets})
    exports.export_data_stores(stores)
