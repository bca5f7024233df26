"""How a job says that it could not do its work."""

from __future__ import annotations


class JobError(Exception):
    """What went wrong, where, and what to do: one sentence for whoever reads the job's log."""
