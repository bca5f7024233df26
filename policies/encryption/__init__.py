"""Data is encrypted where it lies and where it travels (M§14.3, P 5)."""

from policies.encryption import at_rest, buckets, edge, in_transit, keys, kubernetes, listeners, texts

RULES = (
    *at_rest.RULES,
    *buckets.RULES,
    *in_transit.RULES,
    *listeners.RULES,
    *kubernetes.RULES,
    *edge.RULES,
    *texts.RULES,
    *keys.RULES,
)
