"""What every component keeps: tags, parent, provider, names, outputs, protection, sealed arguments."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import components
import stacks
from catalog.stack_facts import Stack
from catalog.tags import KUBERNETES_CLUSTER_LABEL, required_tags
from components.core.component import Args, Component, Outputs
from tests.contracts.harness import Example, Recorded, Recording, record


def _examples() -> list[Example]:
    found: list[Example] = []
    for module in sorted(Path(__file__).parent.glob("examples_*.py")):
        found += importlib.import_module(f"tests.contracts.{module.stem}").EXAMPLES
    return found


EXAMPLES = _examples()
CASES = [
    pytest.param(example, stack, id=f"{example.id}-{stack.facts.name}")
    for example in EXAMPLES
    for stack in example.stacks
]

STATEFUL = {
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:s3/bucket:Bucket",
    "aws:kms/key:Key",
    "alicloud:rds/instance:Instance",
    "alicloud:kvstore/instance:Instance",
    "alicloud:mongodb/instance:Instance",
    "alicloud:oss/bucket:Bucket",
    "alicloud:kms/key:Key",
    "mongodbatlas:index/advancedCluster:AdvancedCluster",
    "cloudflare:index/r2Bucket:R2Bucket",
    "aws:ec2/vpc:Vpc",
    "alicloud:vpc/network:Network",
    "kubernetes:kafka.strimzi.io/v1:Kafka",
    "kubernetes:kafka.strimzi.io/v1:KafkaNodePool",
    "kubernetes:kafka.strimzi.io/v1:KafkaTopic",
}
"""Types that hold data or without which data cannot be read or reached."""


@cache
def _recorded(example_index: int, stack: Stack) -> Recording:
    return record(EXAMPLES[example_index], stack)


@pytest.fixture
def recording(example: Example, stack: Stack) -> Recording:
    return _recorded(EXAMPLES.index(example), stack)


def _children(recording: Recording) -> list[Recorded]:
    return [r for r in recording.resources if r.custom and not r.type.startswith("pulumi:providers:")]


@cache
def _taggable(token: str) -> bool:
    package, module, type_name = token.split(":")
    if package not in {"aws", "alicloud"}:
        return False
    sdk = importlib.import_module(f"pulumi_{package}.{module.split('/', maxsplit=1)[0]}")
    return "tags" in inspect.signature(getattr(sdk, type_name)._internal_init).parameters


def test_every_component_has_an_example() -> None:
    for found in pkgutil.walk_packages(components.__path__, "components."):
        importlib.import_module(found.name)
    tokens = {cls.token for cls in Component.__subclasses__() if cls.__module__.startswith("components.")}
    shown = {_recorded(index, example.stacks[0]).component.token for index, example in enumerate(EXAMPLES)}
    assert tokens == shown


def test_tokens_are_unique_and_say_where() -> None:
    classes = [cls for cls in Component.__subclasses__() if cls.__module__.startswith("components.")]
    assert len({cls.token for cls in classes}) == len(classes)
    for cls in classes:
        package = cls.__module__.split(".")[1]
        assert cls.token == f"smp:{package}:{cls.__name__}"


@pytest.mark.parametrize(("example", "stack"), CASES)
class TestContract:
    def test_the_component_is_registered_with_its_token(self, recording: Recording) -> None:
        assert recording.root.type == recording.component.token
        assert not recording.root.custom

    def test_every_child_has_a_parent_in_the_component(self, recording: Recording) -> None:
        urns = {resource.urn for resource in recording.resources}
        root = recording.root.urn
        for child in _children(recording):
            parent = child.parent
            assert parent in urns, child.urn
            assert parent == root or next(r for r in recording.resources if r.urn == parent).parent in urns

    def test_every_child_names_an_explicit_provider(self, recording: Recording) -> None:
        for child in _children(recording):
            assert f"pulumi:providers:{child.type.split(':', maxsplit=1)[0]}::" in child.provider, child.urn

    def test_every_taggable_child_has_the_required_tags(self, recording: Recording, stack: Stack) -> None:
        wanted = {str(key): str(value) for key, value in required_tags(stack.facts).items()}
        for child in _children(recording):
            if _taggable(child.type):
                tags = child.inputs.get("tags") or {}
                assert wanted.items() <= tags.items(), child.urn
        assert wanted

    def test_every_kubernetes_object_has_the_cluster_label(self, recording: Recording, stack: Stack) -> None:
        for child in _children(recording):
            if child.type.startswith("kubernetes:") and not child.type.endswith(":Release"):
                labels = child.inputs["metadata"].get("labels", {})
                assert labels.get(KUBERNETES_CLUSTER_LABEL) == stack.facts.cluster.id, child.urn

    def test_logical_names_carry_the_cluster_and_environment(
        self, recording: Recording, stack: Stack
    ) -> None:
        prefix = f"{stack.facts.cluster.id}-{stack.facts.environment}-"
        for child in _children(recording):
            assert child.name.startswith((prefix, f"{stack.facts.cluster.id}-")), child.urn

    def test_no_two_resources_share_a_urn(self, recording: Recording) -> None:
        urns = [resource.urn for resource in recording.resources]
        assert len(set(urns)) == len(urns)

    def test_stateful_children_are_protected_in_production_only(
        self, recording: Recording, stack: Stack
    ) -> None:
        production = stack.facts.environment == "prod"
        for child in _children(recording):
            if child.type in STATEFUL:
                assert child.protect is production, child.urn
            if not production:
                assert not child.protect, child.urn

    def test_outputs_are_typed_and_registered(self, recording: Recording) -> None:
        outputs = recording.component.outputs
        assert isinstance(outputs, Outputs)
        registered = recording.registered_outputs[recording.root.urn]
        assert len(registered) == len(dataclasses.fields(outputs))
        for value in registered.values():
            assert value is not None

    def test_arguments_are_frozen_and_keyword_only(self, recording: Recording) -> None:
        signature = inspect.signature(type(recording.component).__init__)
        args_type = inspect.get_annotations(type(recording.component).__init__, eval_str=True)["args"]
        assert issubclass(args_type, Args)
        assert args_type.__dataclass_params__.frozen
        assert all(field.kw_only for field in dataclasses.fields(args_type))
        names = list(signature.parameters)[3:]
        assert all(signature.parameters[n].kind is inspect.Parameter.KEYWORD_ONLY for n in names)

    def test_no_argument_is_a_boolean(self, recording: Recording) -> None:
        args_type: Any = inspect.get_annotations(type(recording.component).__init__, eval_str=True)["args"]
        for name, hint in inspect.get_annotations(args_type, eval_str=True).items():
            assert hint is not bool, f"{args_type.__name__}.{name}: two words say it better"

    def test_no_resource_is_the_component_s_secret_in_plain_text(self, recording: Recording) -> None:
        for child in _children(recording):
            for key, value in child.inputs.items():
                if key.lower().endswith(("password", "authtoken")) and isinstance(value, str):
                    assert key in child.secret_inputs, f"{child.urn} {key}"


def made_inside_apply(source: str) -> list[int]:
    """The lines on which a function given to ``apply`` makes a resource: a class of an SDK or a component is called."""
    tree = ast.parse(source)
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found: list[int] = []
    for call in ast.walk(tree):
        if not (
            isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "apply"
        ):
            continue
        for argument in call.args:
            name = argument.attr if isinstance(argument, ast.Attribute) else getattr(argument, "id", "")
            body = functions.get(name, argument)
            found += [made.lineno for made in ast.walk(body) if isinstance(made, ast.Call) and _makes(made)]
    return found


def _makes(call: ast.Call) -> bool:
    """Whether a call looks like a resource's: options or a scope are given, or it is a class in a module of an SDK."""
    if {"opts", "provider", "parent"} & {keyword.arg for keyword in call.keywords}:
        return True
    root, name = call.func, ""
    while isinstance(root, ast.Attribute):
        name = name or root.attr
        root = root.value
    sdks = {"aws", "alicloud", "kubernetes", "cloudflare", "atlas"}
    return isinstance(root, ast.Name) and root.id in sdks and name[:1].isupper() and not name.endswith("Args")


def test_resources_are_never_made_inside_apply() -> None:
    for package in (components, stacks):
        for path in Path(package.__path__[0]).rglob("*.py"):
            assert made_inside_apply(path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x.apply(lambda y: aws.s3.Bucket('b'))", [1]),
        ("x.apply(\n  lambda y: Thing('b', Args(), provider=p)\n)", [2]),
        ("def make(y):\n    return kubernetes.core.v1.Secret('s')\nx.apply(make)", [2]),
        ("x.apply(lambda y: aws.s3.BucketArgs(bucket=y))", []),
        ("x.apply(json.dumps)\naws.s3.Bucket('b')", []),
    ],
)
def test_a_resource_inside_apply_is_seen(source: str, lines: list[int]) -> None:
    assert made_inside_apply(source) == lines
