"""Violations of residency, mirrors, routing and observability: one of each rule; tests/policies/corpus has the many."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.builders import Thing
from tests.policies.parts import ASIA, CHINA, CONFIG_MAP, DEV, GLOBAL, UNKNOWN, US, Case, pod

MM2 = "kubernetes:kafka.strimzi.io/v1:KafkaMirrorMaker2"
CONNECTOR = "kubernetes:kafka.strimzi.io/v1:KafkaConnector"
WORKER, RECORD = "cloudflare:index/workersScript:WorkersScript", "cloudflare:index/dnsRecord:DnsRecord"
POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
RULESET, LINK = "cloudflare:index/ruleset:Ruleset", "aws:oam/link:Link"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BACKUPS = "aws:backup/plan:Plan"
INSIDE, GLOBAL_BROKERS = "kafka-kafka-bootstrap.kafka.svc:9093", "kafka-bootstrap.smp-global.prod.smp.local:9093"


def mirror(source: Any, target: Any, topics: Any) -> Thing:
    """A mirror between two addresses; an address inside the cluster is its own."""
    spec = {
        "target": {"alias": "to", "bootstrapServers": target},
        "mirrors": [{"source": {"alias": "from", "bootstrapServers": source}, "topicsPattern": topics}],
    }
    return Thing(type=MM2, inputs={"metadata": {"name": "m"}, "spec": spec}, protect=False)


def table(countries: dict[str, str], **changes: Any) -> Thing:
    """The router with a routing table."""
    origins = {"smp-asia": "asia", "smp-china": "cn", "smp-us": "us"}
    clusters = {name: {"origin": f"https://{word}-api.smp.vn", "state": "serving"} for name, word in origins.items()}
    routing = {"clusters": clusters, "countries": countries, "colos": {}, "default": "smp-asia", **changes}
    binding = {"name": "ROUTING", "type": "plain_text", "text": json.dumps(routing)}
    return Thing(type=WORKER, inputs={"scriptName": "edge", "content": "export default {}", "bindings": [binding]})


def replication(bucket: str, **rule: Any) -> Thing:
    rules = [{"status": "Enabled", "destination": {"bucket": f"arn:aws:s3:::{bucket}"}, **rule}]
    return Thing(type=REPLICATION, inputs={"bucket": "smp-asia-audit-log", "rules": rules})


def copies_to(vault: Any) -> Thing:
    return Thing(type=BACKUPS, inputs={"rules": [{"ruleName": "r", "copyActions": [{"destinationVaultArn": vault}]}]})


VIOLATIONS: list[Case] = [
    ("residency-foreign-place", ASIA, "address in a script", (Thing(
        type="aws:ec2/instance:Instance",
        inputs={"userData": "#!/bin/sh\nmysqldump smp | aws s3 cp - s3://smp-us-prod-dumps/x"},
    ),)),
    ("residency-foreign-place", CHINA, "mainland, but not Beijing", (pod(
        [{"name": "EXPORT_ENDPOINT", "value": "https://oss-cn-shanghai-internal.aliyuncs.com"}]
    ),)),
    ("residency-audit-batches", ASIA, "all of the log", (replication("smp-global-audit-archive"),)),
    ("residency-gitops-destinations", ASIA, "anywhere", (Thing(
        type="kubernetes:argoproj.io/v1alpha1:AppProject",
        inputs={"spec": {"destinations": [{"server": "*", "namespace": "*"}]}},
    ),)),
    ("residency-one-place", US, "global database", (Thing(type="aws:rds/globalCluster:GlobalCluster"),)),
    ("residency-destination-known", ASIA, "vault not known", (copies_to(UNKNOWN),)),
    ("residency-alias-known", ASIA, "not known", (Thing(
        type="kubernetes:core/v1:Service", inputs={"spec": {"type": "ExternalName", "externalName": UNKNOWN}}
    ),)),
    ("residency-no-production-data", DEV, "from a snapshot of production", (Thing(
        type="aws:rds/instance:Instance", inputs={"snapshotIdentifier": "smp-asia-prod-mysql-final"}
    ),)),
    ("residency-acceleration", ASIA, "S3", (Thing(
        type="aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration", inputs={"status": "Enabled"}
    ),)),
    ("residency-joined-networks", ASIA, "network not known", (Thing(
        type="aws:ec2/vpcPeeringConnection:VpcPeeringConnection", inputs={"peerVpcId": UNKNOWN}
    ),)),
    ("residency-reach", ASIA, "objects of another cluster", (Thing(
        type="aws:iam/rolePolicy:RolePolicy",
        inputs={"policy": json.dumps({"Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::smp-us-prod-media/*"}
        ]})},
    ),)),
    ("residency-shared", ASIA, "snapshot", (Thing(
        type="aws:rds/snapshot:Snapshot", inputs={"sharedAccounts": ["999988887777"]}
    ),)),
    ("home-region-edge-stores", ASIA, "hint abroad", (Thing(
        type="cloudflare:index/d1Database:D1Database", inputs={"primaryLocationHint": "weur"}
    ),)),
    ("home-label", US, "another's", (Thing(
        type=CONFIG_MAP, inputs={"metadata": {"labels": {"smp.vn/cluster": "smp-asia"}}}
    ),)),
    ("mirrors-topics", ASIA, "orders to global", (mirror(INSIDE, GLOBAL_BROKERS, "orders.*"),)),
    ("mirrors-topics", ASIA, "no pattern is all topics", (mirror(INSIDE, GLOBAL_BROKERS, None),)),
    ("mirrors-topics", US, "from another region", (mirror(
        "kafka-bootstrap.smp-asia.prod.smp.local:9093", INSIDE, r"smp_global\..*"
    ),)),
    ("mirrors-connectors", ASIA, "index of the control plane", (Thing(type=CONNECTOR, inputs={"spec": {
        "class": "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
        "config": {"topics": "orders.events", "connection.url": "https://es.smp-global.prod.smp.local:9200"},
    }}),)),
    ("mirrors-brokers", ASIA, "bridge to global", (Thing(
        type="kubernetes:kafka.strimzi.io/v1:KafkaBridge", inputs={"spec": {"bootstrapServers": GLOBAL_BROKERS}}
    ),)),
    ("routing-table", GLOBAL, "China to Singapore", (table({"CN": "smp-asia", "US": "smp-us"}),)),
    ("routing-table", GLOBAL, "stands in", (table({"CN": "smp-china", "US": "smp-us"}, failover=["smp-us"]),)),
    ("routing-foreign-place", ASIA, "balancer elsewhere", (Thing(
        type=RECORD,
        inputs={"name": "asia-api.smp.vn", "type": "CNAME", "content": "x.us-east-1.elb.amazonaws.com"},
    ),)),
    ("routing-records", GLOBAL, "past the router", (Thing(
        type=RECORD,
        inputs={"name": "api.smp.vn", "type": "CNAME", "content": "asia-api.smp.vn", "proxied": True},
    ),)),
    ("routing-pools", GLOBAL, "two clusters", (Thing(
        type=POOL,
        inputs={"name": "p", "origins": [{"address": "asia-api.smp.vn"}, {"address": "us-api.smp.vn"}]},
    ),)),
    ("routing-edge-rules", GLOBAL, "by country", (Thing(type=RULESET, inputs={"rules": [{
        "action": "route",
        "expression": 'ip.geoip.country eq "CN"',
        "actionParameters": {"origin": {"host": "asia-api.smp.vn"}},
    }]}),)),
    ("routing-processing", US, "decrypted in the EU", (Thing(
        type="cloudflare:index/regionalHostname:RegionalHostname",
        inputs={"hostname": "us-api.smp.vn", "regionKey": "eu"},
    ),)),
    ("routing-stand-ins", ASIA, "region switch", (Thing(type="aws:arcregionswitch/plan:Plan"),)),
    ("observability-egress", ASIA, "raw logs", (Thing(type=CONFIG_MAP, inputs={"data": {
        "promtail.yaml": "clients:\n  - url: https://loki.smp-global.prod.smp.local/loki/api/v1/push\n"
    }}),)),
    ("observability-shared-accounts", US, "log groups", (Thing(
        type=LINK, inputs={"resourceTypes": ["AWS::Logs::LogGroup"], "sinkIdentifier": "x"}
    ),)),
    ("observability-vendors", CHINA, "errors", (pod(
        [{"name": "DSN", "value": "https://0123456789abcdef@o1.ingest.us.sentry.io/42"}]
    ),)),
    ("observability-destination-known", ASIA, "not known", (Thing(
        type="kubernetes:monitoring.coreos.com/v1:Prometheus",
        inputs={"spec": {"remoteWrite": [{"url": UNKNOWN}]}},
    ),)),
]
