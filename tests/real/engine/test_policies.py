"""The pack under the real engine: preview, update and analysis of what is deployed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.engine_cli import find_cli
from rehearsal.engine_workspace import Workspace, prepare
from rehearsal.faults import NO_FAULTS, FaultPlan
from rehearsal.provider_server import serving
from tests.rehearsal.projects import HEADER, sample
from tests.stacks.programs import ROOT

pytestmark = pytest.mark.skipif(
    find_cli() is None, reason="the Pulumi CLI (pulumi and pulumi-language-python) is not on PATH"
)

PROGRAM = """
tags = {"Environment": "dev", "Cluster": "smp-asia", "region": "smp-asia", "CountryGroup": "VN-TH-SG-ID-MY-PH",
        "CostCenter": "engineering", "Compliance": "PDPA"}
class Part(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("smp:aws:Part", name)
part = Part("part")
key = aws.kms.Key("key", description="x", enable_key_rotation=ROTATION, tags=tags,
    opts=pulumi.ResourceOptions(provider=cloud, parent=part))
topic = aws.sns.Topic("topic", kms_master_key_id=key.arn, tags=tags, opts=here)
aws.ec2.Vpc("network", cidr_block="10.0.0.0/16", tags={**tags, "Name": topic.arn}, opts=here)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A small project of a stack the catalogue knows, with the pack and its environment where a person has them."""
    project = sample(tmp_path, HEADER + PROGRAM.replace("ROTATION", "True"))
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    with serving(FaultPlan(NO_FAULTS)) as (_, port):
        yield prepare(
            project.project.load(placeholder_secrets={}), dict.fromkeys(("aws", "kubernetes"), port)
        )


def _pulumi(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    configuration = () if arguments[0] == "policy" else ("--config-file", str(workspace.config_file))
    return subprocess.run(
        [
            str(workspace.cli),
            *arguments,
            "--stack",
            workspace.stack,
            "--policy-pack",
            "policies",
            *configuration,
            "--non-interactive",
            "--color",
            "never",
        ],
        cwd=workspace.root,
        # The packages are installed editable; a copy of a project has them on the path.
        env=dict(workspace.environment) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def _break(workspace: Workspace) -> None:
    program = workspace.root / "stacks" / "__main__.py"
    program.write_text(program.read_text().replace("rotation=True", "rotation=False"))


def test_preview_passes_what_is_right_with_unknown_values(workspace: Workspace) -> None:
    """Also what is only read: the engine does not send it, though `policy analyze` does."""
    program = workspace.root / "stacks" / "__main__.py"
    program.write_text(program.read_text() + 'aws.ec2.Vpc.get("neighbour", "vpc-1", opts=here)\n')
    done = _pulumi(workspace, "preview")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "smp@v4.0.0" in done.stdout
    assert "mandatory" not in done.stdout


def test_preview_stops_at_a_mandatory_finding(workspace: Workspace) -> None:
    _break(workspace)
    done = _pulumi(workspace, "preview")
    assert done.returncode != 0
    assert "[mandatory]" in done.stdout
    assert done.stdout.count("enableKeyRotation is") == 1
    assert "to do: turn rotation on" in done.stdout


def test_an_update_without_preview_stops_before_the_resource_is_made(workspace: Workspace) -> None:
    _break(workspace)
    done = _pulumi(workspace, "up", "--yes", "--skip-preview")
    assert done.returncode != 0
    assert done.stdout.count("enableKeyRotation is") == 1
    made = {item["type"] for item in workspace.deployment()["deployment"]["resources"]}
    assert "aws:kms/key:Key" not in made


def test_analysis_of_what_is_deployed(workspace: Workspace, tmp_path: Path) -> None:
    assert _pulumi(workspace, "up", "--yes").returncode == 0
    clean = _pulumi(workspace, "policy", "analyze")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    exported = tmp_path / "export.json"
    exported.write_text(
        workspace.run("stack", "export", "--stack", workspace.stack).replace(
            '"enableKeyRotation": true', '"enableKeyRotation": false'
        )
    )
    done = subprocess.run(
        [
            str(workspace.cli),
            "policy",
            "analyze",
            "--file",
            str(exported),
            "--policy-pack",
            "policies",
            "--color",
            "never",
        ],
        cwd=workspace.root,
        env=dict(workspace.environment) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout.count("enableKeyRotation is") == 1
