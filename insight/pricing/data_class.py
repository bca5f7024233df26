"""Which data a priced resource holds: money is split by it."""

from __future__ import annotations

from catalog.data_classes import DataClass
from catalog.tags import DATA_CLASS_TAG
from insight.snapshot import Resource, Snapshot
from policies.values import Value, as_list, as_map, dig

_LABEL = f"smp.vn/{DATA_CLASS_TAG}"
"""The tag as a Kubernetes label."""
_CLASSES = {str(data_class): data_class for data_class in DataClass}


def data_class_of(snapshot: Snapshot, resource: Resource) -> DataClass | None:
    """Read the class a resource is tagged with; what takes no tags has the one its component's tags share.

    A node group or a gateway has tags and no class among them: it holds no data, whatever stands beside it.
    """
    own = _tagged(resource)
    if own is not None or as_map(resource.get("tags")):
        return own
    component = snapshot.component_of(resource)
    if component is None:
        return None
    found = {value for child in snapshot.children(component) if (value := _tagged(child)) is not None}
    return found.pop() if len(found) == 1 else None


def _tagged(resource: Resource) -> DataClass | None:
    candidates: list[Value] = [as_map(resource.get("tags")).get(DATA_CLASS_TAG)]
    if resource.package == "kubernetes":
        metadata = [resource.get("metadata")]
        metadata += [
            dig(claim, "metadata") for claim in as_list(resource.get("spec", "volumeClaimTemplates"))
        ]
        candidates += [as_map(dig(item, "labels")).get(_LABEL) for item in metadata]
    return next(
        (_CLASSES[value] for value in candidates if isinstance(value, str) and value in _CLASSES), None
    )
