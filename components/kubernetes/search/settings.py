"""What Elasticsearch must know before the first figure comes: as the requests that tell it so, in their order.

The operator has objects for these in its Enterprise edition alone, so a job of ours sends them (docs/decisions/0056).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.data_classes import DataClass
from catalog.read_model import HOUR, INDEX_PREFIX, KEYWORDS, REJECTED_INDEX, Figure
from catalog.tags import DATA_CLASS_TAG

LIFECYCLE = INDEX_PREFIX
REPOSITORY = "home"
SNAPSHOTS = f"{INDEX_PREFIX}-daily"

WARM_DAYS = 45
"""An index is a month, counted from its first day: by then its last day is two weeks old and hardly corrected."""

COLD_DAYS = 400
"""Dashboards compare with the same month a year before, and no further back."""

DELETE_DAYS = 1130
"""Three whole years, and the month that is under way."""

SNAPSHOT_DAYS = 35


@dataclass(frozen=True, kw_only=True)
class SnapshotStore:
    """Where snapshots go: a bucket of the cluster, and the prefix that is theirs."""

    bucket: str
    prefix: str
    hour: int
    """Hour of the day, UTC, in which one is made."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One ``PUT``. ``body`` carries a digest of itself where Elasticsearch keeps one, so that nothing is sent twice."""

    path: str
    body: dict[str, Any]


def requests(store: SnapshotStore | None) -> tuple[Request, ...]:
    """List them: what is named by another comes first."""
    return tuple(_requests(store))


def _requests(store: SnapshotStore | None) -> Iterator[Request]:
    if store is not None:
        yield Request(
            path=f"/_snapshot/{REPOSITORY}",
            body={"type": "s3", "settings": {"bucket": store.bucket, "base_path": store.prefix}},
        )
        policy = _snapshot_policy(store)
        policy["config"]["metadata"] = _digest(policy)
        yield Request(path=f"/_slm/policy/{SNAPSHOTS}", body=policy)
    lifecycle = {"phases": _phases(keeps_snapshots=store is not None)}
    yield Request(
        path=f"/_ilm/policy/{LIFECYCLE}", body={"policy": {**lifecycle, "_meta": _digest(lifecycle)}}
    )
    yield _with_meta(f"/_index_template/{REJECTED_INDEX}", _template(REJECTED_INDEX, {"dynamic": False}, {}))
    for figure in Figure:
        yield _with_meta(f"/_ingest/pipeline/{figure.index}", _pipeline(figure))
        entry = {"index.default_pipeline": figure.index}
        yield _with_meta(f"/_index_template/{figure.index}", _template(figure.index, mappings(figure), entry))
        month = {"index.lifecycle.name": LIFECYCLE}
        yield _with_meta(
            f"/_index_template/{figure.index}-monthly",
            _template(figure.monthly_indices, mappings(figure), month),
        )


def _digest(body: dict[str, Any]) -> dict[str, str]:
    text = json.dumps(body, sort_keys=True)
    return {"content": hashlib.sha256(text.encode()).hexdigest()[:16]}


def _with_meta(path: str, body: dict[str, Any]) -> Request:
    return Request(path=path, body={**body, "_meta": {**body.get("_meta", {}), **_digest(body)}})


def mappings(figure: Figure) -> dict[str, Any]:
    """Give the fields of a figure, every one of them; what else a record may hold is not indexed."""
    properties: dict[str, Any] = {
        name: {"type": "keyword"} for name in KEYWORDS if name != "currency" or figure.has_amounts
    }
    properties[HOUR] = {"type": "date", "format": "strict_date_time_no_millis"}
    properties |= {measure.name: {"type": "long"} for measure in figure.facts.measures}
    return {
        "dynamic": False,
        "_meta": {DATA_CLASS_TAG: str(DataClass.ANALYTICS), "topic": figure.facts.topic.name},
        "properties": properties,
    }


def _template(pattern: str, fields: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "index_patterns": [pattern],
        "priority": 200,
        "template": {
            "settings": {
                "index.number_of_shards": 1,
                # One copy where there is a second node, none in dev.
                "index.auto_expand_replicas": "0-1",
                "index.refresh_interval": "30s",
                **settings,
            },
            "mappings": fields,
        },
    }


def _pipeline(figure: Figure) -> dict[str, Any]:
    """Move a figure to the index of its month, so that a corrected one meets the one it corrects."""
    return {
        "description": f"{figure.facts.topic.name}: one index a month, by the hour the figure is about",
        "processors": [
            {
                "date_index_name": {
                    "field": HOUR,
                    "date_formats": ["ISO8601"],
                    "date_rounding": "M",
                    "index_name_prefix": f"{figure.index}-",
                    "index_name_format": "yyyy-MM",
                }
            }
        ],
        # A refused document would stop the sink; here somebody finds it, and the reconciliation says so.
        "on_failure": [
            {"set": {"field": "_index", "value": REJECTED_INDEX}},
            {"set": {"field": "rejected_because", "value": "{{ _ingest.on_failure_message }}"}},
        ],
    }


def _phases(*, keeps_snapshots: bool) -> dict[str, Any]:
    """Give the phases; the nodes hold all tiers, so a phase changes how an index is kept and not where."""
    deletion: dict[str, Any] = {"delete": {}}
    if keeps_snapshots:
        deletion["wait_for_snapshot"] = {"policy": SNAPSHOTS}
    return {
        "hot": {"min_age": "0ms", "actions": {"set_priority": {"priority": 100}}},
        "warm": {
            "min_age": f"{WARM_DAYS}d",
            "actions": {"set_priority": {"priority": 50}, "forcemerge": {"max_num_segments": 1}},
        },
        # Searchable snapshots and a frozen tier need the Enterprise licence: cold is read-only, and last to recover.
        "cold": {
            "min_age": f"{COLD_DAYS}d",
            "actions": {"set_priority": {"priority": 0}, "readonly": {}},
        },
        "delete": {"min_age": f"{DELETE_DAYS}d", "actions": deletion},
    }


def _snapshot_policy(store: SnapshotStore) -> dict[str, Any]:
    return {
        "schedule": f"0 30 {store.hour} * * ?",
        "name": f"<{SNAPSHOTS}-{{now/d}}>",
        "repository": REPOSITORY,
        "config": {"indices": [f"{INDEX_PREFIX}-*"], "include_global_state": True},
        "retention": {"expire_after": f"{SNAPSHOT_DAYS}d", "min_count": 7, "max_count": 60},
    }
