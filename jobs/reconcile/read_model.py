"""Elasticsearch's side: sums by country and day, over as many pages as there are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.read_model import HOUR, REJECTED_INDEX, Figure
from jobs.failures import JobError
from jobs.reconcile.comparison import Sums
from jobs.reconcile.days import Days
from jobs.web import Server

PAGE = 1000
"""Countries times days on a page of an answer."""

MOST_PAGES = 100

EXACT_BELOW = 2**53
"""Elasticsearch adds in double precision: whole numbers are exact up to here."""


def search_sums(server: Server, figure: Figure, days: Days, *, cluster: str, page: int = PAGE) -> Sums:
    """Add up a figure's measures; a day without a figure is not there.

    Raises:
        JobError: Elasticsearch cannot be reached or refuses, answers for a part of its shards only, or a sum is too
            large to be exact.

    """
    sums: dict[tuple[str, date], dict[str, int]] = {}
    after: dict[str, Any] | None = None
    path = (
        f"/{figure.monthly_indices}/_search"
        "?ignore_unavailable=true&allow_no_indices=true&allow_partial_search_results=false"
    )
    for _ in range(MOST_PAGES):
        answer = server.ask("POST", path, _question(figure, days, cluster, page, after))
        if not answer.succeeded:
            msg = f"Elasticsearch refused to add up {figure.id} ({answer.status}): {str(answer.body)[:200]}"
            raise JobError(msg)
        _refuse_parts(answer.body, figure)
        found = answer.body.get("aggregations", {}).get("by", {})
        for bucket in found.get("buckets", []):
            key = (str(bucket["key"]["country"]), date.fromisoformat(bucket["key"]["day"]))
            sums[key] = {
                measure.name: _whole(bucket[measure.name]["value"], figure, measure.name)
                for measure in figure.facts.measures
            }
        after = found.get("after_key")
        if after is None:
            return sums
    msg = f"{figure.id} has more than {MOST_PAGES * page} countries and days; that is no read model of ours"
    raise JobError(msg)


def rejected(server: Server) -> int:
    """Count the figures that the pipeline could not place; each of them is missing somewhere.

    Raises:
        JobError: Elasticsearch cannot be reached or refuses.

    """
    answer = server.ask("GET", f"/{REJECTED_INDEX}/_count?ignore_unavailable=true&allow_no_indices=true")
    if not answer.succeeded:
        msg = f"Elasticsearch refused to count what was rejected ({answer.status}): {str(answer.body)[:200]}"
        raise JobError(msg)
    return int(answer.body["count"])


def _question(
    figure: Figure, days: Days, cluster: str, page: int, after: dict[str, Any] | None
) -> dict[str, Any]:
    composite: dict[str, Any] = {
        "size": page,
        "sources": [
            {"country": {"terms": {"field": "country"}}},
            {"day": {"date_histogram": {"field": HOUR, "calendar_interval": "day", "format": "yyyy-MM-dd"}}},
        ],
    }
    if after is not None:
        composite["after"] = after
    period = {"range": {HOUR: {"gte": _moment(days.begin), "lt": _moment(days.end)}}}
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"term": {"cluster": cluster}}, period]}},
        "aggs": {
            "by": {
                "composite": composite,
                "aggs": {measure.name: {"sum": {"field": measure.name}} for measure in figure.facts.measures},
            }
        },
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _refuse_parts(body: dict[str, Any], figure: Figure) -> None:
    shards = body.get("_shards", {})
    if body.get("timed_out") or shards.get("failed"):
        msg = (
            f"Elasticsearch added up only a part of {figure.id} ({shards}); see whether the cluster is green"
        )
        raise JobError(msg)


def _whole(value: object, figure: Figure, measure: str) -> int:
    number = Decimal(str(value))
    if number != int(number) or abs(number) >= EXACT_BELOW:
        msg = f"the sum {number} of {figure.id}.{measure} is no exact whole number"
        raise JobError(msg)
    return int(number)
