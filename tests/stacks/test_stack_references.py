"""The program refuses to read another stack's outputs, however deep a component hides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal import ProgramError, plan
from tests.rehearsal.projects import HEADER, sample

REFUSING = HEADER + "from stacks.program import refuse_stack_references\nrefuse_stack_references()\n"


@pytest.mark.parametrize(
    "made",
    [
        "pulumi.StackReference('organization/smp/prod-us')\n",
        "pulumi.StackReference('us', stack_name='organization/smp/prod-us')\n",
        """
class Part(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("smp:aws:Part", "part")
        pulumi.StackReference("organization/smp/prod-us", opts=pulumi.ResourceOptions(parent=self))
Part()
""",
    ],
)
def test_a_stack_reference_ends_the_program(tmp_path: Path, made: str) -> None:
    with pytest.raises(
        ProgramError, match=r"organization/smp/prod-us: no stack reads another stack's outputs"
    ):
        plan(sample(tmp_path, REFUSING + made).project, placeholder_secrets={})


def test_everything_else_is_made(tmp_path: Path) -> None:
    project = sample(tmp_path, REFUSING + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16', opts=here)\n").project
    made = plan(project, placeholder_secrets={}).deployment["deployment"]["resources"]
    assert made[-1]["type"] == "aws:ec2/vpc:Vpc"


def test_the_program_refuses_before_it_reads_its_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from stacks import program

    order: list[str] = []
    monkeypatch.setattr(program, "refuse_stack_references", lambda: order.append("refuses"))
    monkeypatch.setattr(program, "load_settings", lambda: order.append("loads"))
    monkeypatch.setattr(program, "compose", lambda _: order.append("builds"))
    monkeypatch.setattr(program.Recorder, "start", lambda: None)
    monkeypatch.setattr(program, "export_estimate", lambda *_: None)
    program.main()
    assert order == ["refuses", "loads", "builds"]
