"""The catalogue adds up to what the seeds and the sizing say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.addresses import Cidr, divide
from catalog.clusters import Cluster, cluster_of
from catalog.data_classes import DataClass
from catalog.deploy_secrets import DeploySecret, SecretFacts, is_acceptable, required_secrets
from catalog.environments import Environment
from catalog.places import Country, Region
from catalog.prices import Priced, find_price, price_list
from catalog.quantities import Percent, Usd
from catalog.services import Service
from catalog.stack_facts import Stack
from catalog.tags import TagKey, required_tags


@pytest.mark.parametrize(
    ("environment", "bound", "pods", "millicores"),
    [
        (Environment.DEV, "minimum", 10, 3500),
        (Environment.STAGING, "minimum", 15, 5750),
        (Environment.PROD, "minimum", 23, 8000),
        (Environment.PROD, "maximum", 48, 17750),
    ],
)
def test_the_ten_services_ask_for_what_the_sizing_says(
    environment: Environment, bound: str, pods: int, millicores: int
) -> None:
    counts = {service: getattr(service.facts.replicas(environment), bound) for service in Service}
    assert len(counts) == 10
    assert sum(counts.values()) == pods
    assert sum(s.facts.resources.cpu_request.millicores * n for s, n in counts.items()) == millicores


def test_every_country_has_one_cluster_and_the_control_plane_none() -> None:
    assert {country: cluster_of(country) for country in Country}.keys() == set(Country)
    assert not Cluster.GLOBAL.holds_personal_data
    assert [c for c in Cluster if not c.holds_personal_data] == [Cluster.GLOBAL]


def test_tags_are_those_of_the_matrix() -> None:
    tags = required_tags(Stack.PROD_ASIA.facts)
    assert tags == {
        TagKey.ENVIRONMENT: "prod",
        TagKey.CLUSTER: "smp-asia",
        TagKey.REGION: "smp-asia",
        TagKey.COUNTRY_GROUP: "VN-TH-SG-ID-MY-PH",
        TagKey.COST_CENTER: "engineering",
        TagKey.COMPLIANCE: "PDPA",
    }
    assert required_tags(Stack.PROD_GLOBAL.facts)[TagKey.COUNTRY_GROUP] == "GLOBAL"
    assert required_tags(Stack.PROD_GLOBAL.facts)[TagKey.COMPLIANCE] == "none"


def test_full_scale_costs_what_the_matrix_says() -> None:
    full_scale = [Stack.PROD_ASIA, Stack.PROD_CHINA, Stack.PROD_US, Stack.PROD_GLOBAL]
    assert sum((s.facts.approved_budget for s in full_scale), Usd.of(0)) == Usd.of(8400)


def test_the_reserved_blocks_do_not_overlap() -> None:
    blocks = [Cidr.parse(stack.facts.address_block) for stack in Stack]
    assert len(set(blocks)) == 6
    assert not any(a.overlaps(b) for a in blocks for b in blocks if a is not b)


@pytest.mark.parametrize("prefix", [16, 17, 18])
@pytest.mark.parametrize("zones", [2, 3, 4])
def test_a_network_is_divided_without_overlap_and_inside_itself(prefix: int, zones: int) -> None:
    network = Cidr.parse(f"10.20.0.0/{prefix}")
    parts = divide(network, tuple("abcd"[:zones]))
    ranges = [r for part in parts.values() for r in (part.private, part.public, part.data)]
    assert len(ranges) == 3 * zones
    assert all(network.contains(r) for r in ranges)
    assert not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[i + 1 :])


def test_adding_a_zone_moves_no_range() -> None:
    network = Cidr.parse("10.20.0.0/16")
    three, four = divide(network, ("a", "b", "c")), divide(network, ("a", "b", "c", "d"))
    assert all(four[zone] == ranges for zone, ranges in three.items())


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.1/16", "banana", "10.0.0.0/33", ""])
def test_what_is_not_a_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="10"):
        Cidr.parse(text)


def test_personal_data_may_never_leave() -> None:
    assert not DataClass.PERSONAL.may_leave_cluster
    assert not DataClass.PSEUDO.may_leave_cluster
    assert DataClass.ANALYTICS.may_leave_cluster


def test_the_price_list_has_sources_and_positive_prices() -> None:
    assert len({(price.item, price.region) for price in price_list()}) == len(price_list()) >= 168
    assert all(price.source and price.confidence for price in price_list())
    assert find_price("EC2 m5.large Linux on-demand", "ap-southeast-1").usd == Usd.of("0.12")  # pyright: ignore[reportOptionalMemberAccess]
    assert find_price("EC2 m5.large Linux on-demand", "eu-west-1") is None


@pytest.mark.parametrize("kind", list(Priced))
@pytest.mark.parametrize("region", list(Region))
def test_every_kind_is_priced_in_every_region(kind: Priced, region: Region) -> None:
    assert kind.known_types(region)


def test_every_product_stack_needs_its_secrets_and_the_control_plane_its_router_s_alone() -> None:
    assert required_secrets(Stack.PROD_GLOBAL) == (DeploySecret.EDGE_SESSION_KEY.value,)
    assert {s for s in Stack if DeploySecret.EDGE_SESSION_KEY.value in required_secrets(s)} == {
        Stack.DEV,
        Stack.STAGING,
        Stack.PROD_GLOBAL,
    }
    assert DeploySecret.MYSQL_PASSWORD.value in required_secrets(Stack.PROD_CHINA)
    assert DeploySecret.MYSQL_PASSWORD.value not in required_secrets(Stack.DEV)


@pytest.mark.parametrize("secret", [secret.value for secret in DeploySecret], ids=lambda secret: secret.key)
def test_a_placeholder_is_acceptable_and_says_what_it_is(secret: SecretFacts) -> None:
    assert is_acceptable(secret.placeholder)
    assert secret.placeholder.startswith("Rehearsal0")
    assert len({other.value.placeholder for other in DeploySecret}) == len(DeploySecret)


@pytest.mark.parametrize(
    "value",
    [
        "short1A",
        "alllowercase1234567",
        "NODIGITSHEREatall",
        "A1b" * 11,
        "with space Aa1 0000",
        "Ünicode1234567890a",
    ],
)
def test_what_a_store_would_refuse_is_not_acceptable(value: str) -> None:
    assert not is_acceptable(value)


def test_money_is_exact() -> None:
    assert Usd.of("0.1") + Usd.of("0.2") == Usd.of("0.3")
    assert str(Usd.of("3395.005")) == "3,395.01 USD"
    assert Usd.of(330).share_of(Usd.of(300)) == Percent(Decimal(110))
    assert Percent.of(110).of_usd(Usd.of(400)) == Usd.of(440)


def test_an_unknown_stack_lists_those_that_exist() -> None:
    with pytest.raises(
        KeyError, match=r"production.*dev, staging, prod-asia, prod-us, prod-china, prod-global"
    ):
        Stack.named("production")
