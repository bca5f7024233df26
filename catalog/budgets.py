"""When spending is an alarm (M§13, M§14.8)."""

from __future__ import annotations

from catalog.quantities import Percent

ALARM_THRESHOLD = Percent.of(110)
"""Above this share of a stack's budget somebody is paged and a pull request is blocked."""

MOST_SUBSCRIBERS = 10
"""Addresses of a notification, by AWS Budgets."""

WARNING_THRESHOLD = Percent.of(100)
"""Above this share, up to the alarm, a reviewer is told."""
