"""What the rules of mirrors, routing and observability must find and leave alone; the corpus has many more."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.builders import Thing
from tests.policies.parts import ASIA, CHINA, CONFIG_MAP, GLOBAL, UNKNOWN, US, Case, pod

MM2 = "kubernetes:kafka.strimzi.io/v1:KafkaMirrorMaker2"
CONNECTOR = "kubernetes:kafka.strimzi.io/v1:KafkaConnector"
WORKER, RECORD = "cloudflare:index/workersScript:WorkersScript", "cloudflare:index/dnsRecord:DnsRecord"
POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
RULESET, LINK = "cloudflare:index/ruleset:Ruleset", "aws:oam/link:Link"
INSIDE, GLOBAL_BROKERS = (
    "kafka-kafka-bootstrap.kafka.svc:9093",
    "kafka-bootstrap.smp-global.prod.smp.local:9093",
)


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
    clusters = {
        name: {"origin": f"https://{word}-api.smp.vn", "state": "serving"} for name, word in origins.items()
    }
    routing = {"clusters": clusters, "countries": countries, "colos": {}, "default": "smp-asia", **changes}
    binding = {"name": "ROUTING", "type": "plain_text", "text": json.dumps(routing)}
    return Thing(
        type=WORKER, inputs={"scriptName": "edge", "content": "export default {}", "bindings": [binding]}
    )


VIOLATIONS: list[Case] = [
    (
        "mirrors-topics",
        ASIA,
        "between two others",
        (mirror(GLOBAL_BROKERS, "kafka-bootstrap.smp-us.prod.smp.local:9093", r"smp_global\..*"),),
    ),
    (
        "mirrors-control-plane",
        GLOBAL,
        "orders",
        (
            Thing(
                type="kubernetes:kafka.strimzi.io/v1:KafkaTopic",
                inputs={"metadata": {"name": "orders.events"}},
            ),
        ),
    ),
    (
        "mirrors-connectors",
        ASIA,
        "region by default",
        (
            Thing(
                type=CONNECTOR,
                inputs={
                    "spec": {
                        "class": "io.confluent.connect.s3.S3SinkConnector",
                        "config": {"topics": "orders.events"},
                    }
                },
            ),
        ),
    ),
    (
        "observability-edge-requests",
        GLOBAL,
        "all requests kept",
        (
            Thing(
                type=WORKER, inputs={"scriptName": "edge", "content": "x", "observability": {"enabled": True}}
            ),
        ),
    ),
    ("mirrors-topics", ASIA, "orders to global", (mirror(INSIDE, GLOBAL_BROKERS, "orders.*"),)),
    ("mirrors-topics", ASIA, "no pattern is all topics", (mirror(INSIDE, GLOBAL_BROKERS, None),)),
    (
        "mirrors-topics",
        US,
        "from another region",
        (mirror("kafka-bootstrap.smp-asia.prod.smp.local:9093", INSIDE, r"smp_global\..*"),),
    ),
    (
        "mirrors-connectors",
        ASIA,
        "index of the control plane",
        (
            Thing(
                type=CONNECTOR,
                inputs={
                    "spec": {
                        "class": "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
                        "config": {
                            "topics": "orders.events",
                            "connection.url": "https://es.smp-global.prod.smp.local:9200",
                        },
                    }
                },
            ),
        ),
    ),
    (
        "mirrors-brokers",
        ASIA,
        "bridge to global",
        (
            Thing(
                type="kubernetes:kafka.strimzi.io/v1:KafkaBridge",
                inputs={"spec": {"bootstrapServers": GLOBAL_BROKERS}},
            ),
        ),
    ),
    ("routing-table", GLOBAL, "China to Singapore", (table({"CN": "smp-asia", "US": "smp-us"}),)),
    (
        "routing-table",
        GLOBAL,
        "stands in",
        (table({"CN": "smp-china", "US": "smp-us"}, failover=["smp-us"]),),
    ),
    (
        "routing-foreign-place",
        ASIA,
        "balancer elsewhere",
        (
            Thing(
                type=RECORD,
                inputs={
                    "name": "asia-api.smp.vn",
                    "type": "CNAME",
                    "content": "x.us-east-1.elb.amazonaws.com",
                },
            ),
        ),
    ),
    (
        "routing-records",
        GLOBAL,
        "past the router",
        (
            Thing(
                type=RECORD,
                inputs={"name": "api.smp.vn", "type": "CNAME", "content": "asia-api.smp.vn", "proxied": True},
            ),
        ),
    ),
    (
        "routing-pools",
        GLOBAL,
        "two clusters",
        (
            Thing(
                type=POOL,
                inputs={
                    "name": "p",
                    "origins": [{"address": "asia-api.smp.vn"}, {"address": "us-api.smp.vn"}],
                },
            ),
        ),
    ),
    (
        "routing-edge-rules",
        GLOBAL,
        "by country",
        (
            Thing(
                type=RULESET,
                inputs={
                    "rules": [
                        {
                            "action": "route",
                            "expression": 'ip.geoip.country eq "CN"',
                            "actionParameters": {"origin": {"host": "asia-api.smp.vn"}},
                        }
                    ]
                },
            ),
        ),
    ),
    (
        "routing-processing",
        US,
        "decrypted in the EU",
        (
            Thing(
                type="cloudflare:index/regionalHostname:RegionalHostname",
                inputs={"hostname": "us-api.smp.vn", "regionKey": "eu"},
            ),
        ),
    ),
    ("routing-stand-ins", ASIA, "region switch", (Thing(type="aws:arcregionswitch/plan:Plan"),)),
    (
        "observability-egress",
        ASIA,
        "raw logs",
        (
            Thing(
                type=CONFIG_MAP,
                inputs={
                    "data": {
                        "promtail.yaml": "clients:\n  - url: https://loki.smp-global.prod.smp.local/loki/api/v1/push\n"
                    }
                },
            ),
        ),
    ),
    (
        "observability-shared-accounts",
        US,
        "log groups",
        (Thing(type=LINK, inputs={"resourceTypes": ["AWS::Logs::LogGroup"], "sinkIdentifier": "x"}),),
    ),
    (
        "observability-vendors",
        CHINA,
        "errors",
        (pod([{"name": "DSN", "value": "https://0123456789abcdef@o1.ingest.us.sentry.io/42"}]),),
    ),
    (
        "observability-destination-known",
        ASIA,
        "not known",
        (
            Thing(
                type="kubernetes:monitoring.coreos.com/v1:Prometheus",
                inputs={"spec": {"remoteWrite": [{"url": UNKNOWN}]}},
            ),
        ),
    ),
]

NEAR_MISSES: list[Case] = [
    (
        "mirrors-control-plane",
        GLOBAL,
        "master data",
        (
            Thing(
                type="kubernetes:kafka.strimzi.io/v1:KafkaTopic",
                inputs={"metadata": {"name": "countries"}, "spec": {"topicName": "smp_global.countries"}},
            ),
        ),
    ),
    (
        "observability-edge-requests",
        GLOBAL,
        "off",
        (
            Thing(
                type=WORKER,
                inputs={"scriptName": "edge", "content": "x", "observability": {"enabled": False}},
            ),
        ),
    ),
    ("mirrors-topics", ASIA, "a word within a name", (mirror(INSIDE, GLOBAL_BROKERS, "orders|events"),)),
    ("mirrors-topics", ASIA, "master data in", (mirror(GLOBAL_BROKERS, INSIDE, "smp_global.*"),)),
    ("mirrors-topics", US, "key figures out", (mirror(INSIDE, GLOBAL_BROKERS, r".*\.anonymized"),)),
    (
        "mirrors-connectors",
        ASIA,
        "key figures to global",
        (
            Thing(
                type=CONNECTOR,
                inputs={
                    "spec": {
                        "class": "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
                        "config": {
                            "topics": "analytics.kpi.gmv.anonymized",
                            "connection.url": "https://es.smp-global.prod.smp.local:9200",
                        },
                    }
                },
            ),
        ),
    ),
    (
        "mirrors-brokers",
        ASIA,
        "its own",
        (
            Thing(
                type="kubernetes:kafka.strimzi.io/v1:KafkaBridge",
                inputs={"spec": {"bootstrapServers": INSIDE}},
            ),
        ),
    ),
    ("routing-table", GLOBAL, "as designed", (table({"CN": "smp-china", "US": "smp-us", "VN": "smp-asia"}),)),
    (
        "routing-foreign-place",
        ASIA,
        "its own balancer",
        (
            Thing(
                type=RECORD,
                inputs={
                    "name": "asia-api.smp.vn",
                    "type": "CNAME",
                    "content": "x.ap-southeast-1.elb.amazonaws.com",
                },
            ),
        ),
    ),
    (
        "routing-records",
        GLOBAL,
        "the router's placeholder",
        (
            Thing(
                type=RECORD,
                inputs={"name": "api.smp.vn", "type": "AAAA", "content": "100::", "proxied": True},
            ),
        ),
    ),
    (
        "routing-pools",
        GLOBAL,
        "one cluster",
        (Thing(type=POOL, inputs={"name": "smp-us-origins", "origins": [{"address": "us-api.smp.vn"}]}),),
    ),
    (
        "routing-edge-rules",
        GLOBAL,
        "of its own hosts",
        (
            Thing(
                type=RULESET,
                inputs={
                    "rules": [
                        {
                            "action": "route",
                            "expression": 'http.host eq "us-api.smp.vn"',
                            "actionParameters": {"origin": {"host": "us-api.smp.vn", "port": 8443}},
                        }
                    ]
                },
            ),
        ),
    ),
    (
        "routing-processing",
        US,
        "at home",
        (
            Thing(
                type="cloudflare:index/regionalHostname:RegionalHostname",
                inputs={"hostname": "us-api.smp.vn", "regionKey": "us"},
            ),
        ),
    ),
    (
        "routing-stand-ins",
        GLOBAL,
        "one origin",
        (
            Thing(
                type="aws:cloudfront/distribution:Distribution",
                inputs={"origins": [{"domainName": "us-api.smp.vn"}]},
            ),
        ),
    ),
    (
        "observability-egress",
        ASIA,
        "metrics",
        (
            Thing(
                type=CONFIG_MAP,
                inputs={
                    "data": {
                        "prometheus.yml": "remote_write:\n  - url: https://mimir.smp-global.prod.smp.local/api/v1/push\n"
                    }
                },
            ),
        ),
    ),
    (
        "observability-shared-accounts",
        US,
        "metrics",
        (Thing(type=LINK, inputs={"resourceTypes": ["AWS::CloudWatch::Metric"], "sinkIdentifier": "x"}),),
    ),
    (
        "observability-vendors",
        ASIA,
        "a chart's repository",
        (pod([{"name": "REPO", "value": "https://helm.datadoghq.com"}]),),
    ),
    (
        "observability-destination-known",
        ASIA,
        "not a destination",
        (
            Thing(
                type="kubernetes:monitoring.coreos.com/v1:Prometheus", inputs={"spec": {"version": UNKNOWN}}
            ),
        ),
    ),
]
