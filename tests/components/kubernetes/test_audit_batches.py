"""The audit batches' job as each cloud runs it, and what its role may do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from catalog.audit_batches import NAME, reach_archive, seal_key, writer_role
from catalog.clusters import Cluster
from catalog.stack_facts import Stack
from components.alicloud import audit_batches as alibaba
from components.alicloud.ram import ServiceAccountRole, ServiceAccountRoleArgs
from components.aws import audit_batches as aws
from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.core.component import InvalidArgumentsError
from components.core.scope import Scope
from components.kubernetes.audit_batches import AuditBatches
from tests.contracts.examples_audit import SEAL, args, audit_batches
from tests.contracts.harness import ACCOUNT, Recording, World, known, record_build

ARCHIVE = "arn:aws:s3:::smp-global-audit-archive"
OWN = "arn:aws:s3:::smp-asia-audit-log"


def _job(stack: Stack) -> dict[str, Any]:
    job = record_build(audit_batches, stack).one("kubernetes:batch/v1:CronJob").inputs
    return job["spec"]["jobTemplate"]["spec"]["template"]


def _environment(stack: Stack) -> dict[str, str]:
    (container,) = _job(stack)["spec"]["containers"]
    return {item["name"]: item["value"] for item in container["env"]}


def test_production_sends_sealed_batches_to_the_archive() -> None:
    environment = _environment(Stack.PROD_ASIA)
    assert environment["AUDIT_BUCKET"] == "smp-asia-audit-log"
    assert environment["ARCHIVE_BUCKET"] == "smp-global-audit-archive"
    assert environment["ARCHIVE_REGION"] == "us-east-1"
    pod = _job(Stack.PROD_ASIA)["spec"]
    mounts = {item["mountPath"]: item["name"] for item in pod["containers"][0]["volumeMounts"]}
    volumes = {item["name"]: item for item in pod["volumes"]}
    assert volumes[mounts["/run/kafka-password"]]["secret"] == {"secretName": "audit-archiver"}
    assert volumes[mounts["/run/kafka-authority"]]["secret"] == {
        "secretName": "smp-asia-prod-kafka-cluster-ca-cert"
    }
    assert environment["SEAL_KEY_FILE"] == "/etc/audit-seal/seal.pem"
    assert mounts["/etc/audit-seal"] == "seal"
    seal = record_build(audit_batches, Stack.PROD_ASIA).one("kubernetes:core/v1:ConfigMap").inputs
    assert seal["data"] == {"seal.pem": SEAL}


@pytest.mark.parametrize("stack", [Stack.DEV, Stack.STAGING, Stack.PROD_CHINA])
def test_others_keep_them(stack: Stack) -> None:
    recorded = record_build(audit_batches, stack)
    assert "smp-global-audit-archive" not in json.dumps([dict(found.inputs) for found in recorded.resources])
    assert recorded.of_type("kubernetes:core/v1:ConfigMap") == []


def test_whose_batches_reach_the_archive() -> None:
    facts = [(stack, stack.facts.cluster, stack.facts.environment) for stack in Stack]
    assert [stack for stack, cluster, environment in facts if reach_archive(cluster, environment)] == [
        Stack.PROD_ASIA,
        Stack.PROD_US,
    ]


def test_the_pod_takes_its_role_as_its_cloud_gives_it() -> None:
    china, asia = (record_build(audit_batches, stack) for stack in (Stack.PROD_CHINA, Stack.PROD_ASIA))
    annotations = china.one("kubernetes:core/v1:ServiceAccount").inputs["metadata"]["annotations"]
    assert annotations == {"pod-identity.alibabacloud.com/role-name": "smp-china-prod-audit-batches"}
    label = "pod-identity.alibabacloud.com/injection"
    assert _job(Stack.PROD_CHINA)["metadata"]["labels"][label] == "on"
    assert label not in _job(Stack.PROD_ASIA)["metadata"]["labels"]
    assert "annotations" not in asia.one("kubernetes:core/v1:ServiceAccount").inputs["metadata"]
    assert _job(Stack.PROD_ASIA)["spec"]["automountServiceAccountToken"] is False


def test_a_chain_begun_anew_is_named_to_the_job() -> None:
    assert "AUDIT_CHAIN" not in _environment(Stack.DEV)

    def second(world: World) -> AuditBatches:
        return AuditBatches("b", replace(args(world), chain="second"), provider=world.kubernetes)

    job = record_build(second, Stack.DEV).one("kubernetes:batch/v1:CronJob").inputs
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert {"name": "AUDIT_CHAIN", "value": "second"} in container["env"]


def test_nobody_may_call_it() -> None:
    policy = record_build(audit_batches, Stack.DEV).one("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    assert policy.inputs["spec"] == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "audit-batches"}},
        "policyTypes": ["Ingress"],
        "ingress": [],
    }
    assert _job(Stack.DEV)["metadata"]["labels"]["app.kubernetes.io/name"] == "audit-batches"


def test_it_is_watched_except_in_dev() -> None:
    rule = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
    assert record_build(audit_batches, Stack.DEV).of_type(rule) == []
    (group,) = record_build(audit_batches, Stack.STAGING).one(rule).inputs["spec"]["groups"]
    assert [item["alert"] for item in group["rules"]] == [
        "AuditBatchBroken",
        "AuditBatchMissing",
        "AuditBatchesUnseen",
    ]


@pytest.mark.parametrize(
    ("stack", "changes", "said"),
    [
        (Stack.PROD_ASIA, {"seal_key": None}, "seal_key is missing"),
        (Stack.PROD_ASIA, {"seal_key": "x"}, "seal_key is no public key in PEM"),
        (Stack.PROD_ASIA, {"role_name": "r"}, "role_name is for Alibaba Cloud"),
        (Stack.PROD_ASIA, {"kept_days": 0}, "kept_days 0"),
        (Stack.PROD_ASIA, {"chain": "2026-11-25"}, "chain '2026-11-25' is no name"),
        (Stack.PROD_ASIA, {"bucket": "Upper"}, "bucket: "),
        (Stack.PROD_CHINA, {"role_name": None}, "role_name is for Alibaba Cloud, and needed there"),
        (Stack.PROD_CHINA, {"seal_key": SEAL}, "prod-china do not go to the archive"),
        (Stack.STAGING, {"seal_key": SEAL}, "staging do not go to the archive"),
        (Stack.DEV, {"scope": Scope(stack=Stack.PROD_GLOBAL, account=ACCOUNT)}, "no audit log of persons"),
    ],
)
def test_what_makes_no_sense_is_refused(stack: Stack, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidArgumentsError, match=said):
        replace(args(World(stack)), **changes)


def _pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_seal_is_a_long_public_rsa_key() -> None:
    assert seal_key(SEAL) is None
    short = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    assert "has 2048 bits, and 3072 are the least" in str(seal_key(_pem(short)))
    assert "no RSA key" in str(seal_key(_pem(ec.generate_private_key(ec.SECP256R1()).public_key())))
    assert "throw it away" in str(seal_key(SEAL.replace("PUBLIC", "PRIVATE")))
    assert "no public key in PEM" in str(seal_key(SEAL.replace("MIIC", "MIIB")))


def _role(world: World) -> WorkloadIdentity:
    return WorkloadIdentity(
        "identity",
        WorkloadIdentityArgs(
            scope=world.scope,
            cluster_name=known("cluster"),
            namespace="kafka",
            service_account=NAME,
            statements=(
                *aws.keeping_statements(world.scope, known("arn:aws:kms:ap-southeast-1:1:key/audit")),
                *aws.sending_statements(world.scope, "666666666666"),
            ),
        ),
        provider=world.aws,
    )


def _statements(recorded: Recording) -> dict[str, dict[str, Any]]:
    policy = json.loads(recorded.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    return {item["Sid"]: item for item in policy["Statement"]}


def test_the_role_is_the_one_the_archive_knows_and_may_only_add_there() -> None:
    recorded = record_build(_role, Stack.PROD_ASIA)
    assert recorded.one("aws:iam/role:Role").inputs["name"] == writer_role(Cluster.ASIA)
    statements = _statements(recorded)
    sends, encrypts = statements["SendBatches"], statements["EncryptInArchive"]
    assert (sends["Action"], sends["Resource"]) == (["s3:PutObject"], [f"{ARCHIVE}/smp-asia/daily/*"])
    assert sends["Condition"] == {"StringEquals": {"aws:ResourceAccount": "666666666666"}}
    assert encrypts["Action"] == ["kms:GenerateDataKey"]
    assert encrypts["Resource"] == ["arn:aws:kms:us-east-1:666666666666:key/*"]
    assert encrypts["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [ARCHIVE, f"{ARCHIVE}/smp-asia/daily/*"]},
    }


def test_the_role_keeps_and_reads_its_own_and_deletes_nothing() -> None:
    statements = _statements(record_build(_role, Stack.PROD_ASIA))
    assert statements["KeepBatches"]["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert statements["KeepBatches"]["Resource"] == [f"{OWN}/smp-asia/daily/*"]
    assert statements["FindBatches"]["Resource"] == [OWN]
    assert statements["FindBatches"]["Condition"]["StringLike"] == {"s3:prefix": "smp-asia/daily/*"}
    assert statements["UseOwnKey"]["Resource"] == ["arn:aws:kms:ap-southeast-1:1:key/audit"]
    assert not [action for item in statements.values() for action in item["Action"] if "Delete" in action]


def test_in_china_the_role_reaches_one_prefix_of_one_bucket() -> None:
    def role(world: World) -> ServiceAccountRole:
        return ServiceAccountRole(
            "role",
            ServiceAccountRoleArgs(
                scope=world.scope,
                thing=NAME,
                namespace="kafka",
                service_account=NAME,
                oidc_issuer=known("https://oidc.example/c1"),
                statements=alibaba.keeping_statements(world.scope, known("key-1")),
            ),
            provider=world.alicloud,
        )

    policy = record_build(role, Stack.PROD_CHINA).one("alicloud:ram/policy:Policy").inputs["policyDocument"]
    assert json.loads(policy)["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["oss:ListObjects"],
            "Resource": [f"acs:oss:*:{ACCOUNT}:smp-china-audit-log"],
            "Condition": {"StringLike": {"oss:Prefix": ["smp-china/daily/*"]}},
        },
        {
            "Effect": "Allow",
            "Action": ["oss:GetObject", "oss:PutObject"],
            "Resource": [f"acs:oss:*:{ACCOUNT}:smp-china-audit-log/smp-china/daily/*"],
        },
        {
            "Effect": "Allow",
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": [f"acs:kms:cn-beijing:{ACCOUNT}:key/key-1"],
        },
    ]
