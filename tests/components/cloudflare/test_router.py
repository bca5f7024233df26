"""The router: the tested file byte for byte, its bindings, and going back by naming a version."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from catalog.clusters import Cluster
from catalog.edge import COLOS
from catalog.environments import Environment
from catalog.stack_facts import Stack
from components.cloudflare.routing import ClusterState, routing_table
from components.cloudflare.signing_keys import SigningKey
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import SCRIPT, SESSION_KEY, router, router_args
from tests.contracts.harness import Recording, World, record_build

SCRIPT_TYPE = "cloudflare:index/workersScript:WorkersScript"
VERSION = "cloudflare:index/workerVersion:WorkerVersion"
DEPLOYMENT = "cloudflare:index/workersDeployment:WorkersDeployment"
ROUTE = "cloudflare:index/workersRoute:WorkersRoute"
SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain"
OLDER = "00000000-0000-4000-8000-000000000001"

ALL_SERVING = dict.fromkeys((Cluster.ASIA, Cluster.CHINA, Cluster.US), ClusterState.SERVING)


def _with(**changes: object) -> Recording:
    from components.cloudflare.router import EdgeRouter

    return record_build(
        lambda world: EdgeRouter("edge", router_args(world, **changes), provider=world.cloudflare),
        Stack.PROD_GLOBAL,
    )


def _binding(recording: Recording, name: str, kind: str = SCRIPT_TYPE) -> dict[str, str]:
    return next(b for b in recording.one(kind).inputs["bindings"] if b["name"] == name)


def test_the_tested_file_is_uploaded_byte_for_byte() -> None:
    recording = record_build(router, Stack.PROD_GLOBAL)
    assert recording.one(SCRIPT_TYPE).inputs["content"].encode() == SCRIPT.read_bytes()
    (module,) = recording.one(VERSION).inputs["modules"]
    assert base64.b64decode(module["contentBase64"]) == SCRIPT.read_bytes()
    assert module["name"] == recording.one(VERSION).inputs["mainModule"]


def test_line_ends_of_the_file_are_kept(tmp_path: Path) -> None:
    script = tmp_path / "router.js"
    script.write_bytes(b"export default {};\r\n// \xc3\xa9\n")
    assert _with(script=script).one(SCRIPT_TYPE).inputs["content"].encode() == script.read_bytes()


def test_the_version_is_the_script_s_upload() -> None:
    recording = record_build(router, Stack.PROD_GLOBAL)
    script, version = recording.one(SCRIPT_TYPE).inputs, recording.one(VERSION).inputs
    for key in ("bindings", "compatibilityDate", "compatibilityFlags", "mainModule"):
        assert script.get(key) == version.get(key), key
    assert version["workerId"] == script["scriptName"] == "smp-global-prod-edge"


def test_bindings_are_what_the_module_reads() -> None:
    recording = record_build(router, Stack.PROD_GLOBAL)
    names = {b["name"]: b["type"] for b in recording.one(SCRIPT_TYPE).inputs["bindings"]}
    assert names == {
        "ROUTING": "plain_text",
        "JWKS": "plain_text",
        "ENVIRONMENT": "plain_text",
        "SESSION_KEY": "secret_text",
    }
    text = SCRIPT.read_text(encoding="utf-8")
    assert all(f"[{name}]" in text for name in names)
    assert _binding(recording, "SESSION_KEY")["text"] == SESSION_KEY
    assert all("bindings" in recording.one(kind).secret_inputs for kind in (SCRIPT_TYPE, VERSION))
    (key,) = json.loads(_binding(recording, "JWKS")["text"])["keys"]
    assert (key["kty"], key["alg"], key["use"], key["kid"], key["e"]) == (
        "RSA",
        "RS256",
        "sig",
        "2026",
        "AQAB",
    )


def test_routing_of_production() -> None:
    states = {**ALL_SERVING, Cluster.US: ClusterState.MAINTENANCE}
    table = json.loads(routing_table(Environment.PROD, states))
    assert table["clusters"] == {
        "smp-asia": {
            "origin": "https://asia-api.smp.vn",
            "wsOrigin": "https://asia-ws.smp.vn",
            "state": "serving",
        },
        "smp-china": {
            "origin": "https://cn-api.smp.vn",
            "wsOrigin": "https://cn-ws.smp.vn",
            "state": "serving",
        },
        "smp-us": {
            "origin": "https://us-api.smp.vn",
            "wsOrigin": "https://us-ws.smp.vn",
            "state": "maintenance",
        },
    }
    assert table["countries"] == {"CN": "smp-china", "US": "smp-us"}
    assert table["default"] == "smp-asia"
    assert {table["colos"][colo] for colo in ("SIN", "HKG", "MFM", "TPE")} == {"smp-asia"}
    assert (table["colos"]["IAD"], table["colos"]["PEK"]) == ("smp-us", "smp-china")


def test_routing_below_production_knows_one_cluster() -> None:
    table = json.loads(routing_table(Environment.DEV, {Cluster.ASIA: ClusterState.SERVING}))
    assert list(table["clusters"]) == ["smp-asia"]
    assert table["clusters"]["smp-asia"]["origin"] == "https://dev-asia-api.smp.vn"
    assert table["countries"] == {}
    assert set(table["colos"].values()) == {"smp-asia"}


def test_no_data_centre_is_in_two_areas() -> None:
    colos = [colo for area in COLOS.values() for colo in area]
    assert len(set(colos)) == len(colos)
    assert all(len(colo) == 3 and colo.isupper() for colo in colos)


@pytest.mark.parametrize(
    ("stack", "hosts"),
    [
        (Stack.DEV, {"dev-api.smp.vn/*", "dev-ws.smp.vn/*"}),
        (Stack.STAGING, {"staging-api.smp.vn/*", "staging-ws.smp.vn/*"}),
        (Stack.PROD_GLOBAL, {"api.smp.vn/*", "ws.smp.vn/*"}),
    ],
)
def test_a_router_answers_for_its_environment_and_through_no_other_door(
    stack: Stack, hosts: set[str]
) -> None:
    recording = record_build(router, stack)
    assert {route.inputs["pattern"] for route in recording.of_type(ROUTE)} == hosts
    door = recording.one(SUBDOMAIN).inputs
    assert (door["enabled"], door["previewsEnabled"]) == (False, False)


def test_the_newest_version_is_in_force_unless_one_is_named() -> None:
    recording = record_build(router, Stack.PROD_GLOBAL)
    (version,) = recording.one(DEPLOYMENT).inputs["versions"]
    assert version == {"percentage": 100, "versionId": f"{recording.one(VERSION).name}-id"}
    assert recording.one(SCRIPT_TYPE).ignore_changes == ()


def test_a_named_version_is_in_force_and_nothing_is_uploaded_over_it() -> None:
    recording = _with(version_in_force=OLDER)
    (version,) = recording.one(DEPLOYMENT).inputs["versions"]
    assert version == {"percentage": 100, "versionId": OLDER}
    assert set(recording.one(SCRIPT_TYPE).ignore_changes) == {
        "content",
        "bindings",
        "compatibilityDate",
        "compatibilityFlags",
    }
    assert recording.registered_outputs[recording.root.urn]["versionInForce"] == OLDER


def test_what_waits_behind_a_named_version_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda message, **_: said.append(message))
    record_build(router, Stack.PROD_GLOBAL)
    assert said == []
    _with(version_in_force=OLDER)
    (message,) = said
    assert OLDER in message
    assert "smp:cloudflare.router.version" in message


def test_no_request_is_logged() -> None:
    script = record_build(router, Stack.PROD_GLOBAL).one(SCRIPT_TYPE).inputs
    assert (script["observability"]["enabled"], script["logpush"]) == (False, False)


def test_all_problems_are_listed() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        router_args(
            World(Stack.DEV),
            session_key="not read",
            account_id="x",
            script=Path("nowhere.js"),
            compatibility_date="yesterday",
            clusters={Cluster.GLOBAL: ClusterState.SERVING},
            signing_keys={"short": SigningKey(modulus="abc", exponent="?")},
            version_in_force="v1",
        )
    problems = "\n".join(caught.value.problems)
    for words in (
        "32 hexadecimal",
        "nowhere.js does not exist",
        "is no date",
        "smp-asia is not among",
        "serves no visitor",
        "2048 bits",
        "exponent",
        "no version id",
    ):
        assert words in problems, words
