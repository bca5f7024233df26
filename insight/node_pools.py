"""Node pools of a snapshot, whichever cloud they are on."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.instances import NODE_CAPACITY, NodeCapacity
from catalog.node_pools import POOL_LABEL, Capacity, PoolPurpose
from insight.snapshot import Resource, Snapshot
from policies.values import Value, as_int, as_list, as_map, dig

EKS_POOL = "aws:eks/nodeGroup:NodeGroup"
ACK_POOL = "alicloud:cs/nodePool:NodePool"

_EKS_SIZE_UNLESS_SAID = 1
_HARD_EFFECTS = ("NO_SCHEDULE", "NO_EXECUTE", "NoSchedule", "NoExecute")
_SUBNET_ZONES = ("availabilityZone", "availabilityZoneId", "zoneId")


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Equal nodes that scale between two bounds; counts are over all zones."""

    resource: Resource
    name: str
    instance_type: str | None
    """``None`` where it is not known before the deployment."""
    minimum: int
    maximum: int
    capacity: Capacity
    purpose: PoolPurpose
    zones: tuple[str, ...]
    """Zones its nodes are spread over; numbered where their names are not known yet."""
    tainted: bool
    """Whether only what tolerates its taint is scheduled here."""

    @property
    def node(self) -> NodeCapacity | None:
        """What one node offers; ``None`` for a machine type the catalogue does not know."""
        return NODE_CAPACITY.get(self.instance_type or "")


def find_pools(snapshot: Snapshot) -> tuple[Pool, ...]:
    """Find every node pool, in the order of the snapshot."""
    eks = (_eks_pool(snapshot, resource) for resource in snapshot.of_type(EKS_POOL))
    ack = (_ack_pool(snapshot, resource) for resource in snapshot.of_type(ACK_POOL))
    return (*eks, *ack)


def _eks_pool(snapshot: Snapshot, resource: Resource) -> Pool:
    scaling = dig(as_list(resource.get("scalingConfig")), 0)
    least = as_int(dig(scaling, "minSize"))
    wanted = as_int(dig(scaling, "desiredSize"))
    minimum = least if least is not None else wanted if wanted is not None else _EKS_SIZE_UNLESS_SAID
    types = as_list(resource.get("instanceTypes"))
    kind = dig(types, 0) if types else None
    if not types:
        template = next(iter(snapshot.references(resource, "launchTemplate")), None)
        kind = template.get("instanceType") if template else None
    spot = resource.get("capacityType") == "SPOT"
    return Pool(
        resource=resource,
        name=_name(resource, "nodeGroupName"),
        instance_type=kind if isinstance(kind, str) else None,
        minimum=minimum,
        maximum=max(minimum, as_int(dig(scaling, "maxSize")) or minimum),
        capacity=Capacity.SPOT if spot else Capacity.ON_DEMAND,
        purpose=_purpose(as_map(resource.get("labels")).get(POOL_LABEL)),
        zones=_zones(snapshot, resource, "subnetIds"),
        tainted=_tainted(resource),
    )


def _ack_pool(snapshot: Snapshot, resource: Resource) -> Pool:
    scaling = dig(as_list(resource.get("scalingConfig")), 0)
    wanted = as_int(resource.get("desiredSize")) or as_int(resource.get("nodeCount")) or 0
    scales = dig(scaling, "enable") is True or (scaling is not None and dig(scaling, "enable") is None)
    minimum = as_int(dig(scaling, "minSize")) or 0 if scales else wanted
    labels = {
        dig(item, "key"): dig(item, "value") for item in as_list(resource.get("labels")) if _keyed(item)
    }
    prepaid = str(resource.get("instanceChargeType")).lower() == "prepaid"
    spot = resource.get("spotStrategy") in ("SpotAsPriceGo", "SpotWithPriceLimit")
    kind = dig(as_list(resource.get("instanceTypes")), 0)
    return Pool(
        resource=resource,
        name=_name(resource, "nodePoolName"),
        instance_type=kind if isinstance(kind, str) else None,
        minimum=minimum,
        maximum=max(minimum, as_int(dig(scaling, "maxSize")) or minimum) if scales else minimum,
        capacity=Capacity.SUBSCRIPTION if prepaid else Capacity.SPOT if spot else Capacity.ON_DEMAND,
        purpose=_purpose(labels.get(POOL_LABEL)),
        zones=_zones(snapshot, resource, "vswitchIds"),
        tainted=_tainted(resource),
    )


def _keyed(item: Value) -> bool:
    return isinstance(dig(item, "key"), str)


def _name(resource: Resource, key: str) -> str:
    name = resource.get(key)
    return name if isinstance(name, str) else resource.name


def _purpose(value: Value) -> PoolPurpose:
    return PoolPurpose.DATA if value == PoolPurpose.DATA else PoolPurpose.APP


def _zones(snapshot: Snapshot, resource: Resource, key: str) -> tuple[str, ...]:
    subnets = snapshot.references(resource, key)
    zones = {
        zone for subnet in subnets for name in _SUBNET_ZONES if isinstance(zone := subnet.get(name), str)
    }
    if zones:
        return tuple(sorted(zones))
    return tuple(f"zone {place + 1}" for place in range(max(1, len(as_list(resource.get(key))))))


def _tainted(resource: Resource) -> bool:
    """Tell a taint that keeps pods away from one that only would rather not have them."""
    return any(dig(taint, "effect") in _HARD_EFFECTS for taint in as_list(resource.get("taints")))
