"""The edge over all stacks: who owns which name, what the router is given, and how a change reaches it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.edge import ZonePlan
from catalog.environments import Environment
from catalog.stack_facts import Stack
from rehearsal import EngineChoice, Op, rehearse
from tests.stacks.programs import ROOT, placeholders, planned, project_with, resources

SCRIPT = "cloudflare:index/workersScript:WorkersScript"
VERSION = "cloudflare:index/workerVersion:WorkerVersion"
DEPLOYMENT = "cloudflare:index/workersDeployment:WorkersDeployment"
ROUTERS = [Stack.DEV, Stack.STAGING, Stack.PROD_GLOBAL]
_SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"


def _inputs(stack: Stack, kind: str) -> list[dict[str, Any]]:
    token = f"cloudflare:index/{kind[0].lower()}{kind[1:]}:{kind}"
    return [r["inputs"] for r in resources(stack) if r["type"] == token]


def _hosts(stack: Stack) -> dict[str, dict[str, Any]]:
    kinds = {"A", "AAAA", "CNAME"}
    return {r["name"]: r for r in _inputs(stack, "DnsRecord") if r["type"] in kinds}


def _routing(stack: Stack) -> dict[str, Any]:
    (script,) = _inputs(stack, "WorkersScript")
    return json.loads(next(b["text"] for b in script["bindings"] if b["name"] == "ROUTING"))


@pytest.mark.parametrize("stack", ROUTERS, ids=lambda stack: stack.facts.name)
def test_the_plan_s_script_is_the_tested_file_with_the_tested_runtime(stack: Stack) -> None:
    (script,) = _inputs(stack, "WorkersScript")
    assert script["content"].encode() == (ROOT / "edge" / "src" / "router.js").read_bytes()
    runtime = json.loads((ROOT / "edge" / "worker.json").read_text(encoding="utf-8"))
    assert script["compatibilityDate"] == runtime["compatibilityDate"]
    assert script["compatibilityFlags"] == runtime["compatibilityFlags"]
    key = next(b["text"] for b in script["bindings"] if b["name"] == "SESSION_KEY")
    assert _SECRET_SIGNATURE in key


@pytest.mark.parametrize(
    ("stack", "hosts"),
    [
        (
            Stack.DEV,
            {"dev-api.smp.vn", "dev-ws.smp.vn", "dev-asia-api.smp.vn", "dev-asia-ws.smp.vn"},
        ),
        (
            Stack.STAGING,
            {"staging-api.smp.vn", "staging-ws.smp.vn", "staging-asia-api.smp.vn", "staging-asia-ws.smp.vn"},
        ),
        (Stack.PROD_ASIA, {"asia-api.smp.vn", "asia-ws.smp.vn"}),
        (Stack.PROD_US, {"us-api.smp.vn", "us-ws.smp.vn"}),
        (Stack.PROD_CHINA, set()),
        (
            Stack.PROD_GLOBAL,
            {f"{name}.smp.vn" for name in ("api", "ws", "app", "admin", "partner", "docs", "status")}
            | {"cn-api.smp.vn", "cn-ws.smp.vn"},
        ),
    ],
)
def test_a_stack_owns_the_names_it_serves(stack: Stack, hosts: set[str]) -> None:
    assert set(_hosts(stack)) == hosts


def test_everything_but_the_status_page_is_proxied() -> None:
    open_hosts = {host for stack in Stack for host, record in _hosts(stack).items() if not record["proxied"]}
    assert open_hosts == {"status.smp.vn"}


def test_no_two_stacks_own_the_same_thing() -> None:
    owned: Counter[str] = Counter()
    for stack in Stack:
        owned.update(f"host {host}" for host in _hosts(stack))
        owned.update(f"route {route['pattern']}" for route in _inputs(stack, "WorkersRoute"))
        owned.update(f"phase {ruleset['phase']}" for ruleset in _inputs(stack, "Ruleset"))
        owned.update(f"setting {setting['settingId']}" for setting in _inputs(stack, "ZoneSetting"))
        owned.update(f"project {project['name']}" for project in _inputs(stack, "PagesProject"))
    assert [thing for thing, owners in owned.items() if owners > 1] == []
    owners = {stack for stack in Stack if _inputs(stack, "Ruleset") or _inputs(stack, "ZoneSetting")}
    assert owners == {Stack.PROD_GLOBAL}


@pytest.mark.parametrize("stack", ROUTERS, ids=lambda stack: stack.facts.name)
def test_every_origin_of_a_router_has_a_record_a_certificate_and_a_guard(stack: Stack) -> None:
    origins = {
        cluster[key].removeprefix("https://")
        for cluster in _routing(stack)["clusters"].values()
        for key in ("origin", "wsOrigin")
    }
    records = {host for other in Stack for host in _hosts(other)}
    certified = {h for other in Stack for c in _inputs(other, "OriginCaCertificate") for h in c["hostnames"]}
    guard = next(
        rule["expression"]
        for ruleset in _inputs(Stack.PROD_GLOBAL, "Ruleset")
        for rule in ruleset["rules"]
        if rule["ref"] == "origins-through-router"
    )
    assert origins <= records
    assert origins <= certified
    assert all(f'"{origin}"' in guard for origin in origins)


def test_each_environment_reaches_only_its_own_origins() -> None:
    for stack in ROUTERS:
        prefix = stack.facts.environment.hostname_prefix
        for cluster in _routing(stack)["clusters"].values():
            host = cluster["origin"].removeprefix("https://")
            assert host.startswith(prefix)
            assert prefix or not host.startswith(tuple(e.hostname_prefix for e in Environment if e != "prod"))


def test_no_certificate_covers_two_clusters() -> None:
    for stack in Stack:
        for certificate in _inputs(stack, "OriginCaCertificate"):
            assert len({host.rsplit("-", maxsplit=1)[0] for host in certificate["hostnames"]}) == 1


def test_nothing_balances_between_clusters() -> None:
    kinds = {r["type"] for stack in Stack for r in resources(stack) if r["type"].startswith("cloudflare:")}
    assert not [kind for kind in kinds if "loadBalancer" in kind]


def test_the_plan_allows_what_is_configured() -> None:
    (plan,) = _inputs(Stack.PROD_GLOBAL, "ZoneSubscription")
    allowed = next(p.value for p in ZonePlan if p.value.id == plan["ratePlan"]["id"])
    rules = {r["phase"]: len(r["rules"]) for r in _inputs(Stack.PROD_GLOBAL, "Ruleset")}
    assert rules["http_ratelimit"] <= allowed.rate_limiting_rules
    assert rules["http_request_firewall_custom"] <= allowed.custom_rules
    assert sum(len(_inputs(stack, "Healthcheck")) for stack in Stack) <= allowed.health_checks


def test_nobody_is_told_of_dev_and_somebody_of_the_rest() -> None:
    told = {stack for stack in Stack if _inputs(stack, "NotificationPolicy")}
    assert told == {Stack.STAGING, Stack.PROD_ASIA, Stack.PROD_US, Stack.PROD_GLOBAL}


def test_runbooks_find_the_version_and_the_end_of_certificates_in_the_outputs() -> None:
    outputs = planned(Stack.PROD_GLOBAL).outputs
    assert outputs["router"]["clusters"] == {
        "smp-asia": "serving",
        "smp-china": "serving",
        "smp-us": "serving",
    }
    assert {"versionInForce", "newestVersion"} <= outputs["router"].keys()
    assert outputs["originCertificates"]["hosts"] == ["cn-api.smp.vn", "cn-ws.smp.vn"]
    assert outputs["originCertificates"]["renewBy"]


def test_maintenance_is_one_word_and_going_back_is_one_value(tmp_path: Path) -> None:
    def run(changes: dict[str, object]) -> tuple[dict[str, Op], dict[str, Any]]:
        result = rehearse(
            project_with(
                tmp_path, Stack.DEV, {"smp:layers": ["cloud"], **changes}
            ),  # the router is part of it
            engine=EngineChoice.EMBEDDED,
            placeholder_secrets=placeholders(Stack.DEV),
        )
        changed = {step.type: step.op for step in result.steps if step.op is not Op.SAME}
        return changed, result.outputs["router"]

    maintenance = {"smp:cloudflare/router/clusters": {"smp-asia": "maintenance"}}
    _, before = run({})
    changed, after = run(maintenance)
    assert changed == {SCRIPT: Op.UPDATE, VERSION: Op.REPLACE, DEPLOYMENT: Op.REPLACE}
    assert after["clusters"] == {"smp-asia": "maintenance"}
    assert after["versionInForce"] == after["newestVersion"] != before["versionInForce"]

    named = {"smp:cloudflare/router/version": before["versionInForce"]}
    changed, back = run(maintenance | named)
    assert changed[DEPLOYMENT] is Op.REPLACE
    assert VERSION not in changed
    assert back["versionInForce"] == before["versionInForce"]

    # While a version is named, a further change is kept for later and comes into force nowhere.
    changed, _ = run(named)
    assert changed.keys() == {VERSION}


@pytest.mark.parametrize("stack", ROUTERS, ids=lambda stack: stack.facts.name)
def test_versions_and_what_was_in_force_outlive_their_replacement(stack: Stack) -> None:
    kept = [r["type"] for r in resources(stack) if r.get("retainOnDelete")]
    assert sorted(kept) == sorted([VERSION, DEPLOYMENT])
