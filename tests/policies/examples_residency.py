"""What the rules of residency must find and must leave alone; tests/policies/corpus has many more."""

from __future__ import annotations

import json
from typing import Any

from tests.policies.builders import Thing, urn_of
from tests.policies.parts import ASIA, CHINA, CONFIG_MAP, DEV, GLOBAL, SECRET, UNKNOWN, US, VPC, Case, pod

REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BACKUPS = "aws:backup/plan:Plan"


def replication(bucket: str, **rule: Any) -> Thing:
    rules = [{"status": "Enabled", "destination": {"bucket": f"arn:aws:s3:::{bucket}"}, **rule}]
    return Thing(type=REPLICATION, inputs={"bucket": "smp-asia-audit-log", "rules": rules})


def copies_to(vault: Any) -> Thing:
    return Thing(
        type=BACKUPS, inputs={"rules": [{"ruleName": "r", "copyActions": [{"destinationVaultArn": vault}]}]}
    )


VAULT = Thing(type="aws:backup/vault:Vault", name="vault")
OWN_VPC = Thing(type=VPC, name="vpc")

VIOLATIONS: list[Case] = [
    (
        "home-names",
        ASIA,
        "another's",
        (Thing(type="aws:s3/bucket:Bucket", inputs={"bucket": "smp-us-audit-log"}),),
    ),
    (
        "residency-environments",
        DEV,
        "a database of production",
        (pod([{"name": "DB_HOST", "value": "mysql.prod.smp.local"}]),),
    ),
    (
        "residency-foreign-place",
        ASIA,
        "address in a script",
        (
            Thing(
                type="aws:ec2/instance:Instance",
                inputs={"userData": "#!/bin/sh\nmysqldump smp | aws s3 cp - s3://smp-us-prod-dumps/x"},
            ),
        ),
    ),
    (
        "residency-foreign-place",
        CHINA,
        "mainland, but not Beijing",
        (pod([{"name": "EXPORT_ENDPOINT", "value": "https://oss-cn-shanghai-internal.aliyuncs.com"}]),),
    ),
    ("residency-audit-batches", ASIA, "all of the log", (replication("smp-global-audit-archive"),)),
    (
        "residency-gitops-destinations",
        ASIA,
        "anywhere",
        (
            Thing(
                type="kubernetes:argoproj.io/v1alpha1:AppProject",
                inputs={"spec": {"destinations": [{"server": "*", "namespace": "*"}]}},
            ),
        ),
    ),
    ("residency-one-place", US, "global database", (Thing(type="aws:rds/globalCluster:GlobalCluster"),)),
    ("residency-destination-known", ASIA, "vault not known", (copies_to(UNKNOWN),)),
    (
        "residency-alias-known",
        ASIA,
        "not known",
        (
            Thing(
                type="kubernetes:core/v1:Service",
                inputs={"spec": {"type": "ExternalName", "externalName": UNKNOWN}},
            ),
        ),
    ),
    (
        "residency-no-production-data",
        DEV,
        "from a snapshot of production",
        (
            Thing(
                type="aws:rds/instance:Instance", inputs={"snapshotIdentifier": "smp-asia-prod-mysql-final"}
            ),
        ),
    ),
    (
        "residency-acceleration",
        ASIA,
        "S3",
        (
            Thing(
                type="aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration",
                inputs={"status": "Enabled"},
            ),
        ),
    ),
    (
        "residency-joined-networks",
        ASIA,
        "network not known",
        (Thing(type="aws:ec2/vpcPeeringConnection:VpcPeeringConnection", inputs={"peerVpcId": UNKNOWN}),),
    ),
    (
        "residency-reach",
        ASIA,
        "objects of another cluster",
        (
            Thing(
                type="aws:iam/rolePolicy:RolePolicy",
                inputs={
                    "policy": json.dumps(
                        {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "s3:GetObject",
                                    "Resource": "arn:aws:s3:::smp-us-prod-media/*",
                                }
                            ]
                        }
                    )
                },
            ),
        ),
    ),
    (
        "residency-shared",
        ASIA,
        "snapshot",
        (Thing(type="aws:rds/snapshot:Snapshot", inputs={"sharedAccounts": ["999988887777"]}),),
    ),
    (
        "home-region-edge-stores",
        ASIA,
        "hint abroad",
        (Thing(type="cloudflare:index/d1Database:D1Database", inputs={"primaryLocationHint": "weur"}),),
    ),
    (
        "home-label",
        US,
        "another's",
        (Thing(type=CONFIG_MAP, inputs={"metadata": {"labels": {"smp.vn/cluster": "smp-asia"}}}),),
    ),
]

NEAR_MISSES: list[Case] = [
    (
        "home-names",
        ASIA,
        "a user's",
        (Thing(type="aws:s3/bucket:Bucket", inputs={"bucket": "smp-user-media"}),),
    ),
    ("residency-environments", DEV, "its own", (pod([{"name": "DB_HOST", "value": "mysql.dev.smp.local"}]),)),
    (
        "residency-foreign-place",
        ASIA,
        "only in a comment",
        (
            Thing(
                type=CONFIG_MAP,
                inputs={
                    "data": {"run.sh": "#!/bin/sh\n# never to smp-us or us-east-1\necho customer-status\n"}
                },
            ),
        ),
    ),
    (
        "residency-foreign-place",
        ASIA,
        "the archive's daily batch",
        (
            Thing(
                type="kubernetes:batch/v1:CronJob",
                inputs={
                    "spec": {
                        "schedule": "0 2 * * *",
                        "jobTemplate": {
                            "spec": {
                                "template": {
                                    "spec": {
                                        "containers": [
                                            {
                                                "name": "a",
                                                "args": [
                                                    "s3://smp-global-audit-archive/smp-asia/",
                                                    "--region",
                                                    "us-east-1",
                                                ],
                                            }
                                        ]
                                    }
                                }
                            }
                        },
                    }
                },
            ),
        ),
    ),
    (
        "residency-foreign-place",
        US,
        "home of two clusters",
        (pod([{"name": "AWS_REGION", "value": "us-east-1"}]),),
    ),
    (
        "residency-foreign-place",
        CHINA,
        "a zone of Beijing",
        (pod([{"name": "ZONE", "value": "cn-beijing-h"}]),),
    ),
    (
        "residency-audit-batches",
        ASIA,
        "the daily prefix",
        (replication("smp-global-audit-archive", filter={"prefix": "daily/"}),),
    ),
    (
        "residency-gitops-destinations",
        ASIA,
        "itself",
        (
            Thing(
                type="kubernetes:argoproj.io/v1alpha1:AppProject",
                inputs={
                    "spec": {"destinations": [{"server": "https://kubernetes.default.svc", "namespace": "*"}]}
                },
            ),
        ),
    ),
    (
        "residency-one-place",
        ASIA,
        "a key of one region",
        (Thing(type="aws:kms/key:Key", inputs={"multiRegion": False, "enableKeyRotation": True}),),
    ),
    (
        "residency-destination-known",
        ASIA,
        "comes from the stack itself",
        (
            VAULT,
            Thing(
                type="aws:backup/plan:Plan",
                inputs=copies_to(UNKNOWN).inputs,
                depends={"rules": (urn_of(VAULT),)},
            ),
        ),
    ),
    (
        "residency-alias-known",
        ASIA,
        "a secret that leads nowhere",
        (
            Thing(
                type="kubernetes:core/v1:Service",
                inputs={"spec": {"clusterIP": UNKNOWN, "externalName": SECRET}},
            ),
        ),
    ),
    (
        "residency-no-production-data",
        DEV,
        "from its own",
        (Thing(type="aws:rds/instance:Instance", inputs={"snapshotIdentifier": "smp-asia-dev-mysql-final"}),),
    ),
    (
        "residency-acceleration",
        ASIA,
        "suspended",
        (
            Thing(
                type="aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration",
                inputs={"status": "Suspended"},
            ),
        ),
    ),
    (
        "residency-joined-networks",
        ASIA,
        "two networks of the stack",
        (
            OWN_VPC,
            Thing(
                type="aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
                inputs={"peerVpcId": UNKNOWN},
                depends={"peerVpcId": (urn_of(OWN_VPC),)},
            ),
        ),
    ),
    (
        "residency-reach",
        ASIA,
        "images, and writing to the archive",
        (
            Thing(
                type="aws:iam/rolePolicy:RolePolicy",
                inputs={
                    "policy": json.dumps(
                        {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": ["ecr:BatchGetImage"],
                                    "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/x",
                                },
                                {
                                    "Effect": "Allow",
                                    "Action": ["s3:PutObject"],
                                    "Resource": "arn:aws:s3:::smp-global-audit-archive/*",
                                },
                                {
                                    "Effect": "Deny",
                                    "Action": ["s3:*"],
                                    "Resource": "arn:aws:s3:::smp-us-prod-media/*",
                                },
                            ]
                        }
                    )
                },
            ),
        ),
    ),
    (
        "residency-reach",
        GLOBAL,
        "the archive's own policy, once everything in it is known",
        (
            Thing(
                type="aws:s3/bucketPolicy:BucketPolicy",
                name="smp-global-audit-archive-policy",
                inputs={
                    "policy": json.dumps(
                        {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": ["s3:PutObject"],
                                    "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
                                    "Resource": "arn:aws:s3:::smp-global-audit-archive/smp-asia/daily/*",
                                },
                            ]
                        }
                    )
                },
            ),
        ),
    ),
    (
        "residency-shared",
        ASIA,
        "with itself",
        (Thing(type="aws:rds/snapshot:Snapshot", inputs={"sharedAccounts": ["111122223333"]}),),
    ),
    (
        "home-region-edge-stores",
        ASIA,
        "hint at home",
        (Thing(type="cloudflare:index/d1Database:D1Database", inputs={"primaryLocationHint": "apac"}),),
    ),
    (
        "home-label",
        US,
        "its own",
        (Thing(type=CONFIG_MAP, inputs={"metadata": {"labels": {"smp.vn/cluster": "smp-us"}}}),),
    ),
]
