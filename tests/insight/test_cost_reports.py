"""The forms of a cost report: what changed, the table, the page, and files that are none."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from catalog.quantities import Usd
from insight.cost_change import compare, read_base, read_outputs
from insight.cost_csv import COLUMNS, cost_csv
from insight.cost_markdown import cost_markdown
from insight.cost_page import cost_page
from insight.cost_summary import clusters_document, summary_document
from insight.errors import InsightError
from insight.estimate import Unpriced
from insight.rendering.cost_overview import print_overview
from tests.insight.cost_summaries import summary

UNPRICED = Unpriced(urn="urn:x", type="aws:x/y:Y", name="new<thing>", reason="no price; add a row")


def test_a_change_is_told_by_component_the_largest_first() -> None:
    before = [summary(components={"kubernetes": "1500", "mysql": "400", "gone": "7", "same": "1"})]
    after = [summary(components={"kubernetes": "1510.25", "mysql": "300", "new": "2", "same": "1"})]
    (change,) = compare(before, after)
    assert change.total.change == Usd.of("-94.75")
    assert [(part.name, part.change.amount) for part in change.components] == [
        ("mysql", -100),
        ("kubernetes", Decimal("10.25")),
        ("gone", -7),
        ("new", 2),
    ]
    assert change.components[2].after is None
    assert change.components[3].before is None


def test_a_stack_that_the_base_does_not_have_is_new() -> None:
    (change,) = compare([summary("prod-asia")], [summary("prod-us")])
    assert change.total.before is None
    assert change.total.change == Usd.of("1999.99")


def test_reports_and_outputs_come_back_as_they_were_written(tmp_path: Path) -> None:
    base, outputs = tmp_path / "base.json", tmp_path / "outputs.json"
    base.write_text(json.dumps({"stacks": [summary_document(summary())]}), encoding="utf-8")
    outputs.write_text(json.dumps({"budget": {}, "estimate": summary_document(summary())}), encoding="utf-8")
    assert read_base(base) == (summary(),)
    assert read_outputs(outputs) == summary()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no JSON, or is cut off"),
        ("[1]", "holds a JSON list, not an object"),
        ('{"stacks": []}', "`stacks` holds no report"),
        ('{"stacks": [{"form": "x"}]}', r"stacks\[0\]: not an estimate of the form"),
        ('{"other": 1}', "f.json"),
    ],
)
def test_a_base_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "f.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InsightError, match=said):
        read_base(file)
    with pytest.raises(InsightError, match="cannot be read"):
        read_base(tmp_path / "nowhere.json")


def test_outputs_without_an_estimate_say_how_to_get_one(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text('{"budget": {"monthlyUsd": "4000"}}', encoding="utf-8")
    with pytest.raises(
        InsightError, match=r"there is no output `estimate`; write the file with `pulumi stack output --json"
    ):
        read_outputs(file)


def test_the_table_adds_up() -> None:
    rows = list(csv.DictReader(io.StringIO(cost_csv([summary()], []))))
    assert tuple(rows[0]) == COLUMNS
    total = next(row for row in rows if row["kind"] == "total")
    parts = [Decimal(row["expected_usd"]) for row in rows if row["kind"] == "component"]
    assert Decimal(total["expected_usd"]) == sum(parts) == Decimal("1999.99")
    assert total["budget_usd"] == "2500.00"
    assert (total["percent_of_budget"], total["status"]) == ("80.0", "within")
    for kind in ("data class", "confidence"):
        assert sum(Decimal(row["expected_usd"]) for row in rows if row["kind"] == kind) == Decimal("1999.99")
    assert [row["name"] for row in rows if row["kind"] == "top line"] == ["node <m5.large> & disk"]


def test_the_stacks_of_a_cluster_are_summed_up_in_every_form() -> None:
    both = [summary("prod-us"), summary("dev", components={"kubernetes": "100.00"}, budget="90")]
    (cluster,) = clusters_document(both)
    assert cluster["stacks"] == ["prod-us", "dev"]
    assert cluster["monthly"] == {"minimum": "2099.99", "expected": "2099.99", "maximum": "4199.98"}
    assert cluster["budget"] == {"monthly": "2590.00", "percent": "81.1", "status": "within"}
    rows = csv.DictReader(io.StringIO(cost_csv(both, [])))
    (row,) = [row for row in rows if row["kind"] == "cluster"]
    assert (row["stack"], row["expected_usd"], row["one_year_usd"]) == ("", "2099.99", "2000.00")
    assert "| all of it | smp-us | 2,099.99 | 2,099.99 to 4,199.98 | 2,590.00 |" in cost_markdown(both)
    assert "<b>2,099.99</b>" in cost_page(both)
    text = io.StringIO()
    print_overview(Console(file=text, width=120), both)
    assert re.search(r"smp-us +all of it +2,099\.99 +2,099\.99 +4,199\.98 +2,590\.00", text.getvalue())


def test_a_single_stack_is_not_repeated_as_its_cluster() -> None:
    assert "all of it" not in cost_markdown([summary()])
    assert "The clusters" not in cost_page([summary()])


def test_the_table_says_what_is_in_no_total() -> None:
    rows = csv.DictReader(io.StringIO(cost_csv([summary(unpriced=(UNPRICED,))], [])))
    (missing,) = [row for row in rows if row["kind"] == "unpriced"]
    assert (missing["resource"], missing["reason"]) == ("urn:x", "no price; add a row")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_no_network_and_runs_nothing() -> None:
    text = cost_page([summary(), summary("prod-asia", budget="1500")])
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert set(page.links) == {"#prod-us", "#prod-asia"}
    assert not re.search(r"url\(|@import|https?:", text)


def test_the_page_says_the_figures_and_the_verdict_in_words() -> None:
    text = cost_page([summary(), summary("prod-asia", budget="1500"), summary("dev", budget="1900")])
    for said in (
        "1,999.99",
        "5,999.97",
        "80.0 %",
        "over 110 %",
        "over the budget",
        "within the budget",
        "60.01",
        "3 to 8",
    ):
        assert said in text


def test_the_page_says_first_that_its_sums_are_too_low() -> None:
    text = cost_page([summary(unpriced=(UNPRICED,)), summary("prod-asia")])
    assert "<b>1 resource without a price</b> in prod-us" in text
    assert text.index("without a price") < text.index("Against the budgets")
    assert "without a price" not in cost_page([summary()])


def test_text_of_others_stays_text() -> None:
    text = cost_page([summary(unpriced=(UNPRICED,))])
    assert "node &lt;m5.large&gt; &amp; disk" in text
    assert "new&lt;thing&gt;" in text
    assert "<m5.large>" not in text


def test_bars_end_inside_the_page() -> None:
    text = cost_page([summary(budget="1500")])
    for start, width in re.findall(r'x="([\d.]+)" width="([\d.]+)"', text):
        assert float(start) + float(width) <= 100.5
