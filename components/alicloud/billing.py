"""How an Alibaba Cloud service is paid for.

The provider has no budget resource: spending alarms of prod-china are computed from the bill, and from the
cost report of the plan against the stack's budget; nothing here creates them (M§14.8).
"""

from __future__ import annotations

from enum import StrEnum


class Billing(StrEnum):
    """A managed service's charge type; nodes have ``catalog.node_pools.Capacity`` instead."""

    PAY_AS_YOU_GO = "pay-as-you-go"
    """By the hour; released as soon as it is deleted."""

    SUBSCRIPTION = "subscription"
    """By the month in advance, renewed month by month: a third to a half cheaper, released at the term's end."""

    @property
    def charge_type(self) -> str:
        """``PostPaid`` or ``PrePaid``, as RDS, Tair and MongoDB call it."""
        return "PrePaid" if self is Billing.SUBSCRIPTION else "PostPaid"


SUBSCRIPTION_MONTHS = 1
"""Term and renewal of every subscription: the shortest, so that letting one go waits a month at most."""
