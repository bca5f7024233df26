"""What a stack's file says beside its values: keys that stand twice, keys nothing reads, values that are nobody's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from catalog.stack_facts import Stack
from rehearsal import ProgramError, plan
from stacks.config_file import file_mistakes
from stacks.config_source import placeholder_mistakes
from tests.stacks.programs import placeholders, project_with
from tests.stacks.test_config_files import ROOT, engine_values


def _found(folder: Path, text: str) -> dict[str, str]:
    file = folder / "Pulumi.dev.yaml"
    file.write_text(text, encoding="utf-8")
    return {mistake.path: mistake.message for mistake in file_mistakes(file)}


def test_a_key_that_stands_twice_is_named_with_its_lines(tmp_path: Path) -> None:
    found = _found(tmp_path, "config:\n  smp:a: 1\n  smp:b:\n    - c: 1\n      c: 2\n  smp:a: 2\n")
    assert found == {
        "smp:a": "stands twice, in lines 2 and 6; keep one of them",
        "smp:b[0].c": "stands twice, in lines 4 and 5; keep one of them",
    }


def test_a_key_beside_config_is_named(tmp_path: Path) -> None:
    found = _found(tmp_path, "confg: {}\nencryptionsalt: x\nsecretsprovider: y\nconfig: {}\n")
    assert list(found) == ["confg"]


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n", "\x00"])
def test_what_is_no_mapping_is_the_engine_s_to_refuse(tmp_path: Path, text: str) -> None:
    assert _found(tmp_path, text) == {}
    assert list(file_mistakes(tmp_path / "absent.yaml")) == []


def test_they_come_with_all_the_other_mistakes(tmp_path: Path) -> None:
    project = project_with(tmp_path, Stack.DEV, {"smp:region": "us-east-1", "smp:mysql/version": "5.7"})
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(
        file.read_text(encoding="utf-8") + "  smp:region: us-east-1\nbudget: 3\n", encoding="utf-8"
    )
    with pytest.raises(ProgramError) as caught:
        plan(project, placeholder_secrets=placeholders(Stack.DEV))
    text = str(caught.value)
    assert text.startswith("Pulumi.dev.yaml: 4 mistakes\n")
    for path in (
        "smp:region: us-east-1 is not",
        "smp:region: stands twice",
        "smp:mysql.version: ",
        "budget: ",
    ):
        assert f"\n  {path}" in text


@pytest.mark.parametrize("stack", list(Stack), ids=lambda stack: stack.facts.name)
def test_the_committed_placeholders_are_refused_where_it_is_real(stack: Stack) -> None:
    document = yaml.safe_load((ROOT / f"Pulumi.{stack.facts.name}.yaml").read_text(encoding="utf-8"))[
        "config"
    ]
    found = {mistake.path for mistake in placeholder_mistakes(engine_values(document))}
    wanted = {"smp:account"}
    if stack is not Stack.PROD_CHINA:
        wanted |= {"smp:kubernetes.admins.devops", "smp:cloudflare.account", "smp:cloudflare.zone"}
    if stack not in {Stack.PROD_CHINA, Stack.PROD_GLOBAL}:
        wanted |= {
            "smp:cloudflare.origin.target",
            "smp:cloudflare.origin.certificates.2026-12.request",
        }
    if stack in {Stack.DEV, Stack.STAGING, Stack.PROD_GLOBAL}:
        wanted |= {"smp:cloudflare.router.signingKeys.placeholder.n"}
    if stack in {Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US}:
        wanted |= {"smp:mongodb.organization"}
    if stack in {Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_CHINA}:
        wanted |= {"smp:kafka.globalAddress"}
    if stack in {Stack.PROD_ASIA, Stack.PROD_US}:
        wanted |= {"smp:auditBatches.archiveAccount", "smp:auditBatches.sealKey"}
    if stack is Stack.PROD_GLOBAL:
        gateways = {"smp-asia": 3, "smp-china": 1, "smp-us": 3}
        wanted |= {
            *(f"smp:kafka.mirrorClients.{c}[{n}]" for c, count in gateways.items() for n in range(count)),
            "smp:archive.writers.smp-asia",
            "smp:archive.writers.smp-us",
            *(f"smp:cloudflare.publicZone.{key}" for key in ("docsTarget", "statusTarget", "mail.spf")),
            *(f"smp:cloudflare.publicZone.mail.servers.{server}.host" for server in ("first", "second")),
            "smp:cloudflare.publicZone.chinaOrigin.target",
            "smp:cloudflare.publicZone.chinaOrigin.certificates.2026-12.request",
        }
    assert found == wanted


@pytest.mark.parametrize(
    "value",
    [
        "987654321098",
        "arn:aws:iam::987654321098:role/smp-devops",
        "ap-southeast-1a",
        "10.20.0.0/16",
        "devops@smp.vn",
        "k8s-ingress-4f2.elb.ap-southeast-1.amazonaws.com",
        "5f0a1b2c3d4e5f6a7b8c9d0e",
        "examples.smp.vn",
        "8.4.7",
        "18.140.7.1",
    ],
)
def test_real_values_are_no_placeholders(value: str) -> None:
    assert list(placeholder_mistakes({"x": value})) == []


def test_reading_a_configuration_needs_no_provider_s_package() -> None:
    code = (
        "import sys, stacks.config_source;"
        "sys.exit(' '.join(name for name in sys.modules if name.startswith('pulumi_')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr.strip() == ""
