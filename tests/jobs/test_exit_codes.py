"""Exit code 1 is a verdict that is not tried again, so nothing else may end with it."""

from __future__ import annotations

import runpy

import pytest

from components.kubernetes.scheduled_job import VERDICT
from jobs.failures import COULD_NOT


@pytest.mark.filterwarnings("ignore:.* found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("job", ["audit_batches", "bill", "reconcile", "search_settings"])
def test_what_nobody_foresaw_is_no_verdict(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unforeseen(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("jobs.environment.variable", unforeseen)
    with pytest.raises(SystemExit) as end:
        runpy.run_module(f"jobs.{job}", run_name="__main__")
    assert end.value.code == COULD_NOT != VERDICT
