"""The embedded host's state: one file, and a journal of what has been done since it was written.

Under `<root>/.smp/<stack>/embedded/`: `state.json` (a deployment export and who it belongs to), `journal.jsonl`, `key`
(mode 0600, for the digests that stand for secrets) and `lock`. A line of the journal is on disk before the next
operation begins, so a run that was killed loses nothing: the next one replays the journal over the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO, cast

from rehearsal import values
from rehearsal.errors import StateError
from rehearsal.faults import Death, FaultPlan, die
from rehearsal.resources import ResourceState, export
from rehearsal.values import Value

_FORMAT: Final = 1
_FORMAT_NAME: Final = "smp-rehearsal-state"


@dataclass(frozen=True, kw_only=True, slots=True)
class StackId:
    """Whose state it is."""

    project: str
    stack: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """An operation that a killed run had begun and not finished."""

    op: str
    urn: str


Key = tuple[str, str]  # URN; id where the resource waits for its deletion, else empty


def key_of(state: ResourceState) -> Key:
    """What identifies a resource in the state: a URN has one current resource and any number of old ones."""
    return (state.urn, state.id if state.pending_delete else "")


class Sealer:
    """Turns secrets into keyed digests: enough to see that one changed, nothing to read."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, value: Value) -> str:
        """The digest of a secret value."""
        mac = hmac.new(self._key, values.canonical(value).encode(), hashlib.sha256)
        return f"hmac-sha256:{mac.hexdigest()}"


class StateStore:
    """The state of one stack. The caller holds the lock (see `state_lock`). Secrets come and go sealed."""

    def __init__(self, directory: Path, owner: StackId, faults: FaultPlan) -> None:
        self.path = directory / "state.json"
        with writing(directory):
            self.sealer = Sealer(_key(directory / "key"))
        self._journal_path = directory / "journal.jsonl"
        self._owner = owner
        self._faults = faults
        self._journal: TextIO | None = None
        self._serial = 0
        self.resources: dict[Key, ResourceState] = {}
        self.interrupted: tuple[Pending, ...] = ()
        self._load()

    def current(self) -> dict[str, ResourceState]:
        """The resources by URN, without those that wait for deletion."""
        return {state.urn: state for state in self.resources.values() if not state.pending_delete}

    def begin(self, op: str, urn: str) -> None:
        """Record that an operation begins."""
        with writing(self.path.parent):
            self._append({"begin": op, "urn": urn})

    def commit(self, *, op: str, put: Iterable[ResourceState] = (), drop: Iterable[Key] = ()) -> None:
        """Record what an operation did: resources as they are now, and those that are gone. On disk when it returns."""
        gone = list(drop)
        states = [state.sealed(self.sealer) for state in put]
        with writing(self.path.parent):
            self._append({"end": op, "drop": gone, "put": [state.to_export() for state in states]})
            journal = self._journal
            assert journal is not None
            os.fsync(journal.fileno())
        self._apply(states, gone)

    def save(self) -> None:
        """Write the whole state atomically and forget the journal. Raises `StateError` when it cannot be written."""
        with writing(self.path.parent):
            self._save()
        self._serial += 1
        self.interrupted = ()

    def _save(self) -> None:
        content = self.deployment()
        content["rehearsal"] = {
            "format": _FORMAT_NAME,
            "version": _FORMAT,
            "project": self._owner.project,
            "stack": self._owner.stack,
            "serial": self._serial + 1,
        }
        temporary = self.path.with_suffix(".json.new")
        self._write_whole(temporary, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        temporary.replace(self.path)
        _sync_directory(self.path.parent)
        self._maybe_die()
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._journal_path.unlink(missing_ok=True)
        self._maybe_die()

    def close(self) -> None:
        """Close the journal as it is."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def deployment(self) -> dict[str, Any]:
        """The state as a deployment export."""
        return export(self.resources.values(), cipher=self.sealer)

    def _apply(self, put: Iterable[ResourceState], drop: Iterable[Key]) -> None:
        for key in drop:
            self.resources.pop(key, None)
        for state in put:
            self.resources[key_of(state)] = state

    def _append(self, line: dict[str, Any]) -> None:
        if self._journal is None:
            fresh = not self._journal_path.exists() or self._journal_path.stat().st_size == 0
            self._journal = self._journal_path.open("a", encoding="utf-8")
            if fresh:
                self._write_line({"journal": _FORMAT, "serial": self._serial})
                _sync_directory(self.path.parent)
        self._write_line(line)

    def _write_line(self, line: dict[str, Any]) -> None:
        journal = self._journal
        assert journal is not None
        text = json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n"
        death = self._faults.next_write()
        journal.write(text[: len(text) // 2] if death is Death.TORN else text)
        journal.flush()
        if death is not None:
            die()

    def _write_whole(self, path: Path, text: str) -> None:
        death = self._faults.next_write()
        with path.open("w", encoding="utf-8") as file:
            file.write(text[: len(text) // 2] if death is Death.TORN else text)
            file.flush()
            os.fsync(file.fileno())
        if death is not None:
            die()

    def _maybe_die(self) -> None:
        if self._faults.next_write() is not None:
            die()

    def _load(self) -> None:
        if self.path.exists():
            content = _json(self.path, self.path.read_bytes())
            marks = cast("dict[str, Any]", content).get("rehearsal") if isinstance(content, dict) else None
            if not isinstance(marks, dict) or cast("dict[str, Any]", marks).get("format") != _FORMAT_NAME:
                raise _unusable(self.path, "it is not a rehearsal's state file")
            self._check_owner(cast("dict[str, Any]", marks))
            try:
                self._serial = int(marks["serial"])
                self._apply(
                    (ResourceState.from_export(entry) for entry in content["deployment"]["resources"]), ()
                )
            except (KeyError, TypeError, ValueError, AttributeError):
                raise _unusable(self.path, "its content is damaged") from None
        if self._journal_path.exists():
            self._replay()

    def _check_owner(self, marks: dict[str, Any]) -> None:
        if marks.get("version") != _FORMAT:
            raise _unusable(
                self.path,
                f"its format {marks.get('version')!r} is not the one this program writes ({_FORMAT})",
            )
        whose = (marks.get("project"), marks.get("stack"))
        if whose != (self._owner.project, self._owner.stack):
            raise _unusable(
                self.path,
                f"it belongs to stack {whose[1]!r} of project {whose[0]!r}, not to {self._owner.stack!r}",
            )

    def _replay(self) -> None:
        raw = self._journal_path.read_bytes()
        *lines, torn = raw.split(b"\n")
        if torn:
            # The run died in the middle of this line: what it was about to say was not done.
            with self._journal_path.open("r+b") as file:
                file.truncate(len(raw) - len(torn))
                os.fsync(file.fileno())
        if not lines:
            return
        entries = [_json(self._journal_path, line) for line in lines]
        try:
            serial = int(entries[0]["serial"])
            if serial < self._serial:
                self._journal_path.unlink()  # saved already; the run died before it could forget the journal
                return
            if serial > self._serial:
                raise _unusable(self._journal_path, "it continues a newer state.json than the one beside it")
            pending: dict[str, Pending] = {}
            for entry in entries[1:]:
                if "begin" in entry:
                    pending[entry["urn"]] = Pending(op=entry["begin"], urn=entry["urn"])
                    continue
                put = [ResourceState.from_export(item) for item in entry["put"]]
                drop = [(str(urn), str(old)) for urn, old in entry["drop"]]
                self._apply(put, drop)
                for urn in [state.urn for state in put] + [urn for urn, _ in drop]:
                    pending.pop(urn, None)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _unusable(self._journal_path, "its content is damaged") from None
        self.interrupted = tuple(pending.values())


@contextlib.contextmanager
def writing(directory: Path) -> Generator[None, None, None]:
    """Say in words that a state folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"the rehearsal's state in {directory} cannot be written: {error}. What was done up to here is recorded; "
            "make room or correct the permissions, and run again to continue."
        ) from None


def _key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        text = path.read_text(encoding="ascii", errors="replace").strip()
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) == 32:
            return key
        if text:
            raise _unusable(path, "it is not a key") from None
        path.unlink()  # a run died between making and filling it: nothing was ever sealed with it
        return _key(path)
    key = secrets.token_bytes(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _json(path: Path, raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise _unusable(path, "it is not JSON") from None


def _unusable(path: Path, why: str) -> StateError:
    return StateError(
        f"{path} cannot be used: {why}. It was left as it is. Restore it from a backup, or move the folder "
        f"{path.parent} away to start this rehearsal from nothing."
    )


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
