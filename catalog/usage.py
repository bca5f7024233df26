"""What a month's bill depends on beside the resources themselves: assumed amounts, per stack.

Nothing here is measured yet. Each figure is a planning assumption for the expected traffic (M§14.2: 100 000 daily
users in Asia, launches elsewhere) and is named in every cost report, so that it can be replaced by what a bill says.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.stack_facts import Stack


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Amounts a month; GB as the price lists count them."""

    nat_gb: int
    """Data through all NAT gateways together."""
    egress_gb: int
    """Data out to the internet, before the provider's free share."""
    logs_gb: int
    """Ingested into CloudWatch Logs: flow logs, control-plane and slow-query logs."""
    objects_gb: int
    """Kept in all buckets of the cluster's own cloud together."""
    r2_gb: int
    """Kept in all R2 buckets together."""
    images_gb: int
    """Kept in all image repositories together."""
    load_balancer_units: int = 1
    """Average capacity units of one load balancer."""


USAGE: dict[Stack, Usage] = {
    Stack.DEV: Usage(nat_gb=0, egress_gb=50, logs_gb=3, objects_gb=20, r2_gb=10, images_gb=20),
    Stack.STAGING: Usage(nat_gb=50, egress_gb=100, logs_gb=10, objects_gb=50, r2_gb=20, images_gb=20),
    Stack.PROD_ASIA: Usage(nat_gb=500, egress_gb=1000, logs_gb=80, objects_gb=1000, r2_gb=200, images_gb=50),
    Stack.PROD_US: Usage(nat_gb=300, egress_gb=500, logs_gb=50, objects_gb=500, r2_gb=100, images_gb=50),
    Stack.PROD_CHINA: Usage(nat_gb=200, egress_gb=300, logs_gb=30, objects_gb=500, r2_gb=0, images_gb=50),
    Stack.PROD_GLOBAL: Usage(nat_gb=100, egress_gb=100, logs_gb=20, objects_gb=300, r2_gb=10, images_gb=50),
}
"""One row per stack."""
