from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage
from catalog.stack_facts import Stack
from components.aws.kubernetes_placement import place, placement_problems
from components.core.node_pools import NodePool
from tests.contracts.harness import World

ZONES = ("z-a", "z-b", "z-c")
APP = NodePool(
    instance_type="t3.large",
    minimum=2,
    maximum=3,
    capacity=Capacity.ON_DEMAND,
    purpose=PoolPurpose.APP,
    disk=Storage(20),
)
DATA = replace(APP, purpose=PoolPurpose.DATA, minimum=3, maximum=3)


@pytest.mark.parametrize(("minimum", "zones"), [(1, 1), (2, 2), (3, 3), (5, 3)])
def test_the_only_pool_uses_no_zone_it_may_leave_empty(minimum: int, zones: int) -> None:
    pool = replace(APP, minimum=minimum, maximum=minimum)
    groups = place(pool, {"app": pool}, ZONES)
    assert [group.zones for group in groups] == [(zone,) for zone in ZONES[:zones]]
    assert all(group.minimum >= 1 for group in groups)


@pytest.mark.parametrize("minimum", range(1, 8))
@pytest.mark.parametrize("spare", range(5))
def test_shares_add_up_and_stay_in_order(minimum: int, spare: int) -> None:
    pool = replace(DATA, minimum=minimum, maximum=minimum + spare)
    groups = place(pool, {"app": APP, "data": pool}, ZONES)
    assert sum(group.minimum for group in groups) == pool.minimum
    assert sum(group.maximum for group in groups) == pool.maximum
    assert all(1 <= group.minimum <= group.maximum for group in groups)


def test_a_pool_without_volumes_is_left_to_auto_scaling() -> None:
    (group,) = place(APP, {"app": APP, "data": DATA}, ZONES)
    assert group.zones == ZONES
    assert (group.minimum, group.maximum) == (APP.minimum, APP.maximum)


def test_production_data_needs_a_node_in_every_zone() -> None:
    pools = {"app": APP, "data": replace(DATA, minimum=2)}
    assert any(
        "take at least 3" in problem
        for problem in placement_problems(pools, ZONES, World(Stack.PROD_US).scope)
    )
    assert not list(placement_problems(pools, ZONES, World(Stack.STAGING).scope))


def test_subscription_is_refused_on_aws() -> None:
    pools = {"app": replace(APP, capacity=Capacity.SUBSCRIPTION)}
    (problem,) = placement_problems(pools, ZONES, World(Stack.PROD_US).scope)
    assert "sold by Alibaba Cloud" in problem
