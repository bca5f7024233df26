"""Reads the corpus: cases as data (tests/policies/corpus/README.md says how they are written)."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import yaml

from catalog.places import Cloud
from catalog.stack_facts import Stack
from catalog.tags import KUBERNETES_CLUSTER_LABEL
from policies.rules import Level
from policies.values import Opaque
from policies.views import ProviderView, ResourceView, StackView, account_of
from tests.policies.builders import HOME, Thing, provider_of, urn_of, view

ALIBABA_ACCOUNT = "1111222233334444"
CORPUS = Path(__file__).parent / "corpus"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Safe, and written in C wherever PyYAML has it."""
FAMILIES = (
    "tags",
    "budgets",
    "residency",
    "mirrors",
    "routing",
    "observability",
    "exposure",
    "encryption",
    "secrets",
    "access",
    "availability",
    "deletion",
    "workloads",
)
STACK_ITSELF = "stack"
"""In place of a resource's name: the finding is on the stack as a whole."""

_CASE_KEYS = {"id", "kind", "family", "also", "stack", "severity", "why", "source", "at", "resources"}
_RESOURCE_KEYS = {
    *("like", "name", "type", "inputs", "set", "drop", "without", "provider"),
    *("protect", "custom", "depends", "outputs", "tags"),
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a case, in the form rules see."""

    name: str
    type: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    provider: Mapping[str, Any] | None = None
    protect: bool = True
    custom: bool = True
    depends: Mapping[str, Sequence[str]] = field(default_factory=dict[str, "Sequence[str]"])
    tagged: bool = True


@dataclass(frozen=True, kw_only=True)
class CorpusCase:
    """A small stack and what is to be found in it; ``severity`` and ``at`` are None for near misses."""

    id: str
    file: str
    family: str
    also: frozenset[str]
    stack: Stack
    severity: Level | None
    why: str
    source: str
    at: str | None
    resources: tuple[Resource, ...]

    @property
    def is_violation(self) -> bool:
        return self.severity is not None

    def stack_view(self) -> StackView:
        urns = {item.name: _urn(item) for item in self.resources}
        views = tuple(_view(self.stack, item, urns) for item in self.resources)
        return StackView(facts=self.stack.facts, resources=views)

    def urn_of(self, name: str) -> str:
        """The URN of a resource by its name; empty for the stack as a whole."""
        if name == STACK_ITSELF:
            return ""
        return next(_urn(item) for item in self.resources if item.name == name)


@functools.cache
def cases() -> tuple[CorpusCase, ...]:
    """All cases, file by file.

    Raises:
        ValueError: a case is not written as the README says; the message names file and case.

    """
    return tuple(read_all())


def data(name: str) -> Any:
    """One of the files that are not cases: their names begin with an underscore."""
    return yaml.load((CORPUS / name).read_text(encoding="utf-8"), _LOADER)


def read_all() -> Iterator[CorpusCase]:
    """Read the files, in the order of their names; ``cases`` does so once."""
    for path in sorted(CORPUS.glob("[!_]*.yaml")):
        for raw in yaml.load(path.read_text(encoding="utf-8"), _LOADER) or []:
            try:
                yield _case(path.name, raw)
            except (KeyError, ValueError, TypeError) as problem:
                msg = f"{path.name}: case {raw.get('id', '?')}: {problem!r}"
                raise ValueError(msg) from problem


def _case(file: str, raw: Mapping[str, Any]) -> CorpusCase:
    _refuse_unknown(raw, _CASE_KEYS)
    violation = {"violation": True, "near-miss": False}[raw["kind"]]
    if raw["family"] not in FAMILIES or violation != ("severity" in raw):
        msg = "the family is none of ours, or only violations have a severity and this is not so"
        raise ValueError(msg)
    stack = Stack.named(raw["stack"])
    resources = tuple(_resources(raw["resources"], _placeholders(stack)))
    names = [item.name for item in resources]
    at = raw.get("at", names[0] if violation and len(names) == 1 else None)
    if len(set(names)) != len(names) or (violation and at not in (*names, STACK_ITSELF)):
        msg = f"names are not unique, or `at` is none of {names}"
        raise ValueError(msg)
    return CorpusCase(
        id=raw["id"],
        file=file,
        family=raw["family"],
        also=frozenset(raw.get("also", ())),
        stack=stack,
        severity=Level(raw["severity"]) if violation else None,
        why=raw["why"],
        source=raw["source"],
        at=at,
        resources=resources,
    )


def _placeholders(stack: Stack) -> Mapping[str, str]:
    """What stands in texts for the stack's own home, so that one base serves all stacks."""
    facts = stack.facts
    home = str(facts.cluster.home)
    aws = facts.cluster.cloud is Cloud.AWS
    account = str(account_of("aws", provider_of(stack, "aws").inputs)) if aws else ALIBABA_ACCOUNT
    return {
        "@region@": home,
        "@cluster@": facts.cluster.id,
        "@env@": str(facts.environment),
        "@account@": account,
        "@registry@": f"{account}.dkr.ecr.{home}.amazonaws.com"
        if aws
        else f"{facts.cluster.id}-registry-vpc.{home}.cr.aliyuncs.com",
    }


def _resources(raw: Sequence[Mapping[str, Any]], places: Mapping[str, str]) -> Iterator[Resource]:
    for item in raw:
        _refuse_unknown(item, _RESOURCE_KEYS)
        base: Mapping[str, Any] = _bases()[item["like"]] if "like" in item else {}
        main = _resource(item, base, places)
        yield main
        for suffix, companion in base.get("companions", {}).items():
            if suffix not in item.get("without", ()):
                refers = companion.get("refers")
                own = {**companion.get("inputs", {}), **({refers: {"$unknown": True}} if refers else {})}
                yield replace(
                    _resource({"name": f"{main.name}-{suffix}", "inputs": own}, companion, places),
                    depends={refers: (main.name,)} if refers else {},
                )


def _resource(item: Mapping[str, Any], base: Mapping[str, Any], places: Mapping[str, str]) -> Resource:
    inputs: dict[str, Any] = copy.deepcopy({**base.get("inputs", {}), **item.get("inputs", {})})
    for path, value in item.get("set", {}).items():
        _put(inputs, path, value)
    for path in item.get("drop", ()):
        _put(inputs, path, None)
    kind = item.get("type") or base["type"]
    tagged = item.get("tags") != "none"
    if kind.startswith("kubernetes:") and not kind.startswith("kubernetes:helm.sh/"):
        _complete_object(inputs, kind)
    return Resource(
        name=item.get("name", "thing"),
        type=kind,
        inputs=_readable(inputs, places),
        outputs=_readable(item.get("outputs", {}), places),
        provider=_readable(item["provider"], places) if "provider" in item else None,
        protect=item.get("protect", base.get("protect", True)),
        custom=item.get("custom", True),
        depends=item.get("depends", {}),
        tagged=tagged,
    )


def _complete_object(inputs: dict[str, Any], kind: str) -> None:
    """Add what every Kubernetes object says of itself."""
    group, version_and_kind = kind.removeprefix("kubernetes:").split("/", maxsplit=1)
    version, name = version_and_kind.split(":")
    inputs.setdefault("apiVersion", version if group == "core" else f"{group}/{version}")
    inputs.setdefault("kind", name)
    inputs.setdefault("metadata", {})


def _put(inputs: Any, path: str, value: Any) -> None:
    """Set what a dotted path leads to, positions as numbers; None takes it away."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        inputs = inputs[step] if isinstance(step, int) else inputs.setdefault(step, {})
    if value is None:
        del inputs[last]
    elif last == len(inputs) and isinstance(inputs, list):
        inputs.append(value)
    else:
        inputs[last] = value


def _readable(value: Any, places: Mapping[str, str]) -> Any:
    """Turn ``$unknown``, ``$secret``, ``$json``, ``$yaml`` and the placeholders into what they stand for."""
    if isinstance(value, Mapping):
        return _readable_map(cast("Mapping[str, Any]", value), places)
    if isinstance(value, list):
        return [_readable(item, places) for item in cast("list[Any]", value)]
    if isinstance(value, str):
        return functools.reduce(lambda text, place: text.replace(*place), places.items(), value)
    return value


def _readable_map(items: Mapping[str, Any], places: Mapping[str, str]) -> Any:
    match dict(items):
        case {"$unknown": True}:
            return Opaque.UNKNOWN
        case {"$secret": True}:
            return Opaque.SECRET
        case {"$json": document}:
            return json.dumps(_readable(document, places))
        case {"$yaml": document}:
            return yaml.safe_dump(_readable(document, places))
        case _:
            return {key: _readable(item, places) for key, item in items.items() if item is not None}


@functools.cache
def _bases() -> Mapping[str, Mapping[str, Any]]:
    return {name: base for path in CORPUS.glob("_bases-*.yaml") for name, base in data(path.name).items()}


def _refuse_unknown(raw: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(raw) - known:
        msg = f"unknown keys {sorted(unknown)}"
        raise ValueError(msg)


def _urn(resource: Resource) -> str:
    return urn_of(Thing(type=resource.type, name=resource.name))


def _view(stack: Stack, resource: Resource, urns: Mapping[str, str]) -> ResourceView:
    inputs = dict(resource.inputs)
    if not resource.tagged:
        inputs["tags"] = None  # the builder adds tags only where nothing is said
    elif resource.type.startswith("kubernetes:") and "metadata" in inputs:
        labels = {KUBERNETES_CLUSTER_LABEL: stack.facts.cluster.id, **inputs["metadata"].get("labels", {})}
        inputs["metadata"] = {**inputs["metadata"], "labels": labels}
    return view(
        stack,
        Thing(
            type=resource.type,
            name=resource.name,
            inputs=inputs,
            outputs=resource.outputs,
            provider=_provider(stack, resource.provider) if resource.custom else None,
            protect=resource.protect,
            custom=resource.custom,
            depends={key: tuple(urns[name] for name in names) for key, names in resource.depends.items()},
        ),
    )


def _provider(stack: Stack, written: Mapping[str, Any] | None) -> ProviderView | str:
    if written is None:
        return HOME
    package, name = written["package"], written.get("name", f"{written['package']}-other")
    own = {key: value for key, value in written.items() if key not in {"package", "name"}}
    return ProviderView(package=package, name=name, inputs={**provider_of(stack, package).inputs, **own})
