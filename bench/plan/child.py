"""One measured run in a process of its own; prints seconds, peak memory and resources as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _multiply_services(factor: int) -> None:
    """Give the catalogue ``factor`` times the services before anything has looked at it."""
    from catalog import services

    if factor == 1:
        return
    many = {
        f"{member.name}_{copy}": services.ServiceFacts(
            name=f"{member.value.name}-{copy}" if copy else member.value.name,
            dev=member.value.dev,
            staging=member.value.staging,
            prod=member.value.prod,
            scaling=member.value.scaling,
            resources=member.value.resources,
        )
        for copy in range(factor)
        for member in services.Service
    }

    class _Base(Enum):
        @property
        def facts(self) -> services.ServiceFacts:
            return self.value

        @property
        def id(self) -> str:
            return self.value.name

    services.Service = _Base("Service", many)


def main() -> None:
    project_root, stack, factor = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    started = time.perf_counter()
    _multiply_services(factor)
    from catalog.deploy_secrets import required_secrets
    from catalog.stack_facts import Stack
    from rehearsal import Project, plan

    needed = () if stack == "floor" else required_secrets(Stack.named(stack))
    secrets = {f"smp:{secret.key}": secret.placeholder for secret in needed}
    result = plan(Project(root=project_root, stack=stack), placeholder_secrets=secrets)
    seconds = time.perf_counter() - started
    found = result.deployment["deployment"]["resources"]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "resources": len(found),
                "types": sorted(r["type"] for r in found if r["custom"]),
            }
        )
    )


if __name__ == "__main__":
    main()
