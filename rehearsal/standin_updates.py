"""What a change of a resource does beside what it says, and what a cloud refuses to change at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from rehearsal import values
from rehearsal.values import Properties, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counter:
    """Outputs that count the versions of a resource; inputs `beside` them change without a new version."""

    outputs: tuple[str, ...]
    beside: frozenset[str]


# A new version of a launch template is what rolls the nodes: node groups name its number (EC2 API reference).
_COUNTERS: Final[Mapping[str, _Counter]] = {
    "aws:ec2/launchTemplate:LaunchTemplate": _Counter(
        outputs=("latestVersion", "defaultVersion"),
        beside=frozenset({"tags", "defaultVersion", "updateDefaultVersion", "disableApiStop"}),
    ),
    "aws:ssm/parameter:Parameter": _Counter(outputs=("version",), beside=frozenset({"tags"})),
    "aws:lambda/function:Function": _Counter(outputs=("version",), beside=frozenset({"tags"})),
}


def counted(token: str, old: Properties, outputs: Properties, new: Properties) -> Properties:
    """The outputs that count versions, after a change from the inputs `old` (with these `outputs`) to `new`."""
    counter = _COUNTERS.get(token)
    if counter is None:
        return {}
    rises = any(
        old.get(name) != new.get(name) for name in old.keys() | new.keys() if name not in counter.beside
    )
    found: Properties = {}
    for name in counter.outputs:
        number = outputs.get(name)
        if isinstance(number, int):
            follows = name != "defaultVersion" or values.reveal(new.get("updateDefaultVersion")) is True
            found[name] = number + 1 if rises and follows else number
    return found


# Sizes in gibibytes or, in Kubernetes, quantities: a disk grows and never shrinks.
_NEVER_SHRINKS: Final[Mapping[str, str]] = {
    "aws:rds/instance:Instance": "allocatedStorage",
    "aws:ebs/volume:Volume": "size",
    "alicloud:rds/instance:Instance": "instanceStorage",
    "alicloud:mongodb/instance:Instance": "dbInstanceStorage",
    "kubernetes:core/v1:PersistentVolumeClaim": "spec.resources.requests.storage",
}
# Versions: an upgrade has no way back but a restore.
_NEVER_GOES_BACK: Final[Mapping[str, str]] = {
    "aws:eks/cluster:Cluster": "version",
    "aws:rds/instance:Instance": "engineVersion",
    "alicloud:cs/managedKubernetes:ManagedKubernetes": "version",
    "alicloud:rds/instance:Instance": "engineVersion",
    "mongodbatlas:index/advancedCluster:AdvancedCluster": "mongoDbMajorVersion",
}
_FACTORS: Final[Mapping[str, int]] = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def refusal(token: str, old: Properties, new: Properties) -> str | None:
    """Why a cloud refuses to change a resource from the inputs `old` to `new`, or None."""
    path = _NEVER_SHRINKS.get(token)
    if path is not None:
        was, wanted = _at(old, path), _at(new, path)
        before, after = _size(was), _size(wanted)
        if before is not None and after is not None and after < before:
            return (
                f"{path}: {wanted} is less than the {was} that it has, and storage never shrinks. Write {was} or more;"
                " to have less, make another store and move the data."
            )
    path = _NEVER_GOES_BACK.get(token)
    if path is not None:
        was, wanted = _at(old, path), _at(new, path)
        if isinstance(was, str) and isinstance(wanted, str) and _version(wanted) < _version(was):
            return f"{path}: {wanted} is older than {was}, which it has; no version goes back. Write {was} or newer."
    return None


def _at(properties: Properties, path: str) -> Value:
    value: Value = properties
    for key in path.split("."):
        value = values.reveal(value)
        value = cast("Properties", value).get(key) if isinstance(value, dict) else None
    return values.reveal(value)


def _size(value: Value) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = re.fullmatch(r"(\d+)([KMGT]i)?", value) if isinstance(value, str) else None
    return int(found[1]) * _FACTORS[found[2] or ""] if found else None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))
