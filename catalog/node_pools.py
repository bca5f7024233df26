"""Vocabulary of node pools, shared by configuration, components and capacity reports."""

from __future__ import annotations

from enum import StrEnum


class Capacity(StrEnum):
    """How a node is bought."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    """Up to 65 % cheaper and taken back at two minutes' notice: dev and staging only."""
    SUBSCRIPTION = "subscription"
    """Paid by the month in advance, on Alibaba Cloud."""


class PoolPurpose(StrEnum):
    """What may be scheduled on a pool; value of the node label ``smp.vn/pool``."""

    APP = "app"
    """Services and platform; also everything else where a cluster has one pool only."""
    DATA = "data"
    """Kafka, Elasticsearch, Vault. A soft taint keeps services off until there is no room elsewhere."""


POOL_LABEL = "smp.vn/pool"
"""Node label and taint key; its value is a ``PoolPurpose``."""
