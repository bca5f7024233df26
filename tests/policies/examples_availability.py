"""What the availability rules must find and must leave alone: each pair differs in the one thing that decides."""

from __future__ import annotations

from typing import Any

from tests.policies.builders import Thing
from tests.policies.parts import ASIA, CHINA, DEV, GLOBAL, RDS, STAGING, VPC, Case, atlas, kube, made

GROUP, POOL = "aws:eks/nodeGroup:NodeGroup", "alicloud:cs/nodePool:NodePool"
SAFE = {
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
}
ZONE = {"topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1}


def _kafka(brokers: int, **config: Any) -> Thing:
    return kube("kafka.strimzi.io/v1:Kafka", spec={"kafka": {"replicas": brokers, "config": SAFE | config}})


def _topic(copies: int) -> Thing:
    return kube("kafka.strimzi.io/v1:KafkaTopic", spec={"replicas": copies})


def _service(replicas: int, spec: dict[str, Any] | None = None) -> Thing:
    labels = {"app": "order-svc"}
    pod = {"containers": [{"name": "order-svc", "image": "x:1"}], **(spec or {})}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return kube("apps/v1:Deployment", "order-svc", spec={"replicas": replicas, "template": template})


def _budget(**spec: Any) -> Thing:
    selector = {"matchLabels": {"app": "order-svc"}}
    return kube("policy/v1:PodDisruptionBudget", "budget", spec={"selector": selector, **spec})


def _scaler(low: int, high: int) -> Thing:
    spec = {"scaleTargetRef": {"name": "order-svc"}, "minReplicas": low, "maxReplicas": high}
    return kube("autoscaling/v2:HorizontalPodAutoscaler", spec=spec)


def _nodes(kind: str, minimum: int, subnets: list[str], name: str = "thing") -> Thing:
    where = "subnetIds" if kind == GROUP else "vswitchIds"
    return made(kind, name, scalingConfig={"minSize": minimum, "maxSize": 6}, **{where: subnets})


def _search(nodes: int) -> Thing:
    spec = {"nodeSets": [{"name": "hot", "count": nodes}], "volumeClaimDeletePolicy": "DeleteOnScaledownOnly"}
    return kube("elasticsearch.k8s.elastic.co/v1:Elasticsearch", spec=spec)


THREE = ["subnet-a", "subnet-b", "subnet-c"]
SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
NAT = "aws:ec2/natGateway:NatGateway"
ZONES = tuple(made("aws:ec2/subnet:Subnet", name, availabilityZone=f"zone-{name}") for name in THREE)
MYSQL = {"engine": "mysql", "multiAz": True}

VIOLATIONS: list[Case] = [
    ("availability-spread", ASIA, "two zones", (made(SUBNETS, subnetIds=THREE[:2]),)),
    ("availability-spread", ASIA, "one way out of three zones", (*ZONES, made(NAT))),
    (
        "availability-matrix",
        STAGING,
        "a small tier",
        (atlas("AP_SOUTHEAST_1"), made("mongodbatlas:index/flexCluster:FlexCluster", "flex")),
    ),
    (
        "availability-matrix",
        ASIA,
        "a whole stack without replicas",
        (Thing(type=VPC, name="vpc"), made(RDS, **MYSQL)),
    ),
    ("availability-kafka", ASIA, "three in production", (_kafka(3),)),
    ("availability-kafka", STAGING, "one copy", (_kafka(3, **{"default.replication.factor": 1}),)),
    ("availability-topics", ASIA, "one copy", (_topic(1),)),
    ("availability-cluster-stores", ASIA, "one node", (_search(1),)),
    ("availability-spot", ASIA, "spot", (made(GROUP, capacityType="SPOT"),)),
    ("availability-nodes", ASIA, "one zone", (_nodes(GROUP, 3, THREE[:1]),)),
    ("availability-nodes", CHINA, "two nodes", (_nodes(POOL, 2, THREE),)),
    ("availability-replicas", ASIA, "one pod", (_service(1),)),
    ("availability-scaling", ASIA, "from one", (_scaler(1, 8),)),
    ("availability-disruption", ASIA, "none", (_service(3),)),
    ("availability-disruption", ASIA, "all at once", (_budget(maxUnavailable="100%"),)),
    ("availability-topology", ASIA, "nothing spreads", (_service(3),)),
    (
        "availability-versions",
        ASIA,
        "extended support by silence",
        (made("aws:eks/cluster:Cluster", version="1.35"),),
    ),
    ("availability-versions", ASIA, "MySQL 8.0", (made(RDS, **MYSQL, engineVersion="8.0.40"),)),
]

NEAR_MISSES: list[Case] = [
    ("availability-spread", ASIA, "three zones", (made(SUBNETS, subnetIds=THREE),)),
    ("availability-spread", GLOBAL, "nobody waits for its way out", (*ZONES, made(NAT))),
    ("availability-spread", DEV, "dev has two", (made(SUBNETS, subnetIds=THREE[:2]),)),
    ("availability-matrix", ASIA, "a part of a stack says nothing about the rest", (made(RDS, **MYSQL),)),
    ("availability-kafka", ASIA, "five", (_kafka(5),)),
    ("availability-kafka", GLOBAL, "one lean broker of the control plane", (_kafka(1),)),
    ("availability-topics", DEV, "dev has one broker", (_topic(1),)),
    ("availability-cluster-stores", ASIA, "three nodes", (_search(3),)),
    ("availability-spot", DEV, "dev may", (made(GROUP, capacityType="SPOT"),)),
    (
        "availability-nodes",
        ASIA,
        "a group a zone",
        tuple(_nodes(GROUP, 1, [zone], name=zone) for zone in THREE),
    ),
    ("availability-replicas", DEV, "dev has one", (_service(1),)),
    ("availability-scaling", ASIA, "as the matrix says", (_scaler(3, 8),)),
    ("availability-disruption", ASIA, "one at a time", (_service(3), _budget(maxUnavailable=1))),
    ("availability-topology", ASIA, "over zones", (_service(3, {"topologySpreadConstraints": [ZONE]}),)),
    (
        "availability-versions",
        ASIA,
        "standard support, and MySQL 8.4",
        (
            made("aws:eks/cluster:Cluster", version="1.36", upgradePolicy={"supportType": "STANDARD"}),
            made(RDS, **MYSQL, engineVersion="8.4.7"),
        ),
    ),
]
