"""Every kind of mistake in a stack file is refused, with where, what and what to write instead."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from catalog.stack_facts import Stack
from stacks.config import Layer
from stacks.config_source import ConfigurationError, read_config
from tests.stacks.test_config_files import ROOT, engine_values


def _document(stack: Stack) -> dict[str, Any]:
    text = (ROOT / f"Pulumi.{stack.facts.name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"]


def _set(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    *sections, last = path.split("/")
    place = changed
    for section in sections:
        place = place[section]
    place[last] = value
    return changed


def _mistakes(stack: Stack, changes: dict[str, object]) -> dict[str, str]:
    document = _document(stack)
    for path, value in changes.items():
        document = _set(document, path, value)
    with pytest.raises(ConfigurationError) as caught:
        read_config(stack, engine_values(document))
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


@pytest.mark.parametrize(
    ("stack", "path", "value", "where", "words"),
    [
        (Stack.DEV, "smp:regio", "x", "smp:regio", "did you mean region?"),
        (Stack.DEV, "smp:network/cdir", "x", "smp:network.cdir", "did you mean cidr?"),
        (Stack.DEV, "smp:region", "us-east-1", "smp:region", "write ap-southeast-1"),
        (Stack.DEV, "smp:region", "eu-west-1", "smp:region", "not one of"),
        (Stack.PROD_US, "smp:countries", ["US", "VN"], "smp:countries[1]", "belongs to smp-asia"),
        (Stack.PROD_GLOBAL, "smp:countries", ["US"], "smp:countries[0]", "none at all"),
        (Stack.PROD_ASIA, "smp:countries", [], "smp:countries", "serves nobody"),
        (Stack.DEV, "smp:budget/monthlyUsd", 0, "smp:budget.monthlyUsd", "not positive"),
        (Stack.DEV, "smp:budget/monthlyUsd", -1, "smp:budget.monthlyUsd", "not positive"),
        (Stack.DEV, "smp:budget/monthlyUsd", "much", "smp:budget.monthlyUsd", "not an amount"),
        (Stack.DEV, "smp:budget/monthlyUsd", "NaN", "smp:budget.monthlyUsd", "not positive"),
        (Stack.DEV, "smp:budget", 300, "smp:budget", "mapping"),
        (Stack.DEV, "smp:account", "12", "smp:account", "wrong form"),
        (Stack.DEV, "smp:network/cidr", "10.10.0.0/24", "smp:network.cidr", "too small"),
        (Stack.DEV, "smp:network/cidr", "10.20.0.0/16", "smp:network.cidr", "reserved for prod-asia"),
        (Stack.DEV, "smp:network/cidr", "172.20.0.0/17", "smp:network.cidr", "service addresses"),
        (Stack.DEV, "smp:network/cidr", "192.168.0.0/16", "smp:network.cidr", "inside 10.10.0.0/16"),
        (Stack.DEV, "smp:network/cidr", "10.10.0.1/16", "smp:network.cidr", "10.10.0.0/16"),
        (Stack.DEV, "smp:network/cidr", "10.10.0.0", "smp:network.cidr", "prefix length"),
        (Stack.DEV, "smp:network/cidr", "ten", "smp:network.cidr", "10.20.0.0/16"),
        (
            Stack.PROD_ASIA,
            "smp:network/zones",
            ["ap-southeast-1a", "ap-southeast-1b"],
            "smp:network.zones",
            "3",
        ),
        (Stack.DEV, "smp:network/zones", ["ap-southeast-1a"], "smp:network.zones", "at least 2"),
        (Stack.DEV, "smp:network/zones", ["us-east-1a", "us-east-1b"], "smp:network.zones[0]", "smp-asia"),
        (Stack.DEV, "smp:network/zones", ["ap-southeast-1a"] * 2, "smp:network.zones", "twice"),
        (Stack.DEV, "smp:network/natGateways", "many", "smp:network.natGateways", "'per-zone'"),
        (Stack.PROD_ASIA, "smp:network/natGateways", "single", "smp:network.natGateways", "per-zone"),
        (Stack.PROD_US, "smp:redis/shards", 1, "smp:redis", "six nodes"),
        (Stack.DEV, "smp:kubernetes/version", "1.34", "smp:kubernetes.version", "1.35"),
        (Stack.DEV, "smp:kubernetes/publicAccess", ["0.0.0.0/0"], "smp:kubernetes.publicAccess", "internet"),
        (
            Stack.DEV,
            "smp:kubernetes/nodePools/app/instanceType",
            "m9.huge",
            "smp:kubernetes.nodePools.app.instanceType",
            "unpriced",
        ),
        (
            Stack.DEV,
            "smp:kubernetes/nodePools/app/instanceType",
            "t4g.large",
            "smp:kubernetes.nodePools.app.instanceType",
            "offers to pods is not known",
        ),
        (
            Stack.DEV,
            "smp:kubernetes/nodePools/app/minimum",
            "one",
            "smp:kubernetes.nodePools.app.minimum",
            "whole number",
        ),
        (Stack.DEV, "smp:kubernetes/nodePools/app/minimum", 9, "smp:kubernetes.nodePools.app", "minimum 9"),
        (
            Stack.PROD_ASIA,
            "smp:kubernetes/nodePools/app/capacity",
            "spot",
            "smp:kubernetes.nodePools.app",
            "on-demand",
        ),
        (
            Stack.DEV,
            "smp:kubernetes/nodePools/app/purpose",
            "data",
            "smp:kubernetes.nodePools",
            "purpose: app",
        ),
        (Stack.DEV, "smp:mysql/instanceType", "db.x1.huge", "smp:mysql.instanceType", "db.t4g.micro"),
        (Stack.DEV, "smp:mysql/backupDays", 0, "smp:mysql.backupDays", "1 to 35"),
        (Stack.PROD_ASIA, "smp:redis/placement", "in-cluster", "smp:redis", "production"),
        (Stack.STAGING, "smp:redis/nodeType", "cache.big", "smp:redis.nodeType", "cache.t4g.micro"),
        (Stack.STAGING, "smp:mongodb/tier", "M5", "smp:mongodb.tier", "M10"),
        (Stack.PROD_GLOBAL, "smp:mysql", {}, "smp:mysql", "no personal data"),
        (Stack.PROD_CHINA, "smp:cloudflare", {"account": "0" * 32}, "smp:cloudflare", "Beijing"),
        (Stack.DEV, "smp:cloudflare/zone", "smp.vn", "smp:cloudflare.zone", "wrong form"),
        (Stack.DEV, "smp:cloudflare/router", None, "smp:cloudflare", "router is missing"),
        (Stack.PROD_ASIA, "smp:cloudflare/origin", None, "smp:cloudflare", "origin is missing"),
        (Stack.PROD_ASIA, "smp:cloudflare/alertEmails", [], "smp:cloudflare", "alertEmails is missing"),
        (Stack.PROD_GLOBAL, "smp:cloudflare/publicZone", None, "smp:cloudflare", "publicZone is missing"),
        (
            Stack.DEV,
            "smp:cloudflare/router/clusters",
            {"smp-us": "serving"},
            "smp:cloudflare.router.clusters",
            "serves smp-asia",
        ),
        (
            Stack.DEV,
            "smp:cloudflare/router/clusters/smp-asia",
            "off",
            "smp:cloudflare.router.clusters.smp-asia",
            "'maintenance'",
        ),
        (
            Stack.DEV,
            "smp:cloudflare/router/version",
            "v1",
            "smp:cloudflare.router.version",
            "wrong form",
        ),
        (
            Stack.DEV,
            "smp:cloudflare/origin/target",
            "https://ingress.example",
            "smp:cloudflare.origin.target",
            "without scheme",
        ),
        (
            Stack.DEV,
            "smp:cloudflare/origin/certificates/2026-12/issuedOn",
            "soon",
            "smp:cloudflare.origin.certificates.2026-12.issuedOn",
            "no day",
        ),
        (
            Stack.DEV,
            "smp:cloudflare/origin/certificates/2026-12/validityDays",
            398,
            "smp:cloudflare.origin.certificates.2026-12.validityDays",
            "90, 365 or 730",
        ),
        (
            Stack.DEV,
            "smp:cloudflare/origin/certificates/2026-12/request",
            "-----BEGIN PRIVATE KEY-----",
            "smp:cloudflare.origin.certificates.2026-12.request",
            "private key",
        ),
        (
            Stack.PROD_GLOBAL,
            "smp:cloudflare/publicZone/geo",
            {"KP": "forbid"},
            "smp:cloudflare.publicZone.geo.KP",
            "'block'",
        ),
        (
            Stack.PROD_GLOBAL,
            "smp:cloudflare/publicZone/certificateContact",
            "nobody",
            "smp:cloudflare.publicZone.certificateContact",
            "no e-mail address",
        ),
        (Stack.DEV, "smp:layers", [], "smp:layers", "at least one"),
        (Stack.DEV, "smp:layers", ["basement"], "smp:layers[0]", "'cloud'"),
    ],
)
def test_a_mistake_says_where_what_and_what_instead(
    stack: Stack, path: str, value: object, where: str, words: str
) -> None:
    mistakes = _mistakes(stack, {path: value})
    assert where in mistakes, mistakes
    assert words in mistakes[where]


def test_all_mistakes_of_a_file_come_at_once() -> None:
    mistakes = _mistakes(
        Stack.DEV,
        {
            "smp:region": "us-east-1",
            "smp:budget/monthlyUsd": 0,
            "smp:network/cidr": "10.10.0.0/28",
            "smp:mysql/instanceType": "db.x1.huge",
            "smp:unknown": 1,
        },
    )
    assert set(mistakes) == {
        "smp:region",
        "smp:budget.monthlyUsd",
        "smp:network.cidr",
        "smp:mysql.instanceType",
        "smp:unknown",
    }


@pytest.mark.parametrize("section", ["smp:mysql", "smp:redis", "smp:mongodb", "smp:objects", "smp:network"])
def test_a_missing_section_is_named(section: str) -> None:
    document = _document(Stack.DEV)
    del document[section]
    with pytest.raises(ConfigurationError) as caught:
        read_config(Stack.DEV, engine_values(document))
    assert [mistake.path for mistake in caught.value.mistakes] == [section]
    assert "is missing" in caught.value.mistakes[0].message


@pytest.mark.parametrize(
    ("named", "built"),
    [
        (["cloud"], {Layer.CLOUD}),
        (["platform"], {Layer.CLOUD, Layer.PLATFORM}),
        (["services"], set(Layer)),
        (["cloud", "services"], set(Layer)),
    ],
)
def test_a_layer_brings_the_ones_it_stands_on(named: list[str], built: set[Layer]) -> None:
    config = read_config(Stack.DEV, engine_values(_set(_document(Stack.DEV), "smp:layers", named)))
    assert {layer for layer in Layer if config.builds(layer)} == built
