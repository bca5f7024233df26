"""Reports as plain data, for ``--json``: the same facts as the text, amounts as exact decimal text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from insight.capacity import CapacityReport
from insight.cost_summary import plain_number, quantity_document, spread_document, summarize, summary_document
from insight.estimate import Estimate
from insight.snapshot import Snapshot
from policies.rules import Finding
from policies.values import Opaque, Value


def resources_document(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Every resource without its properties."""
    return [
        {
            "urn": item.urn,
            "type": item.type,
            "name": item.name,
            "kind": "component" if not item.custom else "provider" if item.is_provider else "resource",
            "parent": item.parent,
            "protect": item.protect,
            "region": plain(snapshot.region_of(item)),
        }
        for item in snapshot.resources
    ]


def findings_document(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Every finding with its rule."""
    return [
        {
            "rule": item.rule.id,
            "family": str(item.rule.family),
            "level": str(item.level),
            "urn": item.urn,
            "detail": item.detail,
            "sentence": item.rule.sentence,
            "source": item.rule.source,
            "remedy": item.rule.remedy,
            "blocks": item.blocks,
            "exception": None
            if item.waiver is None
            else {
                "reason": item.waiver.reason,
                "owner": item.waiver.owner,
                "expires": item.waiver.expires.isoformat(),
            },
        }
        for item in findings
    ]


def cost_document(estimate: Estimate) -> dict[str, Any]:
    """A whole cost report: the summary of ``estimate.schema.json``, its lines, and what is free."""
    return {
        **summary_document(summarize(estimate)),
        "lines": [
            {
                "component": line.component,
                "dataClass": line.class_name,
                "urn": line.urn,
                "item": line.item,
                "quantity": quantity_document(line.quantity),
                "unit": line.unit,
                "unitMonthly": plain_number(line.unit_month.amount),
                "monthly": spread_document(line.amount),
                "onDemand": line.on_demand.text,
                "oneYear": line.one_year.text,
                "region": line.region,
                "asOf": line.as_of,
                "source": line.source,
                "confidence": str(line.confidence),
                "assumption": str(line.usage) if line.usage else None,
                "note": line.note,
            }
            for line in estimate.lines
        ],
        "free": [{"type": item.type, "count": item.count, "reason": item.reason} for item in estimate.free],
    }


def capacity_document(report: CapacityReport) -> dict[str, Any]:
    """Pools, workloads, scenarios and notes; processor time in millicores, memory in mebibytes."""
    return {
        "fits": report.fits,
        "pools": [
            {
                "name": pool.name,
                "instanceType": pool.instance_type,
                "minimum": pool.minimum,
                "maximum": pool.maximum,
                "capacity": str(pool.capacity),
                "purpose": str(pool.purpose),
                "zones": list(pool.zones),
                "tainted": pool.tainted,
            }
            for pool in report.pools
        ],
        "workloads": [
            {
                "name": item.name,
                "minimum": item.replicas.minimum,
                "maximum": item.replicas.maximum,
                "cpuMillicores": item.cpu.millicores,
                "memoryMebibytes": item.memory.mebibytes,
                "from": str(item.origin),
            }
            for item in report.workloads
        ],
        "scenarios": [
            {
                "question": item.question,
                "remark": item.remark,
                "pods": item.pods,
                "cpuMillicores": item.cpu.millicores,
                "memoryMebibytes": item.memory.mebibytes,
                "nodes": item.nodes,
                "nodesUsed": item.nodes_used,
                "leftOver": list(item.left_over),
                "remedy": item.remedy,
                "fits": item.fits,
            }
            for item in report.scenarios
        ],
        "notes": list(report.notes),
    }


def plain(value: Value) -> Any:
    """Write opaque values as the words reports show for them."""
    if isinstance(value, Opaque):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in cast("Mapping[str, Value]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value
