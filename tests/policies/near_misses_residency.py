"""What nearly is a violation of residency, mirrors, routing and observability; tests/policies/corpus has the many."""

from __future__ import annotations

import json

from tests.policies.builders import Thing, urn_of
from tests.policies.parts import ASIA, CHINA, CONFIG_MAP, DEV, GLOBAL, SECRET, UNKNOWN, US, VPC, Case, pod
from tests.policies.violations_residency import (
    CONNECTOR,
    GLOBAL_BROKERS,
    INSIDE,
    LINK,
    POOL,
    RECORD,
    RULESET,
    copies_to,
    mirror,
    replication,
    table,
)

VAULT = Thing(type="aws:backup/vault:Vault", name="vault")
OWN_VPC = Thing(type=VPC, name="vpc")

NEAR_MISSES: list[Case] = [
    ("residency-foreign-place", ASIA, "only in a comment", (Thing(
        type=CONFIG_MAP, inputs={"data": {"run.sh": "#!/bin/sh\n# never to smp-us or us-east-1\necho customer-status\n"}}
    ),)),
    ("residency-foreign-place", ASIA, "the archive's daily batch", (Thing(
        type="kubernetes:batch/v1:CronJob",
        inputs={"spec": {"schedule": "0 2 * * *", "jobTemplate": {"spec": {"template": {"spec": {"containers": [
            {"name": "a", "args": ["s3://smp-global-audit-archive/smp-asia/", "--region", "us-east-1"]}
        ]}}}}}},
    ),)),
    ("residency-foreign-place", US, "home of two clusters", (pod([{"name": "AWS_REGION", "value": "us-east-1"}]),)),
    ("residency-foreign-place", CHINA, "a zone of Beijing", (pod([{"name": "ZONE", "value": "cn-beijing-h"}]),)),
    ("residency-audit-batches", ASIA, "the daily prefix", (
        replication("smp-global-audit-archive", filter={"prefix": "daily/"}),
    )),
    ("residency-gitops-destinations", ASIA, "itself", (Thing(
        type="kubernetes:argoproj.io/v1alpha1:AppProject",
        inputs={"spec": {"destinations": [{"server": "https://kubernetes.default.svc", "namespace": "*"}]}},
    ),)),
    ("residency-one-place", ASIA, "a key of one region", (Thing(
        type="aws:kms/key:Key", inputs={"multiRegion": False, "enableKeyRotation": True}
    ),)),
    ("residency-destination-known", ASIA, "comes from the stack itself", (
        VAULT,
        Thing(
            type="aws:backup/plan:Plan",
            inputs=copies_to(UNKNOWN).inputs,
            depends={"rules": (urn_of(VAULT),)},
        ),
    )),
    ("residency-alias-known", ASIA, "a secret that leads nowhere", (Thing(
        type="kubernetes:core/v1:Service", inputs={"spec": {"clusterIP": UNKNOWN, "externalName": SECRET}}
    ),)),
    ("residency-no-production-data", DEV, "from its own", (Thing(
        type="aws:rds/instance:Instance", inputs={"snapshotIdentifier": "smp-asia-dev-mysql-final"}
    ),)),
    ("residency-acceleration", ASIA, "suspended", (Thing(
        type="aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration", inputs={"status": "Suspended"}
    ),)),
    ("residency-joined-networks", ASIA, "two networks of the stack", (OWN_VPC, Thing(
        type="aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        inputs={"peerVpcId": UNKNOWN},
        depends={"peerVpcId": (urn_of(OWN_VPC),)},
    ))),
    ("residency-reach", ASIA, "images, and writing to the archive", (Thing(
        type="aws:iam/rolePolicy:RolePolicy",
        inputs={"policy": json.dumps({"Statement": [
            {"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/x"},
            {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::smp-global-audit-archive/*"},
            {"Effect": "Deny", "Action": ["s3:*"], "Resource": "arn:aws:s3:::smp-us-prod-media/*"},
        ]})},
    ),)),
    ("residency-shared", ASIA, "with itself", (Thing(
        type="aws:rds/snapshot:Snapshot", inputs={"sharedAccounts": ["111122223333"]}
    ),)),
    ("home-region-edge-stores", ASIA, "hint at home", (Thing(
        type="cloudflare:index/d1Database:D1Database", inputs={"primaryLocationHint": "apac"}
    ),)),
    ("home-label", US, "its own", (Thing(
        type=CONFIG_MAP, inputs={"metadata": {"labels": {"smp.vn/cluster": "smp-us"}}}
    ),)),
    ("mirrors-topics", ASIA, "a word within a name", (mirror(INSIDE, GLOBAL_BROKERS, "orders|events"),)),
    ("mirrors-topics", ASIA, "master data in", (mirror(GLOBAL_BROKERS, INSIDE, "smp_global.*"),)),
    ("mirrors-topics", US, "key figures out", (mirror(INSIDE, GLOBAL_BROKERS, r".*\.anonymized"),)),
    ("mirrors-connectors", ASIA, "key figures to global", (Thing(type=CONNECTOR, inputs={"spec": {
        "class": "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
        "config": {
            "topics": "analytics.kpi.gmv.anonymized",
            "connection.url": "https://es.smp-global.prod.smp.local:9200",
        },
    }}),)),
    ("mirrors-brokers", ASIA, "its own", (Thing(
        type="kubernetes:kafka.strimzi.io/v1:KafkaBridge", inputs={"spec": {"bootstrapServers": INSIDE}}
    ),)),
    ("routing-table", GLOBAL, "as designed", (table({"CN": "smp-china", "US": "smp-us", "VN": "smp-asia"}),)),
    ("routing-foreign-place", ASIA, "its own balancer", (Thing(
        type=RECORD,
        inputs={"name": "asia-api.smp.vn", "type": "CNAME", "content": "x.ap-southeast-1.elb.amazonaws.com"},
    ),)),
    ("routing-records", GLOBAL, "the router's placeholder", (Thing(
        type=RECORD, inputs={"name": "api.smp.vn", "type": "AAAA", "content": "100::", "proxied": True}
    ),)),
    ("routing-pools", GLOBAL, "one cluster", (Thing(
        type=POOL, inputs={"name": "smp-us-origins", "origins": [{"address": "us-api.smp.vn"}]}
    ),)),
    ("routing-edge-rules", GLOBAL, "of its own hosts", (Thing(type=RULESET, inputs={"rules": [{
        "action": "route",
        "expression": 'http.host eq "us-api.smp.vn"',
        "actionParameters": {"origin": {"host": "us-api.smp.vn", "port": 8443}},
    }]}),)),
    ("routing-processing", US, "at home", (Thing(
        type="cloudflare:index/regionalHostname:RegionalHostname",
        inputs={"hostname": "us-api.smp.vn", "regionKey": "us"},
    ),)),
    ("routing-stand-ins", GLOBAL, "one origin", (Thing(
        type="aws:cloudfront/distribution:Distribution", inputs={"origins": [{"domainName": "us-api.smp.vn"}]}
    ),)),
    ("observability-egress", ASIA, "metrics", (Thing(type=CONFIG_MAP, inputs={"data": {
        "prometheus.yml": "remote_write:\n  - url: https://mimir.smp-global.prod.smp.local/api/v1/push\n"
    }}),)),
    ("observability-shared-accounts", US, "metrics", (Thing(
        type=LINK, inputs={"resourceTypes": ["AWS::CloudWatch::Metric"], "sinkIdentifier": "x"}
    ),)),
    ("observability-vendors", ASIA, "a chart's repository", (pod(
        [{"name": "REPO", "value": "https://helm.datadoghq.com"}]
    ),)),
    ("observability-destination-known", ASIA, "not a destination", (Thing(
        type="kubernetes:monitoring.coreos.com/v1:Prometheus", inputs={"spec": {"version": UNKNOWN}}
    ),)),
]
