"""The page about topics is the catalogue's."""

from insight.topic_page import PAGE, topic_page


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == topic_page(), "run `python -m insight.topic_page`"


def test_who_keeps_the_audit_log_at_home_is_said() -> None:
    (row,) = [line for line in topic_page().splitlines() if line.startswith("| the audit log |")]
    assert "| regions to global, without smp-china |" in row
