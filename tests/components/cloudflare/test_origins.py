"""Origins: certificates from requests, and checks that tell people and move no traffic."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from catalog.clusters import Cluster
from catalog.stack_facts import Stack
from components.cloudflare.certificate_rules import Validity
from components.cloudflare.origin_certificate import OriginCertificates
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import (
    REQUEST,
    certificates,
    certificates_args,
    health,
    health_args,
    issue,
)
from tests.contracts.harness import World, record_build

CERTIFICATE = "cloudflare:index/originCaCertificate:OriginCaCertificate"
CHECK = "cloudflare:index/healthcheck:Healthcheck"
NOTIFICATION = "cloudflare:index/notificationPolicy:NotificationPolicy"


def test_a_certificate_covers_its_cluster_s_origins_and_no_more() -> None:
    certificate = record_build(certificates, Stack.PROD_US).one(CERTIFICATE)
    assert certificate.inputs["hostnames"] == ["us-api.smp.vn", "us-ws.smp.vn"]
    assert certificate.inputs["csr"] == REQUEST
    assert certificate.inputs["requestType"] == "origin-ecc"
    assert certificate.inputs["requestedValidity"] == 365
    assert certificate.protect


def test_the_end_is_reckoned_from_the_configuration() -> None:
    recording = record_build(certificates, Stack.PROD_US)
    outputs = recording.registered_outputs[recording.root.urn]
    assert outputs["certificates"]["2026-12"]["expiresOn"] == "2027-12-01"
    assert outputs["renewBy"] == outputs["certificates"]["2026-12"]["renewBy"] == "2027-10-02"


def test_two_stand_beside_each_other_while_one_is_replaced() -> None:
    issues = {"2026-12": issue(), "2027-10": issue(issued_on=date(2027, 10, 2))}
    recording = record_build(
        lambda world: OriginCertificates(
            "c", certificates_args(world, issues=issues), provider=world.cloudflare
        ),
        Stack.PROD_US,
    )
    assert len(recording.of_type(CERTIFICATE)) == 2
    assert recording.registered_outputs[recording.root.urn]["renewBy"] == "2028-08-02"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hosts": ()}, "hosts are empty"),
        ({"hosts": ("*.smp.vn",)}, "no single host"),
        ({"hosts": ("asia-api.example",)}, "no single host"),
        ({"issues": {}}, "issues are empty"),
        ({"issues": {"Next One": issue()}}, "small letters"),
        ({"issues": {"a": issue(request="-----BEGIN PRIVATE KEY-----\nAA==\n")}}, "holds a private key"),
        ({"issues": {"a": issue(request="AA==")}}, "no PEM certificate request"),
        ({"issues": {"a": issue(), "b": issue()}}, "end on the same day"),
    ],
)
def test_a_wrong_certificate_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=words):
        certificates_args(World(Stack.PROD_ASIA), **changes)


def test_validities_are_cloudflare_s() -> None:
    assert {validity.value for validity in Validity} <= {7, 30, 90, 365, 730, 1095, 5475}


def test_each_origin_is_checked_past_the_edge_every_minute() -> None:
    recording = record_build(health, Stack.PROD_ASIA)
    checks = {c.inputs["httpConfig"]["header"]["Host"][0]: c.inputs for c in recording.of_type(CHECK)}
    assert set(checks) == {"asia-api.smp.vn", "asia-ws.smp.vn"}
    for check in checks.values():
        assert (check["address"], check["type"], check["interval"]) == ("ingress.example", "HTTPS", 60)
        assert check["checkRegions"] == ["SEAS"]


def test_a_check_tells_people_and_moves_no_traffic() -> None:
    recording = record_build(health, Stack.PROD_ASIA)
    policy = recording.one(NOTIFICATION).inputs
    assert policy["alertType"] == "health_check_status_notification"
    assert policy["filters"]["healthCheckIds"] == [
        "smp-asia-prod-origin-asia-api-id",
        "smp-asia-prod-origin-asia-ws-id",
    ]
    assert policy["mechanisms"]["emails"] == [{"id": "devops@smp.vn"}]
    assert not [r.type for r in recording.resources if "loadBalancer" in r.type]


def test_problems_of_checks_are_listed() -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        health_args(
            World(Stack.PROD_ASIA),
            account_id="x",
            zone_id="y",
            cluster=Cluster.GLOBAL,
            hosts=("api.example",),
            email_addresses=("nobody",),
        )
    assert len(caught.value.problems) == 5
    with pytest.raises(InvalidArgumentsError, match="nobody is told"):
        health_args(World(Stack.PROD_ASIA), email_addresses=())
