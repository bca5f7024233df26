"""What runs in a product cluster on AWS: the platform, dev's own stores, the services' identities."""

from __future__ import annotations

from catalog import audit_batches
from catalog.deploy_secrets import DeploySecret
from catalog.services import Service
from components.aws.audit_batches import keeping_statements, sending_statements
from components.aws.cluster_autoscaler import (
    AUTOSCALER_NAMESPACE,
    AUTOSCALER_SERVICE_ACCOUNT,
    autoscaler_statements,
)
from components.aws.iam import Statement, key_use
from components.aws.keys import KeyPurpose
from components.aws.objects import BucketPurpose, bucket_name
from components.aws.private_name import PrivateName
from components.aws.token_identity import TokenIdentity, TokenIdentityArgs
from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.core.outputs import DataStoreOutputs, RegistryOutputs
from components.kubernetes.kafka.resources import KAFKA_NAMESPACE
from components.kubernetes.mongodb import InClusterMongodb, InClusterMongodbArgs
from components.kubernetes.redis import InClusterRedis, InClusterRedisArgs
from components.kubernetes.search.cluster import SERVICE_ACCOUNT as SEARCH_ACCOUNT
from components.kubernetes.search.resources import SEARCH_NAMESPACE
from components.kubernetes.storage import ebs_gp3
from stacks import in_cluster, kafka, read_model
from stacks.aws_foundation import Foundation
from stacks.config_stores import Placement
from stacks.providers import kubernetes_provider


def platform(base: Foundation) -> in_cluster.Platform:
    """Namespaces, the storage class, and the autoscaler's right to size the node pools."""
    WorkloadIdentity(
        "cluster-autoscaler",
        WorkloadIdentityArgs(
            scope=base.scope,
            cluster_name=base.kubernetes.name,
            namespace=AUTOSCALER_NAMESPACE,
            service_account=AUTOSCALER_SERVICE_ACCOUNT,
            statements=autoscaler_statements(base.scope),
        ),
        provider=base.aws,
    )
    placements = {base.config.required_redis.placement, base.config.required_mongodb.placement}
    return in_cluster.platform(
        base.scope,
        kubernetes_provider(base.scope, base.kubernetes.kubeconfig),
        ebs_gp3(base.keys.arns[KeyPurpose.VOLUMES]),
        {
            **kafka.NAMESPACES,
            **read_model.NAMESPACES,
            **(in_cluster.data_namespace(base.scope) if Placement.IN_CLUSTER in placements else {}),
        },
    )


def in_cluster_stores(base: Foundation, platform: in_cluster.Platform) -> dict[str, DataStoreOutputs]:
    """Redis and MongoDB as pods, where the configuration places them in the cluster (dev)."""
    stores: dict[str, DataStoreOutputs] = {}
    redis, mongodb = base.config.required_redis, base.config.required_mongodb
    if Placement.IN_CLUSTER not in {redis.placement, mongodb.placement}:
        return stores
    namespace = platform.namespaces[in_cluster.DATA_NAMESPACE]
    if redis.placement is Placement.IN_CLUSTER:
        stores["redis"] = InClusterRedis(
            "redis",
            InClusterRedisArgs(
                scope=base.scope,
                namespace=namespace,
                client_namespaces=frozenset({base.scope.services_namespace}),
                storage=redis.volume,
                storage_class=platform.storage_class,
                password=base.settings.secrets[DeploySecret.REDIS_PASSWORD.value.key],
            ),
            provider=platform.provider,
        ).outputs
    if mongodb.placement is Placement.IN_CLUSTER:
        stores["mongodb"] = InClusterMongodb(
            "mongodb",
            InClusterMongodbArgs(
                scope=base.scope,
                namespace=namespace,
                client_namespaces=frozenset({base.scope.services_namespace}),
                version=mongodb.version,
                storage=mongodb.disk,
                storage_class=platform.storage_class,
                password=base.settings.secrets[DeploySecret.MONGODB_PASSWORD.value.key],
            ),
            provider=platform.provider,
        ).outputs
    return stores


def events(
    base: Foundation, platform: in_cluster.Platform, registry: RegistryOutputs, mysql: DataStoreOutputs
) -> None:
    """Kafka, the name under which a region's mirrors find Global's, the read model, and the audit log's batches."""
    config = base.config.kafka
    if config.global_address is not None:
        PrivateName(
            "kafka-of-global",
            kafka.address_of_global(base.scope, config, base.network.private_zone_id),
            provider=base.aws,
        )
    standing = in_cluster.kafka_base(platform, config, registry)
    made = kafka.region(standing, mysql)
    read_model.build(
        read_model.ReadModelBase(
            settings=base.settings,
            config=base.config.required_search,
            namespace=platform.namespaces[SEARCH_NAMESPACE],
            kafka=standing,
            events=made,
            snapshots=_snapshots(base),
        ),
        mysql,
    )
    _archive_audit_log(base, standing, made)


def _archive_audit_log(base: Foundation, standing: kafka.KafkaBase, events: kafka.KafkaOfRegion) -> None:
    """Keep every day of the audit log as a batch; production's go to the global archive as well."""
    sent = base.config.audit_batches
    WorkloadIdentity(
        "audit-batches-identity",
        WorkloadIdentityArgs(
            scope=base.scope,
            cluster_name=base.kubernetes.name,
            namespace=KAFKA_NAMESPACE,
            service_account=audit_batches.NAME,
            statements=(
                *keeping_statements(base.scope, base.keys.arns[KeyPurpose.AUDIT]),
                *(() if sent is None else sending_statements(base.scope, sent.archive_account)),
            ),
        ),
        provider=base.aws,
    )
    kafka.archive_audit_log(
        standing,
        events,
        kafka.AuditLog(
            bucket=bucket_name(base.scope, BucketPurpose.AUDIT),
            kept_days=base.config.required_objects.audit_retention_days,
            chain=base.config.required_objects.audit_chain,
            role_name=None,
            seal_key=None if sent is None else sent.seal_key,
        ),
    )


def _snapshots(base: Foundation) -> read_model.Snapshots:
    """Let Elasticsearch's nodes keep snapshots below a prefix of their own in the bucket of personal objects."""
    bucket = bucket_name(base.scope, BucketPurpose.PERSONAL)
    arn, prefix = f"arn:aws:s3:::{bucket}", read_model.SNAPSHOT_PREFIX
    identity = TokenIdentity(
        "search-identity",
        TokenIdentityArgs(
            scope=base.scope,
            issuer=base.kubernetes.oidc_issuer,
            namespace=SEARCH_NAMESPACE,
            service_account=SEARCH_ACCOUNT,
            statements=(
                Statement(
                    sid="FindSnapshots",
                    actions=("s3:ListBucket", "s3:ListBucketMultipartUploads"),
                    resources=(arn,),
                    conditions={"StringLike": {"s3:prefix": f"{prefix}/*"}},
                ),
                Statement(
                    sid="KeepSnapshots",
                    actions=(
                        "s3:GetObject",
                        "s3:PutObject",
                        "s3:DeleteObject",
                        "s3:AbortMultipartUpload",
                        "s3:ListMultipartUploadParts",
                    ),
                    resources=(f"{arn}/{prefix}/*",),
                ),
                key_use(base.keys.arns[KeyPurpose.OBJECTS]),
            ),
        ),
        provider=base.aws,
    ).outputs
    return read_model.Snapshots(bucket=bucket, role_arn=identity.role_arn)


def services(base: Foundation, platform: in_cluster.Platform) -> None:
    """Each service's identity: a service account, and a role that reaches the service's own objects."""
    in_cluster.service_accounts(platform)
    in_cluster.event_flags(platform, base.config.kafka)
    bucket = f"arn:aws:s3:::{bucket_name(base.scope, BucketPurpose.PERSONAL)}"
    for service in Service:
        WorkloadIdentity(
            f"identity-{service.id}",
            WorkloadIdentityArgs(
                scope=base.scope,
                cluster_name=base.kubernetes.name,
                namespace=base.scope.services_namespace,
                service_account=service.id,
                statements=(
                    Statement(
                        sid="OwnObjects",
                        actions=("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
                        resources=(f"{bucket}/{service.id}/*",),
                    ),
                    key_use(base.keys.arns[KeyPurpose.OBJECTS]),
                ),
            ),
            provider=base.aws,
        )
