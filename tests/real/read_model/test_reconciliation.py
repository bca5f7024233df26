"""The reconciliation on rows of a real MySQL and figures in a real Elasticsearch.

Elasticsearch is 7.10.2, the last that can be had from Maven Central (``maven/search.xml``); it lacks lifecycles and a
pipeline's notes, which ``fitted`` takes out. The views are the ones of docs/read-model.md, the templates and pipelines
those of the plan, and MySQL is set as the plan sets RDS.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.read_model import Figure
from catalog.stack_facts import Stack
from components.kubernetes.search.settings import requests
from jobs.reconcile.__main__ import AGREES, DRIFTS, UNKNOWN, main
from jobs.reconcile.days import Days
from jobs.reconcile.read_model import search_sums
from jobs.search_settings.requests import Request, apply
from jobs.web import Server as Web
from tests.real.kafka.conftest import Measured
from tests.real.kafka.database import PORT, Database
from tests.real.kafka.jars import JarSet, find_java, missing
from tests.real.kafka.loopback import Loopback
from tests.real.kafka.processes import Server

ROOT = Path(__file__).parents[3]
NODE = Path(__file__).with_name("SearchNode.java")
READY_SECONDS = 180

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
CLUSTER = "smp-asia"
ORDERS = {"VN": 2000, "TH": 30, "SG": 3}
CURRENCY = {"VN": "VND", "TH": "THB", "SG": "SGD"}

TABLES = """
CREATE DATABASE smp_finance; CREATE DATABASE smp_order; CREATE DATABASE smp_agent; CREATE DATABASE smp_partner;
CREATE TABLE smp_finance.order_values (id INT PRIMARY KEY, country CHAR(2), completed_at DATETIME, amount_minor BIGINT);
CREATE TABLE smp_partner.order_values (id INT PRIMARY KEY, country CHAR(2), completed_at DATETIME, amount_minor BIGINT);
CREATE TABLE smp_order.orders (id INT PRIMARY KEY, country CHAR(2), ended_at DATETIME, status VARCHAR(20));
CREATE TABLE smp_agent.shift_hours
  (id INT PRIMARY KEY, country CHAR(2), began_at DATETIME, available_minutes INT, busy_minutes INT)
"""

Hours = dict[tuple[str, datetime], dict[str, int]]


@dataclass(kw_only=True)
class Search:
    """Elasticsearch, and figures written as the sink writes them: the key is the id, the offset the version."""

    web: Web
    figures: dict[Figure, Hours] = field(default_factory=dict)
    offset: int = 0

    def write(self, figure: Figure, country: str, hour: datetime | None, measures: Mapping[str, int]) -> None:
        self.offset += 1
        self.deliver(figure, country, hour, measures, offset=self.offset)

    def deliver(
        self,
        figure: Figure,
        country: str,
        hour: datetime | None,
        measures: Mapping[str, int],
        *,
        offset: int,
    ) -> None:
        document: dict[str, Any] = {"cluster": CLUSTER, "country": country, **measures}
        if hour is not None:
            document["hour"] = f"{hour:%Y-%m-%dT%H:%M:%SZ}"
        key = f"{CLUSTER}|{country}|{hour:%Y-%m-%dT%H}" if hour else f"{CLUSTER}|{country}|none"
        path = f"/{figure.index}/_doc/{key}?version={offset}&version_type=external&refresh=true"
        answer = self.web.ask("PUT", path.replace("|", "%7C"), document)
        assert answer.succeeded or answer.status == 409, answer

    def forget(self) -> None:
        self.web.ask("DELETE", "/figures-*")

    def sums(self, figure: Figure, *, page: int) -> Any:
        return search_sums(self.web, figure, Days(first=DAY, last=DAY), cluster=CLUSTER, page=page)


def fitted(request: Request) -> Request | None:
    """What of a request this old version knows."""
    if request.path.startswith("/_ilm"):
        return None
    body = json.loads(json.dumps(request.body))
    if request.path.startswith("/_ingest"):
        del body["_meta"]
    body.get("template", {}).get("settings", {}).pop("index.lifecycle.name", None)
    return Request(path=request.path, body=body)


SETTINGS = tuple(
    each for each in (fitted(Request(path=r.path, body=r.body)) for r in requests(None)) if each is not None
)


@pytest.fixture(scope="module")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    java = find_java()
    if shutil.which("javac") is None:
        missing("SearchNode.java is run from its source and there is no Java compiler (javac) on PATH")
    jars = java.bring(JarSet.SEARCH) / "jars"
    folder = tmp_path_factory.mktemp("search")
    command = [java.executable, "-Xms256m", "-Xmx512m", "--add-opens", "java.base/java.lang=ALL-UNNAMED"]
    command += ["-cp", f"{jars}/*", str(NODE), str(folder / "node")]
    server = Server(name="elasticsearch", command=command, log=folder / "elasticsearch.log")
    server.start()

    def address() -> str | None:
        found = re.search(r"HttpServerTransport *\] publish_address \{(127\.0\.0\.1:\d+)\}", server.tail(200))
        return found[1] if found else None

    where = server.until(address, seconds=READY_SECONDS, what="an address to ask at")
    yield Web(url=f"http://{where}", authority=None, authorization="none")
    server.kill()


def _statements(document: str) -> list[str]:
    """The SQL that a document of ``docs/`` shows."""
    found = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / document).read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return [re.sub(r"\s+", " ", each).strip() for each in found[1].split(";") if each.strip()]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Path]]:
    """MySQL with the services' tables, the views of docs/read-model.md, and the user of runbooks/vault-roles.md."""
    folder = tmp_path_factory.mktemp("database") / "db"
    database = Database.start(folder, Loopback.claim().address(), ["mysql.example"], stack=Stack.PROD_ASIA)
    password = secrets.token_hex(12)
    database.run(
        *(part for part in TABLES.split(";") if part.strip()),
        *_statements("read-model.md"),
        *(each.replace("<password>", password) for each in _statements("runbooks/vault-roles.md")),
    )
    credentials = folder / "mysql.properties"
    credentials.write_text(f"username=reconciliation\npassword={password}\n", encoding="utf-8")
    yield database, credentials
    database.server.kill()


def _moment(number: int) -> datetime:
    return datetime(2026, 11, 20, number % 24, number % 60, tzinfo=UTC)


@pytest.fixture(scope="module")
def hours(database: tuple[Database, Path]) -> dict[Figure, Hours]:
    """Put a day's rows into the database; give the figures that the services would publish for it."""
    figures: dict[Figure, Hours] = {figure: defaultdict(lambda: defaultdict(int)) for figure in Figure}
    values: list[tuple[Any, ...]] = []
    orders: list[tuple[Any, ...]] = []
    shifts: list[tuple[Any, ...]] = []
    number = 0
    for country, count in ORDERS.items():
        for place in range(count):
            number += 1
            moment, amount = _moment(place), 100_000 + 7 * place
            done = place % 10 != 0
            values.append((number, country, moment, amount))
            orders.append((number, country, moment, "completed" if done else "cancelled"))
            shifts.append((number, country, moment, 60, place % 60))
            key = (country, moment.replace(minute=0))
            for figure in (Figure.GMV, Figure.PARTNER_GMV):
                figures[figure][key]["orders"] += 1
                figures[figure][key]["amount_minor"] += amount
            figures[Figure.COMPLETION_RATE][key]["ended"] += 1
            figures[Figure.COMPLETION_RATE][key]["completed"] += int(done)
            figures[Figure.AGENT_UTILIZATION][key]["available_minutes"] += 60
            figures[Figure.AGENT_UTILIZATION][key]["busy_minutes"] += place % 60
    # The next day has begun and is nobody's business yet.
    values.append((number + 1, "VN", datetime(2026, 11, 21, 1, tzinfo=UTC), 1))
    with closing(database[0].connect()) as connection:
        with connection.cursor() as cursor:
            for table in ("smp_finance.order_values", "smp_partner.order_values"):
                cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", values)
            cursor.executemany("INSERT INTO smp_order.orders VALUES (%s, %s, %s, %s)", orders)
            cursor.executemany("INSERT INTO smp_agent.shift_hours VALUES (%s, %s, %s, %s, %s)", shifts)
        connection.commit()
    return figures


@pytest.fixture
def search(elasticsearch: Web, hours: dict[Figure, Hours]) -> Iterator[Search]:
    apply(elasticsearch, SETTINGS, lambda _: None)
    found = Search(web=elasticsearch, figures=hours)
    for figure, every in hours.items():
        for (country, hour), measures in every.items():
            found.write(figure, country, hour, measures)
    yield found
    found.forget()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    code: int
    said: list[str]


@pytest.fixture
def verdict(search: Search, database: tuple[Database, Path], tmp_path: Path) -> Any:
    server, credentials = database
    word = tmp_path / "password"
    word.write_text("unused\n", encoding="utf-8")
    environment = {
        "SEARCH_URL": search.web.url,
        "SEARCH_CA_FILE": str(credentials),
        "SEARCH_USERNAME": "dashboards",
        "SEARCH_PASSWORD_FILE": str(word),
        "MYSQL_HOST": server.address,
        "MYSQL_PORT": str(PORT),
        "MYSQL_CREDENTIALS_FILE": str(credentials),
        "MYSQL_CA_FILE": str(credentials.parent / "ca.pem"),
        "CLUSTER": CLUSTER,
    }

    def ask(**changed: str) -> Verdict:
        said: list[str] = []
        return Verdict(code=main({**environment, **changed}, NOW, said.append), said=said)

    return ask


HOUR = datetime(2026, 11, 20, 13, tzinfo=UTC)


def _less(search: Search, by: int) -> dict[str, int]:
    """The figure of one hour of Vietnam with some orders missing, and their money with them."""
    right = search.figures[Figure.GMV]["VN", HOUR]
    return {"orders": right["orders"] - by, "amount_minor": right["amount_minor"]}


def test_figures_that_are_the_rows_agree(
    verdict: Any, database: tuple[Database, Path], measured: Measured
) -> None:
    measured(f"reconciliation: with {database[0].program.name}")
    found = verdict()
    assert found.code == AGREES, found.said
    # Three countries, four figures of two measures and two ratios.
    last = (
        "reconciliation of 2026-11-14 to 2026-11-20: 30 metrics, 0 over the limit, 0 rejected;"
        " the largest drift is 0.0000 %"
    )
    assert found.said == [last]


def test_a_drift_of_0_05_percent_is_let_pass_and_said(search: Search, verdict: Any) -> None:
    search.write(Figure.GMV, "VN", HOUR, _less(search, 1))
    found = verdict()
    assert found.code == AGREES, found.said
    assert found.said[-1].endswith("the largest drift is 0.0500 %")


def test_a_drift_of_0_2_percent_is_named(search: Search, verdict: Any) -> None:
    search.write(Figure.GMV, "VN", HOUR, _less(search, 4))
    found = verdict()
    assert found.code == DRIFTS
    assert found.said[0] == ("DRIFT gmv.orders VN 2026-11-20: MySQL 2000, Elasticsearch 1996, drift 0.2000 %")
    assert len(found.said) == 2


def test_a_corrected_figure_takes_the_place_of_the_wrong_one_and_a_late_copy_does_not(
    search: Search, verdict: Any
) -> None:
    search.write(Figure.GMV, "VN", HOUR, _less(search, 4))
    wrong = search.offset
    search.write(Figure.GMV, "VN", HOUR, search.figures[Figure.GMV]["VN", HOUR])
    search.deliver(Figure.GMV, "VN", HOUR, _less(search, 4), offset=wrong)
    assert verdict().code == AGREES


def test_a_country_that_never_arrived_is_all_of_it_missing(search: Search, verdict: Any) -> None:
    search.web.ask(
        "POST",
        "/figures-gmv-2*/_delete_by_query?refresh=true",
        {"query": {"term": {"country": "TH"}}},
    )
    found = verdict()
    assert found.code == DRIFTS
    assert [line for line in found.said if line.startswith("DRIFT")] == [
        f"DRIFT gmv.{measure} TH 2026-11-20: MySQL {value}, Elasticsearch nothing, drift 100.0000 %"
        for measure, value in (("amount_minor", 30 * 100_000 + 7 * sum(range(30))), ("orders", 30))
    ]


def test_a_figure_without_an_hour_is_kept_aside_and_reported(search: Search, verdict: Any) -> None:
    search.write(Figure.GMV, "VN", None, {"orders": 1, "amount_minor": 1})
    found = verdict()
    assert found.code == DRIFTS
    assert found.said[0].startswith("REJECTED 1 figures lie in figures-rejected")


def test_an_answer_on_many_pages_is_the_same(search: Search) -> None:
    whole = search.sums(Figure.GMV, page=1000)
    assert search.sums(Figure.GMV, page=1) == whole
    assert {country: sums["orders"] for (country, _), sums in whole.items()} == ORDERS


def test_figures_stand_in_the_index_of_their_month_with_the_reviewed_fields(search: Search) -> None:
    search.write(Figure.GMV, "VN", HOUR - timedelta(days=40), {"orders": 1, "amount_minor": 1})
    answer = search.web.ask("GET", "/figures-gmv-2*/_mapping").body
    assert set(answer) == {"figures-gmv-2026-10", "figures-gmv-2026-11"}
    for index in answer.values():
        fields = {name: each["type"] for name, each in index["mappings"]["properties"].items()}
        assert fields == {
            "cluster": "keyword",
            "country": "keyword",
            "currency": "keyword",
            "hour": "date",
            "orders": "long",
            "amount_minor": "long",
        }


def test_a_name_that_nobody_listed_is_in_no_field(search: Search) -> None:
    document = {**search.figures[Figure.GMV]["VN", HOUR], "customer": 1}
    search.write(Figure.GMV, "VN", HOUR, document)
    answer = search.web.ask("GET", "/figures-gmv-2026-11/_mapping").body
    assert "customer" not in answer["figures-gmv-2026-11"]["mappings"]["properties"]


def test_the_jobs_user_sees_views_and_no_row(database: tuple[Database, Path]) -> None:
    import pymysql

    server, credentials = database
    pairs = dict(line.split("=", 1) for line in credentials.read_text().splitlines())
    with (
        closing(
            pymysql.connect(
                host=server.address,
                port=PORT,
                user=pairs["username"],
                password=pairs["password"],
                ssl_ca=str(credentials.parent / "ca.pem"),
            )
        ) as connection,
        connection.cursor() as cursor,
        pytest.raises(pymysql.err.OperationalError, match="denied"),
    ):
        cursor.execute("SELECT * FROM smp_order.orders")


def test_a_database_that_is_not_there_is_no_verdict(verdict: Any) -> None:
    found = verdict(MYSQL_PORT="1")
    assert found.code == UNKNOWN
    assert "not possible" in found.said[0]
