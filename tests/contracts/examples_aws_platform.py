"""Keys, cluster, registry, budget and identities on AWS; namespaces and storage in the cluster."""

from catalog.addresses import Cidr
from catalog.node_pools import Capacity, PoolPurpose
from catalog.quantities import Storage, Usd
from catalog.stack_facts import Stack
from components.aws.budget import Budget, BudgetArgs
from components.aws.cluster_autoscaler import (
    AUTOSCALER_NAMESPACE,
    AUTOSCALER_SERVICE_ACCOUNT,
    autoscaler_statements,
)
from components.aws.cost_watch import CostWatch, CostWatchArgs
from components.aws.keys import KeyPurpose, Keys, KeysArgs
from components.aws.kubernetes import KubernetesCluster, KubernetesClusterArgs
from components.aws.kubernetes_access import AccessLevel, ClusterAccess
from components.aws.registry import Registry, RegistryArgs
from components.aws.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.core.node_pools import NodePool
from components.kubernetes.namespaces import Ingress, Namespaces, NamespacesArgs, NamespaceSpec, PodSecurity
from components.kubernetes.storage import (
    DefaultStorage,
    DefaultStorageArgs,
    EssdLevel,
    VolumeType,
    alibaba_essd,
    ebs_gp3,
)
from tests.contracts.harness import ACCOUNT, Example, World, known

KEY_ARN = f"arn:aws:kms:ap-southeast-1:{ACCOUNT}:key/example"


def _keys(world: World) -> Keys:
    return Keys("keys", KeysArgs(scope=world.scope, purposes=frozenset(KeyPurpose)), provider=world.aws)


def node_pools(world: World) -> dict[str, NodePool]:
    """Two pools as in production, or the one of dev."""
    if not world.scope.is_production:
        return {
            "app": NodePool(
                instance_type="t3.2xlarge",
                minimum=1,
                maximum=2,
                capacity=Capacity.SPOT,
                purpose=PoolPurpose.APP,
                disk=Storage(80),
            )
        }
    return {
        "app": NodePool(
            instance_type="m5.large",
            minimum=6,
            maximum=10,
            capacity=Capacity.ON_DEMAND,
            purpose=PoolPurpose.APP,
            disk=Storage(50),
        ),
        "data": NodePool(
            instance_type="m5.xlarge",
            minimum=3,
            maximum=4,
            capacity=Capacity.ON_DEMAND,
            purpose=PoolPurpose.DATA,
            disk=Storage(50),
        ),
    }


def cluster_args(world: World, **changes: object) -> KubernetesClusterArgs:
    """Valid arguments, some of them replaced."""
    zones = [f"{world.scope.region}{letter}" for letter in "abc"]
    arguments: dict[str, object] = {
        "scope": world.scope,
        "version": "1.35",
        "node_subnets": {zone: known(f"subnet-{zone}") for zone in zones},
        "node_pools": node_pools(world),
        "access": {
            "deploy": ClusterAccess(
                principal_arn=f"arn:aws:iam::{ACCOUNT}:role/smp-deploy", level=AccessLevel.ADMIN
            ),
            "engineers": ClusterAccess(
                principal_arn=f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/engineers", level=AccessLevel.VIEW
            ),
        },
        "secrets_key_arn": known(KEY_ARN),
        "volumes_key_arn": known(KEY_ARN),
        "logs_key_arn": known(KEY_ARN),
        "private_access": (Cidr.parse("10.99.0.0/24"),),
        **changes,
    }
    return KubernetesClusterArgs(**arguments)  # type: ignore[arg-type]


def _cluster(world: World) -> KubernetesCluster:
    return KubernetesCluster("kubernetes", cluster_args(world), provider=world.aws)


def _registry(world: World) -> Registry:
    return Registry("registry", RegistryArgs(scope=world.scope), provider=world.aws)


def _budget(world: World) -> Budget:
    return Budget(
        "budget",
        BudgetArgs(scope=world.scope, monthly=Usd.of(300), email_addresses=("devops@smp.vn",)),
        provider=world.aws,
    )


def _cost_watch(world: World) -> CostWatch:
    return CostWatch(
        "cost-watch",
        CostWatchArgs(scope=world.scope, monthly=Usd.of(300), email_addresses=("devops@smp.vn",)),
        provider=world.aws,
    )


def _identity(world: World) -> WorkloadIdentity:
    return WorkloadIdentity(
        "autoscaler",
        WorkloadIdentityArgs(
            scope=world.scope,
            cluster_name=known("smp-asia-dev-kubernetes"),
            namespace=AUTOSCALER_NAMESPACE,
            service_account=AUTOSCALER_SERVICE_ACCOUNT,
            statements=autoscaler_statements(world.scope),
        ),
        provider=world.aws,
    )


def _namespaces(world: World) -> Namespaces:
    return Namespaces(
        "namespaces",
        NamespacesArgs(
            scope=world.scope,
            namespaces={
                world.scope.services_namespace: NamespaceSpec(
                    pod_security=PodSecurity.RESTRICTED, admits=frozenset({"monitoring", "gateway"})
                ),
                "vault": NamespaceSpec(pod_security=PodSecurity.BASELINE, ingress=Ingress.ANYWHERE),
            },
        ),
        provider=world.kubernetes,
    )


def _storage(world: World, volume: VolumeType) -> DefaultStorage:
    return DefaultStorage(
        "storage", DefaultStorageArgs(scope=world.scope, volume=volume), provider=world.kubernetes
    )


EXAMPLES = [
    Example(id="aws-keys", build=_keys),
    Example(id="aws-kubernetes", build=_cluster),
    Example(id="aws-registry", build=_registry),
    Example(id="aws-budget", build=_budget),
    Example(id="aws-cost-watch", build=_cost_watch),
    Example(id="aws-workload-identity", build=_identity),
    Example(id="namespaces", build=_namespaces),
    Example(id="storage-aws", build=lambda world: _storage(world, ebs_gp3(known(KEY_ARN)))),
    Example(
        id="storage-alibaba",
        build=lambda world: _storage(
            world, alibaba_essd(world.scope, performance=EssdLevel.PL1, key_id=known("key-example"))
        ),
        stacks=(Stack.PROD_CHINA,),
    ),
]
