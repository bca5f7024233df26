"""Records: who is proxied, and what is refused."""

from __future__ import annotations

import pytest

from catalog.stack_facts import Stack
from components.cloudflare.dns import (
    Alias,
    AnsweredAtEdge,
    CertificateIncidents,
    Exposure,
    MailServer,
    Record,
    Text,
)
from components.cloudflare.origin_target import OriginTarget
from components.core.component import InvalidArgumentsError
from tests.contracts.examples_edge import records, records_args
from tests.contracts.harness import Recorded, World, record_build

RECORD = "cloudflare:index/dnsRecord:DnsRecord"


def _records() -> dict[str, Recorded]:
    recording = record_build(records, Stack.PROD_GLOBAL)
    return {r.name.removeprefix("smp-global-prod-record-"): r for r in recording.of_type(RECORD)}


def test_records_have_their_forms() -> None:
    found = {
        name: (r.inputs["type"], r.inputs["name"], r.inputs.get("content"), r.inputs.get("proxied"))
        for name, r in _records().items()
        if r.inputs["type"] != "CAA"
    }
    assert found == {
        "api": ("AAAA", "api.smp.vn", "100::", True),
        "app": ("CNAME", "app.smp.vn", "smp-mobile.pages.dev", True),
        "origin": ("A", "cn-api.smp.vn", "192.0.2.10", True),
        "status": ("CNAME", "status.smp.vn", "status.example", False),
        "mail": ("MX", "smp.vn", "mx.example", None),
        "spf": ("TXT", "smp.vn", '"v=spf1 -all"', None),
    }


def test_an_authority_may_issue_plain_and_wildcard_certificates() -> None:
    data = {name: r.inputs["data"] for name, r in _records().items() if r.inputs["type"] == "CAA"}
    assert data == {
        "authority-issue": {"flags": "0", "tag": "issue", "value": "letsencrypt.org"},
        "authority-issuewild": {"flags": "0", "tag": "issuewild", "value": "letsencrypt.org"},
        "incidents": {"flags": "0", "tag": "iodef", "value": "mailto:security@smp.vn"},
    }


def test_a_record_says_whose_it_is() -> None:
    assert {r.inputs["comment"] for r in _records().values()} == {"Pulumi stack prod-global"}


TARGET = OriginTarget.parse("ingress.example")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (AnsweredAtEdge(host="api.example"), "is not of smp.vn"),
        (AnsweredAtEdge(host="evilsmp.vn"), "is not of smp.vn"),
        (Alias(host="asia-api.smp.vn", target=TARGET, exposure=Exposure.DNS_ONLY), "leave it proxied"),
        (Alias(host="status.smp.vn", target=TARGET), "needs it DNS_ONLY"),
        (MailServer(host="smp.vn", server="mx.example", preference=-1), "0 to 65535"),
        (Text(host="smp.vn", text='"quoted"'), "without quotes"),
        (CertificateIncidents(host="smp.vn", mailbox="nobody"), "no e-mail address"),
    ],
)
def test_a_wrong_record_is_refused(record: Record, words: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=words):
        records_args(World(Stack.DEV), records={"wrong": record})


def test_no_host_is_there_twice() -> None:
    twice = {"one": AnsweredAtEdge(host="api.smp.vn"), "two": Alias(host="api.smp.vn", target=TARGET)}
    with pytest.raises(InvalidArgumentsError, match="is one already"):
        records_args(World(Stack.DEV), records=twice)


@pytest.mark.parametrize("text", ["https://ingress.example", "ingress", "192.0.2.300", "-a.example", ""])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither an IPv4 address nor a host name"):
        OriginTarget.parse(text)


def test_a_target_knows_whether_it_is_an_address() -> None:
    assert OriginTarget.parse("192.0.2.10").address == "192.0.2.10"
    assert TARGET.address is None
