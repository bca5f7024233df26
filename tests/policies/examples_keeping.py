"""What the rules of tags, secrets, deletion and backups must find and must leave alone."""

from __future__ import annotations

from typing import Any

from tests.policies.builders import Thing, urn_of
from tests.policies.parts import ASIA, CHINA, DEV, RDS, SECRET, STAGING, Case, bucket, kube, made, pod

LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
CLASS = "storage.k8s.io/v1:StorageClass"
AUDIT = bucket("audit", bucket="smp-asia-audit-log", objectLockEnabled=True)


def _of(of: Thing, kind: str, **inputs: Any) -> Thing:
    return Thing(type=kind, name=f"{of.name}-x", inputs=inputs, depends={"bucket": (urn_of(of),)})


def _locked(mode: str) -> tuple[Thing, ...]:
    return (AUDIT, _of(AUDIT, LOCK, rule={"defaultRetention": {"mode": mode, "days": 2555}}))


def _broker(**storage: Any) -> Thing:
    return kube(
        "kafka.strimzi.io/v1:KafkaNodePool", spec={"roles": ["broker"], "replicas": 5, "storage": storage}
    )


def _labelled(value: str | None) -> Thing:
    labels = {} if value is None else {"smp.vn/cluster": value}
    return made("kubernetes:core/v1:ConfigMap", metadata={"name": "x", "labels": labels})


def _binding(text: Any) -> Thing:
    binding = {"name": "KEY", "type": "secret_text", "text": text}
    return made("cloudflare:index/workersScript:WorkersScript", bindings=[binding])


def _log(days: int) -> Thing:
    return made(
        "aws:cloudwatch/logGroup:LogGroup", name="/aws/eks/smp-asia-prod/cluster", retentionInDays=days
    )


TEMPLATE = '{{ with secret "secret/data/smp/prod/order-svc" }}password={{ .Data.data.password }}{{ end }}'

VIOLATIONS: list[Case] = [
    ("tags-label", ASIA, "another cluster's", (_labelled("smp-us"),)),
    ("tags-label", ASIA, "none", (_labelled(None),)),
    ("tags-propagated", ASIA, "tasks", (made("aws:ecs/service:Service"),)),
    (
        "secrets-plain-text",
        ASIA,
        "in a line within a text",
        (kube("core/v1:ConfigMap", data={"app.properties": "db.user=app\ndb.password=hunter22\n"}),),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "deep in the values of a chart",
        (made("kubernetes:helm.sh/v3:Release", chart="x", values={"a": {"b": [{"apiKey": "k3y-k3y-k3y"}]}}),),
    ),
    ("secrets-stores", ASIA, "a secret binding", (_binding("correct-horse"),)),
    (
        "stateful-volumes",
        ASIA,
        "go with their claims by silence",
        (kube(CLASS, provisioner="ebs.csi.aws.com"),),
    ),
    ("stateful-operators", ASIA, "go with the broker", (_broker(type="persistent-claim", deleteClaim=True),)),
    ("backups-databases", ASIA, "none by silence", (made(RDS, engine="mysql"),)),
    ("backups-versions", ASIA, "none", (bucket(),)),
    ("backups-audit", ASIA, "an administrator may", _locked("GOVERNANCE")),
    (
        "backups-audit",
        CHINA,
        "no lock",
        (made("alicloud:oss/bucket:Bucket", "audit", bucket="smp-china-audit-log"),),
    ),
    ("backups-logs", ASIA, "a month", (_log(30),)),
    ("stateful-no-shredding", ASIA, "a key in a week", (made("aws:kms/key:Key", deletionWindowInDays=7),)),
]

NEAR_MISSES: list[Case] = [
    ("tags-label", ASIA, "its own", (_labelled("smp-asia"),)),
    ("tags-propagated", ASIA, "tasks inherit", (made("aws:ecs/service:Service", propagateTags="SERVICE"),)),
    (
        "secrets-plain-text",
        ASIA,
        "where a secret is, and what speaks of one",
        (
            kube(
                "core/v1:ConfigMap",
                data={
                    "app.properties": "db.password=${file:/vault/secrets/db:password}\ntoken.ttl=3600\n",
                    "promtail": "stages: [{replace: {expression: '(?i)password[=:]\\s*(\\S+)', replace: '***'}}]",
                },
            ),
            kube(
                "kafka.strimzi.io/v1:KafkaConnect",
                spec={
                    "authentication": {
                        "passwordSecret": {"secretName": "connect", "password": "sasl-password"}
                    }
                },
            ),
            pod(
                [
                    {"name": "MAX_TOKENS", "value": "4096"},
                    {"name": "JWT_PUBLIC_KEY", "value": "MIIBIjANBgkqhkiG9w0B"},
                ]
            ),
        ),
    ),
    (
        "secrets-plain-text",
        ASIA,
        "a template of the Vault agent",
        (
            kube(
                "core/v1:Pod", annotations={"vault.hashicorp.com/agent-inject-template-x": TEMPLATE}, spec={}
            ),
        ),
    ),
    ("secrets-stores", ASIA, "sealed", (_binding(SECRET),)),
    (
        "stateful-volumes",
        ASIA,
        "outlive them",
        (kube(CLASS, provisioner="ebs.csi.aws.com", reclaimPolicy="Retain"),),
    ),
    ("stateful-volumes", DEV, "dev may go", (kube(CLASS, provisioner="ebs.csi.aws.com"),)),
    ("stateful-operators", ASIA, "stay", (_broker(type="persistent-claim", deleteClaim=False),)),
    ("backups-databases", ASIA, "a week", (made(RDS, engine="mysql", backupRetentionPeriod=7),)),
    ("backups-databases", STAGING, "staging need not", (made(RDS, engine="mysql", backupRetentionPeriod=0),)),
    (
        "backups-versions",
        ASIA,
        "kept",
        (bucket(), _of(bucket(), VERSIONING, versioningConfiguration={"status": "Enabled"})),
    ),
    ("backups-audit", ASIA, "nobody may", _locked("COMPLIANCE")),
    ("backups-audit", STAGING, "staging can be taken down", _locked("GOVERNANCE")),
    ("backups-logs", ASIA, "a year", (_log(365),)),
    ("stateful-no-shredding", DEV, "dev's key", (made("aws:kms/key:Key", deletionWindowInDays=7),)),
]
