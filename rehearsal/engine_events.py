"""The Pulumi CLI's event stream as the steps and events of a rehearsal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from rehearsal import values
from rehearsal.resources import STACK_TYPE, name_of
from rehearsal.steps import (
    Message,
    OnEvent,
    Op,
    PropertyChange,
    ResourceFinished,
    ResourceStarted,
    Severity,
    Step,
)
from rehearsal.values import Properties, Value

# A replacement is several steps of the engine; it is counted once, when the new resource exists.
_OPS: Final[Mapping[str, Op]] = {
    "same": Op.SAME,
    "create": Op.CREATE,
    "update": Op.UPDATE,
    "create-replacement": Op.REPLACE,
    "delete": Op.DELETE,
    "discard": Op.DELETE,
    "read": Op.READ,
    "read-replacement": Op.READ,
    "import": Op.IMPORT,
    "import-replacement": Op.REPLACE,
}


class EventReader:
    """Collects the steps, messages and errors of one run of the CLI."""

    def __init__(self, on_event: OnEvent) -> None:
        self.steps: list[Step] = []
        self.messages: list[Message] = []
        self.errors: list[Message] = []
        self.other: list[str] = []
        self._on_event = on_event
        self._components: dict[str, dict[str, Any]] = {}

    def line(self, text: str) -> None:
        """Take one line of the CLI's output."""
        try:
            event = json.loads(text)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            if text.strip():
                self.other.append(text.rstrip())
            return
        handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "diagnosticEvent": self._diagnostic,
            "resourcePreEvent": self._started,
            "resOutputsEvent": self._finished,
        }
        for name, handle in handlers.items():
            content = cast("dict[str, Any]", event).get(name)
            if isinstance(content, dict):
                handle(cast("dict[str, Any]", content))

    def say(self, message: Message) -> None:
        """Add a message that is not the CLI's."""
        self.messages.append(message)
        self._on_event(message)

    def finish(self) -> None:
        """Count the components that registered no outputs: the engine never says that they are done."""
        for metadata in self._components.values():
            self._add(metadata)
        self._components.clear()

    def _diagnostic(self, event: dict[str, Any]) -> None:
        severity = {
            "info": Severity.INFO,
            "info#err": Severity.WARNING,
            "warning": Severity.WARNING,
            "error": Severity.ERROR,
        }.get(str(event.get("severity")))
        text = str(event.get("message", "")).strip()
        if severity is None or not text or event.get("ephemeral"):
            return
        message = Message(severity=severity, text=text, urn=event.get("urn") or None)
        (self.errors if severity is Severity.ERROR else self.messages).append(message)
        self._on_event(message)

    def _started(self, event: dict[str, Any]) -> None:
        metadata = event["metadata"]
        op = _OPS.get(metadata["op"])
        wanted = metadata.get("new")
        if wanted and not wanted.get("custom"):
            self._components[metadata["urn"]] = metadata
        if op is not None and op is not Op.SAME:
            self._on_event(ResourceStarted(op=op, urn=metadata["urn"], done=len(self.steps)))

    def _finished(self, event: dict[str, Any]) -> None:
        self._components.pop(event["metadata"]["urn"], None)
        self._add(event["metadata"])

    def _add(self, metadata: dict[str, Any]) -> None:
        step = _step(metadata)
        if step is not None:
            self.steps.append(step)
            self._on_event(ResourceFinished(step=step, done=len(self.steps)))


def _step(metadata: dict[str, Any]) -> Step | None:
    op = _OPS.get(metadata["op"])
    if op is None:
        return None
    old, new = metadata.get("old") or {}, metadata.get("new") or {}
    urn = metadata["urn"]
    kind = metadata["type"]
    parent = (new or old).get("parent") or None
    return Step(
        op=op,
        urn=urn,
        type=kind,
        name=name_of(urn),
        parent=None if kind == STACK_TYPE else parent,
        changes=_changes(metadata, old.get("inputs") or {}, new.get("inputs") or {})
        if op in {Op.UPDATE, Op.REPLACE}
        else (),
    )


def _changes(metadata: dict[str, Any], old: Properties, new: Properties) -> tuple[PropertyChange, ...]:
    detailed = cast("dict[str, dict[str, Any]]", metadata.get("detailedDiff") or {})
    return tuple(
        PropertyChange(
            path=path,
            old=values.mask(_at(old, path)),
            new=values.mask(_at(new, path)),
            forces_replacement=str(detailed[path].get("diffKind", "")).endswith("replace"),
        )
        for path in sorted(detailed)
    )


def _at(value: Value, path: str) -> Value:
    for key in values.split_path(path):
        if isinstance(value, dict):
            value = cast("Properties", value).get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and key < len(cast("list[Value]", value)):
            value = value[key]
        else:
            return value if value == values.MASKED else None
    return value
