"""The outputs of a rehearsal, as a person sees them."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from insight.rendering.outputs import print_outputs


def _printed(outputs: dict[str, Any]) -> list[str]:
    stream = io.StringIO()
    print_outputs(Console(file=stream, width=100, highlight=False), outputs)
    return stream.getvalue().splitlines()[2:]


def test_every_value_has_a_line_and_a_long_map_its_size() -> None:
    topics = {f"topic-{number}": "public" for number in range(7)}
    store = {"host": "h", "port": 3306, "a": "", "b": "", "c": "", "d": "", "e": ""}
    lines = _printed({"topics": {"classes": topics}, "store": store, "few": {"x": "1", "y": "2"}})
    assert "  topics.classes: 7 values" in lines
    assert "  store.host: h" in lines
    assert "  store.port: 3306" in lines
    assert "  few.x: 1" in lines
    assert lines[-1] == "  (--json shows every value)"


def test_a_text_of_several_lines_takes_one_and_nothing_is_seen_to_be_nothing() -> None:
    assert _printed({"pem": "-----BEGIN-----\nabc\n", "none": "", "secret": "[secret]"}) == [
        '  none: ""',
        "  pem: -----BEGIN----- ...",
        "  secret: [secret]",
    ]
