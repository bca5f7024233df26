from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path

import pytest

from rehearsal import Death, EngineChoice, Faults, Op, StateError, StateLockedError
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


FIRST = {"n": "1", "cidr": "10.0.0.0/16", "extra": "x"}
SECOND = {"n": "2", "cidr": "10.9.0.0/16"}


@pytest.mark.parametrize("death", list(Death))
def test_killed_at_any_write_the_next_run_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: Death
) -> None:
    """A deployment, then an update with a replacement and a deletion, each killed at every single write."""
    # A killed process loses no write that the kernel has; waiting for the disk here would only cost time.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    reference = sample(tmp_path / "reference", PROGRAM, config=FIRST)
    first = reference.rehearse().deployment
    shutil.copytree(reference.state, tmp_path / "deployed")
    second = reference.config(SECOND).rehearse().deployment
    for config, wanted, before in ((FIRST, first, None), (SECOND, second, tmp_path / "deployed")):
        died, write = True, 0
        while died:
            write += 1
            project = sample(tmp_path / "project", PROGRAM, config=config)
            shutil.rmtree(project.root / ".smp", ignore_errors=True)
            if before is not None:
                shutil.copytree(before, project.state)
            died = killed(project, write=write, death=death)
            result = project.rehearse()
            # Secrets apart (another key seals them, and there are none here), the state is what an unbroken run leaves.
            assert result.deployment == wanted, f"write {write}"
        assert write > 12


def test_killed_twice_in_the_middle_of_a_line(tmp_path: Path) -> None:
    project = sample(tmp_path, PROGRAM, config=SECOND)
    wanted = project.rehearse().deployment
    for write in range(1, 8):
        shutil.rmtree(project.root / ".smp")
        assert killed(project, write=write, death=Death.TORN)
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
    write = 0
    while True:
        write += 1
        shutil.rmtree(project.root / ".smp", ignore_errors=True)
        assert killed(project, write=write, death=Death.AFTER)
        result = project.rehearse()
        said = [message.urn.rpartition("::")[2] for message in result.messages if message.urn]
        if said == ["v"]:
            break
        assert write < 12
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
