from __future__ import annotations

import json

import pytest

from catalog.copied_artifacts import charts_of, images_of
from catalog.services import Service
from catalog.stack_facts import Stack
from components.aws.registry import Registry, RegistryArgs, copies, repository_url
from components.core.component import InvalidArgumentsError
from tests.contracts.harness import ACCOUNT, Recording, World, record_build

REPOSITORY = "aws:ecr/repository:Repository"


def _record(stack: Stack) -> Recording:
    return record_build(
        lambda world: Registry("registry", RegistryArgs(scope=world.scope), provider=world.aws), stack
    )


def test_every_service_has_a_scanned_immutable_repository() -> None:
    repositories = _record(Stack.PROD_ASIA).of_type(REPOSITORY)
    names = {r.inputs["name"] for r in repositories}
    own = {name for name in names if not name.startswith(("smp-asia-prod/mirror/", "smp-asia-prod/charts/"))}
    assert own == {f"smp-asia-prod/{s.id}" for s in Service}
    assert names - own == set(copies(World(Stack.PROD_ASIA).scope))
    for repository in repositories:
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository.inputs["forceDelete"] is False


def test_stacks_that_share_an_account_and_region_share_no_repository() -> None:
    names = [
        {r.inputs["name"] for r in _record(stack).of_type(REPOSITORY)}
        for stack in (Stack.DEV, Stack.STAGING, Stack.PROD_ASIA)
    ]
    assert len(set.union(*names)) == sum(len(of_one) for of_one in names)


def test_outputs_are_the_addresses_of_the_convention() -> None:
    recording = _record(Stack.DEV)
    registered = recording.registered_outputs[recording.root.urn]["repositories"]
    scope = World(Stack.DEV).scope
    assert registered == {service.id: repository_url(scope, service) for service in Service}
    assert registered["order-svc"] == (
        f"{ACCOUNT}.dkr.ecr.ap-southeast-1.amazonaws.com/smp-asia-dev/order-svc"
    )


def test_production_keeps_more_images_than_dev() -> None:
    def kept(stack: Stack) -> int:
        policy = _record(stack).of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy")[0].inputs["policy"]
        untagged, newest = json.loads(policy)["rules"]
        assert untagged["selection"]["tagStatus"] == "untagged"
        return newest["selection"]["countNumber"]

    assert kept(Stack.PROD_ASIA) > kept(Stack.DEV) > 0


def test_other_accounts_are_shut_out() -> None:
    policies = _record(Stack.PROD_US).of_type("aws:ecr/repositoryPolicy:RepositoryPolicy")
    assert len(policies) == len(Service) + len(copies(World(Stack.PROD_US).scope))
    for policy in policies:
        (statement,) = json.loads(policy.inputs["policy"])["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": ACCOUNT}


def test_copies_have_repositories_of_their_own_since_ecr_makes_none_on_a_push() -> None:
    for stack in (Stack.DEV, Stack.PROD_GLOBAL):
        services = tuple(Service) if stack is Stack.DEV else ()
        recording = record_build(
            lambda world, services=services: Registry(
                "registry", RegistryArgs(scope=world.scope, services=services), provider=world.aws
            ),
            stack,
        )
        registered = recording.registered_outputs[recording.root.urn]
        host = registered["mirror"].split("/")[0]
        made = {f"{host}/{r.inputs['name']}" for r in recording.of_type(REPOSITORY)}
        wanted = {f"{registered['mirror']}/{image}" for image in images_of(stack.facts.cluster)}
        wanted |= {f"{registered['charts']}/{chart}" for chart in charts_of(stack.facts.cluster)}
        assert wanted <= made
        assert len(made) == len(wanted) + len(services)


def test_an_empty_or_doubled_list_of_services_is_refused() -> None:
    scope = World(Stack.DEV).scope
    with pytest.raises(InvalidArgumentsError, match="no services"):
        RegistryArgs(scope=scope, services=())
    with pytest.raises(InvalidArgumentsError, match="name one twice"):
        RegistryArgs(scope=scope, services=(Service.ORDER, Service.ORDER))
