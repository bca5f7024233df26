"""Plans of the real program, made once for the same sources and shared by all test processes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog.deploy_secrets import required_secrets
from catalog.stack_facts import Stack
from rehearsal import PlanResult, Project, plan
from tests.stacks.kept_plans import kept_plan, sources

ROOT = Path(__file__).parents[2]


def placeholders(stack: Stack) -> dict[str, str]:
    return {f"smp:{secret.key}": secret.placeholder for secret in required_secrets(stack)}


@cache
def planned(stack: Stack) -> PlanResult:
    """The plan of a stack as it is committed."""
    return kept_plan(
        f"{stack.facts.name}-{sources()[:20]}",
        lambda: plan(Project(root=ROOT, stack=stack.facts.name), placeholder_secrets=placeholders(stack)),
    )


def resources(stack: Stack) -> list[dict[str, Any]]:
    return planned(stack).deployment["deployment"]["resources"]


def project_with(folder: Path, stack: Stack, changes: Mapping[str, object]) -> Project:
    """The unmodified program with a changed configuration: a key is ``smp:network/cidr``, None removes it."""
    document = yaml.safe_load((ROOT / f"Pulumi.{stack.facts.name}.yaml").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *sections, last = path.split("/")
        place = document["config"]
        for section in sections:
            place = place[section]
        if value is None:
            del place[last]
        else:
            place[last] = value
    settings = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    settings["main"] = str(ROOT / "stacks")
    settings["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / f"Pulumi.{stack.facts.name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return Project(root=folder, stack=stack.facts.name)
