"""How long the rules take: beside the plan they judge, and with more and more resources.

    .venv/bin/python bench/policies/run.py

Prints the share that judging adds to a plan of prod-asia, and what judging 500 to 4000 resources takes for each,
beside that of 500: 1.0 is linear. The larger stacks repeat the resources of prod-asia under other names, and what
is left over is taken evenly from all of them, so that every stack is of the same mixture.

The seconds are of processor time, the least of several rounds, and still swing with what else the machine does.
The calls of functions swing with nothing, so that growth shows in them first.
"""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from insight.findings import judge  # noqa: E402
from insight.running import placeholder_secrets, run_plan  # noqa: E402
from insight.snapshot import Snapshot  # noqa: E402

STACK = "prod-asia"
ROUNDS = 3
COUNTS = (500, 1000, 2000, 4000)


def _repeated(snapshot: Snapshot, count: int) -> Snapshot:
    """Repeat all but the stack and its providers; references stay within one repetition."""
    shared = [item for item in snapshot.resources if item.is_provider or item is snapshot.root]
    kept = {item.urn for item in shared}
    own = [item for item in snapshot.resources if item.urn not in kept]
    urns = {item.urn for item in own}
    made = list(shared)
    copy = 0
    while wanted := min(len(own), count - len(made)):
        ending = f"-{copy}" if copy else ""

        def moved(urn: str, ending: str = ending) -> str:
            return f"{urn}{ending}" if urn in urns else urn

        made += [
            replace(
                item,
                urn=moved(item.urn),
                name=f"{item.name}{ending}",
                parent=moved(item.parent) if item.parent else None,
                dependencies=tuple(map(moved, item.dependencies)),
                property_dependencies={
                    name: tuple(map(moved, found)) for name, found in item.property_dependencies.items()
                },
            )
            for item in (own[place * len(own) // wanted] for place in range(wanted))
        ]
        copy += 1
    return replace(snapshot, resources=tuple(made))


def _seconds(snapshot: Snapshot) -> float:
    rounds: list[float] = []
    for _ in range(ROUNDS):
        gc.collect()
        started = time.process_time()
        judge(snapshot)
        rounds.append(time.process_time() - started)
    return min(rounds)


def _calls(snapshot: Snapshot) -> int:
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        judge(snapshot)
    finally:
        sys.setprofile(None)
    return calls


def _planned(stack: str) -> Snapshot:
    return run_plan(ROOT, stack, secrets=placeholder_secrets(stack)).snapshot


def main() -> None:
    judge(_planned("dev"))  # loads what every later run has loaded
    started = time.process_time()
    snapshot = _planned(STACK)
    planned = time.process_time() - started
    judged = _seconds(snapshot)
    print(
        f"{STACK}: {len(snapshot.resources)} resources, plan {planned:.2f} s, rules {judged:.2f} s, "
        f"share {judged / planned:.0%}"
    )
    time_of_one = calls_of_one = 0.0
    for count in COUNTS:
        larger = _repeated(snapshot, count)
        seconds, calls = _seconds(larger), _calls(larger)
        time_of_one = time_of_one or seconds / count
        calls_of_one = calls_of_one or calls / count
        print(
            f"{count:5} resources {seconds:6.2f} s; each beside 500: time {seconds / count / time_of_one:.2f}, "
            f"calls {calls / count / calls_of_one:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
