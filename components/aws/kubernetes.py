"""EKS: a private control plane, pinned add-ons and node pools that follow their volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import pulumi
import pulumi_aws as aws

from catalog.addresses import KUBERNETES_SERVICES, Cidr
from catalog.data_classes import DataClass
from catalog.retention import INVESTIGATION_LOG_DAYS
from components.aws import kubernetes_nodes as nodes
from components.aws.iam import (
    Statement,
    key_grant,
    key_use,
    pod_identity_trust,
    policy_document,
    service_trust,
)
from components.aws.kubernetes_access import ClusterAccess, access_problems, public_range
from components.aws.kubernetes_addons import (
    ADDON_IDENTITIES,
    ADDON_NAMESPACE,
    ADDON_VERSIONS,
    AFTER_NODES,
    BEFORE_NODES,
    Addon,
    addon_configuration,
    eks_disk,
    eks_version,
)
from components.aws.kubernetes_credentials import kubeconfig
from components.aws.kubernetes_names import cluster_arn, cluster_name
from components.aws.kubernetes_placement import place, placement_problems
from components.core.component import Args, Component, about
from components.core.naming import NameLimit
from components.core.node_pools import NodePool, node_pool_problems
from components.core.outputs import KubernetesOutputs

CONTROL_PLANE_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that EKS offers."""


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs(Args):
    """What a cluster needs to know.

    ``version`` is Kubernetes' minor version such as ``1.35``. ``node_subnets`` are keyed by zone: two at
    least, three in production (M§14.6). ``access`` is keyed by a name that says who. ``public_access`` empty
    leaves no public endpoint at all; ``private_access`` are ranges beside the nodes that reach the private one
    (a VPN, a bastion, a runner of deployments).
    """

    version: str
    node_subnets: Mapping[str, pulumi.Output[str]]
    node_pools: Mapping[str, NodePool]
    access: Mapping[str, ClusterAccess]
    secrets_key_arn: pulumi.Output[str]
    """KMS key of the envelope around Kubernetes secrets; can never be changed on a cluster."""
    volumes_key_arn: pulumi.Output[str]
    """KMS key of node disks and volumes."""
    logs_key_arn: pulumi.Output[str]
    """KMS key of the control plane's logs."""
    public_access: tuple[Cidr, ...] = ()
    private_access: tuple[Cidr, ...] = ()

    def problems(self) -> Iterator[str]:
        """Check version, zones, pools, access and who may reach the endpoint."""
        zones = tuple(self.node_subnets)
        yield from about("version", eks_version(self.version))
        if len(zones) < 2 or (self.scope.is_production and len(zones) < 3):
            yield (
                f"node_subnets cover {len(zones)} zone(s); EKS takes two or more, production three (M§14.6)"
            )
        yield from node_pool_problems(self.node_pools, self.scope)
        for name, pool in self.node_pools.items():
            yield from about(f"node pool {name}: disk", eks_disk(pool.disk))
        yield from placement_problems(self.node_pools, zones, self.scope)
        yield from nodes.name_problems(self.scope, self.node_pools, zones)
        yield from access_problems(self.access, self.scope)
        for cidr in self.public_access:
            yield from about("public_access", public_range(cidr))


class KubernetesCluster(Component[KubernetesOutputs]):
    """A managed cluster (M§14.2) whose control plane is private, logged and encrypted.

    Nobody is let in by accident: the creator gets no access, roles enter by access entries. In production it
    is protected, in EKS too.

    Raises:
        InvalidArgumentsError: before anything is made, with every problem.

    """

    token = "smp:aws:KubernetesCluster"

    def __init__(
        self,
        name: str,
        args: KubernetesClusterArgs,
        *,
        provider: aws.Provider,
        parent: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, args, provider=provider, parent=parent)
        self._args = args
        self._create_cluster()
        self._create_access()
        issuer = self._create_identity_provider()
        early = [self._create_addon(addon) for addon in BEFORE_NODES]
        groups = self._create_node_groups(early)
        for addon in AFTER_NODES:
            self._create_addon(addon, depends_on=groups)
        self.publish(
            KubernetesOutputs(
                name=self._cluster.name,
                version=args.version,
                endpoint=self._cluster.endpoint,
                kubeconfig=kubeconfig(
                    self.scope,
                    name=cluster_name(self.scope),
                    endpoint=self._cluster.endpoint,
                    certificate_authority=self._cluster.certificate_authority.data,
                ),
                oidc_issuer=issuer,
                node_security_group_id=self._security_group_id,
                node_pools={pool_name: pool.outputs() for pool_name, pool in args.node_pools.items()},
            )
        )

    def _create_cluster(self) -> None:
        name = cluster_name(self.scope)
        logs = self._create_log_group(name)
        role, permissions = self._create_cluster_role()
        public = self._args.public_access
        self._cluster = aws.eks.Cluster(
            name,
            name=name,
            version=self._args.version,
            role_arn=role.arn,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            deletion_protection=self.scope.is_production,
            # Add-ons are ours to pin; EKS would otherwise install its own copies first.
            bootstrap_self_managed_addons=False,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=list(self._args.node_subnets.values()),
                endpoint_private_access=True,
                endpoint_public_access=bool(public),
                public_access_cidrs=[str(cidr) for cidr in public] or None,
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=str(KUBERNETES_SERVICES)
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=self._args.secrets_key_arn),
                resources=["secrets"],
            ),
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            # Lets traffic leave a failing zone; needs a second and a third one to go to.
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=self.scope.is_production),
            tags=self.scope.tags(name),
            # EKS would make the log group itself, without key or retention, if ours came later.
            opts=self.stateful_child(depends_on=[logs, *permissions]),
        )
        self._security_group_id = self._cluster.vpc_config.cluster_security_group_id
        for cidr in self._args.private_access:
            rule = self.scope.name(f"kubernetes-api-{str(cidr).replace('.', '-').replace('/', '-')}")
            aws.vpc.SecurityGroupIngressRule(
                rule,
                security_group_id=self._security_group_id,
                description="Kubernetes API, private endpoint",
                cidr_ipv4=str(cidr),
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                tags=self.scope.tags(rule),
                opts=self.child(),
            )

    def _create_log_group(self, cluster: str) -> aws.cloudwatch.LogGroup:
        name = self.scope.name("kubernetes-logs")
        return aws.cloudwatch.LogGroup(
            name,
            # EKS prescribes the name.
            name=NameLimit.LOG_GROUP.check(f"/aws/eks/{cluster}/cluster"),
            retention_in_days=INVESTIGATION_LOG_DAYS[self.scope.environment],
            kms_key_id=self._args.logs_key_arn,
            tags=self.scope.tags(name, DataClass.LOGS),
            opts=self.stateful_child(),
        )

    def _create_cluster_role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        role = self._create_role(
            "kubernetes-control-plane",
            "Lets EKS run the control plane",
            service_trust(
                "eks.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": self.scope.account},
                    "ArnLike": {"aws:SourceArn": cluster_arn(self.scope)},
                },
            ),
        )
        managed = self._attach(role, "control-plane", "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")
        envelope = self._allow(
            role,
            "encrypt-secrets",
            Statement(
                sid="EncryptSecrets",
                actions=("kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"),
                resources=(self._args.secrets_key_arn,),
            ),
        )
        return role, [managed, envelope]

    def _create_role(self, thing: str, description: str, trust: pulumi.Output[str]) -> aws.iam.Role:
        name = self.scope.name(thing, NameLimit.IAM_ROLE)
        return aws.iam.Role(
            name,
            name=name,
            description=description,
            assume_role_policy=trust,
            tags=self.scope.tags(name),
            opts=self.child(),
        )

    def _attach(self, role: aws.iam.Role, thing: str, policy_arn: str) -> aws.iam.RolePolicyAttachment:
        return aws.iam.RolePolicyAttachment(
            self.scope.name(f"kubernetes-{thing}-policy"),
            role=role.name,
            policy_arn=policy_arn,
            opts=self.child(),
        )

    def _allow(self, role: aws.iam.Role, thing: str, *statements: Statement) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            self.scope.name(f"kubernetes-{thing}"),
            name=thing,
            role=role.name,
            policy=policy_document(*statements),
            opts=self.child(),
        )

    def _create_access(self) -> None:
        for who, access in self._args.access.items():
            name = self.scope.name(f"access-{who}")
            entry = aws.eks.AccessEntry(
                name,
                cluster_name=self._cluster.name,
                principal_arn=access.principal_arn,
                type="STANDARD",
                tags=self.scope.tags(name),
                opts=self.child(),
            )
            aws.eks.AccessPolicyAssociation(
                name,
                cluster_name=self._cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=access.level.policy_arn,
                access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                opts=self.child(),
            )

    def _create_identity_provider(self) -> pulumi.Output[str]:
        """Let IAM trust the cluster's service account tokens, for charts that know no pod identity yet."""
        issuer = self._cluster.identities[0].oidcs[0].issuer
        name = self.scope.name("kubernetes-identity")
        aws.iam.OpenIdConnectProvider(
            name,
            url=issuer,
            client_id_lists=["sts.amazonaws.com"],
            tags=self.scope.tags(name),
            opts=self.child(),
        )
        return issuer

    def _create_addon(self, addon: Addon, *, depends_on: Sequence[pulumi.Resource] = ()) -> aws.eks.Addon:
        name = self.scope.name(addon)
        identity = ADDON_IDENTITIES.get(addon)
        identities: list[aws.eks.AddonPodIdentityAssociationArgs] | None = None
        needs = list(depends_on)
        if identity is not None:
            role = self._create_role(
                addon,
                f"Lets {identity.service_account} call AWS",
                pod_identity_trust(
                    self.scope,
                    cluster_name=cluster_name(self.scope),
                    namespace=ADDON_NAMESPACE,
                    service_account=identity.service_account,
                ),
            )
            needs.append(self._attach(role, addon, identity.managed_policy_arn))
            if addon is Addon.EBS_CSI:
                key = self._args.volumes_key_arn
                needs.append(self._allow(role, "encrypt-volumes", key_use(key), key_grant(key)))
            identities = [
                aws.eks.AddonPodIdentityAssociationArgs(
                    role_arn=role.arn, service_account=identity.service_account
                )
            ]
        return aws.eks.Addon(
            name,
            addon_name=addon,
            addon_version=ADDON_VERSIONS[self._args.version][addon],
            cluster_name=self._cluster.name,
            configuration_values=addon_configuration(addon, self.scope),
            pod_identity_associations=identities,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=self.scope.tags(name),
            opts=self.child(depends_on=needs),
        )

    def _create_node_groups(self, early: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        role = self._create_role(
            "kubernetes-node",
            "Lets a node join its cluster and pull images",
            service_trust("ec2.amazonaws.com"),
        )
        policies = [self._attach(role, f"node-{thing}", arn) for thing, arn in nodes.NODE_POLICIES.items()]
        return list(
            chain.from_iterable(
                self._create_node_pool(pool_name, pool, role, [*early, *policies])
                for pool_name, pool in self._args.node_pools.items()
            )
        )

    def _create_node_pool(
        self, pool_name: str, pool: NodePool, role: aws.iam.Role, needs: Sequence[pulumi.Resource]
    ) -> Iterator[pulumi.Resource]:
        template = aws.ec2.LaunchTemplate(
            nodes.template_name(self.scope, pool_name),
            nodes.launch_template(self.scope, pool_name, pool, self._args.volumes_key_arn),
            opts=self.child(),
        )
        for placement in place(pool, self._args.node_pools, tuple(self._args.node_subnets)):
            yield aws.eks.NodeGroup(
                nodes.group_name(self.scope, pool_name, pool, placement),
                nodes.node_group(
                    self.scope,
                    pool_name,
                    pool,
                    placement,
                    version=self._args.version,
                    cluster_name=self._cluster.name,
                    node_role_arn=role.arn,
                    subnets=self._args.node_subnets,
                    template=template,
                ),
                # The autoscaler moves the desired size between the bounds.
                opts=self.child(depends_on=needs, ignore_changes=["scalingConfig.desiredSize"]),
            )
