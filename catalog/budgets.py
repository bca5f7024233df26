"""When spending is an alarm (M§13, M§14.8)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from catalog.quantities import Percent

ANOMALY_THRESHOLD = Percent.of(3)
"""Share of a month's budget that a day must exceed the usual by to be reported: about a day's spending."""

ALARM_THRESHOLD = Percent.of(110)
"""Above this share of a stack's budget somebody is paged and a pull request is blocked."""

USD_PER_CNY = Decimal("0.1408")
"""US dollars for one yuan when China's bill is held against its budget: 7.1 yuan, the rate of the price book."""

MOST_SUBSCRIBERS = 10
"""Addresses of a notification, by AWS Budgets."""

WARNING_THRESHOLD = Percent.of(100)
"""Above this share, up to the alarm, a reviewer is told."""


class AllocationTags(StrEnum):
    """Whether the tags of M§14.8 are active for cost allocation.

    AWS knows a tag's key about a day after the first resource carries it, and refuses to activate an unknown one
    (Cost Explorer API, ``UpdateCostAllocationTagsStatus``): a first bring-up starts with ``pending``.
    """

    PENDING = "pending"
    ACTIVE = "active"
