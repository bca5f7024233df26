"""What a month did cost: sums, projection, assignment by tags, and every broken file said in words."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from catalog.quantities import Usd
from catalog.stack_facts import StackFacts
from insight.actuals.documents import COLUMNS, actuals_csv, actuals_document
from insight.actuals.focus import read_spending
from insight.actuals.report import ActualsReport, Expectation, build_report
from insight.actuals.spend import CostBasis
from insight.commands.actuals import read_rates
from insight.errors import BillError
from insight.estimate import BudgetStatus
from tests.insight.focus_files import NOVEMBER, OCTOBER, usage, write_csv


def approved(facts: StackFacts) -> Expectation:
    return Expectation(budget=facts.approved_budget, estimate=None)


def report(path: Path, **options: Any) -> ActualsReport:
    month = options.pop("month", None)
    return build_report(read_spending([path], **options), approved, month=month)


def of_stack(found: ActualsReport, name: str) -> Any:
    return next(item for item in found.stacks if item.stack.name == name)


def absent(*names: str) -> str:
    return f"no charge of 2026-11 is of {', '.join(names)}; add their export if they run"


def test_charges_are_summed_by_cluster_and_environment_and_each_service_is_rounded_once(
    tmp_path: Path,
) -> None:
    rows = [
        usage(1, "0.1", "smp-asia", "prod"),
        usage(1, "0.2", "smp-asia", "prod", ServiceName="Amazon RDS"),
        usage(1, "0.0049999999", "smp-asia", "prod"),
        usage(1, "0.005", "smp-asia", "prod", ServiceName="Amazon S3"),
        usage(1, "7", "smp-asia", "dev"),
        usage(1, "5", "smp-asia", "staging"),
        usage(1, "9", "smp-us", "prod"),
    ]
    found = report(write_csv(tmp_path / "bill.csv", rows))
    assert {item.stack.name: item.outcome.spent.amount for item in found.stacks} == {
        "dev": 7,
        "staging": 5,
        "prod-asia": Decimal("0.31"),
        "prod-us": 9,
    }
    assert dict(of_stack(found, "prod-asia").services)["Amazon RDS"] == Usd.of("0.2")
    assert next(item for item in found.clusters if item.cluster.id == "smp-asia").outcome.budget == Usd.of(
        5100
    )
    assert found.total == Usd.of("21.31")
    assert found.warnings == (absent("prod-china", "prod-global"),)


def test_usage_goes_on_at_the_pace_of_the_last_week_and_nothing_else_does(tmp_path: Path) -> None:
    """Ten days at 10, then ten at 20: the last seven are at 20, and ten days remain."""
    rows = [usage(day, "10" if day <= 10 else "20") for day in range(1, 21)]
    month = {
        "ChargePeriodStart": NOVEMBER["BillingPeriodStart"],
        "ChargePeriodEnd": NOVEMBER["BillingPeriodEnd"],
    }
    rows.append(usage(1, "100", ChargeCategory="Purchase", **month))
    rows.append(usage(1, "50", ServiceName="Subscription", **month))
    rows.append(usage(15, "-40", ChargeClass="Correction"))
    outcome = of_stack(report(write_csv(tmp_path / "bill.csv", rows)), "prod-us").outcome
    assert outcome.spent == Usd.of(300 + 100 + 50 - 40)
    assert outcome.projected == Usd.of(410 + 10 * 20)


def test_a_day_that_is_still_running_is_no_measure_of_the_pace(tmp_path: Path) -> None:
    rows = [usage(day, "24") for day in range(1, 11)]
    rows.append(usage(11, "6", ChargePeriodEnd="2026-11-11T06:00:00Z"))
    outcome = of_stack(report(write_csv(tmp_path / "bill.csv", rows)), "prod-us").outcome
    assert outcome.projected == Usd.of(246) + Usd.of(24) * (
        Decimal(1975) / 100
    )  # 19 days and 18 hours remain


def test_before_the_first_whole_day_nothing_is_projected(tmp_path: Path) -> None:
    rows = [usage(1, "6", ChargePeriodEnd="2026-11-01T06:00:00Z")]
    outcome = of_stack(report(write_csv(tmp_path / "bill.csv", rows)), "prod-us").outcome
    assert outcome.projected is None
    assert outcome.projected_status is outcome.status


def test_a_stack_that_is_days_old_is_projected_from_its_own_days(tmp_path: Path) -> None:
    rows = [usage(day, "1", "smp-asia") for day in range(1, 21)]
    rows += [usage(day, "30") for day in (19, 20)]
    outcome = of_stack(report(write_csv(tmp_path / "bill.csv", rows)), "prod-us").outcome
    assert outcome.projected == Usd.of(60 + 10 * 30)


def test_a_month_that_is_over_is_not_projected_further(tmp_path: Path) -> None:
    rows = [usage(day, "10") for day in range(1, 31)]
    outcome = of_stack(report(write_csv(tmp_path / "bill.csv", rows)), "prod-us").outcome
    assert outcome.projected == outcome.spent == Usd.of(300)


@pytest.mark.parametrize(
    ("cost", "status"),
    [
        ("2500", BudgetStatus.WITHIN),
        ("2500.01", BudgetStatus.OVER),
        ("2750", BudgetStatus.OVER),
        ("2750.01", BudgetStatus.ALARM),
    ],
)
def test_over_110_percent_of_the_budget_is_an_alarm(tmp_path: Path, cost: str, status: BudgetStatus) -> None:
    found = report(write_csv(tmp_path / "bill.csv", [usage(30, cost)]))
    assert of_stack(found, "prod-us").outcome.status is status
    assert bool(found.alarms) is (status is BudgetStatus.ALARM)
    if found.alarms:
        (text,) = found.alarms
        assert text.startswith("prod-us (smp-us) has spent 2,750.01 USD of 2,500.00 USD in 2026-11: 110.0 %,")
        assert text.endswith(" over the alarm at 2,750.00 USD")


def test_money_without_a_stack_is_named_with_its_reason(tmp_path: Path) -> None:
    rows = [
        usage(1, "1"),
        usage(1, "3", None, None),
        usage(2, "2", None, None, ResourceId="i-dear"),
        usage(1, "4", "smp-aisa"),
        usage(1, "5", "smp-us", "staging"),
        usage(1, "6", None, "prod", ChargeCategory="Tax", ServiceName="Tax", ResourceId=""),
    ]
    found = report(write_csv(tmp_path / "bill.csv", rows))
    assert [(item.cost.amount, item.reason) for item in found.unassigned] == [
        (6, "no Cluster tag"),
        (5, "no Cluster tag"),
        (5, "smp-us has no environment 'staging'"),
        (4, "Cluster is 'smp-aisa', which is none of ours"),
    ]
    assert found.unassigned_total == Usd.of(20)
    assert found.unassigned[0].example is None


def test_a_cluster_without_environment_counts_as_production_and_is_said(tmp_path: Path) -> None:
    found = report(write_csv(tmp_path / "bill.csv", [usage(30, "4401", "smp-asia", None)]))
    assert of_stack(found, "prod-asia").outcome.status is BudgetStatus.ALARM
    assert found.warnings == (
        absent("dev", "staging", "prod-us", "prod-china", "prod-global"),
        "4,401.00 USD have a Cluster tag and no Environment tag; they are counted as production's",
    )


def test_the_last_month_is_taken_and_the_other_is_said(tmp_path: Path) -> None:
    old = {**usage(1, "7"), **OCTOBER}
    path = write_csv(tmp_path / "bill.csv", [old, usage(1, "3")])
    found = report(path)
    assert found.total == Usd.of(3)
    assert found.warnings[1:] == ("7.00 USD of 2026-10 are left out; --month 2026-10 shows them",)
    assert report(path, month="2026-10").total == Usd.of(7)
    with pytest.raises(BillError, match="no charge is of 2026-09; the files hold 2026-10, 2026-11"):
        report(path, month="2026-09")


def test_effective_cost_is_counted_when_asked_for(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "bill.csv", [usage(1, "100", EffectiveCost="8.25")])
    assert report(path, basis=CostBasis.EFFECTIVE).total == Usd.of("8.25")


def test_csv_gzip_and_parquet_say_the_same(tmp_path: Path) -> None:
    rows = [usage(1, "1.5"), usage(2, "2.5", "smp-asia", "dev"), usage(3, "4", None, None)]
    plain = write_csv(tmp_path / "bill.csv", rows)
    packed = tmp_path / "bill.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    columnar = tmp_path / "bill.parquet"
    pairs = ", ".join(f"'user:{key}': Tags->>'{key}'" for key in ("Cluster", "Environment"))
    tags = f"CASE WHEN Tags IS NULL THEN map{{}} ELSE map{{{pairs}}} END"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (CAST(BilledCost AS DOUBLE) AS BilledCost, {tags} AS Tags)"
            f" FROM read_csv('{plain}', nullstr = '')) TO '{columnar}'"
        )
    documents = []
    for path in (plain, packed, columnar):
        document = actuals_document(report(path))
        document["readUntil"] = list(document["readUntil"].values())
        documents.append(document)
    assert documents[0] == documents[1] == documents[2]
    assert documents[0]["totalUsd"] == "8.00"
    assert documents[0]["unassignedUsd"] == "4.00"


def test_another_currency_is_refused_without_a_rate_and_converted_exactly_with_one(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "bill.csv", [usage(1, "7", "smp-china", BillingCurrency="CNY"), usage(1, "1")]
    )
    with pytest.raises(
        BillError, match=r"bill\.csv: 1 charges in CNY, and budgets are in USD; .*--rate CNY=0\.14"
    ):
        report(path)
    found = report(path, rates=read_rates(["CNY=0.1385"]))
    assert of_stack(found, "prod-china").outcome.spent == Usd.of("0.97")
    assert actuals_document(found)["rates"] == {"CNY": "0.1385"}


@pytest.mark.parametrize("text", ["CNY", "CNY=", "cny=0.1", "CNY=-1", "CNY=0", "CNY=NaN", "USD=1", "CNY=1,5"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BillError, match="--rate"):
        read_rates([text])
    with pytest.raises(BillError, match="CNY has a rate already"):
        read_rates(["CNY=0.1", "CNY=0.2"])


def broken(folder: Path, kind: str) -> Path:  # noqa: PLR0912 - one branch for each way to be broken
    """A file that cannot be counted."""
    good = write_csv(folder / "good.csv", [usage(day, "1.25") for day in range(1, 30)])
    text = good.read_text(encoding="utf-8")
    path = folder / "bill.csv"
    match kind:
        case "missing":
            return folder / "nowhere.csv"
        case "empty":
            path.write_text("")
        case "header only":
            path.write_text(text.splitlines()[0] + "\n", encoding="utf-8")
        case "cut in a line":
            path.write_text(text[: text.rindex("2026-11-29") - 30], encoding="utf-8")
        case "cut in the tags":
            path.write_text(text[:-20], encoding="utf-8")
        case "cut gzip":
            packed = gzip.compress((text * 200).encode())
            path.write_bytes(packed[: len(packed) // 2])
        case "cut parquet":
            path.write_bytes(b"PAR1" + bytes(100))
        case "columns":
            write_csv(path, [usage(1, "1")], without=["Tags", "BilledCost", "ProviderName"])
        case "amount":
            write_csv(path, [usage(1, "1"), usage(2, "1,50")])
        case "no amount":
            write_csv(path, [usage(1, "")])
        case "moment":
            write_csv(path, [usage(1, "1", ChargePeriodEnd="soon")])
        case "backwards":
            write_csv(path, [usage(1, "1"), usage(9, "1", ChargePeriodEnd="2026-11-08T00:00:00Z")])
        case "month":
            write_csv(path, [usage(1, "1", BillingPeriodEnd="2026-11-01T00:00:00Z")])
        case "tag list":
            write_csv(path, [usage(1, "1"), usage(2, "1", Tags='[{"key": "Cluster", "value": "smp-us"}]')])
        case "tag column":
            with duckdb.connect() as connection:
                table = f"(SELECT * REPLACE (5 AS Tags) FROM read_csv('{good}', all_varchar = true))"
                connection.execute(f"COPY {table} TO '{path}' (FORMAT parquet)")
        case "tags":
            write_csv(path, [usage(1, "1"), usage(2, "1"), usage(3, "1", Tags="Cluster=smp-us")])
        case "binary":
            path.write_bytes(bytes(range(256)) * 10)
        case _:
            path.write_text("<html>sign in</html>\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", r"nowhere\.csv cannot be read: No such file"),
        ("empty", r"bill\.csv is empty; export the month again"),
        ("header only", r"bill\.csv has a header and no charges"),
        (
            "cut in a line",
            r"bill\.csv, line 30: the line has not as many values as the first one has names; .*cut off",
        ),
        ("cut in the tags", r"bill\.csv, line 30: a quoted value never ends; .*cut off"),
        ("cut gzip", r"bill\.csv: the gzip stream ends too early"),
        ("cut parquet", r"bill\.csv is no whole Parquet file"),
        ("columns", r"bill\.csv, first line: lacks BilledCost, Tags, ProviderName; it is no FOCUS export"),
        ("amount", r"bill\.csv, charge 2: BilledCost is '1,50', not an amount"),
        ("no amount", r"bill\.csv, charge 1: BilledCost is '', not an amount"),
        ("moment", r"bill\.csv, charge 1: ChargePeriodEnd is 'soon', not a moment after"),
        ("backwards", r"bill\.csv, charge 2: ChargePeriodEnd is '2026-11-08T00:00:00Z', not a moment after"),
        ("tags", r"bill\.csv, charge 3: Tags is 'Cluster=smp-us', not JSON"),
        ("month", r"bill\.csv, charge 1: BillingPeriodEnd is '2026-11-01T00:00:00Z', not a moment after"),
        ("tag list", r"bill\.csv, charge 2: Tags is '\[.*', not JSON such as"),
        ("tag column", r"bill\.csv: Tags is a column of INTEGER, not a map"),
        ("binary", r"bill\.csv"),
        ("a page", r"bill\.csv, first line: lacks BilledCost, .*it is no FOCUS export"),
    ],
)
def test_a_broken_file_is_said_with_its_place_and_what_to_do(tmp_path: Path, kind: str, said: str) -> None:
    with pytest.raises(BillError, match=said):
        report(broken(tmp_path, kind))


def test_one_broken_file_stops_the_whole_report(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [usage(1, "1")])
    with pytest.raises(BillError, match="is empty"):
        read_spending([good, broken(tmp_path, "empty")])


def test_a_file_is_not_counted_twice(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [usage(1, "1")])
    with pytest.raises(BillError, match="named twice"):
        read_spending([good, tmp_path / "." / "good.csv"])


def test_a_last_line_without_an_end_is_a_warning(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "good.csv", [usage(1, "1")])
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    assert any("its last line has no end" in text for text in report(path).warnings)


def test_the_table_has_a_row_for_each_stack_service_and_unassigned_line(tmp_path: Path) -> None:
    rows = [usage(1, "1"), usage(1, "2", ServiceName="Amazon RDS"), usage(1, "3", None, None)]
    lines = actuals_csv(report(write_csv(tmp_path / "bill.csv", rows))).splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert [line.split(",")[1] for line in lines[1:]] == [
        "stack",
        "service",
        "service",
        "cluster",
        "unassigned",
    ]


def test_every_sum_of_a_report_agrees_with_its_parts_to_the_cent(tmp_path: Path) -> None:
    services = [f"Amazon {number}" for number in range(9)]
    rows = [
        usage(1, "0.3349", cluster, "prod", ServiceName=name)
        for name in services
        for cluster in ("smp-us", None)
    ]
    document = actuals_document(report(write_csv(tmp_path / "bill.csv", rows)))
    (stack,) = document["stacks"]
    parts = [Decimal(cost) for cost in stack["services"].values()]
    unassigned = [Decimal(item["spentUsd"]) for item in document["unassigned"]]
    assert sum(parts) == Decimal(stack["spentUsd"]) == Decimal("2.97")
    assert sum(unassigned) == Decimal(document["unassignedUsd"])
    assert sum(parts) + sum(unassigned) == Decimal(document["totalUsd"])
