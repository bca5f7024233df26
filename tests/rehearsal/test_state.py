from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rehearsal import Death, EngineChoice, Faults, Op, StateError, StateLockedError
from rehearsal.faults import FaultPlan
from rehearsal.state import StateStore
from tests.rehearsal.projects import HEADER, Sample, sample

PROGRAM = (
    HEADER
    + """
v = aws.ec2.Vpc("v", cidr_block=config.require("cidr"), tags={"n": config.require("n")}, opts=here)
aws.ec2.Subnet("s", vpc_id=v.id, cidr_block="10.0.0.0/24", opts=here)
aws.s3.Bucket("b", bucket="b", tags={"n": config.require("n")}, opts=here)
if config.get("extra"):
    aws.s3.Bucket("extra", bucket="extra", opts=here)
"""
)


def killed(project: Sample, *, write: int, death: Death) -> bool:
    """Run until that write in a forked process; answers whether it died there."""
    child = os.fork()
    if child == 0:
        try:
            project.rehearse(faults=Faults(die_at_write=write, death=death))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def left_at_every_write(project: Sample, folder: Path, death: Death) -> list[Path]:
    """What a process that is killed at the first, second, ... write leaves, copied from one run that lives on.

    A killed process leaves what the kernel has of its files, and that is what a copy sees. A torn write is done again
    as a whole once its half is copied.
    """
    left: list[Path] = []
    deaths: list[Death | None] = [None]

    def copy() -> None:
        left.append(folder / str(len(left) + 1))
        shutil.copytree(project.state, left[-1])

    def torn_first(write: Callable[..., None]) -> Callable[..., None]:
        def twice(store: StateStore, *arguments: Any) -> None:
            journal = project.state / "journal.jsonl"
            size = journal.stat().st_size
            deaths[0] = Death.TORN
            write(store, *arguments)
            os.truncate(journal, size)
            deaths[0] = None
            write(store, *arguments)

        return twice

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("rehearsal.state.die", copy)
        patched.setattr(FaultPlan, "next_write", lambda _: deaths[0])
        patched.setattr(StateStore, "_maybe_die", lambda _: copy())
        if death is Death.AFTER:
            deaths[0] = Death.AFTER
        else:
            patched.setattr(StateStore, "_write_line", torn_first(StateStore._write_line))
            patched.setattr(StateStore, "_write_whole", torn_first(StateStore._write_whole))
        project.rehearse()
    return left


def files(state: Path) -> dict[str, bytes]:
    """The content of a state folder, without who has the lock."""
    return {path.name: path.read_bytes() for path in state.iterdir() if path.name not in {"lock", "key"}}


FIRST = {"n": "1", "cidr": "10.0.0.0/16", "extra": "x"}
SECOND = {"n": "2", "cidr": "10.9.0.0/16"}


@pytest.mark.parametrize("death", list(Death))
def test_killed_at_any_write_the_next_run_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: Death
) -> None:
    """A deployment, then an update with a replacement and a deletion, each killed at every single write."""
    # A killed process loses no write that the kernel has; waiting for the disk here would only cost time.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    project = sample(tmp_path / "project", PROGRAM)
    before: Path | None = None
    for number, config in enumerate((FIRST, SECOND)):

        def start_from(state: Path | None, config: Mapping[str, str] = config) -> Sample:
            shutil.rmtree(project.state, ignore_errors=True)
            if state is not None:
                shutil.copytree(state, project.state)
            return project.config(config)

        wanted = start_from(before).rehearse().deployment
        done = tmp_path / f"done-{number}"
        shutil.copytree(project.state, done)
        left = left_at_every_write(start_from(before), tmp_path / f"left-{number}", death)
        assert len(left) > 12
        assert killed(start_from(before), write=7, death=death)
        assert files(project.state) == files(left[6]), "a real kill leaves what was copied"
        for write, state in enumerate(left, start=1):
            result = start_from(state).rehearse()
            # Secrets apart (another key seals them, and there are none here), the state is what an unbroken run leaves.
            assert result.deployment == wanted, f"write {write}"
        before = done


def test_killed_twice_in_the_middle_of_a_line(tmp_path: Path) -> None:
    project = sample(tmp_path, PROGRAM, config=SECOND)
    wanted = project.rehearse().deployment
    shutil.rmtree(project.state)
    for state in left_at_every_write(project, tmp_path / "left", Death.TORN)[:7]:
        shutil.rmtree(project.state)
        shutil.copytree(state, project.state)
        assert killed(project, write=3, death=Death.TORN)
        assert project.rehearse().deployment == wanted


def test_a_state_that_cannot_be_replaced_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = sample(tmp_path, PROGRAM, config=FIRST)
    project.rehearse()
    before = (project.state / "state.json").read_bytes()

    def refuse(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(StateError, match="cannot be written: no space left"):
            project.config(SECOND).rehearse()
    assert (project.state / "state.json").read_bytes() == before
    assert project.rehearse().changed == 0


def test_what_was_done_before_the_kill_is_not_done_again(tmp_path: Path) -> None:
    """Killed in the middle of the third resource: two are there, the third is done again and said to be."""
    project = sample(tmp_path, PROGRAM, config=SECOND)
    for state in left_at_every_write(project, tmp_path / "left", Death.AFTER)[:12]:
        shutil.rmtree(project.state)
        shutil.copytree(state, project.state)
        result = project.rehearse()
        said = [message.urn.rpartition("::")[2] for message in result.messages if message.urn]
        if said == ["v"]:
            break
    assert said == ["v"]
    assert result.counts == {Op.SAME: 2, Op.CREATE: 3}


def test_an_operation_is_on_disk_before_the_next_one_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = sample(tmp_path, PROGRAM, config=SECOND)
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.name == "journal.jsonl":
            synced.append(path.read_text().splitlines()[-1])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(StateStore, "save", StateStore.close)
    project.rehearse()
    lines = [json.loads(line) for line in (project.state / "journal.jsonl").read_text().splitlines()]
    ends = [line for line in lines if "end" in line]
    assert len(ends) >= 5
    assert [json.loads(line) for line in synced] == ends


def test_one_run_at_a_time(tmp_path: Path) -> None:
    project = sample(tmp_path, PROGRAM, config={"n": "1", "cidr": "10.0.0.0/16"})
    project.rehearse()
    with (project.state / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"pid": 4711, "since": "2026-01-01T00:00:00+00:00"}))
        lock.flush()
        with pytest.raises(StateLockedError, match="process 4711, since 2026-01-01"):
            project.rehearse()
    assert project.rehearse().changed == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{not json", "it is not JSON"),
        ("{}", "not a rehearsal's state file"),
        ("[]", "not a rehearsal's state file"),
        ('{"version": 3, "deployment": {"resources": []}}', "not a rehearsal's state file"),
        ('{"rehearsal": {"format": "smp-rehearsal-state", "version": 9}}', "its format 9"),
        (
            '{"rehearsal": {"format": "smp-rehearsal-state", "version": 1, "project": "shop", "stack": "prod"}}',
            "belongs to stack 'prod'",
        ),
        (
            '{"rehearsal": {"format": "smp-rehearsal-state", "version": 1, "project": "shop", "stack": "dev"}}',
            "damaged",
        ),
    ],
)
def test_a_foreign_or_corrupt_state_is_refused_and_left_as_it_is(
    tmp_path: Path, content: str, why: str
) -> None:
    project = sample(tmp_path, PROGRAM, config={"n": "1", "cidr": "10.0.0.0/16"})
    project.state.mkdir(parents=True)
    file = project.state / "state.json"
    file.write_text(content)
    with pytest.raises(StateError, match=why) as caught:
        project.rehearse()
    assert str(file) in str(caught.value)
    assert "move the folder" in str(caught.value)
    assert file.read_text() == content


def test_a_journal_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    project = sample(tmp_path, PROGRAM, config={"n": "1", "cidr": "10.0.0.0/16"})
    project.state.mkdir(parents=True)
    journal = project.state / "journal.jsonl"
    for content in (
        '{"journal":1,"serial":0}\n{"begin"\n{"end":"create","put":[],"drop":[]}\n',
        '{"journal":1,"serial":7}\n',
    ):
        journal.write_text(content)
        with pytest.raises(StateError, match=r"journal\.jsonl cannot be used"):
            project.rehearse()
        assert journal.read_text() == content


def test_the_embedded_state_is_where_it_is_said_to_be(tmp_path: Path) -> None:
    result = sample(tmp_path, PROGRAM, config={"n": "1", "cidr": "10.0.0.0/16"}).rehearse(
        engine=EngineChoice.EMBEDDED
    )
    assert result.state_path == tmp_path / ".smp" / "dev" / "embedded" / "state.json"
    assert json.loads(result.state_path.read_text())["deployment"] == result.deployment["deployment"]
