"""The drawing of the flows is current, and draws no arrow between regions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from insight.rendering.flow_diagram import flows_document

FILE = Path(__file__).parents[2] / "docs" / "data-flows.md"


def test_the_drawing_is_current(request: pytest.FixtureRequest) -> None:
    text = flows_document()
    if request.config.getoption("--update-golden"):
        FILE.write_text(text, encoding="utf-8")
    assert text == FILE.read_text(encoding="utf-8"), (
        "./smp test tests/insight/test_flow_diagram.py --update-golden"
    )


def test_every_arrow_between_clusters_begins_or_ends_at_global() -> None:
    arrows = re.findall(r"^  (smp_\w+) -->\|[^|]*\| (smp_\w+)$", flows_document(), re.MULTILINE)
    assert len(arrows) == 14
    assert all("smp_global" in arrow for arrow in arrows)


def test_nothing_personal_is_drawn_between_clusters() -> None:
    between = flows_document().split("## The read model")[0]
    assert "personal:" not in between


def test_the_audit_log_leaves_asia_and_us_and_not_china() -> None:
    arrows = re.findall(r'^  (smp_\w+) -->\|"audit:', flows_document(), re.MULTILINE)
    assert arrows == ["smp_asia", "smp_us"]


def test_no_dead_letters_leave_their_cluster() -> None:
    by_class = flows_document().split("## Topics by class")[1]
    leaving = [line for line in by_class.splitlines() if ".dlq`" in line and "| never |" not in line]
    assert not leaving
    assert re.search(r"^\| audit \| audit: daily batch[^|]*\| `audit\.events` \|$", by_class, re.MULTILINE)
