"""How long an estimate takes, beside decoding the same export as JSON: the least that any report has to do.

Both run in this process, in turns, on the plan of a stack; printed are the medians and the median of the ratios, so
that a busy machine disturbs both. The first estimate also reads the price book, and is shown by itself.

    .venv/bin/python bench/cost/estimate.py            prod-asia
    .venv/bin/python bench/cost/estimate.py dev        another stack
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from catalog.stack_facts import Stack
from insight.cost import estimate_cost
from insight.cost_summary import summarize, summary_document
from insight.running import placeholder_secrets
from insight.snapshot_reading import parse_snapshot
from rehearsal import Project, plan

ROOT = Path(__file__).parents[2]
ROUNDS = 25


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "prod-asia"
    facts = Stack.named(name).facts
    deployment = plan(
        Project(root=ROOT, stack=name), placeholder_secrets=placeholder_secrets(name)
    ).deployment
    text = json.dumps(deployment)

    def estimate() -> object:
        # A snapshot keeps indexes; each estimate gets a fresh one, read outside the clock.
        return summary_document(summarize(estimate_cost(snapshots.pop(), facts)))

    snapshots = [parse_snapshot(deployment, origin=name) for _ in range(ROUNDS + 1)]
    first = _seconds(estimate)
    pairs = [(_seconds(estimate), _seconds(lambda: json.loads(text))) for _ in range(ROUNDS)]
    ours, floor = statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
    ratio = statistics.median(a / b for a, b in pairs)
    count = len(deployment["deployment"]["resources"])
    print(f"{name}: {count} resources, export of {len(text) // 1024} KiB")
    print(f"first estimate {first * 1000:.1f} ms")
    print(f"then {ours * 1000:.1f} ms, decoding {floor * 1000:.1f} ms, ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
