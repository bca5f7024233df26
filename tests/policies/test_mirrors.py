"""Patterns of topics as MirrorMaker 2 reads them: lists, whole names, Java's own marks."""

from __future__ import annotations

import re

import pytest

from policies.mirrors import matched

MASTER_DATA = {
    f"smp_global.{name}"
    for name in ("countries", "currencies", "currency_rates", "tax_configs", "i18n_translations")
}


@pytest.mark.parametrize(
    "pattern", [r"smp_global\..*", "smp_global.*", r"\Qsmp_global.\E.*", "smp.*", "(?i)SMP_GLOBAL.+"]
)
def test_master_data_by_any_pattern(pattern: str) -> None:
    assert matched(pattern) == MASTER_DATA


def test_a_pattern_is_for_the_whole_name() -> None:
    assert matched("orders") == frozenset()
    assert matched("events") == frozenset()
    assert "orders.events" in matched("orders.*")


def test_a_list_is_several_patterns() -> None:
    assert matched("orders.events, payments.events") == {"orders.events", "payments.events"}
    assert matched("orders.events{1,2}") == {"orders.events"}


def test_what_is_excluded_is_not_taken() -> None:
    left = matched(".*", r".*events, .*\.dlq")
    assert left == {name for name in left if name.endswith("anonymized") or name in MASTER_DATA}
    assert matched(".*events", "orders.*") == {name for name in matched(".*events") if "orders" not in name}


def test_a_mirror_of_a_mirror_is_seen() -> None:
    assert matched(r"smp-asia\.orders.*") == {"smp-asia.orders.events", "smp-asia.orders.events.dlq"}


def test_java_names_its_groups_differently() -> None:
    assert matched(r"(?<what>orders)\.events") == {"orders.events"}


def test_what_is_no_pattern_is_an_error() -> None:
    with pytest.raises(re.error):
        matched("orders(")
