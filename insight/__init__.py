"""Snapshots of a stack and what is computed from them: findings, cost, capacity; and the ``smp`` commands."""
