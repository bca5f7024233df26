"""What the encryption rules must find and must leave alone."""

from __future__ import annotations

from typing import Any

from tests.policies.builders import Thing, urn_of
from tests.policies.parts import (
    ASIA,
    CHINA,
    GLOBAL,
    STAGING,
    UNKNOWN,
    Case,
    block,
    bucket,
    document,
    kube,
    made,
    pod,
)

ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LISTENER = "aws:lb/listener:Listener"
SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
DENY_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
REDIRECT = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}


def _of(of: Thing, kind: str, **inputs: Any) -> Thing:
    return Thing(type=kind, name=f"{of.name}-x", inputs=inputs, depends={"bucket": (urn_of(of),)})


def _sse(algorithm: str) -> dict[str, Any]:
    return {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}]}


AUDIT = bucket("smp-asia-audit-log")
CLASS = "storage.k8s.io/v1:StorageClass"
EBS = "ebs.csi.aws.com"

VIOLATIONS: list[Case] = [
    (
        "encryption-volumes",
        ASIA,
        "plain by silence",
        (kube(CLASS, provisioner=EBS, parameters={"type": "gp3"}),),
    ),
    (
        "encryption-buckets",
        ASIA,
        "the audit log under a key of AWS",
        (AUDIT, _of(AUDIT, ENCRYPTION, **_sse("AES256"))),
    ),
    (
        "encryption-buckets-in-transit",
        ASIA,
        "a policy about something else",
        (bucket(), _of(bucket(), POLICY, policy=document({**DENY_HTTP, "Condition": {}}))),
    ),
    ("encryption-buckets-in-transit", CHINA, "plain HTTP by silence", (made("alicloud:oss/bucket:Bucket"),)),
    ("encryption-listeners", ASIA, "plain HTTP", (made(LISTENER, protocol="HTTP", port=80),)),
    ("encryption-listeners", ASIA, "TLS 1.0 by silence", (made(LISTENER, protocol="HTTPS", port=443),)),
    (
        "encryption-origins",
        ASIA,
        "old TLS",
        (
            made(
                "aws:cloudfront/distribution:Distribution",
                origins=[{"customOriginConfig": {"originSslProtocols": ["TLSv1", "TLSv1.2"]}}],
            ),
        ),
    ),
    (
        "encryption-ingresses",
        ASIA,
        "no certificate",
        (kube("networking.k8s.io/v1:Ingress", spec={"rules": []}),),
    ),
    (
        "encryption-kafka",
        ASIA,
        "plain text by silence",
        (
            kube(
                "kafka.strimzi.io/v1beta2:Kafka",
                spec={"kafka": {"listeners": [{"name": "plain", "type": "internal", "port": 9092}]}},
            ),
        ),
    ),
    (
        "encryption-cluster-stores",
        ASIA,
        "Vault's chart leaves TLS off",
        (made("kubernetes:helm.sh/v3:Release", chart="vault", values={"server": {"replicas": 3}}),),
    ),
    ("encryption-edge", GLOBAL, "any certificate", (made(SETTING, settingId="ssl", value="full"),)),
    (
        "encryption-edge",
        GLOBAL,
        "the older resource",
        (
            made(
                "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride",
                settings={"minTlsVersion": "1.0"},
            ),
        ),
    ),
    (
        "encryption-options",
        ASIA,
        "in a URL",
        (pod([{"name": "DSN", "value": "jdbc:mysql://db/x?useSSL=false"}]),),
    ),
    ("encryption-options", ASIA, "in a variable", (pod([{"name": "VAULT_SKIP_VERIFY", "value": "true"}]),)),
    (
        "encryption-keys",
        CHINA,
        "every two years",
        (made("alicloud:kms/key:Key", automaticRotation="Enabled", rotationInterval="730d"),),
    ),
]

NEAR_MISSES: list[Case] = [
    (
        "encryption-volumes",
        STAGING,
        "a file system of another kind",
        (kube(CLASS, provisioner="efs.csi.aws.com"),),
    ),
    (
        "encryption-buckets",
        ASIA,
        "the audit log under our key, and access logs under a key of AWS",
        (
            AUDIT,
            _of(AUDIT, ENCRYPTION, **_sse("aws:kms")),
            bucket("access"),
            _of(bucket("access"), ENCRYPTION, **_sse("AES256")),
        ),
    ),
    (
        "encryption-buckets-in-transit",
        ASIA,
        "refuses plain HTTP, and one that is not known yet",
        (
            bucket("a"),
            block(bucket("a")),
            _of(bucket("a"), POLICY, policy=document(DENY_HTTP)),
            bucket("b"),
            Thing(
                type=POLICY,
                name="b-policy",
                inputs={"bucket": UNKNOWN, "policy": UNKNOWN},
                depends={"bucket": (urn_of(bucket("b")),), "policy": (urn_of(bucket("b")),)},
            ),
        ),
    ),
    (
        "encryption-listeners",
        ASIA,
        "sends to HTTPS",
        (made(LISTENER, protocol="HTTP", port=80, defaultActions=[REDIRECT]),),
    ),
    ("encryption-listeners", ASIA, "TCP is passed on", (made(LISTENER, protocol="TCP", port=443),)),
    (
        "encryption-origins",
        ASIA,
        "new TLS",
        (
            made(
                "aws:cloudfront/distribution:Distribution",
                origins=[{"customOriginConfig": {"originSslProtocols": ["TLSv1.2"]}}],
            ),
        ),
    ),
    (
        "encryption-ingresses",
        ASIA,
        "a certificate at the load balancer",
        (
            kube(
                "networking.k8s.io/v1:Ingress",
                spec={"rules": []},
                annotations={
                    "alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:ap-southeast-1:1:certificate/x"
                },
            ),
        ),
    ),
    (
        "encryption-kafka",
        ASIA,
        "TLS",
        (
            kube(
                "kafka.strimzi.io/v1beta2:Kafka",
                spec={
                    "kafka": {"listeners": [{"name": "tls", "type": "internal", "port": 9093, "tls": True}]}
                },
            ),
        ),
    ),
    (
        "encryption-cluster-stores",
        ASIA,
        "only the injector, and a server with TLS",
        (
            made("kubernetes:helm.sh/v3:Release", "a", chart="vault", values={"server": {"enabled": False}}),
            made(
                "kubernetes:helm.sh/v3:Release", "b", chart="vault", values={"global": {"tlsDisable": False}}
            ),
        ),
    ),
    (
        "encryption-edge",
        GLOBAL,
        "strict, and a setting about something else",
        (
            made(SETTING, "a", settingId="ssl", value="strict"),
            made(SETTING, "b", settingId="min_tls_version", value="1.3"),
            made(SETTING, "c", settingId="0rtt", value="off"),
        ),
    ),
    (
        "encryption-options",
        ASIA,
        "TLS is demanded",
        (
            pod(
                [
                    {"name": "DSN", "value": "jdbc:mysql://db/x?sslMode=VERIFY_IDENTITY&useSSL=true"},
                    {"name": "DOCS", "value": "http://www.w3.org/2001/XMLSchema"},
                    {"name": "VAULT_SKIP_VERIFY", "value": "false"},
                ]
            ),
        ),
    ),
]
