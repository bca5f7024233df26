"""The repository's own program, every stack of it, in both hosts."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from catalog.stack_facts import Stack
from insight.findings import judge
from insight.snapshot_reading import parse_snapshot
from rehearsal import EngineChoice, Op, Project, rehearse
from rehearsal.engine_cli import find_cli
from stacks import lean_sdks
from tests.real.engine.test_engine import comparable
from tests.stacks.programs import ROOT, placeholders

pytestmark = pytest.mark.skipif(
    find_cli() is None, reason="the Pulumi CLI (pulumi and pulumi-language-python) is not on PATH"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a person has it, in a folder whose .smp is nobody's."""
    root = tmp_path_factory.mktemp("project")
    for path in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(path, root)
    for package in ("catalog", "components", "stacks"):
        shutil.copytree(ROOT / package, root / package)
    (root / "edge").mkdir()
    shutil.copytree(ROOT / "edge" / "src", root / "edge" / "src")
    (root / ".venv").symlink_to(sys.prefix)
    return root


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_the_real_engine_and_the_embedded_host_agree(
    copy: Path, monkeypatch: pytest.MonkeyPatch, stack: Stack
) -> None:
    # The program's own packages are installed editable; here they may only be on the path.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    project = Project(root=copy, stack=stack.facts.name)
    files = {path: path.read_bytes() for path in copy.glob("Pulumi*.yaml")}
    secrets = placeholders(stack)
    # Each of the two ways to load the SDKs once (decision 0080): the embedded host's program has them lean.
    with monkeypatch.context() as plainly:
        plainly.setenv(lean_sdks.SWITCH, lean_sdks.PLAIN)
        real = rehearse(project, engine=EngineChoice.PULUMI, placeholder_secrets=secrets)
    embedded = rehearse(project, engine=EngineChoice.EMBEDDED, placeholder_secrets=secrets)
    assert comparable(real.deployment) == comparable(embedded.deployment)
    assert real.outputs == embedded.outputs
    # A plan hides from the rules what only the cloud can say; here it is all known.
    assert judge(parse_snapshot(embedded.deployment, origin="the rehearsal")) == ()
    again = rehearse(project, engine=EngineChoice.PULUMI, placeholder_secrets=secrets)
    assert set(again.counts) == {Op.SAME}
    assert {path: path.read_bytes() for path in copy.glob("Pulumi*.yaml")} == files
    written = [path.read_bytes() for path in (copy / ".smp").rglob("*") if path.is_file()]
    assert not [
        key for key, value in secrets.items() if any(value.encode() in content for content in written)
    ]
