"""The zone: TLS, one entry point for each phase, limits of the matrix, and no served country turned away."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.edge import RATE_LIMIT_REQ_PER_MIN, ZonePlan
from catalog.environments import Environment
from catalog.places import Country
from catalog.stack_facts import Stack
from components.cloudflare.zone import ZoneSecurity
from components.cloudflare.zone_rules import GeoAction
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import zone, zone_args
from tests.contracts.harness import Recording, World, record_build

RULESET = "cloudflare:index/ruleset:Ruleset"
SETTING = "cloudflare:index/zoneSetting:ZoneSetting"


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record_build(zone, Stack.PROD_GLOBAL)


def _rules(recording: Recording, phase: str) -> dict[str, dict[str, Any]]:
    (ruleset,) = (r for r in recording.of_type(RULESET) if r.inputs["phase"] == phase)
    assert ruleset.inputs["kind"] == "zone"
    return {rule["ref"]: rule for rule in ruleset.inputs["rules"]}


def test_there_is_one_entry_point_for_each_phase(recording: Recording) -> None:
    phases = [ruleset.inputs["phase"] for ruleset in recording.of_type(RULESET)]
    assert sorted(phases) == [
        "http_ratelimit",
        "http_request_dynamic_redirect",
        "http_request_firewall_custom",
        "http_request_firewall_managed",
    ]


def test_tls_is_strict(recording: Recording) -> None:
    settings = {s.inputs["settingId"]: s.inputs["value"] for s in recording.of_type(SETTING)}
    assert settings["ssl"] == "strict"
    assert settings["min_tls_version"] == "1.2"
    assert settings["tls_1_3"] == "on"
    assert settings["always_use_https"] == "on"
    assert settings["tls_client_auth"] == "on"
    hsts = settings["security_header"]["strict_transport_security"]
    assert hsts["enabled"] is True
    assert hsts["max_age"] >= 31_536_000
    pulls = recording.one(
        "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings"
    )
    assert pulls.inputs["enabled"] is True


def test_limits_are_those_of_the_matrix() -> None:
    everywhere = record_build(
        lambda world: ZoneSecurity(
            "zone",
            zone_args(world, plan=ZonePlan.BUSINESS, rate_limited=tuple(Environment)),
            provider=world.cloudflare,
        ),
        Stack.PROD_GLOBAL,
    )
    found = {
        rule["expression"]: (rule["ratelimit"]["requestsPerPeriod"], rule["ratelimit"]["period"])
        for rule in _rules(everywhere, "http_ratelimit").values()
    }
    assert found == {
        'http.host in {"dev-api.smp.vn" "dev-ws.smp.vn"}': (1000, 60),
        'http.host in {"staging-api.smp.vn" "staging-ws.smp.vn"}': (200, 60),
        'http.host in {"api.smp.vn" "ws.smp.vn"}': (60, 60),
    }
    assert dict(RATE_LIMIT_REQ_PER_MIN) == {"dev": 1000, "staging": 200, "prod": 60}


def test_a_limit_is_for_one_client(recording: Recording) -> None:
    for rule in _rules(recording, "http_ratelimit").values():
        assert "ip.src" in rule["ratelimit"]["characteristics"]
        assert rule["action"] == "block"


def test_managed_rules_run_for_everything(recording: Recording) -> None:
    rules = _rules(recording, "http_request_firewall_managed")
    assert {rule["actionParameters"]["id"] for rule in rules.values()} == {
        "efb7b8c949ac4650a09736fc376e9aee",
        "4814384a9e5d4991b9815dcfc25d2f1f",
    }
    assert {(rule["action"], rule["expression"]) for rule in rules.values()} == {("execute", "true")}


def test_origins_answer_only_the_router(recording: Recording) -> None:
    rules = _rules(recording, "http_request_firewall_custom")
    assert next(iter(rules)) == "origins-through-router"
    rule = rules["origins-through-router"]
    assert rule["action"] == "block"
    assert rule["expression"] == (
        'http.host in {"asia-api.smp.vn" "asia-ws.smp.vn"} and cf.worker.upstream_zone ne "smp.vn"'
    )


def test_programs_are_spared_the_bot_check(recording: Recording) -> None:
    rule = _rules(recording, "http_request_firewall_custom")["programs-are-no-bots"]
    assert rule["actionParameters"]["phases"] == ["http_request_sbfm"]
    for host in ("api.smp.vn", "dev-ws.smp.vn", "asia-api.smp.vn"):
        assert f'"{host}"' in rule["expression"]
    assert "admin.smp.vn" not in rule["expression"]


def test_countries_are_kept_out_or_checked(recording: Recording) -> None:
    rules = _rules(recording, "http_request_firewall_custom")
    assert (rules["geo-block"]["expression"], rules["geo-block"]["action"]) == (
        'ip.src.country in {"KP"}',
        "block",
    )
    assert rules["geo-challenge"]["action"] == "managed_challenge"


def test_partner_leads_to_admin_with_path_and_query(recording: Recording) -> None:
    rule = _rules(recording, "http_request_dynamic_redirect")["redirect-partner"]
    assert rule["expression"] == 'http.host eq "partner.smp.vn"'
    value = rule["actionParameters"]["fromValue"]
    assert value["targetUrl"]["expression"] == 'concat("https://admin.smp.vn", http.request.uri.path)'
    assert value["preserveQueryString"] is True


@pytest.mark.parametrize("country", list(Country))
@pytest.mark.parametrize("action", list(GeoAction))
def test_no_served_country_is_turned_away(country: Country, action: GeoAction) -> None:
    with pytest.raises(InvalidArgumentsError, match=f"geo {country}: a cluster serves this country"):
        zone_args(World(Stack.PROD_GLOBAL), geo={str(country): action})


def test_all_problems_are_listed() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        zone_args(
            World(Stack.DEV),
            zone_id="zone",
            rate_limited=(Environment.DEV, Environment.STAGING, Environment.STAGING),
            geo={"XX": GeoAction.BLOCK, "Korea": GeoAction.BLOCK},
            origins=(),
            redirects={"partner.smp.vn": "admin.example"},
        )
    problems = "\n".join(caught.value.problems)
    for words in (
        "32 hexadecimal",
        "smp-asia does not own the zone",
        "the plan pro 2 rules",
        "names an environment twice",
        "prod without a limit",
        "not known",
        "two capital letters",
        "origins are empty",
        "admin.example is not of smp.vn",
    ):
        assert words in problems, words
