"""What a program said while it ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

if TYPE_CHECKING:
    from rehearsal import Message

_STYLES = {"info": "default", "warning": "yellow", "error": "red"}


def print_messages(console: Console, messages: Sequence[Message]) -> None:
    """Print the messages of a run, if there are any."""
    if not messages:
        return
    console.print()
    console.print(Text("The program said:", style="bold"))
    for message in messages:
        text = Text(f"{message.severity}: ", style=_STYLES.get(str(message.severity), "default"))
        if message.urn:
            text.append(f"{message.urn.rsplit('::', maxsplit=1)[-1]}: ", style="cyan")
        text.append(message.text, style="default")
        console.print(Padding(text, (0, 0, 0, 2)))
