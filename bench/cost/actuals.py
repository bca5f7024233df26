"""How long a large bill takes to read, beside a plain pandas reading of the same file in the same run.

Both run in a process of their own, in turns; printed are the median times, their ratio and the peak memory.
pandas is installed beside the project's packages, hashed, on first use; it reads only the columns it needs.

    .venv/bin/python bench/cost/actuals.py            10 million charges
    .venv/bin/python bench/cost/actuals.py 1000000    fewer
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PANDAS = ROOT / ".venv" / "bench-cost"
ROUNDS = 3

OURS = """
import sys
from pathlib import Path
from insight.actuals.focus import read_spending
spending = read_spending([Path(sys.argv[1])])
print(sum(row.charges for row in spending.rows), sum(row.cost.amount for row in spending.rows))
"""

PLAIN = """
import json, sys
import pandas as pd
columns = ["BilledCost", "ServiceName", "Tags", "ChargePeriodStart", "ChargeCategory", "BillingCurrency"]
frame = pd.read_csv(sys.argv[1], usecols=columns)
tags = frame["Tags"].fillna("{}").map(json.loads)
frame["cluster"] = tags.map(lambda found: found.get("Cluster"))
frame["environment"] = tags.map(lambda found: found.get("Environment"))
sums = frame.groupby(["cluster", "environment", "ServiceName", "ChargeCategory"], dropna=False)["BilledCost"].sum()
print(len(frame), sums.sum())
"""

MEASURE = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.argv[1], "-c", sys.argv[2], sys.argv[3]], check=True, stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": time.perf_counter() - start, "mib": usage.ru_maxrss / 1024}))
"""


def write_bill(path: Path, charges: int) -> None:
    """A month of a large organisation: 24 services, 50000 resources, six stacks, a seventh of it untagged."""
    tags = " ".join(
        f"WHEN {place} THEN '{json.dumps({'Cluster': cluster, 'Environment': environment})}'"
        for place, (cluster, environment) in enumerate(
            [
                ("smp-asia", "prod"),
                ("smp-asia", "staging"),
                ("smp-asia", "dev"),
                ("smp-us", "prod"),
                ("smp-china", "prod"),
                ("smp-global", "prod"),
            ]
        )
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            COPY (
                SELECT
                    '333333333333' AS BillingAccountId,
                    'USD' AS BillingCurrency,
                    '2026-11-01T00:00:00Z' AS BillingPeriodStart,
                    '2026-12-01T00:00:00Z' AS BillingPeriodEnd,
                    printf('2026-11-%02dT00:00:00Z', 1 + n % 29) AS ChargePeriodStart,
                    printf('2026-11-%02dT00:00:00Z', 2 + n % 29) AS ChargePeriodEnd,
                    'Usage' AS ChargeCategory,
                    '' AS ChargeClass,
                    'AWS' AS ProviderName,
                    printf('Amazon Service %d', n % 24) AS ServiceName,
                    printf('arn:aws:ec2:ap-southeast-1:333333333333:instance/i-%d', n % 50000) AS ResourceId,
                    CAST((n % 997) / 100000 AS DECIMAL(18, 8)) AS BilledCost,
                    CAST((n % 997) / 100000 AS DECIMAL(18, 8)) AS EffectiveCost,
                    CASE n % 7 {tags} ELSE '' END AS Tags
                FROM range({charges}) AS numbers(n)
            ) TO '{path}' (HEADER)
            """
        )


def with_pandas() -> Path:
    """The interpreter that has pandas."""
    python = PANDAS / "bin" / "python"
    if not python.exists():
        print("installing pandas (once)", file=sys.stderr)
        venv.create(PANDAS, with_pip=True)
        subprocess.run(
            [
                *(str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
                *("--only-binary=:all:", "--requirement", str(REQUIREMENTS)),
            ],
            check=True,
        )
    return python


def measure(python: Path, program: str, bill: Path) -> dict[str, float]:
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(python), program, str(bill)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    return json.loads(answer.stdout)


def main() -> None:
    charges = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    candidates = {"smp": (Path(sys.executable), OURS), "pandas": (with_pandas(), PLAIN)}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in candidates}
    with tempfile.TemporaryDirectory(prefix="smp-bench-") as folder:
        bill = Path(folder) / "bill.csv"
        write_bill(bill, charges)
        print(f"{charges:,} charges, {bill.stat().st_size / 2**30:.1f} GiB of CSV, {ROUNDS} rounds in turns")
        for _ in range(ROUNDS):
            for name, (python, program) in candidates.items():
                found[name].append(measure(python, program, bill))
    for name, rounds in found.items():
        seconds = statistics.median(item["seconds"] for item in rounds)
        print(f"{name:>8}: {seconds:6.1f} s  {max(item['mib'] for item in rounds):7.0f} MiB at most")
    ratios = [
        ours["seconds"] / plain["seconds"] for ours, plain in zip(found["smp"], found["pandas"], strict=True)
    ]
    print(f"   ratio: {statistics.median(ratios):.2f} of pandas' time")


if __name__ == "__main__":
    main()
