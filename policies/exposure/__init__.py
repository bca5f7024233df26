"""Nothing is open to the internet that does not have to be (M§9)."""

from policies.exposure import addresses, buckets, edge, kubernetes, network, services, sharing, stores

RULES = (
    *network.RULES,
    *addresses.RULES,
    *stores.RULES,
    *buckets.RULES,
    *services.RULES,
    *sharing.RULES,
    *kubernetes.RULES,
    *edge.RULES,
)
