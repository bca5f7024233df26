"""Every rule finds its violations, and leaves alone what only looks like one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.stack_facts import Stack
from policies.pack import RULES, evaluate
from policies.rules import Family, Judge, Level, Rule, Violation, on
from policies.tags import taggable_types
from policies.values import Opaque
from policies.views import ResourceView, StackView
from tests.policies import near_misses, violations_identity, violations_protection
from tests.policies.builders import Thing, findings, rules_broken, view
from tests.policies.parts import VPC, Case, subnets

_EXAMPLES = [
    importlib.import_module(f"tests.policies.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("examples_*.py"))
]
VIOLATIONS = [
    *violations_identity.VIOLATIONS,
    *violations_protection.VIOLATIONS,
    *(case for module in _EXAMPLES for case in module.VIOLATIONS),
]
NEAR_MISSES = [*near_misses.NEAR_MISSES, *(case for module in _EXAMPLES for case in module.NEAR_MISSES)]


def _id(case: Case) -> str:
    return f"{case[0]}: {case[2]}"


@pytest.mark.parametrize("case", VIOLATIONS, ids=_id)
def test_a_violation_is_found(case: Case) -> None:
    rule, stack, _, things = case
    assert rule in rules_broken(stack, *things)


@pytest.mark.parametrize("case", NEAR_MISSES, ids=_id)
def test_a_near_miss_is_left_alone(case: Case) -> None:
    rule, stack, _, things = case
    assert rule not in rules_broken(stack, *things)


@pytest.mark.parametrize("case", [*VIOLATIONS, *NEAR_MISSES], ids=_id)
def test_rules_that_judge_a_resource_alone_say_the_same_in_its_stack(case: Case) -> None:
    _, stack, _, things = case
    alone = {rule.id for rule in RULES if rule.alone}
    together = {(f.rule.id, f.urn, f.detail) for f in findings(stack, *things) if f.rule.id in alone}
    apart = {(f.rule.id, f.urn, f.detail) for thing in things for f in findings(stack, thing)}
    assert {item for item in apart if item[0] in alone} == together


def test_every_rule_has_both_kinds_of_example() -> None:
    rules = {rule.id for rule in RULES}
    own_test = {"secrets-keep-their-mark", "budget-estimate"}
    assert {case[0] for case in VIOLATIONS} == rules - own_test
    missing = rules - own_test - {case[0] for case in NEAR_MISSES}
    assert missing == {"provider-account"}  # its near miss is every other test's provider


def test_rules_say_everything() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.sentence.endswith(".")
        assert rule.source
        assert rule.remedy


def test_a_secret_without_its_mark_is_found_wherever_it_went() -> None:
    leaking = Thing(type="smp:aws:Redis", custom=False, outputs={"url": ["redis://:Rehearsal0redis@x"]})
    found = findings(Stack.DEV, leaking, known_secrets=("Rehearsal0redis",))
    (finding,) = (item for item in found if item.rule.id == "secrets-keep-their-mark")
    assert "outputs.url[0]" in finding.detail
    assert "Rehearsal0redis" not in finding.detail


def test_one_undecidable_resource_does_not_end_a_rule_for_the_others() -> None:
    found = findings(
        Stack.PROD_ASIA,
        Thing(type=VPC, name="first", inputs={"region": Opaque.UNKNOWN}),
        Thing(type=VPC, name="second", inputs={"region": "eu-west-1"}),
    )
    assert [finding.urn.split("::")[-1] for finding in found if finding.rule.id == "home-region"] == [
        "first",
        "second",
    ]


def test_a_zone_that_is_not_known_is_said_once_and_not_counted_as_missing() -> None:
    found = findings(Stack.PROD_ASIA, *subnets("ap-southeast-1a", "ap-southeast-1b", Opaque.UNKNOWN))
    details = [item.detail for item in found if item.rule.id == "availability-zones"]
    assert details == ["cannot be proven: its zone is not known before the deployment"]


def test_findings_name_the_resource_and_the_difference() -> None:
    found = findings(Stack.PROD_ASIA, Thing(type=VPC, inputs={"tags": {"cluster": "smp-asia"}}))
    finding = next(item for item in found if item.rule.id == "tags-required")
    assert finding.urn.endswith("::thing")
    assert "Cluster is missing (there is cluster, but keys are exact)" in finding.detail
    assert "Environment is missing" in finding.detail


def test_mandatory_findings_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(name: str, level: Level) -> Rule:
        return Rule(
            id=name,
            family=Family.TAGS,
            sentence="x.",
            source="x",
            level=level,
            remedy="x",
            judge=lambda _: [Violation(urn="", detail=name)],
        )

    monkeypatch.setattr("policies.pack.RULES", (rule("soft", Level.ADVISORY), rule("hard", Level.MANDATORY)))
    stack = StackView(facts=Stack.DEV.facts, resources=(view(Stack.DEV, Thing(type=VPC)),))
    assert [finding.rule.id for finding in evaluate(stack)] == ["hard", "soft"]


def test_a_violation_may_have_a_level_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(stack: StackView) -> Iterator[Violation]:
        for resource in stack.resources:
            yield on(resource, "own", level=Level.ADVISORY)
            yield on(resource, "the rule's")

    monkeypatch.setattr("policies.pack.RULES", (_rule(judge),))
    assert [(item.detail, item.level) for item in findings(Stack.DEV, Thing(type=VPC))] == [
        ("the rule's", Level.MANDATORY),
        ("own", Level.ADVISORY),
    ]


def test_a_rule_that_fails_on_one_resource_stops_and_still_judges_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge(stack: StackView) -> Iterator[Violation]:
        for resource in stack.resources:
            if resource.name == "odd":
                raise ZeroDivisionError
            yield on(resource, "seen")

    monkeypatch.setattr("policies.pack.RULES", (_rule(judge), _rule(lambda stack: map(_seen, stack.made()))))
    things = [Thing(type=VPC, name=name) for name in ("one", "odd", "two")]
    found = evaluate(
        StackView(facts=Stack.DEV.facts, resources=tuple(view(Stack.DEV, item) for item in things))
    )
    seen = [(item.urn.split("::")[-1], item.detail.split(":")[0], item.level) for item in found]
    assert seen == [
        ("odd", "the rule could not be applied", Level.MANDATORY),
        ("one", "seen", Level.MANDATORY),
        ("two", "seen", Level.MANDATORY),
        ("one", "other", Level.MANDATORY),
        ("odd", "other", Level.MANDATORY),
        ("two", "other", Level.MANDATORY),
    ]
    assert isinstance(found[0].error, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):  # and the tests of the rules see the fault itself
        findings(Stack.DEV, *things)


def test_a_rule_that_fails_on_the_whole_stack_objects_to_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(stack: StackView) -> Iterator[Violation]:
        if len(stack.resources) > 1:
            raise ZeroDivisionError
        yield from ()

    monkeypatch.setattr("policies.pack.RULES", (_rule(judge),))
    resources = tuple(view(Stack.DEV, Thing(type=VPC, name=name)) for name in "ab")
    (finding,) = evaluate(StackView(facts=Stack.DEV.facts, resources=resources))
    assert (finding.urn, finding.level) == ("", Level.MANDATORY)


def _rule(judge: Judge) -> Rule:
    return Rule(
        id="x",
        family=Family.TAGS,
        sentence="x.",
        source="x",
        level=Level.MANDATORY,
        remedy="x",
        judge=judge,
    )


def _seen(resource: ResourceView) -> Violation:
    return on(resource, "other")


def test_taggable_types_are_the_sdks_own() -> None:
    """The list is kept with the pinned SDKs: a few classes of each are asked."""
    import inspect

    import pulumi_alicloud as alicloud
    import pulumi_aws as aws
    import pulumi_mongodbatlas as atlas

    asked = {
        "aws:ec2/vpc:Vpc": aws.ec2.Vpc,
        "aws:ec2/route:Route": aws.ec2.Route,
        "aws:eks/addon:Addon": aws.eks.Addon,
        "aws:budgets/budget:Budget": aws.budgets.Budget,
        "aws:iam/rolePolicy:RolePolicy": aws.iam.RolePolicy,
        "alicloud:rds/instance:Instance": alicloud.rds.Instance,
        "alicloud:pvtz/zone:Zone": alicloud.pvtz.Zone,
        "alicloud:log/store:Store": alicloud.log.Store,
        "mongodbatlas:index/advancedCluster:AdvancedCluster": atlas.AdvancedCluster,
        "mongodbatlas:index/databaseUser:DatabaseUser": atlas.DatabaseUser,
    }
    for token, kind in asked.items():
        constructor = kind._internal_init
        assert (token in taggable_types()) == ("tags" in inspect.signature(constructor).parameters), token
