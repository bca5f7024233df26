"""Bills of Alibaba Cloud, Atlas, Cloudflare and Kubernetes worked out by hand from the price book's own rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.stack_facts import Stack
from tests.insight.price_rows import BEIJING, SINGAPORE, VIRGINIA, cents, price
from tests.insight.snapshots import resource
from tests.insight.test_bills_aws import HOURS, bill, lines

POOL = "alicloud:cs/nodePool:NodePool"
MONTH = "Alibaba monthly subscription share of pay-as-you-go"
YEAR = "Alibaba one-year share of monthly subscription"


def china(item: str) -> Decimal:
    return price(item, BEIJING)


def test_subscribed_nodes_on_demand_by_the_month_and_for_a_year() -> None:
    inputs = {
        "instanceTypes": ["ecs.g6.2xlarge"],
        "desiredSize": "3",
        "instanceChargeType": "PrePaid",
        "systemDiskSize": 60,
        "systemDiskPerformanceLevel": "PL0",
    }
    node, disk = lines(Stack.PROD_CHINA, resource("prod-china", POOL, "x", inputs))
    monthly = china("ecs.g6.2xlarge monthly subscription")
    assert node.month.amount == cents(monthly * 3)
    assert node.on_demand.amount == cents(china("ecs.g6.2xlarge PAYG") * HOURS * 3)
    assert node.one_year.amount == cents(monthly * china(YEAR) * 3)
    assert disk.month.amount == cents(china("ESSD PL0 subscription") * 60 * 3)
    assert disk.on_demand.amount == cents(china("ESSD PL0 PAYG") * HOURS * 60 * 3)


def test_a_burst_pool_costs_nothing_at_its_minimum() -> None:
    inputs = {
        "instanceTypes": ["ecs.g6.2xlarge"],
        "scalingConfig": {"enable": True, "minSize": 0, "maxSize": 1},
        "systemDiskSize": 60,
    }
    node, disk = lines(Stack.PROD_CHINA, resource("prod-china", POOL, "x", inputs))
    hourly = china("ecs.g6.2xlarge PAYG")
    assert [point.amount for point in (node.amount.minimum, node.month, node.amount.maximum)] == [
        0,
        cents(hourly * HOURS / 2),
        cents(hourly * HOURS),
    ]
    assert disk.month.amount == cents(china("ESSD PL1 PAYG") * HOURS * 60 / 2)


def test_mysql_in_advance_with_storage_beyond_what_is_included() -> None:
    inputs = {
        "instanceType": "mysql.x4.medium.2c",
        "instanceChargeType": "Prepaid",
        "instanceStorage": 150,
        "storageUpperBound": 500,
    }
    instance, storage, backup = lines(
        Stack.PROD_CHINA, resource("prod-china", "alicloud:rds/instance:Instance", "x", inputs)
    )
    hourly = china("ApsaraDB RDS MySQL mysql.x4.medium.2c 2C8G HA 2-node incl. 100 GB PL1")
    assert instance.month.amount == cents(hourly * HOURS * china(MONTH))
    assert instance.on_demand.amount == cents(hourly * HOURS)
    assert instance.one_year.amount == cents(hourly * HOURS * china(MONTH) * china(YEAR))
    disk = china("ESSD PL1 PAYG") * HOURS * china(MONTH)
    assert storage.month.amount == cents(disk * 50 * 2)  # on both nodes
    assert storage.amount.maximum.amount == cents(disk * 400 * 2)
    assert backup.month.amount == cents(china("RDS backup beyond the free share") * 22)


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (
            "alicloud:kvstore/instance:Instance",
            {"instanceClass": "redis.shard.small.2.ce", "shardCount": 3, "paymentType": "PostPaid"},
            {
                "Redis redis.shard.small.2.ce pay-as-you-go": cents(
                    china("Tair/Redis OSS 7.0 cloud-native cluster, 1 GB master+replica shard") * HOURS * 3
                )
            },
        ),
        (
            "alicloud:mongodb/instance:Instance",
            {"dbInstanceClass": "mdb.shard.4x.large.d", "instanceChargeType": "PostPaid"},
            {
                "MongoDB mdb.shard.4x.large.d three nodes pay-as-you-go": cents(
                    china("ApsaraDB MongoDB 3-node replica set 2C8G + 40 GB") * HOURS
                ),
                "ApsaraDB MongoDB backup": cents(china("ApsaraDB MongoDB backup") * 11),
            },
        ),
        (
            "alicloud:cs/managedKubernetes:ManagedKubernetes",
            {"clusterSpec": "ack.pro.small"},
            {
                "ACK Pro cluster management": cents(china("ACK Pro cluster management") * HOURS),
                "CLB slb.s1.small (ACK API server)": cents(
                    china("CLB slb.s1.small (ACK API server)") * HOURS
                ),
            },
        ),
        (
            "alicloud:ecs/eipAddress:EipAddress",
            {},
            {
                "EIP config": cents(china("EIP config") * HOURS),
                "Internet egress pay-by-traffic": cents(china("Internet egress pay-by-traffic") * 300),
            },
        ),
        (
            "alicloud:vpc/natGateway:NatGateway",
            {},
            {
                "Internet NAT gateway instance": cents(china("Internet NAT gateway instance") * HOURS),
                "Internet NAT gateway CU": cents(china("Internet NAT gateway CU") * HOURS),
            },
        ),
        (
            "alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance",
            {"instanceType": "Basic"},
            {"ACR Enterprise Basic": cents(china("ACR Enterprise Basic"))},
        ),
        (
            "alicloud:log/store:Store",
            {"retentionPeriod": 90},
            {
                "SLS logs written (30 days kept)": cents(china("SLS logs written (30 days kept)") * 60),
                "SLS storage after 30 days": cents(china("SLS storage after 30 days") * 60 * 2 / 5),
            },
        ),
        ("alicloud:pvtz/zone:Zone", {}, {"PrivateZone zone": cents(china("PrivateZone zone"))}),
        (
            "alicloud:alb/loadBalancer:LoadBalancer",
            {},
            {
                "ALB Standard instance": cents(china("ALB Standard instance") * HOURS),
                "ALB LCU": cents(china("ALB LCU") * HOURS * 3),
            },
        ),
        ("alicloud:kms/key:Key", {}, {}),
    ],
)
def test_china(token: str, inputs: dict[str, Any], expected: dict[str, Decimal]) -> None:
    assert bill(Stack.PROD_CHINA, token, inputs) == expected


def test_oss_with_growth_and_both_kinds_of_requests() -> None:
    found = [
        (line.item, line.month.amount)
        for line in lines(Stack.PROD_CHINA, resource("prod-china", "alicloud:oss/bucket:Bucket", "x"))
    ]
    assert found == [
        ("OSS Standard LRS", cents(china("OSS Standard LRS") * 110)),
        ("OSS requests", cents(china("OSS requests") * 20)),  # 200 thousand
        ("OSS requests", cents(china("OSS requests") * 100)),  # a million
    ]


def test_atlas_with_backup_and_point_in_time() -> None:
    inputs = {
        "replicationSpecs": [
            {"regionConfigs": [{"electableSpecs": {"instanceSize": "M30", "nodeCount": 3}}]}
        ],
        "backupEnabled": True,
        "pitEnabled": True,
    }
    assert bill(Stack.PROD_US, "mongodbatlas:index/advancedCluster:AdvancedCluster", inputs) == {
        "Atlas M30 3 nodes": cents(price("Atlas M30 (3-node)", VIRGINIA) * HOURS),
        "Atlas backup snapshots": cents(price("Atlas backup snapshots", VIRGINIA) * 11),
        "Atlas continuous backup of the oplog": cents(
            price("Atlas continuous backup of the oplog") * (25 - 5)
        ),
    }
    assert bill(Stack.PROD_US, "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint") == {
        "Atlas private endpoint": cents(price("Atlas private endpoint") * HOURS),
        "Atlas private endpoint data": cents(price("Atlas private endpoint data") * 30),
    }


def test_cloudflare() -> None:
    assert bill(Stack.PROD_US, "cloudflare:index/r2Bucket:R2Bucket") == {
        "R2 Standard storage (10 GB free)": cents(
            price("R2 Standard storage (10 GB free)") * 110
        )  # 100 and growth
    }
    assert bill(Stack.PROD_GLOBAL, "cloudflare:index/workersScript:WorkersScript") == {
        "Workers Paid (10M req + 30M CPU-ms)": price("Workers Paid (10M req + 30M CPU-ms)"),
        "Workers extra requests": cents(price("Workers extra requests") * 2),
    }
    token = "cloudflare:index/zoneSubscription:ZoneSubscription"
    assert bill(Stack.PROD_GLOBAL, token, {"ratePlan": {"id": "pro"}}) == {
        "Cloudflare Pro per zone, billed monthly": price("Cloudflare Pro per zone, billed monthly")
    }
    assert bill(Stack.PROD_GLOBAL, token, {"ratePlan": {"id": "free"}}) == {}


GP3 = price("EBS gp3 storage", SINGAPORE)


def _claim(size: str) -> dict[str, Any]:
    return {"spec": {"resources": {"requests": {"storage": size}}}}


@pytest.mark.parametrize(
    ("token", "spec", "gigabytes"),
    [
        ("core/v1:PersistentVolumeClaim", _claim("10Gi")["spec"], 10),
        ("apps/v1:StatefulSet", {"replicas": 3, "volumeClaimTemplates": [_claim("8Gi")]}, 24),
        (
            "kafka.strimzi.io/v1:KafkaNodePool",
            {"replicas": 5, "storage": {"type": "persistent-claim", "size": "100Gi"}},
            500,
        ),
        (
            "kafka.strimzi.io/v1:KafkaNodePool",
            {
                "replicas": 3,
                "storage": {
                    "type": "jbod",
                    "volumes": [
                        {"id": 0, "type": "persistent-claim", "size": "20Gi"},
                        {"id": 1, "type": "ephemeral"},
                    ],
                },
            },
            60,
        ),
        (
            "elasticsearch.k8s.elastic.co/v1:Elasticsearch",
            {"nodeSets": [{"count": 3, "volumeClaimTemplates": [_claim("50Gi")]}]},
            150,
        ),
        (
            "monitoring.coreos.com/v1:Prometheus",
            {"replicas": 2, "storage": {"volumeClaimTemplate": _claim("25Gi")}},
            50,
        ),
    ],
)
def test_what_kubernetes_asks_the_cloud_to_keep(token: str, spec: dict[str, Any], gigabytes: int) -> None:
    assert bill(Stack.DEV, f"kubernetes:{token}", {"spec": spec}) == {
        "EBS gp3 storage": cents(GP3 * gigabytes)
    }


def test_a_disk_in_beijing_is_an_essd() -> None:
    inputs = {"spec": {"replicas": 5, "storage": {"type": "persistent-claim", "size": "20Gi"}}}
    assert bill(Stack.PROD_CHINA, "kubernetes:kafka.strimzi.io/v1:KafkaNodePool", inputs) == {
        "ESSD PL0 PAYG": cents(china("ESSD PL0 PAYG") * HOURS * 100)
    }


def test_a_service_with_a_load_balancer_and_one_without() -> None:
    token = "kubernetes:core/v1:Service"
    assert bill(Stack.DEV, token, {"spec": {"type": "LoadBalancer"}}) == {
        "NLB": cents(price("NLB", SINGAPORE) * HOURS),
        "NLB LCU": cents(price("NLB LCU", SINGAPORE) * HOURS * 3),
    }
    assert bill(Stack.DEV, token, {"spec": {"type": "ClusterIP"}}) == {}


@pytest.mark.parametrize(("first", "balancers"), [({}, 4), ({"createBootstrapService": False}, 3)])
def test_a_listener_of_kafka_has_a_balancer_for_each_broker_and_one_to_start_from(
    first: dict[str, bool], balancers: int
) -> None:
    spec = {
        "kafka": {
            "replicas": 3,
            "listeners": [
                {"name": "clients", "type": "internal"},
                {"name": "mirror", "type": "loadbalancer", "configuration": first},
            ],
        }
    }
    assert bill(Stack.PROD_GLOBAL, "kubernetes:kafka.strimzi.io/v1:Kafka", {"spec": spec}) == {
        "NLB": cents(price("NLB", VIRGINIA) * HOURS * balancers),
        "NLB LCU": cents(price("NLB LCU", VIRGINIA) * HOURS * 3 * balancers),
    }
