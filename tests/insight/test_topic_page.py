"""The page about topics is the catalogue's."""

from insight.topic_page import PAGE, topic_page


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == topic_page(), "run `python -m insight.topic_page`"
