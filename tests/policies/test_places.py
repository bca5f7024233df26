"""What a text says about places, with the borders of words kept in both directions."""

from __future__ import annotations

import base64
import gzip

import pytest

from policies.embedded import decoded_tree, leaves, unfolded
from policies.places import Kind, places


def _homes(text: str) -> set[str]:
    return {home.id for mention in places(text) for home in mention.homes}


@pytest.mark.parametrize(
    "text",
    [
        "customer-status",
        "asia-pacific-us-style",
        "smp-user-svc",
        "usage",
        "en-US",
        "contact-us.smp.vn",
        "api.smp.vn",
        "order-svc.prod.smp.local",
        "smp_global.countries",
        "us-east-10",
        "10.4.40.1",
        "110.40.1.1",
        "10.40.0.0/12",
        "fcm.googleapis.com",
        "status",
    ],
)
def test_a_word_that_only_looks_like_a_place_names_none(text: str) -> None:
    assert places(text) == ()


@pytest.mark.parametrize(
    ("text", "homes"),
    [
        ("ap-southeast-1", {"smp-asia"}),
        ("ap-southeast-1a", {"smp-asia"}),
        ("AP_SOUTHEAST_1", {"smp-asia"}),
        ("us-east-1", {"smp-us", "smp-global"}),
        ("use1-az4", {"smp-us", "smp-global"}),
        ("x.abc.apse1.cache.amazonaws.com:6379", {"smp-asia"}),
        ("ip-10-0-0-1.ec2.internal", {"smp-us", "smp-global"}),
        ("cn-beijing-h", {"smp-china"}),
        ("smp-us-audit-log", {"smp-us"}),
        ("s3://smp-global-audit-archive/x", {"smp-global"}),
        ("kafka-bootstrap.smp-global.prod.smp.local:9093", {"smp-global"}),
        ("https://us-api.smp.vn/v1", {"smp-us"}),
        ("dev-asia-ws.smp.vn", {"smp-asia"}),
        ("cn-api.smp.vn", {"smp-china"}),
        ("10.40.130.12:3306", {"smp-us"}),
        ("organization/smp/prod-china", {"smp-china"}),
    ],
)
def test_a_place_is_known_by_any_of_its_names(text: str, homes: set[str]) -> None:
    assert _homes(text) == homes


@pytest.mark.parametrize(
    "text",
    [
        "eu-west-1",
        "cn-shanghai",
        "cn-beijing-finance-1",
        "cn-north-1",
        "oss-ap-southeast-1.aliyuncs.com",
        "rm-uf6wjk5abcdefgh.mysql.rds.aliyuncs.com",
        "asia-southeast1",
        "southeastasia",
        "gs://smp-exports/x",
        "smp.blob.core.windows.net",
    ],
)
def test_a_place_of_nobody_is_foreign_to_all(text: str) -> None:
    (mention,) = places(text)
    assert mention.homes == frozenset()


def test_an_arn_names_its_region_its_account_and_its_bucket() -> None:
    found = places("arn:aws:rds:eu-west-1:999988887777:db:smp-us-prod-mysql")
    assert [(item.kind, item.text) for item in found] == [
        (Kind.ACCOUNT, "999988887777"),
        (Kind.REGION, "eu-west-1"),
        (Kind.CLUSTER, "smp-us"),
    ]


def test_comments_say_nothing() -> None:
    script = "#!/bin/sh\naws s3 ls # us-east-1\n# smp-us\n"
    assert places(str(unfolded(script))) == ()
    assert places(str(unfolded("const a = 'https://x/'; // asia-api.smp.vn\n/* us */ go(a)\n"))) == ()


def test_documents_are_read_through_texts_and_encodings() -> None:
    inner = "target:\n  bucket: smp-us-prod\n"
    zipped = base64.b64encode(gzip.compress(inner.encode())).decode()
    tree = decoded_tree({"a": '{"b": "{\\"c\\": 1}"}', "d": zipped, "e": [inner]})
    assert tree == {
        "a": {"b": {"c": 1}},
        "d": {"target": {"bucket": "smp-us-prod"}},
        "e": [{"target": {"bucket": "smp-us-prod"}}],
    }


def test_an_entry_with_name_and_value_is_known_by_its_name() -> None:
    (_, leaf) = leaves({"env": [{"name": "DB_HOST", "value": "x"}]})
    assert (leaf.path, leaf.key) == ("env[0].value", "DB_HOST")


def test_unknown_tags_and_templates_do_not_stop_the_reading() -> None:
    assert unfolded("a: !Ref thing\nb: [!Sub x]\n") == {"a": "thing", "b": ["x"]}
    template = "a: {{ .Values.a }}\n"
    assert unfolded(template) == template


def test_a_document_that_unfolds_without_end_is_cut() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in ["ab", "bc", "cd", "de", "ef", "fg"]
    )
    assert sum(1 for _ in leaves(unfolded(bomb))) <= 50_001
