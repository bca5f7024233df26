"""Bills of AWS resources worked out by hand from the price book's own rows; a month has 730 hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.stack_facts import Stack
from insight.cost import estimate_cost
from insight.estimate import CostLine
from tests.insight.price_rows import SINGAPORE, USAGE, VIRGINIA, cents, price
from tests.insight.snapshots import UNKNOWN, resource, snapshot

NODES = "aws:eks/nodeGroup:NodeGroup"
RDS = "aws:rds/instance:Instance"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
HOURS = 730


def lines(stack: Stack, *resources: dict[str, Any]) -> list[CostLine]:
    estimate = estimate_cost(snapshot(stack.facts.name, *resources), stack.facts, usage=USAGE)
    assert estimate.unpriced == ()
    return list(estimate.lines)


def bill(stack: Stack, token: str, inputs: dict[str, Any] | None = None) -> dict[str, Decimal]:
    found = lines(stack, resource(stack.facts.name, token, "x", inputs))
    return {line.item: line.month.amount for line in found}


def test_nodes_on_demand_at_three_points_and_committed_for_what_always_runs() -> None:
    inputs = {"instanceTypes": ["m5.large"], "scalingConfig": {"minSize": 6, "maxSize": 10}, "diskSize": 50}
    node, disk = lines(Stack.PROD_ASIA, resource("prod-asia", NODES, "x", inputs))
    hourly = price("EC2 m5.large Linux on-demand", SINGAPORE)
    assert node.amount.minimum.amount == cents(hourly * HOURS * 6)
    assert node.amount.expected.amount == cents(hourly * HOURS * 8)  # half way from 6 to 10
    assert node.amount.maximum.amount == cents(hourly * HOURS * 10)
    assert node.on_demand == node.month
    share = price("EC2 one-year no-upfront share of on-demand")
    assert node.one_year.amount == cents(hourly * share * HOURS * 6) + cents(hourly * HOURS * 2)
    gigabyte = price("EBS gp3 storage", SINGAPORE)
    assert [point.amount for point in (disk.amount.minimum, disk.month, disk.amount.maximum)] == [
        cents(gigabyte * 50 * nodes) for nodes in (6, 8, 10)
    ]


def test_spot_nodes_cost_a_guessed_share_and_the_list_price_without_spot() -> None:
    inputs = {"instanceTypes": ["t3.2xlarge"], "scalingConfig": {"minSize": 1}, "capacityType": "SPOT"}
    node = lines(Stack.DEV, resource("dev", NODES, "x", inputs))[0]
    hourly = price("EC2 t3.2xlarge Linux on-demand", SINGAPORE)
    share = price("EC2 spot discount vs on-demand (t3/m5 2xlarge)", SINGAPORE)
    assert node.month.amount == cents(hourly * HOURS * share)
    assert node.on_demand.amount == cents(hourly * HOURS)
    assert node.confidence == "guess"


def test_nodes_in_public_subnets_pay_for_their_addresses() -> None:
    subnet = resource("dev", "aws:ec2/subnet:Subnet", "s", {"mapPublicIpOnLaunch": True})
    inputs = {"instanceTypes": ["t3.large"], "scalingConfig": {"minSize": 2}}
    group = resource("dev", NODES, "x", inputs, propertyDependencies={"subnetIds": [subnet["urn"]]})
    found = {line.item: line.month.amount for line in lines(Stack.DEV, subnet, group)}
    assert found["Public IPv4 in use"] == cents(price("Public IPv4 in use", SINGAPORE) * HOURS * 2)


def test_the_disk_of_a_launch_template() -> None:
    template = resource(
        "dev",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "t",
        {"instanceType": "t3.large", "blockDeviceMappings": [{"ebs": {"volumeSize": 80}}]},
    )
    group = resource(
        "dev",
        NODES,
        "x",
        {"scalingConfig": {"minSize": 2}},
        propertyDependencies={"launchTemplate": [template["urn"]]},
    )
    found = {line.item: line.quantity.expected for line in lines(Stack.DEV, template, group)}
    assert found == {"node t3.large on-demand": 2, "EBS gp3 storage": 160}


def test_a_primary_in_two_zones_and_its_replica() -> None:
    primary = resource(
        "prod-us",
        RDS,
        "p",
        {
            "instanceClass": "db.r6g.large",
            "multiAz": True,
            "allocatedStorage": 200,
            "maxAllocatedStorage": 500,
            "backupRetentionPeriod": 35,
        },
    )
    replica = resource(
        "prod-us",
        RDS,
        "r",
        {"instanceClass": "db.r6g.large", "replicateSourceDb": UNKNOWN},
        propertyDependencies={"replicateSourceDb": [primary["urn"]]},
    )
    instance, storage, backup, second, second_storage = lines(Stack.PROD_US, primary, replica)
    single = price("RDS MySQL db.r6g.large Single-AZ", VIRGINIA)
    double = price("RDS MySQL db.r6g.large Multi-AZ", VIRGINIA)
    share = price("RDS one-year no-upfront share of on-demand")
    assert instance.month.amount == cents(double * HOURS)
    assert instance.one_year.amount == cents(double * share * HOURS)
    assert storage.month.amount == cents(price("RDS gp3 Multi-AZ", VIRGINIA) * 200)
    assert storage.amount.maximum.amount == cents(price("RDS gp3 Multi-AZ", VIRGINIA) * 500)
    # 20 GB now, a fifth more within a year: half of that is expected
    assert backup.month.amount == cents(price("RDS backup over free allocation", VIRGINIA) * 22)
    assert second.month.amount == cents(single * HOURS)
    assert second_storage.month.amount == cents(price("RDS gp3 Single-AZ", VIRGINIA) * 200)


def test_two_zones_without_a_row_of_their_own_cost_twice() -> None:
    inputs = {"instanceClass": "db.m6g.large", "multiAz": True, "allocatedStorage": 10}
    instance = lines(Stack.PROD_US, resource("prod-us", RDS, "p", inputs))[0]
    assert instance.month.amount == cents(price("RDS MySQL db.m6g.large Single-AZ", VIRGINIA) * HOURS * 2)
    assert (instance.note, instance.confidence) == ("twice the single-zone price", "derived")


def test_a_password_kept_by_the_database_is_a_secret() -> None:
    inputs = {"instanceClass": "db.t4g.micro", "allocatedStorage": 20, "manageMasterUserPassword": True}
    assert bill(Stack.DEV, RDS, inputs)["Secrets Manager secret"] == Decimal("0.40")


def test_redis_shards_replicas_and_snapshots() -> None:
    inputs = {
        "nodeType": "cache.t4g.medium",
        "numNodeGroups": 3,
        "replicasPerNodeGroup": 1,
        "snapshotRetentionLimit": 7,
    }
    nodes, snapshots = lines(
        Stack.PROD_ASIA,
        resource("prod-asia", "aws:elasticache/replicationGroup:ReplicationGroup", "x", inputs),
    )
    hourly = price("ElastiCache Redis cache.t4g.medium", SINGAPORE)
    assert nodes.month.amount == cents(hourly * HOURS * 6)
    share = price("ElastiCache one-year no-upfront share of on-demand")
    assert nodes.one_year.amount == cents(hourly * share * HOURS * 6)
    assert snapshots.month.amount == cents(price("ElastiCache backup storage") * 2 * 6)  # the first is free


def test_valkey_costs_a_fifth_less() -> None:
    token = "aws:elasticache/replicationGroup:ReplicationGroup"
    inputs = {"nodeType": "cache.t4g.medium", "numNodeGroups": 3, "engine": "valkey"}
    hourly = price("ElastiCache Redis cache.t4g.medium", SINGAPORE)
    assert bill(Stack.PROD_ASIA, token, inputs) == {
        "ElastiCache cache.t4g.medium": cents(
            hourly * price("ElastiCache Valkey multiplier vs Redis") * HOURS * 3
        )
    }


def test_network() -> None:
    assert bill(Stack.PROD_US, "aws:ec2/natGateway:NatGateway") == {
        "NAT gateway": cents(price("NAT gateway", VIRGINIA) * HOURS),
        "NAT gateway data": cents(price("NAT gateway data", VIRGINIA) * 40),
    }
    out = "Data transfer out to Internet first 10TB (100 GB/mo free)"
    assert bill(Stack.PROD_US, "aws:ec2/internetGateway:InternetGateway") == {
        out: cents(price(out, VIRGINIA) * (300 - 100))
    }
    assert bill(Stack.PROD_US, "aws:ec2/vpc:Vpc") == {
        "Inter-AZ transfer each direction": cents(
            price("Inter-AZ transfer each direction", VIRGINIA) * 10 * 2
        )
    }
    assert bill(Stack.PROD_ASIA, "aws:ec2/eip:Eip") == {
        "Public IPv4 in use": cents(price("Public IPv4 in use", SINGAPORE) * HOURS)
    }
    assert bill(Stack.PROD_ASIA, "aws:route53/zone:Zone") == {
        "Route 53 hosted zone": price("Route 53 hosted zone")
    }


def test_endpoints_by_zone_and_gateway_endpoints_for_nothing() -> None:
    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    inputs = {"vpcEndpointType": "Interface", "subnetIds": ["a", "b", "c"]}
    assert bill(Stack.PROD_ASIA, token, inputs) == {
        "VPC interface endpoint": cents(price("VPC interface endpoint", SINGAPORE) * HOURS * 3),
        "VPC interface endpoint data": cents(price("VPC interface endpoint data", SINGAPORE) * 30),
    }
    assert bill(Stack.PROD_ASIA, token, {"vpcEndpointType": "Gateway"}) == {}


def test_load_balancers_and_their_capacity_units() -> None:
    assert bill(Stack.PROD_ASIA, "aws:lb/loadBalancer:LoadBalancer") == {
        "ALB": cents(price("ALB", SINGAPORE) * HOURS),
        "ALB LCU": cents(price("ALB LCU", SINGAPORE) * HOURS * 3),
    }
    assert bill(Stack.PROD_US, "aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "network"}) == {
        "NLB": cents(price("NLB", VIRGINIA) * HOURS),
        "NLB LCU": cents(price("NLB LCU", VIRGINIA) * HOURS * 3),
    }


def test_buckets_with_growth_and_requests() -> None:
    assert bill(Stack.PROD_US, "aws:s3/bucket:Bucket") == {
        "S3 Standard first 50TB": cents(price("S3 Standard first 50TB", VIRGINIA) * 110),
        "S3 PUT": cents(price("S3 PUT", VIRGINIA) * 200),
        "S3 GET": cents(price("S3 GET", VIRGINIA) * 1000),
    }


def test_logs_are_kept_as_long_as_the_longest_group_keeps_them() -> None:
    groups = [
        resource("prod-us", GROUP, "short", {"retentionInDays": 30}),
        resource("prod-us", GROUP, "long", {"retentionInDays": 90}),
    ]
    found = lines(Stack.PROD_US, *groups)
    written = sum(line.month.amount for line in found if line.item == "CloudWatch Logs ingest")
    kept = sum(line.month.amount for line in found if line.item == "CloudWatch Logs storage")
    assert written == cents(price("CloudWatch Logs ingest", VIRGINIA) * 60)
    assert kept == cents(
        price("CloudWatch Logs storage", VIRGINIA) * 60 * 3 / 5
    )  # three months, a fifth of the size


def test_keys_and_their_requests() -> None:
    assert bill(Stack.PROD_ASIA, "aws:kms/key:Key") == {
        "KMS customer key": price("KMS customer key", SINGAPORE),
        "KMS requests": cents(price("KMS requests") * (100 - 2)),  # of ten thousand; 20 000 are free
    }


def test_the_rest() -> None:
    assert bill(Stack.PROD_ASIA, "aws:eks/cluster:Cluster") == {
        "EKS control plane standard support": cents(
            price("EKS control plane standard support", SINGAPORE) * HOURS
        )
    }
    assert bill(Stack.DEV, "aws:ecr/repository:Repository") == {
        "ECR storage": cents(price("ECR storage", SINGAPORE) * 33)
    }
    assert bill(Stack.DEV, "aws:cloudwatch/metricAlarm:MetricAlarm") == {
        "CloudWatch alarm": price("CloudWatch alarm", SINGAPORE)
    }
    assert bill(Stack.DEV, "aws:secretsmanager/secret:Secret") == {
        "Secrets Manager secret": price("Secrets Manager secret", SINGAPORE)
    }
    assert bill(Stack.DEV, "aws:ebs/volume:Volume", {"size": 30, "type": "gp3"}) == {
        "EBS gp3 storage": cents(price("EBS gp3 storage", SINGAPORE) * 30)
    }
