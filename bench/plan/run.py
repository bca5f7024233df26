"""How long a plan takes, beside a floor that does the least possible for as many resources.

The floor is a flat program on the same host: it imports the same modules of the provider packages as anyone would and
registers as many resources of one small type per package, without components, configuration or catalogue. The stacks
load the packages lean (decision 0080); ``SMP_SDKS=plain`` in the environment measures them without. Both run in a
process of their own, in turns; the median of the ratios is printed, so that a busy machine disturbs both.

    .venv/bin/python bench/plan/run.py            every stack, and the growth with ten times the services
    .venv/bin/python bench/plan/run.py prod-asia  one stack
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
ROUNDS = 5

FLOOR = """
import importlib
import pulumi
counts = {counts!r}
for module in {modules!r}:
    importlib.import_module(module)
if "aws" in counts:
    import pulumi_aws as aws
    provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=["111111111111"])
    for number in range(counts["aws"]):
        aws.ec2.Eip(f"aws-{{number}}", domain="vpc", opts=pulumi.ResourceOptions(provider=provider))
if "alicloud" in counts:
    import pulumi_alicloud as alicloud
    provider = alicloud.Provider("alicloud", region="cn-beijing")
    for number in range(counts["alicloud"]):
        alicloud.vpc.Network(f"ali-{{number}}", cidr_block="10.0.0.0/16",
                             opts=pulumi.ResourceOptions(provider=provider))
if "kubernetes" in counts:
    import pulumi_kubernetes as kubernetes
    provider = kubernetes.Provider("kubernetes", kubeconfig="{{}}")
    for number in range(counts["kubernetes"]):
        kubernetes.core.v1.Namespace(f"k8s-{{number}}", metadata={{"name": f"n{{number}}"}},
                                     opts=pulumi.ResourceOptions(provider=provider))
if "cloudflare" in counts:
    import pulumi_cloudflare as cloudflare
    provider = cloudflare.Provider("cloudflare", api_token="t")
    for number in range(counts["cloudflare"]):
        cloudflare.R2Bucket(f"r2-{{number}}", account_id="0", name=f"b{{number}}",
                            opts=pulumi.ResourceOptions(provider=provider))
if "mongodbatlas" in counts:
    import pulumi_mongodbatlas as atlas
    provider = atlas.Provider("atlas")
    for number in range(counts["mongodbatlas"]):
        atlas.Project(f"atlas-{{number}}", org_id="0", name=f"p{{number}}",
                      opts=pulumi.ResourceOptions(provider=provider))
class Group(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("bench:index:Group", name)
for number in range(counts["components"]):
    Group(f"group-{{number}}")
"""


def _module(token: str) -> str:
    """Name the module a type lives in: aws:ec2/vpc:Vpc is in pulumi_aws.ec2, which imports all its classes."""
    package, module, _ = token.split(":")
    if package == "kubernetes":
        group, version = module.split("/")
        if "." in group and not group.endswith((".k8s.io", "helm.sh")):
            return "pulumi_kubernetes.apiextensions"  # an operator's own kind: it has no module
        return f"pulumi_kubernetes.{group.split('.', maxsplit=1)[0]}.{version}"
    folder = module.split("/", maxsplit=1)[0]
    return f"pulumi_{package}" if folder == "index" else f"pulumi_{package}.{folder}"


def _floor_project(folder: Path, types: list[str], resources: int) -> None:
    packages = Counter(kind.split(":", maxsplit=1)[0] for kind in types if not kind.startswith("pulumi:"))
    counts = {**packages, "components": resources - len(types) - 1}
    modules = sorted({_module(kind) for kind in types if not kind.startswith("pulumi:")})
    (folder / "Pulumi.yaml").write_text("name: smp\nruntime: python\nmain: stacks\n", encoding="utf-8")
    (folder / "Pulumi.floor.yaml").write_text(
        'config:\n  pulumi:disable-default-providers: ["*"]\n', encoding="utf-8"
    )
    (folder / "stacks").mkdir(exist_ok=True)
    (folder / "stacks" / "__main__.py").write_text(
        FLOOR.format(counts=counts, modules=modules), encoding="utf-8"
    )


def _run(project: Path, stack: str, factor: int = 1) -> dict[str, Any]:
    command = [sys.executable, str(CHILD), str(project), stack, str(factor)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{stack}: the measured run failed\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def _beside_the_floor(stack: str) -> str:
    first = _run(ROOT, stack)
    with tempfile.TemporaryDirectory() as folder:
        floor = Path(folder)
        _floor_project(floor, first["types"], first["resources"])
        pairs = [(_run(ROOT, stack), _run(floor, "floor")) for _ in range(ROUNDS)]
    ours, floors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    ratio = statistics.median(o["seconds"] / f["seconds"] for o, f in pairs)
    return (
        f"{stack:12} {first['resources']:5} {_median(ours, 'seconds'):7.2f} s {_median(floors, 'seconds'):7.2f} s "
        f"{ratio:6.2f} {_median(ours, 'mebibytes'):7.0f} MiB {_median(floors, 'mebibytes'):7.0f} MiB"
    )


def _growth(stack: str) -> str:
    """Compare time per added resource between five and ten times the services: 1.0 is linear."""
    sizes = {factor: [_run(ROOT, stack, factor) for _ in range(3)] for factor in (1, 5, 10)}
    seconds = {factor: _median(runs, "seconds") for factor, runs in sizes.items()}
    count = {factor: runs[0]["resources"] for factor, runs in sizes.items()}
    lower = (seconds[5] - seconds[1]) / (count[5] - count[1])
    upper = (seconds[10] - seconds[5]) / (count[10] - count[5])
    rows = ", ".join(f"{factor}x: {count[factor]} in {seconds[factor]:.2f} s" for factor in sizes)
    return f"{rows}; time per added resource, second half over first: {upper / lower:.2f}"


def main() -> None:
    stacks = sys.argv[1:] or ["dev", "staging", "prod-asia", "prod-us", "prod-china", "prod-global"]
    print(
        f"{'stack':12} {'count':>5} {'plan':>9} {'floor':>9} {'ratio':>6} {'plan peak':>11} {'floor peak':>11}"
    )
    for stack in stacks:
        print(_beside_the_floor(stack), flush=True)
    if not sys.argv[1:]:
        print(f"growth with the services, prod-asia: {_growth('prod-asia')}")


if __name__ == "__main__":
    main()
