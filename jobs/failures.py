"""How a job says that it could not do its work."""

from __future__ import annotations

import traceback
from collections.abc import Callable

COULD_NOT = 2
"""Exit code of a job that gives no verdict: whoever runs it tries again."""


class JobError(Exception):
    """What went wrong, where, and what to do: one sentence for whoever reads the job's log."""


def ended(job: Callable[[], int]) -> int:
    """Run a job and give its exit code.

    What nobody foresaw is no verdict. Python alone would end with 1, which says that something was found.
    """
    try:
        return job()
    except Exception:  # noqa: BLE001 - whatever it is, it is shown
        traceback.print_exc()
        return COULD_NOT
